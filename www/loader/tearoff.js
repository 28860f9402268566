/*
 * Tearoff's loader: finds itself, defines <tearoff-promo>, paints the closed field, and fetches the widget
 * (Rust, wasm) once the visitor shows intent. The whole file is one block, so that nothing becomes global,
 * and a second copy defines nothing. Its budget is 1.7 kB (brotli), style included.
 *
 * The shadow root, the same here and in the widget (names stand for class and part alike):
 *
 *   div    field           replaced by the widget's own, which carries data-state; holds one of
 *     button open toggle     closed: "Add promo code"
 *     form   form            open: label, input (id=code), button "apply button",
 *                            and in the widget p error (id=error)
 *     div    applied         applied or waiting: code, text, amount, button remove; then p note
 *   p      status          role=status: the live region, there from first paint and never replaced
 *
 * The nodes themselves are what is handed over: the widget reads value, selection and focus from them.
 * The style here covers closed and open; the widget adopts a second sheet for the other states, and adds the attributes that matter then.
 * Site owners style by ::part() and by --tearoff-accent, --tearoff-border, --tearoff-radius and --tearoff-error.
 */
{
  const script = document.currentScript;
  // This file is served as tearoff.js and as r/<hash>/tearoff.js: both lead to the same base.
  const api = script.src.replace(/(r\/\w+\/)?tearoff\.js.*/, "");

  const sheet = new CSSStyleSheet();
  // Font, color and visibility are inherited by design; all else stops at `all: initial`.
  // Tints are mixed from currentColor, so that they suit any page, light or dark.
  // Rules end in a line continuation: the text holds no line breaks. Declarations stand in the order that compresses best.
  sheet.replaceSync(`\
:host(:not([hidden])){display:block}\
.field,.status{all:initial;color:inherit;font:inherit;visibility:inherit;display:block}\
.form{display:flex;flex-wrap:wrap;position:relative;gap:8px}\
button,input{background:none;min-height:52px;border-radius:var(--tearoff-radius,12px);border:1px solid var(--tearoff-border,color-mix(in srgb,currentColor 65%,#0000));box-sizing:border-box;color:inherit;font:inherit;margin:0;padding:0 15px}\
button{color:var(--tearoff-accent,currentColor);cursor:pointer;font-weight:600}\
.open{border-style:dashed;text-align:start;width:100%}\
.open:before{content:"+ "/""}\
.apply{background:color-mix(in srgb,currentColor 9%,#0000);flex:auto;border-color:#0000}\
label{font-size:12px;inset-inline-start:16px;position:absolute;top:8px}\
.input{font-size:max(16px,1em);padding-top:22px;width:10em;flex:99}\
.status:not(:empty){font-size:.875em;margin-top:8px}`);

  const build = (tag, names, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), { className: names, part: names }, properties);
    element.append(...children);
    return element;
  };

  const release = api + "r/__RELEASE__/";
  let glue = release + "widget.js";

  const language = document.documentElement.lang.slice(0, 2) || "en";
  // What the shell says, and what the owner's own texts, by language, say instead.
  let words, texts;
  try {
    texts = JSON.parse(script.dataset.texts)[language];
  } catch {
    // There are none, or the widget tells the owner what is wrong with them.
  }

  const load = async () => {
    const [wasm] = await Promise.all([
      fetch(release + "widget.wasm", { integrity: "__WASM_INTEGRITY__", signal: AbortSignal.timeout(3e4) }),
      // import() takes no integrity argument: the preload checks it, and import() then takes the checked module.
      new Promise((onload, onerror) => {
        // Milliseconds; long enough for a slow line, short enough to tell the visitor.
        setTimeout(onerror, 3e4, Error());
        document.head.append(build("link", "", {
          rel: "modulepreload", href: glue, integrity: "__GLUE_INTEGRITY__", nonce: script.nonce, onload, onerror,
        }));
      }),
    ]);
    return (await import(glue)).default(wasm);
  };
  // The widget's module, shared by all elements: at most one load at a time, forgotten when it fails.
  let engine;
  // ?promo=CODE belongs to the first element made, once per page view.
  let linked = new URL(location).searchParams.get("promo")?.trim();

  const define = (found) => {
    words = {
      open: "Add promo code", label: "Promo code", apply: "Apply code", checking: "Checking code…", unavailable: "Promo codes are unavailable.",
      ...found, ...texts,
    };
    customElements.get("tearoff-promo") || customElements.define("tearoff-promo", class extends HTMLElement {
      #root = this.attachShadow({ mode: "open", delegatesFocus: true });
      #status;
      // What waits for the widget: 1 an apply(), 2 (or both: 3) a code submitted in the field, 4 one that was typed since.
      #pending;
      // The widget's handle, and the promise of it from the first intent on.
      #handle;
      #mounting;

      constructor() {
        super();
        this.#paint(linked);
        linked = null;
        for (const name of ["pointerenter", "focusin"]) this.addEventListener(name, this.#intent);
        for (const name of ["cart", "customer"]) {
          // The script is async: the page may have set it before.
          let value = this[name];
          Object.defineProperty(this, name, {
            get: () => value,
            set: (now) => {
              value = now;
              this.#handle?.update();
            },
          });
        }
      }

      connectedCallback() {
        const idle = () => (window.requestIdleCallback || setTimeout)(this.#intent);
        if (this.#pending) this.#intent();
        else if (document.readyState == "complete") idle();
        else addEventListener("load", idle);
      }

      disconnectedCallback() {
        // Moving the element disconnects and connects it in one go: only one that stays away is unmounted, at once or when it is there.
        this.#mounting?.then(() => {
          if (this.#handle && !this.isConnected) {
            this.#paint(...this.#handle.unmount());
            this.#handle = this.#mounting = null;
          }
        }, () => {});
      }

      get quote() {
        return this.#handle?.quote();
      }

      async apply(code) {
        this.#pending |= 1;
        return (await this.#mount()).apply(code);
      }

      // Before the widget is here and without a code there is nothing to record: such a booking never waits for us. One with a code that
      // nobody could check, submitted or only typed, is refused.
      async reserve(options) {
        return this.#handle || this.#pending ? (await this.#mount()).reserve(options) : null;
      }

      /*
       * Removes the promo code. The name is the DOM's own Element.remove() too: so without an argument, and with no
       * code present or on its way, it takes the element out of the page, as on any other element. remove(code) never does.
       */
      remove(code) {
        if (this.#handle) this.#handle.remove(code) || code || super.remove();
        else if (this.#pending) this.#mount().then((handle) => handle.remove(code), () => code || this.#paint());
        else code || super.remove();
      }

      #intent = () => {
        if (this.isConnected) this.#mount().catch(() => {});
      };

      #submit() {
        this.#pending |= 2;
        this.#status.textContent = words.checking;
      }

      // Paints the closed field, or with a code the open one with that code submitted, or else with what was typed.
      #paint(code, typed) {
        this.#pending = typed && 4;
        const input = build("input", "input", {
          id: "code", autocomplete: "off", value: code || typed || "",
          // What was submitted is not what stands there any more: a booking may go on once the input is empty.
          oninput: () => this.#pending = input.value && 4,
        });
        const open = build("button", "open toggle", {
          onclick: () => {
            field.replaceChildren(form);
            input.focus();
          },
        }, words.open);
        const form = build("form", "form", {
          onsubmit: (event) => {
            event.preventDefault();
            if (input.value) {
              this.#submit();
              this.#intent();
            }
          },
        }, build("label", "label", { htmlFor: "code" }, words.label), input, build("button", "apply button", {}, words.apply));
        const field = build("div", "field", {}, input.value ? form : open);
        this.#status = build("p", "status", { role: "status" });
        this.#root.adoptedStyleSheets = [sheet];
        this.#root.replaceChildren(field, this.#status);
        if (code) this.#submit();
      }

      #mount() {
        return this.#mounting ??= (engine ??= load()).then((mount) => mount(
          this, this.#root, { api, ...script.dataset }, () => this.#pending & 2,
        )).then((handle) => this.#handle = handle).catch((error) => {
          engine = this.#mounting = null;
          // What was typed or submitted in the field stays so, for reserve() to try again; of apply() the host has its answer.
          // A browser may remember by URL that an import failed, and keeps an instance that trapped: ask for another URL.
          glue += "?";
          // Said only to a visitor who is waiting for it: an idle load may fail unseen.
          if (this.#pending &= 6) this.#status.textContent = words.unavailable;
          this.dispatchEvent(new CustomEvent("tearoff:failed", { bubbles: true, composed: true, detail: error }));
          throw error;
        });
      }
    });
  };
  // On a page that is not in English its language comes first, so that nothing is painted twice.
  if (language == "en") define();
  else fetch(release + language + ".json", { signal: AbortSignal.timeout(3e4) }).then((found) => found.json()).then(define, define);
}
