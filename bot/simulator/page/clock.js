// The simulated clock at the top, and the buttons that move it.

import { hoursToMorning, later, longDay, stamp, timeOfDay } from "./calendar.js";
import { element } from "./element.js";
import { t } from "./words.js";

export class Clock {
  /** `move(hours)` returns a promise that never rejects. */
  constructor(move) {
    this.time = document.getElementById("clock-time");
    this.day = document.getElementById("clock-day");
    this.now = null;
    this.buttons = [
      ["clock.hour", () => 1],
      ["clock.day", () => 24],
      ["clock.morning", () => hoursToMorning(this.now)],
    ].map(([key, hours]) => {
      const node = element("button", { type: "button", class: "move", disabled: true }, t(key));
      node.addEventListener("click", async () => {
        this.busy(true);
        await move(hours());
        this.busy(false);
      });
      return { node, hours };
    });
    document.getElementById("clock-moves").append(...this.buttons.map(({ node }) => node));
    this.movable = false;
    this.moving = false;
  }

  busy(moving) {
    this.moving = moving;
    for (const { node } of this.buttons) node.disabled = moving || !this.movable;
  }

  show(now, movable) {
    this.now = now;
    this.movable = movable;
    this.time.textContent = timeOfDay(now);
    this.day.textContent = longDay(now);
    this.busy(this.moving);
    for (const { node, hours } of this.buttons) {
      node.title = movable ? t("clock.to", { moment: stamp(later(now, hours()), now) }) : t("clock.fixed");
    }
  }
}
