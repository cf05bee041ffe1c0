// One person's phone: who holds it, the chat with the app, the input row, and the browser over it.

import { MenuBar } from "./account.js";
import { Browser, messageLink } from "./browser.js";
import { timeOfDay } from "./calendar.js";
import { chipRow, Composer, MessageList } from "./chat.js";
import { avatar, element } from "./element.js";
import { roleKey, roleWord, t } from "./words.js";

/** The number of the last item that these messages name, or "" when there is none. */
export function lastItem(messages) {
  for (const message of [...messages].reverse()) {
    const numbers = message.recalled ? null : JSON.stringify(message).match(/#(\d+)/);
    if (numbers) return numbers[1];
  }
  return "";
}

/** The frame that phones and the group share: a name plate above, a status bar, a title bar, and what is inside. */
export function frame({ id, label, plate, title, inside }) {
  const clock = element("span", { class: "status-time" });
  const badge = element("span", { class: "badge", hidden: true });
  const node = element("section", { class: "phone", id, "aria-label": label },
    element("header", { class: "plate" }, plate, badge),
    element("div", { class: "shell" },
      element("div", { class: "status", "aria-hidden": "true" }, clock, element("span", { class: "status-signs" })),
      element("div", { class: "titlebar" }, element("h3", {}, title)),
      inside));
  return { node, clock, badge };
}

/** Counts what arrived since somebody last touched the phone. */
export class Unseen {
  constructor(node, badge) {
    this.badge = badge;
    this.count = 0;
    for (const event of ["pointerdown", "focusin"]) node.addEventListener(event, () => this.set(0));
  }

  set(count) {
    this.count = count;
    this.badge.hidden = count === 0;
    this.badge.textContent = String(count);
    this.badge.setAttribute("aria-label", t("phone.news"));
  }
}

export class Phone {
  /**
   * `acts`: {say(userid, text), click(where, userid, message, key), picture(userid), menu(userid, key)}, promises that
   * reject after telling the person why. `account`: the official account's name on a resident's phone.
   */
  constructor({ userid, name, role, account }, acts) {
    this.userid = userid;
    this.name = name;
    this.role = roleKey(role);
    this.acts = acts;
    this.messages = [];
    const other = account ?? t("app");
    const open = (url) => this.browser.open(url, userid);
    this.browser = new Browser(name);
    this.list = new MessageList(t("phone.log", { name }), t(this.role === "secretary" ? "phone.empty.secretary" : "phone.empty"), {
      mine: (message) => message.sender === "me",
      speaker: (message) => (message.sender === "bot" || message.sender === "other" ? message.sender_name : ""),
      who: (message) => (message.sender === "me" ? name : message.sender_name || other),
      link: (url, words, className) => messageLink(url, words, userid, open, className),
      open,
      press: (message, key, button) => this.press(message, key, button),
    });
    const hint = account ? "account.placeholder" : this.role === "secretary" ? "phone.placeholder.secretary" : "phone.placeholder";
    this.composer = new Composer(t("phone.input", { other, name }), t(hint), (text) => this.say(text));
    this.menu = account ? new MenuBar((key) => acts.menu(userid, key).catch(() => {}), open) : null;
    const word = roleWord(role);
    const { node, clock, badge } = frame({
      id: `phone-${userid}`,
      label: t("phone.label", { name, role: word }),
      plate: [avatar(name), element("div", { class: "plate-words" }, element("h2", {}, name), element("p", { class: "plate-role" }, word))],
      title: other,
      inside: [this.list.node, element("div", { class: "dock" }, chipRow(this.chips()), this.composer.node, this.menu?.node), this.browser.node],
    });
    node.classList.add(`phone-${this.role}`);
    this.node = node;
    this.clock = clock;
    this.unseen = new Unseen(node, badge);
  }

  chips() {
    const saying = (key) => ({ words: t(`chip.${key}`), run: () => this.say(t(`say.${key}`)).catch(() => {}) });
    const sayingOf = (key) => ({
      words: t(`chip.${key}`),
      run: () => this.say(`${t(`say.${key}`)} ${lastItem(this.messages)}`.trim()).catch(() => {}),
    });
    if (this.role === "secretary") {
      const example = { words: t("chip.example"), run: () => this.fillExample() };
      const filling = (key) => ({ words: t(`chip.${key}`), run: () => this.composer.fill(t(`say.${key}`), true) });
      const others = ["meeting", "poll", "signup"].map(filling);
      const file = { words: t("chip.file"), run: () => this.chooseFile() };
      return [example, file, ...others, saying("status"), sayingOf("unread"), saying("help")];
    }
    if (this.menu) {
      const question = { words: t("chip.question"), run: () => this.composer.fill(t("say.question"), true) };
      const picture = { words: t("chip.picture"), run: () => this.acts.picture(this.userid).catch(() => {}) };
      return [question, picture, saying("query")];
    }
    return [saying("ack"), saying("todo"), sayingOf("later")];
  }

  /** Sends what the person picks, one after the other. */
  chooseFile() {
    const chooser = element("input", { type: "file", multiple: true });
    chooser.addEventListener("change", async () => {
      for (const file of chooser.files) await this.acts.file(this.userid, file).catch(() => {});
    });
    chooser.click();
  }

  fillExample() {
    this.composer.fill(t("say.example"), true);
  }

  say(text) {
    return this.acts.say(this.userid, text);
  }

  async press(message, key, button) {
    button.setAttribute("aria-busy", "true");
    try {
      await this.acts.click("phone", this.userid, message.id, key);
    } catch {
      // The person has been told; the button stays usable.
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  show({ messages, menu = [] }, now) {
    this.messages = messages;
    this.clock.textContent = timeOfDay(now);
    this.menu?.show(menu);
    const added = this.list.show(messages, now);
    if (added && !this.node.contains(document.activeElement)) this.unseen.set(this.unseen.count + added);
  }
}
