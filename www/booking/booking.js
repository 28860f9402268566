// Studio Olea's own script: the cart, its prices as the studio shows them, and the confirmation.
// It would be the same without promo codes, save for what is marked Tearoff.

const form = document.getElementById("checkout");
const fields = form.elements;
const confirm = document.getElementById("confirm");
const message = document.getElementById("message");
const promo = document.querySelector("tearoff-promo"); // Tearoff

const QUANTITY_MAX = 12;
const DAYS_SHOWN = 7;

const language = document.documentElement.lang;
const currency = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });
const money = (minor) => currency.format(minor / 100);

function element(tag, properties, ...children) {
  const created = Object.assign(document.createElement(tag), properties);
  created.append(...children);
  return created;
}

// The next days as the studio's civil dates, from tomorrow on.
function paintDates() {
  const weekday = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  const short = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" });
  const full = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Athens" }).format(new Date());
  for (let ahead = 1; ahead <= DAYS_SHOWN; ahead++) {
    const day = new Date(`${today}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() + ahead);
    const input = element("input", { type: "radio", name: "date", value: day.toISOString().slice(0, 10), checked: ahead === 1 });
    input.dataset.full = full.format(day);
    document.getElementById("dates").append(
      element("label", { className: "chip" }, input, element("small", {}, weekday.format(day)), " ", element("b", {}, short.format(day))),
    );
  }
}

const checked = (name) => form.querySelector(`[name=${name}]:checked`);

function quantity() {
  const typed = Math.trunc(Number(fields.quantity.value));
  return Math.min(Math.max(typed || 1, 1), QUANTITY_MAX);
}

// What is in the cart: the item chosen, and the mat if wanted.
function cartLines() {
  const dated = "dated" in checked("item").dataset;
  const when = { start: `${checked("date").value}T${checked("time").value}`, text: `${checked("date").dataset.full}, ${checked("time").value}` };
  return [checked("item"), checked("mat")].filter(Boolean).map((input) => ({
    item: input.value,
    name: input.dataset.name,
    quantity: quantity(),
    start: dated ? when.start : "",
    about: dated && input.name === "item" ? when.text : "",
    subtotal: Number(input.dataset.priceMinor) * quantity(),
  }));
}

function paintLine(line) {
  return element("li", {},
    element("span", { className: "line-name" }, line.quantity > 1 ? `${line.quantity} × ${line.name}` : line.name),
    element("span", { className: "line-price" }, money(line.subtotal)),
    element("small", {}, line.about));
}

// The same, and tells Tearoff what the line is.
function paintCartLine(line) {
  const painted = paintLine(line);
  Object.assign(painted.dataset, { tearoffLine: line.item, tearoffItem: line.item, tearoffQuantity: line.quantity });
  if (line.start) painted.dataset.tearoffStart = line.start;
  return painted;
}

function paint() {
  const dated = "dated" in checked("item").dataset;
  document.getElementById("schedule").hidden = !dated;
  document.getElementById("undated").hidden = dated;
  const lines = cartLines();
  document.getElementById("lines").replaceChildren(...lines.map(paintCartLine));
  const subtotal = money(lines.reduce((sum, line) => sum + line.subtotal, 0));
  document.getElementById("subtotal").textContent = subtotal;
  document.getElementById("total").textContent = subtotal;
}

// Marks the first missing detail and puts the focus there.
function detailsComplete() {
  const faults = ["name", "email"].map((name) => {
    const field = fields[name];
    const fault = field.validity.valid ? "" : name === "name" ? "Please enter your name." : "Please enter an e-mail address, such as maria@example.com.";
    document.getElementById(`${name}-error`).textContent = fault;
    field.ariaInvalid = fault ? "true" : null;
    return fault && field;
  });
  const first = faults.find(Boolean);
  first?.focus();
  return !first;
}

// One order has one number until it is booked, however often the button is pressed or the request is tried again.
let order = "";
let sending = false;

function newOrder() {
  const letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
  return "OLEA-" + Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => letters[byte % letters.length]).join("");
}

async function confirmBooking() {
  order ||= newOrder();
  const shown = whatIsShown();
  try {
    const redemption = await promo.reserve?.({ order }); // Tearoff: records the code's use; null without a code
    paintConfirmation(redemption, shown);
    order = "";
  } catch (error) {
    if (error.code !== "order_already_redeemed") {
      message.textContent = refusal(error);
      return;
    }
    // The answer to an earlier try was lost, and something has been changed since: the order is booked as it was then.
    paintBookedBefore();
    order = "";
  }
}

function refusal(error) {
  if (error.code === "quote_changed") {
    return `The price has changed: your total is now ${money(error.quote.total_minor)}. Please confirm again.`;
  }
  if (error.code === "code_not_applied") {
    return "Your promo code was not applied, see above. Confirm again to book without it.";
  }
  if (error.code === "rate_limited") {
    return "Too many promo codes came from your network. Please try again later, or clear the code to book without it.";
  }
  // Without a code nothing is asked: what failed is the code's.
  return error.reasons?.[0]?.message
    ?? "Your promo code could not be checked. Nothing is booked yet: please try again, or clear the code to book without it.";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending || !detailsComplete()) return;
  sending = true;
  confirm.ariaDisabled = "true";
  confirm.textContent = "Confirming…";
  message.textContent = "";
  await confirmBooking();
  sending = false;
  confirm.ariaDisabled = null;
  confirm.textContent = "Confirm booking";
});

// What is booked is what was shown when it was confirmed, whatever is changed while the answer is awaited.
function whatIsShown() {
  const discount = document.querySelector("[data-tearoff-discount]");
  return { lines: cartLines(), discount: discount.hidden ? "" : discount.textContent, total: document.getElementById("total").textContent };
}

function paintConfirmation(redemption, { lines, discount, total }) {
  const rows = [["Order", order, "order"]];
  if (discount) rows.push(["Discount", discount, "discount"]);
  if (redemption) rows.push([`Redemption, ${redemption.state}`, redemption.id, "redemption"]);
  rows.push(["To pay at the studio", total, "total"]);
  paintReceipt(`A confirmation is on its way to ${fields.email.value.trim()}.`, lines, rows);
}

function paintBookedBefore() {
  const sent = "Your order was booked when you first confirmed it. What you have changed since is not part of it.";
  paintReceipt(sent, [], [["Order", order, "order"]]);
}

function paintReceipt(sent, lines, rows) {
  document.getElementById("thanks").textContent = `You are booked, ${fields.name.value.trim().split(/\s+/)[0]}`;
  document.getElementById("sent").textContent = sent;
  document.getElementById("receipt-lines").replaceChildren(...lines.map(paintLine));
  document.getElementById("receipt").replaceChildren(...rows.map(([term, text, name]) =>
    element("div", { className: name }, element("dt", {}, term), element("dd", { id: `receipt-${name}` }, text))));
  for (const id of ["booking", "confirmation", "demo"]) document.getElementById(id).toggleAttribute("hidden");
  scrollTo(0, 0);
  document.getElementById("thanks").focus();
}

form.addEventListener("input", ({ target }) => {
  if (!target.matches("#name, #email")) return paint();
  target.ariaInvalid = null;
  document.getElementById(`${target.id}-error`).textContent = "";
});

for (const [id, step] of [["fewer", -1], ["more", 1]]) {
  document.getElementById(id).addEventListener("click", () => {
    fields.quantity.value = Math.min(Math.max(quantity() + step, 1), QUANTITY_MAX);
    paint();
  });
}

fields.quantity.addEventListener("change", () => {
  fields.quantity.value = quantity();
});

document.getElementById("codes").addEventListener("click", ({ target }) => {
  // What became of it the field says itself.
  if (target.dataset.code) promo.apply?.(target.dataset.code).catch(() => {});
});

paintDates();
paint();
