// The two-minute tour: five steps, ticked off by what the phones show, so a reload or a second window tells the same.

import { minutesBetween } from "./calendar.js";
import { element } from "./element.js";
import { t } from "./words.js";

const STEPS = ["publish", "confirm", "receive", "wait", "ask"];
const DAY_IN_MINUTES = 24 * 60;
const NOTICE = /^\s*[/／]?\s*(通知|notice)/i;
const STATUS = /^\s*[/／]?\s*(进度|status)/i;

/**
 * How many of the steps are behind us, from the phones' messages alone. Whoever went on without a step is not held
 * back by it: a receipt given on the item's page leaves no trace in the chat.
 */
export function stepsDone({ phones, now }, isSecretary) {
  const secretary = phones.find(isSecretary);
  const members = phones.filter((phone) => !isSecretary(phone) && !phone.account);
  const asked = secretary?.messages.find((message) => message.sender === "me" && NOTICE.test(message.text));
  if (!asked) return 0;
  const since = (message, moment) => minutesBetween(moment, message.at) >= 0;
  const inboxes = members.map((phone) => phone.messages.filter((message) => since(message, asked.at)));
  const arrived = inboxes.flat().find((message) => message.sender !== "me");
  if (!arrived) return 1;
  const wondered = secretary.messages.some((message) =>
    message.sender === "me" && STATUS.test(message.text) && minutesBetween(arrived.at, message.at) >= DAY_IN_MINUTES);
  if (wondered) return 5;
  if (minutesBetween(arrived.at, now) >= DAY_IN_MINUTES) return 4;
  const answered = inboxes.flat().some((message) =>
    message.sender === "me" || message.buttons?.some((button) => button.key && button.enabled === false));
  return answered ? 3 : 2;
}

export class Tour {
  /** `actions`: {publish, wait, ask}, what the steps' own buttons do. */
  constructor(actions) {
    this.node = document.getElementById("tour");
    this.steps = STEPS.map((step, index) => {
      const state = element("span", { class: "only-read" });
      const action = actions[step]
        ? element("button", { type: "button", class: "step-do", on: { click: actions[step] } }, t(`tour.${step}.do`))
        : null;
      const node = element("li", { class: "step" },
        element("span", { class: "step-number", "aria-hidden": "true" }, String(index + 1)),
        element("div", { class: "step-words" },
          element("h3", {}, t(`tour.${step}`), state),
          element("p", {}, t(`tour.${step}.how`)),
          action));
      return { node, state };
    });
    document.getElementById("tour-steps").append(...this.steps.map(({ node }) => node));
    this.toggle = document.getElementById("tour-switch");
    this.toggle.addEventListener("click", () => this.open(this.node.hidden));
    this.open(true);
    this.done = -1;
  }

  open(wanted) {
    this.node.hidden = !wanted;
    this.toggle.textContent = t(wanted ? "tour.hide" : "tour.show");
    this.toggle.setAttribute("aria-expanded", String(wanted));
  }

  show(done) {
    if (done === this.done) return;
    this.done = done;
    document.body.dataset.step = STEPS[done] ?? "";
    this.steps.forEach(({ node, state }, index) => {
      node.classList.toggle("step-done", index < done);
      node.classList.toggle("step-now", index === done);
      if (index === done) node.setAttribute("aria-current", "step");
      else node.removeAttribute("aria-current");
      state.textContent = index < done ? ` · ${t("tour.done")}` : index === done ? ` · ${t("tour.now")}` : "";
    });
    const strip = this.steps[0].node.parentElement;
    const current = this.steps[Math.min(done, STEPS.length - 1)].node;
    strip.scrollTo({ left: current.offsetLeft - strip.offsetLeft - strip.clientWidth / 8, behavior: "smooth" });
  }
}
