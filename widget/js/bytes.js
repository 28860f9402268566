// Canonical bytes, as core writes and reads them (core/src/canonical.rs): integers as varints, texts and lists with their length first.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

// What is being read: one thing at a time, in one go.
let bytes;
let at;

export const read = (from, take) => {
  bytes = from;
  at = 0;
  return take();
};

export const number = () => {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = bytes[at++];
    if (byte == null) throw Error("cut short");
    value += (byte % 128) * scale;
    if (byte < 128) return value;
  }
};

export const signed = () => {
  const value = number();
  return value % 2 ? -(value + 1) / 2 : value / 2;
};

export const raw = (length) => bytes.subarray(at, at += length);
export const plain = (length) => decoder.decode(raw(length));
export const text = () => plain(number());
export const optional = (take) => number() ? take() : null;
export const list = (take) => Array.from({ length: number() }, take);

// Writes numbers, texts, truth values, bytes, and lists of these one after the other. What may be missing and how many there are
// stands before it: `maybe` and `all`.
export const write = (value) => {
  const out = [];
  const add = (value) => {
    if (value instanceof Uint8Array) for (const byte of value) out.push(byte);
    else if (Array.isArray(value)) value.forEach(add);
    else if (value.trim) {
      const encoded = encoder.encode(value);
      add(encoded.length);
      add(encoded);
    } else {
      for (value = +value; value > 127; value = Math.floor(value / 128)) out.push(value % 128 + 128);
      out.push(value);
    }
  };
  add(value);
  return Uint8Array.from(out);
};

export const maybe = (value) => value == null ? 0 : [1, value];
export const all = (values) => [values.length, values];

// The text, if it is one.
export const string = (value) => typeof value == "string" ? value : "";
