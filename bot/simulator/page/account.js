// What an official account's conversation has besides words: the menu under it, and a picture to send.

import { element } from "./element.js";
import { t } from "./words.js";

/** The menu bar. `tap(key)` says an entry's words, `open(url)` opens its page. */
export class MenuBar {
  constructor(tap, open) {
    this.tap = tap;
    this.open = open;
    this.node = element("nav", { class: "account-menu", hidden: true, "aria-label": t("account.menu") });
    this.node.addEventListener("keydown", (event) => { if (event.key === "Escape") this.fold(); });
    document.addEventListener("pointerdown", (event) => { if (!this.node.contains(event.target)) this.fold(); });
    this.drawn = "";
  }

  /** Draws `entries` as the platform holds them, unless they are drawn already. */
  show(entries) {
    const signature = JSON.stringify(entries);
    if (signature === this.drawn) return;
    this.drawn = signature;
    this.node.hidden = entries.length === 0;
    this.node.replaceChildren(...entries.map((entry) => (entry.sub_button?.length ? this.above(entry) : this.entry(entry))));
  }

  entry(entry) {
    const act = () => {
      this.fold();
      if (entry.url) this.open(entry.url);
      else this.tap(entry.key);
    };
    return element("button", { type: "button", class: "account-entry", on: { click: act } }, entry.name);
  }

  above(entry) {
    const list = element("div", { class: "account-list", hidden: true }, entry.sub_button.map((below) => this.entry(below)));
    const toggle = element("button", {
      type: "button", class: "account-entry account-more", "aria-expanded": "false",
      on: {
        click: () => {
          const opening = list.hidden;
          this.fold();
          list.hidden = !opening;
          toggle.setAttribute("aria-expanded", String(opening));
        },
      },
    }, entry.name);
    return element("div", { class: "account-group" }, list, toggle);
  }

  fold() {
    for (const list of this.node.querySelectorAll(".account-list")) list.hidden = true;
    for (const toggle of this.node.querySelectorAll("[aria-expanded]")) toggle.setAttribute("aria-expanded", "false");
  }
}
