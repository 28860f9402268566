// The field of one element: hears what happens in it and around it, asks the engine what follows, draws that, and does it. The engine decides
// (widget/src); here is whatever only a page can do.

import { list, number, optional, raw, read, string, text, write } from "./bytes.js";
import { WATCHED, forgetTotal, holds, isHolder, leaveTotals, noteTexts, onlookers, readPage, writeText, writeTotals } from "./page.js";
import { money, quote } from "./quote.js";
import { answer, question, recorded, redemption, send } from "./server.js";
import { explain, parsedTexts, phrase, saying, tagOf, wordsFor } from "./words.js";
import { field_enter, field_happen, field_has, field_leave } from "./widget.js";
import { fill } from "./view.js";

const STATES = ["closed", "open", "checking", "applied", "waiting", "rejected", "offline"];
const NOTICES = ["applied", "waiting", "rejected", "removed", "quote", "failed", "failed"];
// What can happen, see widget/src/border/read.rs.
const [OPENED, ESCAPED, TYPED, SUBMITTED, APPLY, REMOVED, PAGE, ANSWERED, RESUMED, RESERVE, REDEEMED] = Array(11).keys();

const sheet = new CSSStyleSheet();
sheet.replaceSync(`__STYLE__`);

// An `Error` with a stable code.
const error = (code, message, more) => Object.assign(Error(message), { code, ...more });

// Takes the field of `host` over from the loader, once its language is here: paints it, focused as it was. `site` is the publishable key,
// `api` the server's address with a slash at its end, `texts` the owner's own, as JSON by language; `submitted` tells whether the code in the input was already sent off.
//
// Gives the handle of the field:
// - `update()`: the host has set the element's `cart` or `customer`.
// - `apply(code)`: a promise, kept with the quote whatever was decided, and broken when there is no answer.
// - `remove(code?)`: takes the code out, if there is one (and it is `code`, where that is given); says whether there was.
// - `quote()`: the quote for the cart as it is, if there is one.
// - `reserve({order, customer?})`: records the code's use for an order. The promise is kept with the redemption, or with `null` when
//   no code applies; it is broken with an `Error` that carries `code`, and `quote` or `reasons` where the server gave any. A code that
//   was typed and not sent off is checked first: `quote_changed` or `code_not_applied` tells that the field now says what became of it.
// - `unmount()`: nothing is watched or drawn any more, and the page's totals are its own again. A redemption that is under way is seen to its
//   end. Answers the code that was there, and what was typed.
//
// What an owner can mend is also said on the console: nobody listens for what they do not expect.
export const mount = async (host, root, server, submitted) => {
  if (!/^pk_\w+$/.test(server.site)) {
    console.error("tearoff: `data-site` of the script tag must be a publishable key, pk_…; a secret key must never stand in a page");
  }
  const texts = parsedTexts(server.texts);
  let words = await wordsFor(host, texts);
  const find = (selector) => root.querySelector(selector);

  // What was typed into the shell, selection and focus stay.
  const shell = find(".field");
  const typed = find(".input");
  const selection = typed && [typed.selectionStart, typed.selectionEnd];
  const focused = root.activeElement?.className.split(" ")[0];
  const drawn = document.createElement("div");
  const field = field_enter(write([!!find(".form"), typed?.value ?? ""]));

  // What the engine said last.
  let now;
  // The customer the host named with `reserve()`.
  let named;
  const promises = new Map();
  let tickets = 0;
  // Events that came up while another was being worked on: a listener of the host may call back.
  const queue = [];
  let working = false;
  // Nothing is drawn or told any more; and at last nothing is awaited.
  let left = false;
  let gone = false;

  const source = () => explain(words, number() ? JSON.parse(text()) : quote());
  const page = () => [text(), text()];

  const focusOn = (selector) => find(selector)?.focus({ preventScroll: true });
  // What the field shows: the input, else the code, else the button that opens.
  const focus = () => {
    focusOn(".input,.applied,.open");
    find(".input")?.select();
  };

  const tell = (name, detail) => {
    if (left) return;
    if (name == "failed") console.warn("tearoff:", detail.message);
    host.dispatchEvent(new CustomEvent("tearoff:" + name, { bubbles: true, composed: true, detail }));
  };

  const failure = () => {
    const code = ["offline", "rate_limited", "unavailable"][number()];
    const hint = code == "unavailable" ? ": is `data-site` a key of this site, and this page's origin among the site's `origins`?" : "";
    if (code) return error(code, "no answer from the server" + hint);
    const { detail, title, quote, reasons, ...problem } = explain(words, JSON.parse(text()));
    return error(problem.code, detail ?? title ?? "", { quote: quote && explain(words, quote), reasons });
  };

  const notice = () => {
    const tag = number();
    const detail = {};
    if (tag < 4) detail.code = text();
    if (tag < 3) detail.quote = optional(source) ?? undefined;
    if (tag == 4) detail.quote = source();
    if (tag > 4) {
      const { code, message } = tag == 5 ? failure() : error("digest_mismatch", "page and server computed different quotes");
      Object.assign(detail, { code, message });
    }
    return () => tell(NOTICES[tag], detail);
  };

  // How a promise ends: whether it is kept, and with what.
  const OUTCOMES = [
    () => [0, optional(source) ?? undefined],
    () => [0, JSON.parse(text())],
    () => [0, null],
    () => [1, error("superseded", "another code took the place of this one")],
    () => [1, error("code_not_applied", "the code that was entered does not apply")],
    () => [1, error("quote_changed", "the total has changed", { quote: source() })],
    () => [1, failure()],
  ];

  // What shall be done, see widget/src/border/write.rs: each reads what it needs and answers what does it.
  const EFFECTS = [
    () => {
      const version = number();
      const priceOnly = number();
      const body = question(priceOnly, text(), page());
      return async () => happen(ANSWERED, version, await send(server, priceOnly ? "quotes" : "lookups", body, answer));
    },
    () => {
      const id = number();
      const key = text();
      const digest = () => Array.from(raw(32), (byte) => byte.toString(16).padStart(2, "0")).join("");
      const digests = () => ({ terms: digest(), cart: digest(), result: digest() });
      const body = redemption(text(), text(), number(), optional(digests) ?? undefined, optional(text) ?? undefined, page());
      return async () => happen(REDEEMED, id, await send(server, "redemptions", body, recorded, key));
    },
    () => {
      const elapsed = [number(), number()];
      const milliseconds = number();
      return () => setTimeout(happen, milliseconds, ...elapsed);
    },
    notice,
    () => {
      const total = money();
      const discount = optional(money);
      const entered = number();
      // While nobody knows what is in the cart, nobody knows what it costs.
      return () => !fault && holds(host, entered) && writeTotals(words, total, discount);
    },
    () => () => isHolder(host) && forgetTotal(),
    () => focus,
    () => {
      const ticket = number();
      const [end, value] = OUTCOMES[number()]();
      return () => {
        promises.get(ticket)?.[end](value);
        promises.delete(ticket);
      };
    },
    () => () => isHolder(host) && leaveTotals(),
  ];

  // What the field consists of with given words, see `Piece` in widget/src/model/screen.rs.
  const PIECES = [
    () => (words) => [["button", "open toggle", words.open, { "aria-expanded": "false" }]],
    // While an answer is awaited nothing is disabled, which would lose the focus: the input is read-only and the button says that it is
    // busy. The input's text is not drawn: it is the visitor's.
    () => {
      const busy = number() && "true";
      const refused = saying();
      return (words) => {
        const error = refused(words);
        return [["form", "form", [
          ["label", "label", words.label, { for: "code" }],
          ["input", "input", "", {
            id: "code", autocomplete: "off", spellcheck: "false", readonly: busy,
            "aria-invalid": error && "true", "aria-describedby": error && "error",
          }],
          ["button", "apply button", words.apply, { "aria-disabled": busy }],
          ["p", "error", error, { id: "error" }],
        ], { "aria-busy": busy }]];
      };
    },
    // It takes the focus once a code is applied: a second press of Enter must not take the code out again.
    () => {
      const code = text();
      const [about, amount, note] = [saying(), saying(), saying()];
      return (words) => [
        ["div", "applied", [
          ["span", "code", code],
          ["span", "text", about(words)],
          ["span", "amount", amount(words)],
          ["button", "remove", "×", { "aria-label": phrase(words, "remove", { code }) }],
        ], { role: "group", "aria-label": words.label, tabindex: "-1" }],
        ["p", "note", note(words)],
      ];
    },
  ];

  const reply = () => ({
    typed: text(),
    code: optional(text),
    unsent: number(),
    quote: optional(source) ?? undefined,
    state: STATES[number()],
    piece: PIECES[number()](),
    status: saying(),
    effects: list(() => EFFECTS[number()]()),
  });

  const draw = () => fill(drawn, "field", now.piece(words), { "data-state": now.state });

  // Draws what holds. A piece that goes away does not take the focus with it out of the field, and the input's text is the visitor's:
  // it is filled in where it is another, so that the caret stays.
  const paint = () => {
    const status = find(".status");
    const hadFocus = root.activeElement;
    writeText(status, now.status(words));
    draw();
    const input = find(".input");
    if (input && input.value != now.typed) input.value = now.typed;
    drawn.lang = status.lang = words.spoken;
    if (hadFocus && !root.activeElement) focus();
  };

  const ask = (event) => {
    now = read(field_happen(field, write([2 * Math.trunc(performance.now()), 2 * Date.now(), event])), reply);
  };

  const happen = (...event) => {
    queue.push(event);
    if (working) return;
    working = true;
    try {
      while (!gone && queue.length) {
        ask(queue.shift());
        // What the engine wants done is done, even where something else cannot be.
        for (const act of [() => left || paint(), ...now.effects]) {
          try {
            act();
          } catch (thrown) {
            reportError(thrown);
          }
        }
        if (left && !promises.size && !queue.length) {
          gone = true;
          field_leave(field);
        }
      }
    } finally {
      working = false;
    }
  };

  // What was wrong with the page when it was read last. It is told once: whoever shows it changes the page.
  let fault;
  // Whether a code was sent off meanwhile.
  let waits;

  // Reads the page again; answers what is wrong with it.
  const lookAgain = () => {
    let page;
    try {
      page = readPage(host, named);
    } catch ({ message }) {
      const isNew = fault?.message != message;
      fault = error("invalid_cart", message);
      if (isNew) {
        if (isHolder(host)) forgetTotal();
        tell("failed", fault);
      }
      return fault;
    }
    fault = null;
    happen(PAGE, page);
    if (waits) happen(SUBMITTED);
    waits = false;
  };

  // The same while there is a code to which it matters, sent off or not.
  const lookAround = () => {
    if (left) return;
    if (now.code != null || now.unsent) return lookAgain();
    fault = null;
  };

  const submit = () => {
    waits = true;
    if (lookAgain()) writeText(find(".status"), words.unavailable);
  };

  // The page may have come to speak another language, or the element to stand elsewhere.
  const relabel = async () => {
    if (tagOf(host) == words.tag) return;
    const tag = tagOf(host);
    let found;
    try {
      found = await wordsFor(host, texts);
    } catch {
      // It goes on in the language it has.
      found = { ...words, tag };
    }
    if (left || tagOf(host) != tag) return;
    words = found;
    paint();
    lookAround();
  };

  const heard = {
    submit: (event) => {
      event.preventDefault();
      submit();
    },
    input: ({ target }) => {
      waits = false;
      happen(TYPED, target.value);
    },
    click: (event) => {
      const { target } = event;
      if (target.matches(".open")) happen(OPENED);
      if (target.matches(".remove")) happen(REMOVED, 0);
      // Enter presses the button too. A page that may not submit forms hears no more than this.
      if (target.matches(".apply")) heard.submit(event);
    },
    keydown: (event) => {
      // What was the field's to close closes no dialog around it.
      if (event.key == "Escape" && !event.isComposing && find(".form")) {
        event.preventDefault();
        waits = false;
        happen(ESCAPED);
      }
    },
    // The e-mail address may have been typed to its end.
    change: lookAround,
    // It is back in sight or on the network.
    online: () => happen(RESUMED, 0),
    pageshow: ({ persisted }) => happen(RESUMED, persisted),
    visibilitychange: () => document.hidden || happen(RESUMED, 0),
  };
  const hear = (event) => heard[event.type](event);
  const TARGETS = [[root, "click", "input", "keydown", "submit"], [window, "online", "pageshow"], [document, "change", "visibilitychange"]];
  const each = (act) => TARGETS.forEach(([target, ...kinds]) => kinds.forEach((kind) => target[act](kind, hear)));
  const observer = new MutationObserver((changes) => {
    noteTexts(changes);
    relabel();
    lookAround();
  });

  // Whoever calls in the same task in which the element has left.
  const present = () => {
    if (left) throw error("superseded", "the element has left the page");
  };

  const promised = (event) => new Promise((...ends) => {
    promises.set(++tickets, ends);
    event(tickets);
  });

  ask([]);
  draw();
  root.adoptedStyleSheets.push(sheet);
  shell.replaceWith(drawn);
  const input = find(".input");
  if (input) input.value = typed.value;
  if (focused) focusOn("." + focused);
  input?.setSelectionRange(...selection);
  paint();
  each("addEventListener");
  onlookers.add(lookAround);
  observer.observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: WATCHED });
  if (submitted()) submit();

  return {
    update() {
      named = null;
      // After the present task: a host sets both, and means one change.
      queueMicrotask(lookAround);
    },
    async apply(code) {
      present();
      const wrong = lookAgain();
      if (wrong) throw wrong;
      return promised((ticket) => happen(APPLY, ticket, string(code)));
    },
    remove(code) {
      const has = field_has(field, write(string(code)));
      if (has) happen(REMOVED, 1);
      return has;
    },
    quote: () => fault ? undefined : now.quote,
    async reserve({ order, customer } = {}) {
      present();
      if (typeof order != "string") throw error("invalid_request", "`order` is missing");
      if (customer && typeof customer == "object") named = customer;
      const wrong = lookAround();
      if (wrong) throw wrong;
      // A key nobody else has. (`crypto.randomUUID` is not there for pages without TLS.)
      const key = crypto.getRandomValues(new Uint8Array(16)).toString();
      return promised((ticket) => happen(RESERVE, ticket, order, key));
    },
    unmount() {
      const { code, typed } = now;
      left = true;
      each("removeEventListener");
      observer.disconnect();
      onlookers.delete(lookAround);
      happen(REMOVED, 1);
      return [code, typed];
    },
  };
};
