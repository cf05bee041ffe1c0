// The page's side of the simulator's JSON. Every address is relative to the page, so any mount point works.

const WITH_EVENTS = 5_000;
const WITHOUT_EVENTS = 1_500;

async function answered(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(body.error || `HTTP ${response.status}`), { reason: body.reason });
  return body;
}

async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const sent = fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return answered(await sent.catch(() => { throw Object.assign(new Error("no answer"), { reason: "no_answer" }); }));
}

/** Each resolves once the bot has taken it and rejects with the server's reason, a key of the page's words. */
export const send = {
  say: (userid, text) => post("page/say", { userid, text }),
  file: async (userid, file) => {
    const path = `page/file?userid=${encodeURIComponent(userid)}&name=${encodeURIComponent(file.name)}`;
    const sent = fetch(path, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file });
    return answered(await sent.catch(() => { throw Object.assign(new Error("no answer"), { reason: "no_answer" }); }));
  },
  picture: (userid) => post("page/picture", { userid }),
  menu: (userid, key) => post("page/menu", { userid, key }),
  mention: (userid, text) => post("page/mention", { userid, text }),
  click: (where, userid, message, key) => post("page/click", { where, userid, message, key }),
  clock: (hours) => post("page/clock", { hours }),
};

/**
 * Keeps `show(state)` up to date, with the group as the person sees it whom `viewer()` names: the event stream says
 * that something changed, and the state is also read every few seconds, which carries the clock along and stands in
 * for the stream where it does not get through.
 * `trouble(lost)` is told when the server stops or starts answering. Returns `refresh()`.
 */
export function watch(show, trouble, viewer) {
  let streaming = false;
  let reading = false;
  let again = false;
  let timer = 0;

  async function refresh() {
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    clearTimeout(timer);
    try {
      const state = await answered(await fetch(`page/state?viewer=${encodeURIComponent(viewer())}`, { cache: "no-store" }));
      trouble(false);
      show(state);
    } catch (error) {
      console.error(error);
      trouble(true);
    } finally {
      reading = false;
    }
    timer = setTimeout(refresh, again ? 0 : streaming ? WITH_EVENTS : WITHOUT_EVENTS);
    again = false;
  }

  const events = new EventSource("page/events");
  events.addEventListener("open", () => { streaming = true; });
  events.addEventListener("error", () => { streaming = false; });
  events.addEventListener("message", refresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  refresh();
  return refresh;
}
