// One message as a phone draws it: a bubble, a template card, a file, or the line of a recalled one.

import { avatar, element } from "./element.js";
import { markdown, plain } from "./prose.js";
import { t } from "./words.js";

const FILES = new Set(["file", "image", "voice", "video"]);

function isCard(message) {
  return Boolean(message.title || message.buttons?.length || message.fields?.length || message.kind === "card");
}

function buttonRow(message, chat) {
  if (!message.buttons?.length) return null;
  const wide = message.buttons.some((button) => button.text.length > 6);
  return element("div", { class: wide ? "card-buttons card-buttons-wide" : "card-buttons" },
    message.buttons.map((button) => element("button", {
      type: "button",
      class: button.primary ? "card-button primary" : "card-button",
      disabled: button.enabled === false,
      on: {
        click: (event) => {
          if (button.url) chat.open(button.url, button.text);
          else chat.press(message, button.key, event.currentTarget);
        },
      },
    }, button.text)));
}

function card(message, chat) {
  const heading = message.title || message.source || "";
  const title = message.url
    ? chat.link(message.url, heading, "card-open")
    : element("span", {}, heading);
  const fields = (message.fields ?? []).map(([name, value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, plain(String(value), chat.link))));
  return element("article", { class: message.url ? "card card-linked" : "card" },
    message.source ? element("p", { class: "card-source" }, message.source) : null,
    element("h4", { class: "card-title" }, title),
    message.subtitle ? element("p", { class: "card-subtitle" }, plain(message.subtitle, chat.link)) : null,
    fields.length ? element("dl", { class: "card-fields" }, fields) : null,
    message.body ? element("p", { class: "card-body" }, plain(message.body, chat.link)) : null,
    message.url ? element("p", { class: "card-more", "aria-hidden": "true" }, t("message.open")) : null,
    buttonRow(message, chat));
}

function filed(message, name) {
  const mark = message.kind === "image"
    ? element("img", { class: "file-picture", src: message.file, alt: name, loading: "lazy" })
    : element("span", { class: "file-mark", "aria-hidden": "true" });
  const link = element("a", { href: message.file, download: name }, mark, message.kind === "image" ? null : name);
  return element("div", { class: "bubble bubble-file" }, link);
}

function bubble(message, chat) {
  const text = message.text || message.body || "";
  if (FILES.has(message.kind)) {
    const seen = text === `[${message.kind}]` ? t(`message.${message.kind}`) : text;
    if (message.file) return filed(message, text);
    const words = message.url ? chat.link(message.url, seen) : seen;
    return element("div", { class: "bubble bubble-file" }, element("span", { class: "file-mark", "aria-hidden": "true" }), words);
  }
  if (message.kind === "markdown") return element("div", { class: "bubble bubble-markdown" }, markdown(text, chat.link));
  return element("div", { class: "bubble" }, plain(text, chat.link, message.links));
}

/**
 * The list item of `message`. `chat` answers for its surroundings: `mine(message)`, `speaker(message)` (the name to
 * write above it, or ""), `who(message)` (the name behind the avatar), `link(url, words)`, `open(url)`, `press(message, key, button)`.
 */
export function drawMessage(message, chat) {
  if (message.recalled) {
    return element("li", { class: "message message-recalled" }, element("p", {}, t("message.recalled")));
  }
  const speaker = chat.speaker(message);
  const name = speaker ? element("p", { class: "message-name" }, speaker) : null;
  if (isCard(message)) return element("li", { class: "message message-card" }, name, card(message, chat));
  const mine = chat.mine(message);
  const bot = !mine && message.sender !== "other";
  return element("li", { class: mine ? "message message-mine" : "message message-theirs" },
    avatar(chat.who(message), bot ? "bot" : "person"),
    element("div", { class: "message-words" }, name,
      element("span", { class: "only-read" }, `${chat.who(message)}: `), bubble(message, chat)));
}
