/* Reports that the page was really seen, and sends the answer without leaving it.
   Plain old JavaScript on purpose: the browsers inside chat programs are years behind. */
(function () {
  "use strict";

  var SEEN_AFTER = 1000; // milliseconds in view
  var AGAIN_AFTER = [4000, 15000, 60000];

  var item = document.getElementById("item");
  if (!item || !window.fetch) { return; }
  var form = document.getElementById("answer");

  function post(kind) {
    return fetch(item.getAttribute("data-path") + "/" + kind, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "form_token=" + encodeURIComponent(item.getAttribute("data-form-token")) +
        "&version=" + encodeURIComponent(item.getAttribute("data-version")),
      credentials: "same-origin",
      cache: "no-store",
      keepalive: true
    });
  }

  function finish(words) {
    document.getElementById("done-words").textContent = words;
    document.getElementById("done").hidden = false;
    document.getElementById("asks").classList.add("asks_done");
    form.parentNode.removeChild(form);
    form = null;
  }

  function wordsOf(answer) {
    try {
      return decodeURIComponent(answer.headers.get("X-Done") || "");
    } catch (error) {
      return "";
    }
  }

  /* The read: once, after a moment in view, again when the network failed. */
  var timer = 0;
  var tries = 0;
  var unread = item.hasAttribute("data-unread");

  function watch() {
    clearTimeout(timer);
    if (unread && document.visibilityState === "visible") { timer = setTimeout(reportRead, SEEN_AFTER); }
  }

  function reportRead() {
    if (!unread) { return; }
    unread = false;
    post("read").then(function (answer) {
      if (answer.status === 204) {
        if (form && form.getAttribute("data-kind") === "read") { finish(wordsOf(answer)); }
      } else if (answer.status >= 500) {
        reportLater();
      }
    }, reportLater);
  }

  function reportLater() {
    if (tries < AGAIN_AFTER.length) {
      setTimeout(function () { unread = true; watch(); }, AGAIN_AFTER[tries]);
      tries += 1;
    }
  }

  document.addEventListener("visibilitychange", watch);
  watch();

  /* The answer: one press, one request; the form itself works without any of this. */
  if (!form) { return; }
  var button = form.querySelector("button");
  var trouble = document.getElementById("trouble");
  var label = button.textContent;

  function rest(busy) {
    button.disabled = busy;
    button.classList.toggle("bar__button_busy", busy);
    button.textContent = busy ? button.getAttribute("data-busy") : label;
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (button.disabled) { return; }
    rest(true);
    trouble.hidden = true;
    post(form.getAttribute("data-kind")).then(function (answer) {
      if (answer.status === 204) {
        unread = false;
        if (form) { finish(wordsOf(answer)); }
      } else if (answer.status === 401 || answer.status === 403 || answer.status === 410) {
        location.reload(); // the session is over, or the item was withdrawn or corrected: the page says what is true now
      } else {
        fail();
      }
    }, fail);
  });

  function fail() {
    rest(false);
    trouble.textContent = trouble.getAttribute("data-words");
    trouble.hidden = false;
  }
})();
