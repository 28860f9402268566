// What the visitor reads: sentences of a language file (widget/words), with amounts, dates and numbers as Intl writes them there.

import { number, text, write } from "./bytes.js";
import { money, record, told } from "./quote.js";
import { currency_decimals } from "./widget.js";

// The language files stand beside this one.
const home = import.meta.url.replace(/[^/]*$/, "");
const loads = {};

const fetched = (language) => loads[language] ??= fetch(home + language + ".json", { signal: AbortSignal.timeout(3e4) })
  .then((response) => response.ok ? response.json() : null, () => (delete loads[language], null));

// The language that a place in the page says it is in; a place in a shadow is where its host is.
export const tagOf = (element) => {
  const found = element.closest("[lang]");
  const { host } = element.getRootNode();
  return found ? found.lang || "en" : host ? tagOf(host) : "en";
};

// The words for a place in the page: of its language, else of that language without its region, else English; and over them the
// owner's `texts` for that language, where they are of the same form.
export const wordsFor = async (element, texts) => {
  const tag = tagOf(element);
  const language = tag.toLowerCase().split("-")[0];
  const found = await fetched(language);
  const words = found ?? await fetched("en");
  if (!words) throw Error("no language file");
  const spoken = found ? language : "en";
  // What the browser writes by: the page's own tag where it is one and its language is spoken here.
  let locale = spoken;
  try {
    if (found) locale = Intl.getCanonicalLocales(tag)[0];
  } catch {}
  const merged = { ...words, locale, tag, spoken };
  for (const [name, text] of Object.entries(texts?.[spoken] ?? {})) {
    if (typeof text == typeof words[name]) merged[name] = text;
    else console.warn("tearoff: `data-texts` has no place for `" + name + "`");
  }
  return merged;
};

// The owner's own texts, by language.
export const parsedTexts = (json = "{}") => {
  try {
    return JSON.parse(json);
  } catch {
    console.warn("tearoff: `data-texts` of the script tag is no JSON");
  }
};

// With as many decimals as core counts: browsers leave out those that a country has come not to write, and not all of them the same.
export const amount = ({ locale }, { currency, amount_minor }) => {
  const digits = currency_decimals(write(currency).subarray(1));
  const options = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  const padded = String(amount_minor).padStart(digits + 1, "0");
  // As text: a decimal that is passed on digit by digit is never rounded.
  const decimal = padded.slice(0, padded.length - digits) + "." + padded.slice(padded.length - digits);
  return new Intl.NumberFormat(locale, options).format(decimal);
};

const date = ({ locale }, options, at) => new Intl.DateTimeFormat(locale, options).format(new Date(at));
// Wall clocks are written as they are: no zone moves them.
const wall = (words, options, at) => date(words, { ...options, timeZone: "UTC" }, at + "Z");
const duration = ({ locale }, minutes) => {
  const [unit, size] = minutes % 1440 ? minutes % 60 ? ["minute", 1] : ["hour", 60] : ["day", 1440];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(minutes / size);
};

// A value as a sentence shows it.
const shown = (words, name, value) => {
  if (value.currency) return amount(words, value);
  if (Array.isArray(value)) {
    // 1 January 2024 was a Monday.
    const names = value.map((day) => {
      const index = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].indexOf(day);
      return wall(words, { weekday: "long" }, `2024-01-0${index + 1}T00:00`);
    });
    return new Intl.ListFormat(words.locale, { type: "disjunction" }).format(names);
  }
  if (typeof value == "number") return name == "from" || name == "until" ? duration(words, value) : new Intl.NumberFormat(words.locale).format(value);
  if (/_at$/.test(name)) return date(words, { dateStyle: "long", timeStyle: "short" }, value);
  if (/^(from|until|date)$/.test(name)) {
    if (value[2] == ":") return wall(words, { timeStyle: "short" }, "2024-01-01T" + value);
    return value[10] ? wall(words, { dateStyle: "long", timeStyle: "short" }, value) : wall(words, { dateStyle: "long" }, value + "T00:00");
  }
  return value;
};

// Which of several forms a sentence has for its data: by the plural rule of the number in it, or by what is said or bounded.
const form = (words, forms, data) => {
  if (forms.other) {
    const counted = data[/\{(\w+)\}/.exec(forms.other)?.[1]] ?? 0;
    return forms[new Intl.PluralRules(words.locale).select(counted)] ?? forms.other;
  }
  const bounded = data.from == null ? "until" : data.until == null ? "from" : "between";
  return forms[data.period ?? data.booking ?? data.frequency ?? bounded] ?? forms.recurring;
};

// The sentence of that name; nothing where the language has none.
export const phrase = (words, name, data) => {
  const found = words[name] ?? "";
  const text = found.replace ? found : form(words, found, data) ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = shown(words, name, data[name] ?? "");
    // What runs the other way must not turn its neighbours around.
    return words.rtl ? `\u2068${value}\u2069` : value;
  });
};

// A reason or hint in words. One that only a newer server knows keeps the server's.
const sentence = (words, name, { hours, window, at_least_minutes, at_most_minutes, ...data }) =>
  phrase(words, name, { from: at_least_minutes, until: at_most_minutes, ...hours, ...window, ...data }) || data.message || "";

const joined = (words, ...parts) => parts.filter(Boolean).join(words.gap ?? " ");

// Why a code is not applied, and with what it would be: the first reason, and every hint.
export const refusal = (words, { reasons: [first], hints }) => {
  const name = first?.code == "outside_weekdays" && hints.length ? "other_day" : first?.code;
  return joined(words, first && sentence(words, name, first), ...hints.map((hint) => sentence(words, hint.type, hint)));
};

// Gives every reason of a quote, or of a problem, its sentence in the visitor's language.
export const explain = (words, value) => {
  for (const { reasons } of [value, ...value.decisions ?? []]) {
    for (const reason of reasons ?? []) reason.message = sentence(words, reason.code, reason);
  }
  return value;
};

// What the engine wants said, see `Saying` in widget/src/model/screen.rs, in the order of the tags: what comes with it, and how it is said.
const why = { told: () => number() ? JSON.parse(text()) : told() };
const coded = { code: text };
const totals = { discount: money, total: money };
const SAYINGS = [
  [{}, () => ""],
  [{ text }, (_, data) => data.text],
  [why, (words, data) => refusal(words, data.told)],
  [{ discount: money }, (words, data) => phrase(words, "taken_off", data)],
  [{}, () => "…"],
  [{ before: money, total: money }, (words, data) => phrase(words, "changed", data)],
  [{ ...totals, ...coded, note: text }, (words, data) =>
    joined(words, phrase(words, "applied", data), data.discount.amount_minor ? phrase(words, "repriced", data) : data.note)],
  [totals, (words, data) => phrase(words, "repriced", data)],
  [{ ...coded, ...why }, (words, data) => joined(words, phrase(words, "stopped", data), refusal(words, data.told))],
  ...["removed", "checking", "offline", "busy", "unavailable"].map((name) => [{}, (words) => words[name]]),
];

// Reads something to be said; answers how it is said with given words.
export const saying = () => {
  const [fields, say] = SAYINGS[number()];
  const data = record(fields)();
  return (words) => say(words, data);
};
