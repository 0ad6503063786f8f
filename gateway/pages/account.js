"use strict";

async function tell() {
  const { name, role, workspace } = await (await signedFetch("/access/me")).json();
  document.querySelector("#who").textContent = `${name}, ${role} of workspace ${workspace}`;
}

document.querySelector("button").addEventListener("click", async () => {
  const response = await fetch("/builder/session", { method: "DELETE" });
  // Who signed in elsewhere signs out there as well.
  window.location.assign(response.status === 200 ? (await response.json()).go_to : "/");
});

void tell();
