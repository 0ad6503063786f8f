for (const part of document.querySelectorAll("[data-part]")) part.hidden = !offered.has(part.dataset.part);

at("unlock").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, at("key").value.trim());
  at("key").value = "";
  lock(false, "");
});
window.addEventListener("hashchange", takeKey);
takeKey();
