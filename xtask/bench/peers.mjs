// What others offer for the same work, over the same cart: a promotion engine, two rule engines, and libraries that compute with money.
import { createRequire } from "node:module";
import Module from "node:module";
import { join } from "node:path";
import { clocked } from "./timed.mjs";

const PERCENT = 20;
const CONDITIONS = { minimum: 50, from: Date.UTC(2026, 0, 1), until: Date.UTC(2027, 0, 1), now: Date.UTC(2026, 10, 20), limit: 1000 };

/// The cart in the forms that the peers take, from the cart as a page sends it.
const carts = (cart) => cart.lines.map(({ id, item, quantity, unit_price_minor }) => {
  const cents = quantity * unit_price_minor;
  return { id, quantity, cents, unit: unit_price_minor / 100, subtotal: cents / 100, original_total: cents / 100, is_discountable: true, product: { id: item } };
});

/// A promotion engine's computing part. It names a package that only re-exports another, which is enough here.
const medusa = (require) => {
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (name, ...rest) {
    return resolve.call(this, name === "@medusajs/framework/utils" ? "@medusajs/utils" : name, ...rest);
  };
  const { getComputedActionsForItems } = require("./node_modules/@medusajs/promotion/dist/utils/compute-actions/line-items.js");
  Module._resolveFilename = resolve;
  const promotion = (type, value) => ({
    id: "prm_1", code: "SAVE20", is_tax_inclusive: false, campaign: { budget: { type: "usage", limit: 1000, used: 3 } },
    application_method: { type, allocation: "across", target_type: "items", value, target_rules: [] },
  });
  const amounts = (type, value) => (lines) => {
    const chosen = promotion(type, value);
    return () => getComputedActionsForItems(chosen, lines, new Map()).map((action) => Number(action.amount));
  };
  return { "medusa percent": amounts("percentage", PERCENT), "medusa fixed": amounts("fixed", 20) };
};

/// Rule engines: the five conditions, no shares.
const rules = (require) => {
  const { Engine } = require("json-rules-engine");
  const logic = require("json-logic-js");
  const { minimum, from, until, now, limit } = CONDITIONS;
  const engine = new Engine();
  engine.addRule({
    conditions: { all: [
      { fact: "subtotal", operator: "greaterThanInclusive", value: minimum }, { fact: "now", operator: "greaterThanInclusive", value: from },
      { fact: "now", operator: "lessThan", value: until }, { fact: "currency", operator: "equal", value: "EUR" },
      { fact: "used", operator: "lessThan", value: limit },
    ] },
    event: { type: "discount", params: { percent: PERCENT } },
  });
  const rule = { and: [
    { ">=": [{ var: "subtotal" }, minimum] }, { ">=": [{ var: "now" }, from] }, { "<": [{ var: "now" }, until] },
    { "==": [{ var: "currency" }, "EUR"] }, { "<": [{ var: "used" }, limit] },
  ] };
  const facts = (lines) => ({ subtotal: lines.reduce((sum, line) => sum + line.subtotal, 0), now, currency: "EUR", used: 3 });
  return {
    "json-rules-engine": (lines) => async () => (await engine.run(facts(lines))).events.length,
    "json-logic": (lines) => () => logic.apply(rule, facts(lines)),
  };
};

/// Money: sum, percentage, shares, what is left of each line. Gives the shares, in units of the currency.
const money = (require, { dinero, add, allocate, subtract, toSnapshot }) => {
  const currency = require("currency.js"), Decimal = require("decimal.js"), Big = require("big.js");
  const euro = { code: "EUR", base: 10, exponent: 2 };
  const shared = (lines, each) => {
    const [discount] = allocate(each.reduce(add), [PERCENT, 100 - PERCENT]);
    const shares = allocate(discount, lines.map(({ cents }) => cents));
    each.forEach((line, index) => toSnapshot(subtract(line, shares[index])));
    return shares.map((share) => toSnapshot(share).amount / 100);
  };
  return {
    dinero: (lines) => {
      // Its objects are made before, as core's cart is.
      const each = lines.map(({ cents }) => dinero({ amount: cents, currency: euro }));
      return () => shared(lines, each);
    },
    "currency, even shares": (lines) => () => {
      const each = lines.map(({ subtotal }) => currency(subtotal));
      const discount = each.reduce((sum, line) => sum.add(line), currency(0)).multiply(PERCENT / 100);
      const shares = discount.distribute(lines.length);
      each.forEach((line, index) => line.subtract(shares[index]).value);
      return shares.map((share) => share.value);
    },
    "decimal, rounded here": (lines) => () => {
      const each = lines.map(({ unit, quantity }) => new Decimal(unit).mul(quantity));
      const total = each.reduce((sum, line) => sum.add(line));
      const discount = total.mul(PERCENT).div(100).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN);
      return each.map((line) => {
        const share = discount.mul(line).div(total).toDecimalPlaces(2, Decimal.ROUND_HALF_EVEN);
        line.sub(share).toString();
        return share.toNumber();
      });
    },
    "big, rounded here": (lines) => () => {
      const each = lines.map(({ unit, quantity }) => Big(unit).times(quantity));
      const total = each.reduce((sum, line) => sum.plus(line));
      const discount = total.times(PERCENT).div(100).round(2, Big.roundHalfEven);
      return each.map((line) => {
        const share = discount.times(line).div(total).round(2, Big.roundHalfEven);
        line.minus(share).toString();
        return share.toNumber();
      });
    },
  };
};

/// Work that may be asynchronous.
const awaited = (work) => async (times) => {
  const begun = performance.now();
  for (let time = 0; time < times; time++) await work();
  return (performance.now() - begun) * 1e6;
};

/// The subjects, and what each peer's shares sum to. `folder` has the packages, `cartOf` gives the cart of so many lines.
export const peers = async (folder, cartOf) => {
  const require = createRequire(join(folder, "package.json"));
  const dinero = await import(require.resolve("dinero.js")).then((module) => module.dinero ? module : module.default);
  const all = { ...medusa(require), ...rules(require), ...money(require, dinero) };
  const subjects = [], sums = [];
  for (const lines of [5, 50]) {
    const cart = carts(cartOf(lines));
    const whole = Math.round(cart.reduce((sum, line) => sum + line.cents, 0) * PERCENT / 100);
    for (const [name, make] of Object.entries(all)) {
      const work = make(cart);
      const shares = await work();
      const run = shares instanceof Array || name === "json-logic"
        ? clocked((times) => { for (let time = 0; time < times; time++) work(); })
        : awaited(work);
      subjects.push({ name, lines, run });
      if (shares instanceof Array) sums.push({ name, lines, shares, whole: name === "medusa fixed" ? 2000 : whole });
    }
  }
  return { subjects, sums };
};
