"use strict";

async function tell() {
  const { name, role, workspace } = await (await signedFetch("/access/me")).json();
  document.querySelector("#who").textContent = `${name}, ${role} of workspace ${workspace}`;
}

document.querySelector("button").addEventListener("click", async () => {
  await fetch("/builder/session", { method: "DELETE" });
  window.location.assign("/");
});

void tell();
