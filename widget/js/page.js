// The page around the field: its cart, its customer, and the totals it shows.

import { LINE, core, object } from "./cart.js";
import { amount, phrase } from "./words.js";

// What a change of is a change of the cart, or of the language.
export const WATCHED = [...Object.keys(LINE), "lang"];

const find = (selector) => [...document.querySelectorAll(selector)];

const declaredLine = (element, index) => {
  const line = { id: String(index + 1) };
  // A name that was misspelt would be passed over.
  for (const { name } of element.attributes) {
    if (/^data-tearoff-(?!total|discount|email)/.test(name) && !LINE[name]) throw Error("`" + name + "` is no attribute of a line");
  }
  for (const [attribute, name] of Object.entries(LINE)) {
    const text = element.getAttribute(attribute);
    // An empty quantity is one that was forgotten.
    if (!text && (text == null || name != "quantity")) continue;
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
  const email = find("[data-tearoff-email]")[0]?.value?.trim();
  return /^[^\s@]+@[^\s@]+$/.test(email) && new TextEncoder().encode(email).length < 255 ? { email } : null;
};

// Cart and customer, what the host set on its element before what the page declares: as JSON for the server, and the cart for core.
// Throws when the host set a cart that is none, with what is wrong with it.
export const readPage = (host, named) => {
  const cart = host.cart ?? declaredCart();
  const customer = object(named) ?? object(host.customer) ?? declaredCustomer();
  return [JSON.stringify(cart), customer ? JSON.stringify(customer) : "", core(cart)];
};

// Writes a text where it is another: what is written again is announced, or noticed as a change of the page, again.
export const writeText = (element, text) => {
  if (element.textContent != text) element.textContent = text;
};

// Of each total: what the page itself wrote last, and what we wrote over it.
const overwritten = new WeakMap();
// The field whose code the totals show. Of several that have one it is the last to have got its answer: they would overwrite each other
// for ever.
let holder;
// What has each field look at the page again.
export const onlookers = new Set();

// How often we wrote a total in the present second.
let writes = 0;

// Whether something on the page undoes what we write as often as we write it: then it has the last word. No timer goes off meanwhile.
const isFight = () => {
  if (!writes) setTimeout(() => writes = 0, 1e3);
  return ++writes > 20;
};

// Gives every total the text that `write` makes of the page's own and of whether ours is there.
const overwrite = (write) => {
  for (const element of find("[data-tearoff-total]")) {
    const shown = element.textContent;
    const [own, ours] = overwritten.get(element) ?? [];
    const isOurs = shown == ours;
    const kept = isOurs ? own : shown;
    const text = write(kept, isOurs);
    if (text == shown || isFight()) continue;
    overwritten.set(element, [kept, text]);
    element.textContent = text;
  }
};

const showDiscount = (text) => {
  for (const element of find("[data-tearoff-discount]")) {
    element.toggleAttribute("hidden", !text);
    if (text) writeText(element, text);
  }
};

// Whether `field` may write the totals; it takes them over where it has `news`.
export const holds = (field, news) => {
  if (news || !holder) holder = field;
  return holder == field;
};

// Writes the totals of the page; without a discount its place is hidden.
export const writeTotals = (words, total, discount) => {
  const text = amount(words, total);
  overwrite(() => text);
  showDiscount(discount && phrase(words, "taken_off", { discount }));
};

// What is to pay is not known: a total that is still the one we wrote goes, and the page's own is left alone.
export const forgetTotal = () => {
  overwrite((own, isOurs) => isOurs ? "…" : own);
  showDiscount();
};

// The totals are the page's own again, and any field's to take.
export const leaveTotals = () => {
  overwrite((own) => own);
  showDiscount();
  holder = null;
  for (const look of onlookers) look();
};
