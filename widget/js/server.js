// The server, as the page reaches it: the only place that speaks to the network about codes. Answers are read leniently: a newer server
// may say more, or say it otherwise, and what the page only passes on stays the JSON it was.

import { maybe, string } from "./bytes.js";

// How long an answer may take, in milliseconds, before the visitor is told that none came.
const ANSWER = 1e4;

const parsed = (json) => json && JSON.parse(json);

// The body of a question: a lookup, or the price alone.
export const question = (priceOnly, code, [cart, customer]) =>
  JSON.stringify({ ...priceOnly ? { codes: [code] } : { code }, cart: parsed(cart), customer: parsed(customer) || undefined });

// The body of a redemption. With the tag alone nobody else would place it: reserve and place are one (R55).
export const redemption = (order, code, total_minor, digests, snapshot, [cart, customer]) => JSON.stringify({
  place: true, order, codes: [code], seen: { total_minor, digests }, snapshot, cart: parsed(cart), customer: parsed(customer) || undefined,
});

const STATUSES = ["applied", "waiting", "rejected"];
const OFFLINE = [1];
const BUSY = [2];
const UNAVAILABLE = [3];

// A quote for the engine; throws where it lacks something. Of a decision it gets what it decides by, and the rest as it came.
const priced = (quote) => {
  const { status, code, discount_minor = 0, label, note, reasons, hints } = quote.decisions[0];
  const minor = (value) => Number.isInteger(value) && value >= 0 && value <= 1e12 ? value : missing();
  const named = (value) => typeof value == "string" ? value : missing();
  const index = STATUSES.indexOf(status);
  return [
    named(quote.currency), minor(quote.subtotal_minor), minor(quote.discount_minor), minor(quote.total_minor), JSON.stringify(quote),
    named(code), index < 0 ? missing() : index, minor(discount_minor), string(label), string(note), JSON.stringify({ reasons: listed(reasons), hints: listed(hints) }),
  ];
};

const missing = () => {
  throw 0;
};

const listed = (value) => Array.isArray(value) ? value : [];

const digits = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));

// The answer to a question, for the engine.
export const answer = ({ engine, snapshot, digests, quote }) => {
  const hex = ["terms", "cart", "facts", "result", "evaluation"].map((name) => digests[name]).join("");
  // Digests of another form are of another engine: they agree with none of ours.
  const bytes = /^[0-9a-f]{320}$/.test(hex) ? digits(hex) : new Uint8Array(160);
  return [0, engine >>> 0 === engine ? engine : missing(), maybe(typeof snapshot == "string" ? snapshot : null), bytes, priced(quote)];
};

// A redemption, kept as it came.
export const recorded = (body) => typeof body.id == "string" ? [0, JSON.stringify(body)] : missing();

const turnedDown = (body) => {
  let quote = 0;
  try {
    quote = [1, priced(body.quote)];
  } catch {}
  return typeof body.code == "string" ? [4, JSON.stringify(body), quote] : UNAVAILABLE;
};

// Sends a request and answers how it ended: with what `kept` makes of the body, or why there is none.
export const send = async ({ api, site }, path, body, kept, key) => {
  const headers = { authorization: "Bearer " + site, "content-type": "application/json" };
  if (key) headers["idempotency-key"] = key;
  let response;
  try {
    response = await fetch(api + "v1/" + path, { method: "POST", credentials: "omit", body, headers, signal: AbortSignal.timeout(ANSWER) });
  } catch {
    // It never left or never came back: no network; or no permission, nobody there, or no answer in time.
    return navigator.onLine ? UNAVAILABLE : OFFLINE;
  }
  const { status } = response;
  if (status == 429) return BUSY;
  try {
    const said = await response.json();
    if (response.ok) return kept(said);
    // Whoever stopped waiting (408) has decided nothing.
    if (status > 399 && status < 500 && status != 408) return turnedDown(said);
  } catch {}
  return UNAVAILABLE;
};
