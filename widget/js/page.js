// The page around the field: its cart, its customer, and the totals it shows.

import { LINE, core, object } from "./cart.js";
import { amount, phrase } from "./words.js";

// What a change of is a change of the cart, or of the language.
export const WATCHED = [...Object.keys(LINE), "lang"];

const find = (selector) => [...document.querySelectorAll(selector)];

const declaredLine = (element, index) => {
  const line = { id: String(index + 1) };
  for (const attribute in LINE) {
    const text = element.getAttribute(attribute);
    const name = LINE[attribute];
    if (!text) continue;
    if (name == "occurrences") line[name] = text.split(/\s+/).filter(Boolean).map((start) => ({ start }));
    // What is no number stays what it is, to be refused and not guessed.
    else if (/^(quantity|unit_price_minor)$/.test(name)) line[name] = /^\s*\d+\s*$/.test(text) ? +text : text;
    else line[name] = text;
  }
  return line;
};

// Nothing of an item is no line.
const declaredCart = () => ({
  lines: find("[data-tearoff-line]").map(declaredLine).filter(({ quantity }) => quantity !== 0),
});

// The e-mail address on the page, once it is one: what the server would refuse is not sent.
const declaredCustomer = () => {
  const email = find("[data-tearoff-email]")[0]?.value.trim();
  return /^[^\s@]+@[^\s@]+$/.test(email) && new TextEncoder().encode(email).length < 255 ? { email } : null;
};

// Cart and customer, what the host set on its element before what the page declares: as JSON for the server, and the cart for core.
// Throws when the host set a cart that is none.
export const readPage = (host, named) => {
  const cart = object(host.cart) ?? declaredCart();
  const customer = object(named) ?? object(host.customer) ?? declaredCustomer();
  return [JSON.stringify(cart), customer ? JSON.stringify(customer) : "", core(cart)];
};

// Writes a text where it is another: what is written again is announced, or noticed as a change of the page, again.
export const writeText = (element, text) => {
  if (element.textContent != text) element.textContent = text;
};

// Writes the totals of the page; without a discount its place is hidden.
export const writeTotals = (words, total, discount) => {
  for (const element of find("[data-tearoff-total]")) writeText(element, amount(words, total));
  hideDiscount(!discount);
  if (discount) for (const element of find("[data-tearoff-discount]")) writeText(element, phrase(words, "taken_off", { discount }));
};

// What is to pay is not known: a total that is still the one we wrote goes, and the page's own is left alone.
export const forgetTotal = (words, written) => {
  for (const element of find("[data-tearoff-total]")) if (element.textContent == amount(words, written)) element.textContent = "…";
  hideDiscount(true);
};

const hideDiscount = (hidden) => find("[data-tearoff-discount]").forEach((element) => element.toggleAttribute("hidden", hidden));
