// The demo page: the phones of a secretary and members, the bound group chat, the clock and the tour, kept up to date.

import { hoursToNextDay, learnOffset } from "./calendar.js";
import { Clock } from "./clock.js";
import { element } from "./element.js";
import { Group } from "./group.js";
import { Phone } from "./phone.js";
import { send, watch } from "./server.js";
import { stepsDone, Tour } from "./tour.js";
import { dress, lang, roleKey, t, troubleWords } from "./words.js";

const TOAST_FOR = 5_000;

const stage = document.getElementById("phones");
const jumps = document.getElementById("jumps");
const trouble = document.getElementById("trouble");
const toast = document.getElementById("toast");
const phones = new Map();
let group = null;
let toastTimer = 0;

function tell(words) {
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { toast.hidden = true; }, TOAST_FOR);
}

/** What people do on the phones: sent to the simulator, then the state is read again; a refusal is told and passed on. */
function act(action) {
  return async (...given) => {
    try {
      await action(...given);
    } catch (error) {
      tell(troubleWords(error.reason));
      throw error;
    } finally {
      refresh();
    }
  };
}

const acts = {
  say: act(send.say), mention: act(send.mention), click: act(send.click), file: act(send.file), picture: act(send.picture), menu: act(send.menu),
};
const moveClock = (hours) => act(send.clock)(hours).catch(() => {});

const isSecretary = (phone) => roleKey(phone.role) === "secretary";
const secretary = () => [...phones.values()].find((phone) => phone.role === "secretary") ?? [...phones.values()][0];

function bringIntoView(phone) {
  phone.node.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function addJump(node, name) {
  jumps.append(element("a", { href: `#${node.id}` }, name));
}

function show(state) {
  learnOffset(state.now);
  clock.show(state.now, state.clock_movable);
  for (const person of state.phones) {
    if (!phones.has(person.userid)) {
      const phone = new Phone(person, acts);
      phones.set(person.userid, phone);
      stage.insertBefore(phone.node, group?.node ?? null);
      addJump(phone.node, person.name);
    }
    phones.get(person.userid).show(person, state.now);
  }
  if (state.group && !group) {
    group = new Group(state.group, state.phones.filter((phone) => !phone.account), { ...acts, look: refresh });
    stage.append(group.node);
    addJump(group.node, t("role.group"));
  }
  group?.show(state.group.messages, state.now);
  tour.show(stepsDone(state, isSecretary));
}

dress();
const other = document.getElementById("language-switch");
if (lang === "en") {
  other.textContent = "中文";
  other.href = "?lang=zh";
  other.lang = other.hreflang = "zh-CN";
}
const clock = new Clock(moveClock);
const tour = new Tour({
  publish: () => {
    bringIntoView(secretary());
    secretary().fillExample();
  },
  wait: () => moveClock(hoursToNextDay(clock.now)),
  ask: () => {
    bringIntoView(secretary());
    secretary().say(t("say.status")).catch(() => {});
  },
});
const refresh = watch(show, (lost) => {
  trouble.hidden = !lost;
  trouble.textContent = lost ? t("trouble.lost") : "";
}, () => group?.speaker.userid ?? "");
