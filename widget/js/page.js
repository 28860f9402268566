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

// Of each total: what the page itself wrote last, what we wrote over it, in which node, and how often we had to in the present second.
const overwritten = new WeakMap();
// The field whose code the totals show. Of several that have one it is the one in which a code was entered last: they would overwrite each other
// for ever.
let holder;
// What has each field look at the page again.
export const onlookers = new Set();

// The page has written these texts itself, whatever they say: none is ours any more. (We never write into a node that is there.)
export const noteTexts = (changes) => {
  for (const { type, target } of changes) {
    const total = type == "characterData" && target.parentElement?.closest("[data-tearoff-total]");
    if (total) overwritten.delete(total);
  }
};

// Gives every total the text that `write` makes of the page's own and of whether ours is there. What undoes the same again and again has the
// last word; no timer goes off while it does.
const overwrite = (write) => {
  for (const element of find("[data-tearoff-total]")) {
    const shown = element.textContent;
    const last = overwritten.get(element) ?? {};
    const isOurs = last.node && last.node == element.firstChild && last.ours == shown;
    const own = isOurs ? last.own : shown;
    const ours = write(own, isOurs);
    if (ours == shown) continue;
    const undone = last.own == own && last.ours == ours ? last.undone + 1 : 0;
    if (undone > 20) continue;
    if (undone == 1) setTimeout(() => (overwritten.get(element) ?? {}).undone = 0, 1e3);
    element.textContent = ours;
    overwritten.set(element, { own, ours, undone, node: element.firstChild });
  }
};

const showDiscount = (text) => {
  for (const element of find("[data-tearoff-discount]")) {
    element.toggleAttribute("hidden", !text);
    if (text) writeText(element, text);
  }
};

// Whether the totals show the code of `field`.
export const isHolder = (field) => holder == field;

// The same, once it has taken them over, where it may: those that nobody has, or with a code that was just `entered`.
export const holds = (field, entered) => {
  if (field.isConnected && (entered || !holder)) holder = field;
  return isHolder(field);
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
