// Passkeys on our pages. Each button says what it is for, and stays hidden where the browser has no passkeys: an old
// one, or any at an address that is a number, such as 127.0.0.1, for which passkeys cannot be made.
"use strict";

const WAYS = {
  "sign-in": { ask: "/api/v1/sessions/passkey-challenge", give: "/api/v1/sessions/passkey" },
  step: { ask: "/api/v1/sessions/current/passkey-challenge", give: "/api/v1/sessions/current/factor" },
  confirm: { ask: "/api/v1/sessions/current/passkey-challenge", give: "/api/v1/sessions/current/confirmation" },
  add: { ask: "/api/v1/me/factors/passkeys/challenge", give: "/api/v1/me/factors/passkeys" },
};

async function post(path, body) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const answer = await fetch(path, { method: "POST", headers, body: body && JSON.stringify(body) });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
}

async function use(button) {
  const way = WAYS[button.dataset.passkey];
  const { options } = await post(way.ask);
  if (button.dataset.passkey !== "add") {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const passkey = await navigator.credentials.get({ publicKey });
    await post(way.give, { passkey: passkey.toJSON() });
    return [];
  }
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const passkey = await navigator.credentials.create({ publicKey });
  const name = document.getElementById("passkey-name").value.trim() || "Passkey";
  return (await post(way.give, { name, passkey: passkey.toJSON() })).recovery_codes;
}

function tell(text) {
  document.getElementById("passkey-news").textContent = text;
}

async function press(button) {
  button.disabled = true;
  try {
    const codes = await use(button);
    // Codes are told this once: the page stays until they were read.
    if (codes.length) tell(`It is done. Your recovery codes, told this once: ${codes.join("  ")}`);
    else location.assign(button.dataset.next);
  } catch (error) {
    // A browser's own words for a person who changed their mind are of no use to them.
    tell(error instanceof DOMException ? "The passkey was not used." : error.message);
    button.disabled = false;
  }
}

const isNumber = /^[\d.]+$|:/.test(location.hostname);

if (!isNumber && window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON) {
  for (const block of document.querySelectorAll("[data-needs-passkeys]")) block.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.addEventListener("click", () => press(button));
  }
}
