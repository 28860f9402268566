// A cart as the host has it, and what core reads of it.

import { all, maybe, string } from "./bytes.js";

// The attributes that make up a line. The first marks it; its value is the line's id.
export const LINE = {
  "data-tearoff-line": "id",
  "data-tearoff-item": "item",
  "data-tearoff-location": "location",
  "data-tearoff-quantity": "quantity",
  "data-tearoff-price-minor": "unit_price_minor",
  "data-tearoff-start": "occurrences",
  "data-tearoff-frequency": "frequency",
};
const FREQUENCIES = ["one_time", "recurring", "open_ended"];

export const object = (value) => value && typeof value == "object" ? value : null;

const wrong = (name) => {
  throw Error("`" + name + "` is not understood");
};

// Tells which name of `value`, which stands at `path`, is none of these.
const only = (path, value, ...names) => {
  const other = Object.keys(value).find((name) => !names.includes(name));
  if (other) wrong(path + other);
};

// What core reads of a cart, strictly, since a name that is passed over would be a wrong price. Prices, kinds and categories are left
// unread: they are claims, which the server judges. Throws an error that names what is wrong.
export const core = (cart) => {
  const objects = (list) => Array.isArray(list) ? list.filter(object) : [];
  if (!object(cart) || !Array.isArray(cart.lines)) wrong("cart");
  const lines = objects(cart.lines).map((line, index) => {
    const path = `cart.lines[${index}].`;
    const { id, item, quantity, location, frequency } = line;
    const starts = objects(line.occurrences).map((occurrence, index) => {
      const at = path + `occurrences[${index}].`;
      only(at, occurrence, "start", "unit_price_minor");
      return typeof occurrence.start == "string" ? occurrence.start : wrong(at + "start");
    });
    // Not chosen, or no choice (R35).
    const often = frequency == null ? null : FREQUENCIES.indexOf(frequency);
    if (often == -1) wrong(path + "frequency");
    only(path, line, ...Object.values(LINE), "kind", "categories");
    // A quantity that is no number is no quantity at all, which core refuses.
    const count = quantity == null ? null : Number.isInteger(quantity) && quantity > 0 && quantity < 1e9 ? quantity : 0;
    return [
      string(id), string(item), maybe(count), maybe(typeof location == "string" ? location : null), all(starts), maybe(often),
    ];
  });
  only("cart.", cart, "currency", "lines");
  return [maybe(typeof cart.currency == "string" ? cart.currency : null), all(lines)];
};
