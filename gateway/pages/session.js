// The page's token is short: it is renewed when it has run out, and the call made once more.
"use strict";

let renewing = null;

function renewed() {
  renewing ??= fetch("/builder/session/renewal", { method: "POST" })
    .then(({ ok }) => ok, () => false)
    .finally(() => { renewing = null; });
  return renewing;
}

async function signedFetch(url, options) {
  const response = await fetch(url, options);
  return response.status === 401 && (await renewed()) ? fetch(url, options) : response;
}
