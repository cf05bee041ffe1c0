// The browser inside a phone: the bot's own pages, fetched by the simulator as the person who holds the phone.

import { element } from "./element.js";
import { t } from "./words.js";

const OWN_PATHS = /^\/(i|oauth|questions|console)(\/|$)/;

/** The address of `url` inside the phone of `userid`, relative to the page; null when it is not the bot's page. */
export function insidePhone(url, userid) {
  let target;
  try {
    target = new URL(url, location.origin);
  } catch {
    return null;
  }
  if (target.host !== location.host && !OWN_PATHS.test(target.pathname)) return null;
  return `browser/${encodeURIComponent(userid)}${target.pathname}${target.search}${target.hash}`;
}

/** A link in a message: the bot's pages open in the phone, http(s) elsewhere in a new tab, anything else is text. */
export function messageLink(url, words, userid, open, className = null) {
  const inside = insidePhone(url, userid);
  if (inside) {
    const click = (event) => {
      event.preventDefault();
      open(url);
    };
    return element("a", { href: inside, class: className, on: { click } }, words);
  }
  if (!/^https?:/i.test(url)) return element("span", {}, words);
  return element("a", { href: url, class: className, target: "_blank", rel: "noopener noreferrer" }, words);
}

/** Covers a phone's chat with a page until somebody goes back. */
export class Browser {
  constructor(name) {
    this.name = name;
    this.title = element("p", { class: "browser-title" });
    this.back = element("button", { type: "button", class: "browser-back", on: { click: () => this.close() } }, t("browser.back"));
    this.stage = element("div", { class: "browser-stage" });
    this.node = element("section", { class: "browser", hidden: true, "aria-label": t("browser.frame", { name }) },
      element("div", { class: "browser-bar" }, this.back, this.title), this.stage);
    this.node.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    this.before = null;
  }

  /** Opens `url` as `userid`; an address of another site opens a tab of its own. */
  open(url, userid) {
    const inside = insidePhone(url, userid);
    if (!inside) {
      if (/^https?:/i.test(url)) window.open(url, "_blank", "noopener");
      return;
    }
    this.before = document.activeElement;
    this.title.textContent = t("browser.loading");
    const frame = element("iframe", { src: inside, title: t("browser.frame", { name: this.name }) });
    frame.addEventListener("load", () => { this.title.textContent = frame.contentDocument?.title || ""; });
    this.stage.replaceChildren(frame);
    this.node.hidden = false;
    this.back.focus({ preventScroll: true });
  }

  close() {
    this.node.hidden = true;
    this.stage.replaceChildren();
    this.before?.focus?.({ preventScroll: true });
  }
}
