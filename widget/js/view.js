// Draws elements as they are described: what is there already stays, and with it focus, caret and animation.

import { writeText } from "./page.js";

// Gives `element` this class and part, these attributes, and as content a text or elements: each `[tag, name, content, attributes]`.
// Attributes without a value are taken away, elements without content are left out, but for the input.
export const fill = (element, name, content, attributes) => {
  for (const [key, value] of Object.entries({ class: name, part: name, ...attributes })) {
    if (!value) element.removeAttribute(key);
    else if (element.getAttribute(key) != value) element.setAttribute(key, value);
  }
  if (content.map) {
    const here = [...element.children];
    const children = content.filter(([tag, , content]) => content || tag == "input").map(([tag, name, ...rest]) =>
      fill(here.find((child) => child.className == name) ?? document.createElement(tag), name, ...rest));
    for (const child of here) if (!children.includes(child)) child.remove();
    // Whoever stays in place is not touched: what is moved loses the focus.
    children.forEach((child, index) => element.children[index] == child || element.insertBefore(child, element.children[index]));
  } else writeText(element, content);
  return element;
};
