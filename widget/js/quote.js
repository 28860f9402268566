// A quote as the host page sees it, the same whoever made it: from core's canonical bytes to the names of its JSON. The order of reasons
// and hints is that of their tags in core/src/reason.rs and core/src/evaluate/hint.rs, and a test in tests/browser compares each.

import { list, number, optional, plain, signed, text } from "./bytes.js";

// An object of these fields; what stands under no name gives fields of its own.
export const record = (fields) => () => {
  const made = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name]();
    if (name) made[name] = value;
    else Object.assign(made, value);
  }
  return made;
};
const one = (...names) => () => names[number()];
const some = (take) => () => optional(take);
const many = (take) => () => list(take);
const tagged = (key, ...cases) => () => {
  const [tag, fields = {}] = cases[number()];
  return { [key]: tag, ...record(fields)() };
};

const instant = () => new Date(signed()).toISOString().replace(".000", "");
const clock = () => {
  const seconds = number();
  return new Date(seconds * 1e3).toISOString().slice(11, seconds % 60 ? 19 : 16);
};
const start = () => new Date(signed() * 864e5).toISOString().slice(0, 10) + (number() ? "T" + clock() : "");
const days = () => {
  const set = number();
  return ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].filter((_, day) => set >> day & 1);
};
const currency = () => plain(3);
export const money = record({ currency, amount_minor: number });
const hours = record({ from: clock, until: clock });
const required = { required: money, actual: money };
const counted = { required: number, actual: number };

const reason = tagged("code",
  ["unknown_code"],
  ["promotion_inactive"],
  ["currency_not_offered", { currency }],
  ["not_yet_active", { starts_at: instant }],
  ["expired", { ended_at: instant }],
  ["usage_limit_reached"],
  ["customer_limit_reached"],
  ["empty_cart"],
  ["date_needed"],
  ["customer_needed"],
  ["no_eligible_lines"],
  ["outside_weekdays", { days }],
  ["minimum_spend_not_met", required],
  ["maximum_spend_exceeded", { allowed: money, actual: money }],
  ["not_combinable", { with: text }],
  ["own_referral"],
  ["outside_redeemable_hours", { hours }],
  ["existing_customers_only"],
  ["new_customers_only"],
  ["first_order_only"],
  ["first_appointment_only"],
  ["not_for_this_customer"],
  ["pass_needed"],
  ["other_channel"],
  ["code_limit_reached"],
  ["period_limit_reached", { period: one("day", "week", "month") }],
  ["budget_exhausted"],
  ["better_discount_applied", { discount: money }],
  ["gift_not_chosen", { items: many(text) }],
  ["frequency_needed"],
  ["sign_in_needed"],
  ["minimum_quantity_not_met", counted],
  ["outside_appointment_window", { window: record({ from: some(start), until: some(start) }) }],
  ["outside_appointment_hours", { hours }],
  ["other_booking_type", { booking: one("one_time", "recurring") }],
  ["outside_lead_time", { at_least_minutes: some(number), at_most_minutes: some(number) }],
  ["too_many_lines", { allowed: number, actual: number }],
);

const kind = one(
  "appointment", "group_class", "series_class", "package", "subscription", "product", "add_on", "fee", "tip", "deposit");
const selectors = [{ kind }, { category: text }, { item: text }];

const hint = tagged("type",
  ["spend_more", { amount: money }],
  ["choose_weekday", { days }],
  ["replace", { code: text }],
  ["add_units", { line: text, count: number }],
  ["add", { "": () => record(selectors[number()])() }],
  ["take_out", { line: text }],
  ["choose_date", { date: start }],
  ["choose_time", { "": hours }],
  ["choose_frequency", { frequency: one("one_time", "recurring", "open_ended") }],
);

const amounts = { subtotal_minor: number, discount_minor: number, total_minor: number };
const line = record({
  id: text,
  ...amounts,
  occurrences: many(record({ start, ...amounts })),
  later: some(record({ ...amounts, times: some(number) })),
  gift: some(text),
});
const share = { discount_minor: number };
const refused = { reasons: many(reason) };
const decision = record({
  code: some(text),
  promotion: some(text),
  label: some(text),
  note: some(text),
  "": tagged("status",
    ["applied", {
      ...share,
      allocations: many(record({ line: text, ...share, occurrences: many(record({ start, ...share })) })),
    }],
    ["waiting", refused],
    ["rejected", refused]),
});
const whole = record({ currency, ...amounts, lines: many(line), decisions: many(decision) });

// Why a code is not applied and what helps, as core in the page has it.
export const told = record({ ...refused, hints: many(hint) });

// A quote, with each decision's hints, which follow it.
export const quote = () => {
  const made = whole();
  for (const decision of made.decisions) decision.hints = list(hint);
  return made;
};
