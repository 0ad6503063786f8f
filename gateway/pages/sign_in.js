"use strict";

const form = document.querySelector("form");
const alertLine = document.querySelector("[role=alert]");

async function signIn(key) {
  const headers = { "content-type": "application/json" };
  const response = await fetch("/builder/session", { method: "POST", headers, body: JSON.stringify({ key }) });
  if (response.ok) return window.location.replace("/");
  alertLine.textContent = (await response.json()).error.message;
  alertLine.hidden = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void signIn(form.elements.key.value);
});

// A link carries the key behind its #, which no server and no log ever sees.
const key = new URLSearchParams(window.location.hash.slice(1)).get("key");
if (key) {
  window.history.replaceState(null, "", window.location.pathname);
  void signIn(key);
} else {
  // Signed in already, only away for a while: no need to ask.
  void renewed().then((stillOpen) => stillOpen && window.location.replace("/"));
}
