// The group chat that is bound to the branch: one window, and a choice of who speaks in it.

import { Browser, messageLink } from "./browser.js";
import { timeOfDay } from "./calendar.js";
import { chipRow, Composer, MessageList } from "./chat.js";
import { avatar, element } from "./element.js";
import { frame, Unseen } from "./phone.js";
import { t } from "./words.js";

export class Group {
  /** `people`: the phones' [{userid, name, role}]; `acts` as for a phone, with mention(userid, text) and look(), which reads the state anew. */
  constructor({ id, name }, people, acts) {
    this.people = people;
    this.acts = acts;
    this.speaker = people[1] ?? people[0];
    this.now = null;
    this.messages = [];
    const open = (url) => this.browser.open(url, this.speaker.userid);
    this.browser = new Browser(name);
    this.list = new MessageList(t("group.label", { name }), t("group.empty"), {
      mine: (message) => message.sender !== "bot" && message.sender !== "app" && message.sender_name === this.speaker.name,
      speaker: (message) => message.sender_name || t("app"),
      who: (message) => message.sender_name || t("app"),
      link: (url, words, className) => messageLink(url, words, this.speaker.userid, open, className),
      open,
      press: (message, key, button) => this.press(message, key, button),
    });
    const prefix = element("span", { class: "composer-mention", "aria-hidden": "true" }, t("group.mention"));
    this.composer = new Composer("", "", (text) => this.mention(text), prefix);
    this.spoken = element("span", { class: "speaker-name" });
    const chips = ["ack", "status"].map((key) => ({
      words: t(`chip.${key}`), run: () => this.mention(t(`say.${key}`)).catch(() => {}),
    }));
    const { node, clock, badge } = frame({
      id: "phone-group",
      label: t("group.label", { name }),
      plate: [avatar("群", "group"), element("div", { class: "plate-words" }, element("h2", {}, name), element("p", { class: "plate-role" }, t("role.group")))],
      title: name,
      inside: [this.list.node, element("div", { class: "dock" }, this.speakers(), chipRow(chips), this.composer.node), this.browser.node],
    });
    node.classList.add("phone-group");
    node.dataset.group = id;
    this.node = node;
    this.clock = clock;
    this.unseen = new Unseen(node, badge);
    this.choose(this.speaker);
  }

  speakers() {
    return element("fieldset", { class: "speakers" },
      element("legend", { class: "only-read" }, t("group.speaker")),
      this.people.map((person) => element("label", { class: "speaker", title: person.name },
        element("input", {
          type: "radio", name: "speaker", value: person.userid, checked: person === this.speaker, "aria-label": person.name,
          on: { change: () => this.choose(person) },
        }),
        avatar(person.name))),
      this.spoken);
  }

  choose(person) {
    this.speaker = person;
    this.spoken.textContent = person.name;
    this.composer.label(t("group.input", { name: person.name }), t("group.placeholder", { name: person.name }));
    if (this.now) {
      this.list.show(this.messages, this.now, person.userid);
      this.acts.look();
    }
  }

  mention(text) {
    return this.acts.mention(this.speaker.userid, text);
  }

  async press(message, key, button) {
    button.setAttribute("aria-busy", "true");
    try {
      await this.acts.click("group", this.speaker.userid, message.id, key);
    } catch {
      // The person has been told; the button stays usable.
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  show(messages, now) {
    this.messages = messages;
    this.now = now;
    this.clock.textContent = timeOfDay(now);
    const added = this.list.show(messages, now, this.speaker.userid);
    if (added && !this.node.contains(document.activeElement)) this.unseen.set(this.unseen.count + added);
  }
}
