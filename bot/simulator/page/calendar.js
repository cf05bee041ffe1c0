// Times as the phones show them: the branch's wall clock, taken from the offset the server writes.

import { lang } from "./words.js";

const DAYS_ZH = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];
const DAYS_EN = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS_EN = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MORNING = 9;
const NIGHT = 22;

let offset = 8 * 60 * MINUTE;

/** Learns the branch's offset (in "+08:00" form) from the server's own clock. */
export function learnOffset(iso) {
  const found = /([+-])(\d\d):?(\d\d)$/.exec(iso);
  if (found) offset = (found[1] === "-" ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * MINUTE;
}

/** A Date whose UTC fields read as the branch's wall clock. */
function wall(iso) {
  return new Date(Date.parse(iso) + offset);
}

function two(number) {
  return String(number).padStart(2, "0");
}

export function timeOfDay(iso) {
  const at = wall(iso);
  return `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

export function longDay(iso) {
  const at = wall(iso);
  const [year, month, day, weekday] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCDay()];
  return lang === "en"
    ? `${DAYS_EN[weekday]}, ${day} ${MONTHS_EN[month]} ${year}`
    : `${year}年${month + 1}月${day}日 ${DAYS_ZH[weekday]}`;
}

/** The line between two messages: the day is told when it is another one than `nowIso`'s. */
export function stamp(iso, nowIso) {
  const at = wall(iso);
  const daysAgo = Math.floor(wall(nowIso).getTime() / DAY) - Math.floor(at.getTime() / DAY);
  if (daysAgo === 0) return timeOfDay(iso);
  const weekday = at.getUTCDay();
  const day = lang === "en"
    ? `${DAYS_EN[weekday]} ${at.getUTCDate()} ${MONTHS_EN[at.getUTCMonth()]}`
    : `${at.getUTCMonth() + 1}月${at.getUTCDate()}日 ${DAYS_ZH[weekday]}`;
  return `${day} ${timeOfDay(iso)}`;
}

/** Hours (a fraction) from `nowIso` to 09:00 of the next calendar day. */
export function hoursToMorning(nowIso) {
  const at = wall(nowIso);
  const midnight = Math.floor(at.getTime() / DAY) * DAY;
  return (midnight + DAY + MORNING * 60 * MINUTE - at.getTime()) / (60 * MINUTE);
}

/** Hours from `nowIso` to a day later, or to the morning after it where that moment lies in the night's quiet hours. */
export function hoursToNextDay(nowIso) {
  const hour = wall(nowIso).getUTCHours();
  if (hour >= MORNING && hour < NIGHT) return 24;
  return hoursToMorning(nowIso) + (hour >= NIGHT ? 24 : 0);
}

/** `nowIso` plus hours, as an ISO text in UTC. */
export function later(nowIso, hours) {
  return new Date(Date.parse(nowIso) + hours * 60 * MINUTE).toISOString();
}

export function minutesBetween(earlierIso, laterIso) {
  return (Date.parse(laterIso) - Date.parse(earlierIso)) / MINUTE;
}
