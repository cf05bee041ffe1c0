// A DOM element in one call; text never passes through HTML parsing.

/** `attributes`: `class` and other attributes as they are; `on` is {event: listener}; null and false are left out. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

const HUES = 6;
const met = new Map();

/** A square with the last characters of a name; each new name takes the next colour. */
export function avatar(name, kind = "person") {
  const latin = /^[\x20-\x7e]+$/.test(name);
  const initials = latin ? name.split(/\s+/).map((word) => word[0]).join("").slice(0, 2) : [...name].slice(-2).join("");
  if (kind === "person" && !met.has(name)) met.set(name, met.size % HUES);
  const hue = kind === "person" ? ` hue-${met.get(name)}` : "";
  return element("span", { class: `avatar avatar-${kind}${hue}`, "aria-hidden": "true" }, kind === "bot" ? "支" : initials);
}
