// Measures core beside others, in one run. Prints lines of words parted by tabs, for the program that started it:
//
//   time NAME LINES ROUND…     nanoseconds, one number a round
//   count NAME LINES NUMBER    WebAssembly instructions executed
//   sums NAME LINES WHOLE SHARES CENTS   the discount and the sum of its rounded shares, in cents, and whether each share is in whole cents
//   note NAME WORDS            what it was measured with
import { readFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "./chromium.mjs";
import { native } from "./native.mjs";
import { peers } from "./peers.mjs";
import { measure } from "./rounds.mjs";
import { WORKS, object, work } from "./timed.mjs";

const SIZES = [5, 20, 50, 200, 500];
const said = Object.fromEntries(process.argv.slice(2).map((word) => word.split(/=(.*)/s, 2)));
const say = (...words) => console.log(words.join("\t"));

const here = dirname(fileURLToPath(import.meta.url));
const read = async (lines) => ({
  bytes: new Uint8Array(await readFile(join(said.input, `${lines}.bin`))),
  cart: JSON.parse(await readFile(join(said.input, `${lines}.cart.json`))),
  quote: JSON.parse(await readFile(join(said.input, `${lines}.quote.json`))),
});
const inputs = new Map();
for (const lines of SIZES) inputs.set(lines, await read(lines));

const script = (name) => import(pathToFileURL(join(said.scripts, name)));
const [{ read: take, write }, { core }, { quote }] = await Promise.all(["bytes.js", "cart.js", "quote.js"].map(script));
const border = { core, quote, read: take, write };

/// A fresh copy of the module's script, started with the module of that name.
const load = async (name) => {
  const script = await import(`${pathToFileURL(join(said.modules, "timed.js"))}?${name}`);
  const exports = script.initSync({ module: await readFile(join(said.modules, `${name}.wasm`)) });
  return { script, exports };
};

/// How many instructions each work executes once, and whether it is answered as natively.
const count = async () => {
  const { script, exports } = await load("counting");
  for (const [lines, { bytes, cart, quote }] of inputs) {
    const question = script.Question.read(bytes);
    if (!isDeepStrictEqual(object(question, border, cart), quote)) throw new Error(`${lines} lines are answered otherwise than natively`);
    for (const what of ["decide", "digest"]) {
      question[what](1);
      const before = exports.executed.value;
      question[what](1);
      say("count", what, lines, exports.executed.value - before);
    }
  }
};

const inNode = async () => {
  const { script } = await load("timed");
  return Object.entries(WORKS).flatMap(([what, sizes]) =>
    sizes.map((lines) => ({ name: `node ${what}`, lines, run: work(script, what, inputs.get(lines), border) })));
};

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
const sums = ({ name, lines, shares, whole }) => {
  const cents = shares.map((share) => Math.round(share * 100));
  const isCents = shares.every((share, index) => share === cents[index] / 100);
  say("sums", name, lines, whole, sum(cents), isCents);
};
const oursSum = () => inputs.forEach(({ quote }, lines) => {
  sums({ name: "core", lines, shares: quote.lines.map((line) => line.discount_minor / 100), whole: quote.discount_minor });
});

say("note", "load", loadavg().map((load) => load.toFixed(1)).join(" "));
say("note", "processor", `${cpus().length} x ${cpus()[0].model}`);
say("note", "node", process.version);
await count();
oursSum();
const others = await peers(said.peers, (lines) => inputs.get(lines).cart);
others.sums.forEach(sums);
const ours = native(said.native);
const page = await chromium(said.driver, JSON.parse(await readFile(said.capabilities)), [here, said.scripts, said.modules, said.input]);
say("note", "chromium", page.version);
const subjects = [...ours.subjects, ...await inNode(), ...page.subjects, ...others.subjects];
for (const { subject, took } of await measure(subjects, Number(said.rounds))) {
  say("time", subject.name, subject.lines, ...took.map((nanoseconds) => nanoseconds.toFixed(1)));
}
say("note", "load after", loadavg().map((load) => load.toFixed(1)).join(" "));
ours.end();
await page.end();
