// The list of messages and the input row that a phone and the group share.

import { minutesBetween, stamp } from "./calendar.js";
import { element } from "./element.js";
import { drawMessage } from "./message.js";
import { t } from "./words.js";

const NEAR_BOTTOM = 60;
const STAMP_AFTER_MINUTES = 5;
const LONGEST_INPUT = 188;

/** The messages of one conversation, redrawn only where they changed. */
export class MessageList {
  /** `surroundings` as `drawMessage` wants it. */
  constructor(label, emptyWords, surroundings) {
    this.surroundings = surroundings;
    this.list = element("ol", { class: "messages", role: "log", "aria-live": "polite", "aria-label": label, tabindex: "0" });
    this.empty = element("p", { class: "messages-empty" }, emptyWords);
    this.news = element("button", {
      type: "button", class: "messages-news", hidden: true, on: { click: () => this.toBottom("smooth") },
    }, t("phone.news"));
    this.node = element("div", { class: "messages-frame" }, this.list, this.empty, this.news);
    this.drawn = new Map();
    this.first = true;
    this.pinned = true;
    this.top = 0;
    this.list.addEventListener("scroll", () => {
      const top = this.list.scrollTop;
      if (this.atBottom()) {
        this.pinned = true;
        this.news.hidden = true;
      } else if (top < this.top) {
        this.pinned = false; // somebody scrolled up; a list that merely became lower stays pinned
      }
      this.top = top;
    });
    new ResizeObserver(() => { if (this.pinned) this.toBottom(); }).observe(this.list);
  }

  atBottom() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR_BOTTOM;
  }

  toBottom(behavior = "auto") {
    this.list.scrollTo({ top: this.list.scrollHeight, behavior });
    this.pinned = true;
    this.news.hidden = true;
  }

  /** Shows `messages`, oldest first; `salt` is what the drawing depends on besides them. Returns how many are new. */
  show(messages, now, salt = "") {
    const wanted = [];
    const kept = new Set();
    let before = null;
    let added = 0;
    let mineAdded = false;
    for (const message of messages) {
      if (before === null || minutesBetween(before.at, message.at) >= STAMP_AFTER_MINUTES) {
        wanted.push(this.piece(`at:${message.id}`, stamp(message.at, now), (words) =>
          element("li", { class: "stamp", "aria-hidden": "true" }, words), kept).node);
      }
      before = message;
      const known = this.drawn.has(message.id);
      const piece = this.piece(message.id, JSON.stringify(message) + salt, () => drawMessage(message, this.surroundings), kept);
      if (!known && !this.first) {
        added += 1;
        mineAdded ||= this.surroundings.mine(message);
      }
      if (!this.first && (!known || piece.changed === "content") && !this.surroundings.mine(message)) piece.node.classList.add("fresh");
      wanted.push(piece.node);
    }
    for (const key of this.drawn.keys()) if (!kept.has(key)) this.drawn.delete(key);
    this.place(wanted);
    this.empty.hidden = messages.length > 0;
    if (this.pinned || mineAdded) this.toBottom();
    else if (added) this.news.hidden = false;
    this.first = false;
    return added;
  }

  /** The drawn piece of `key`, made anew when its signature changed. */
  piece(key, signature, make, kept) {
    kept.add(key);
    const old = this.drawn.get(key);
    if (old?.signature === signature) return { ...old, changed: "" };
    const fresh = { node: make(signature), signature };
    this.drawn.set(key, fresh);
    return { ...fresh, changed: old ? "content" : "new" };
  }

  /** Puts `wanted` into the list in order, moving as little as possible. */
  place(wanted) {
    const keep = new Set(wanted);
    for (const child of [...this.list.children]) if (!keep.has(child)) child.remove();
    wanted.forEach((node, index) => {
      if (this.list.children[index] !== node) this.list.insertBefore(node, this.list.children[index] ?? null);
    });
  }
}

/** The input row: Enter sends, Shift+Enter starts a line, an input method's Enter does neither. */
export class Composer {
  /** `submit(text)` returns a promise; the text comes back into the field when it rejects. */
  constructor(label, placeholder, submit, prefix = null) {
    this.field = element("textarea", {
      class: "composer-field", rows: "1", "aria-label": label, placeholder, title: t("phone.keys"),
      enterkeyhint: "send", autocomplete: "off", maxlength: "4000",
    });
    this.button = element("button", { type: "submit", class: "composer-send", disabled: true }, t("phone.send"));
    this.node = element("form", { class: "composer" },
      element("div", { class: "composer-box" }, prefix, this.field), this.button);
    this.submit = submit;
    this.field.addEventListener("input", () => this.fit());
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.node.requestSubmit();
    });
    this.node.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
  }

  label(label, placeholder) {
    this.field.setAttribute("aria-label", label);
    this.field.setAttribute("placeholder", placeholder);
  }

  async send() {
    const text = this.field.value.trim();
    if (!text) return;
    this.fill("");
    try {
      await this.submit(text);
    } catch {
      if (!this.field.value) this.fill(text);
    }
  }

  /** Puts `text` into the field, ready to be sent or changed. */
  fill(text, focus = false) {
    this.field.value = text;
    this.fit();
    if (focus) {
      this.field.focus();
      this.field.setSelectionRange(text.length, text.length);
      this.field.scrollTop = 0;
    }
  }

  fit() {
    this.button.disabled = !this.field.value.trim();
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, LONGEST_INPUT)}px`;
  }
}

/** A row of ready-made sentences. `chips`: [{words, run}]. */
export function chipRow(chips) {
  return element("div", { class: "chips", role: "group", "aria-label": t("phone.chips") },
    chips.map(({ words, run }) => element("button", { type: "button", class: "chip", on: { click: run } }, element("span", {}, words))));
}
