// The WebAssembly module as subjects: the same in node and in a page.

/// Nanoseconds that `work` takes so many times.
export const clocked = (work) => (times) => {
  const begun = performance.now();
  work(times);
  return (performance.now() - begun) * 1e6;
};

/// The names of what the module can be asked to do, with the numbers of lines for each.
export const WORKS = { decide: [5, 50, 200, 500], digest: [5, 50, 200, 500], object: [20] };

/// From a cart as an object to a quote as one, through the widget's own scripts.
export const object = (question, { core, quote, read, write }, cart) => read(question.object(write(core(cart))), quote);

/// One work of the module over a cart with so many lines. `input` has the question in bytes and the cart as an object, `border` the
/// widget's scripts.
export const work = (module, name, { bytes, cart }, border) => {
  const question = module.Question.read(bytes);
  if (name !== "object") return clocked((times) => question[name](times));
  return clocked((times) => {
    for (let time = 0; time < times; time++) object(question, border, cart);
  });
};
