// A passkey's ceremony (WebAuthn): the form carries the question, the browser asks the person, the form takes the answer.
// Without this script, or without a passkey, everything works with a code.
"use strict";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const ceremonies = {
  async create(question) {
    const asked = { ...question, challenge: bytes(question.challenge), user: { ...question.user, id: bytes(question.user.id) } };
    asked.excludeCredentials = known(question.excludeCredentials);
    const made = await navigator.credentials.create({ publicKey: asked });
    return answer(made, { attestationObject: text(made.response.attestationObject) });
  },
  async get(question) {
    const asked = { ...question, challenge: bytes(question.challenge), allowCredentials: known(question.allowCredentials) };
    const shown = await navigator.credentials.get({ publicKey: asked });
    const { authenticatorData, signature, userHandle } = shown.response;
    const handle = userHandle ? { userHandle: text(userHandle) } : {};
    return answer(shown, { authenticatorData: text(authenticatorData), signature: text(signature), ...handle });
  },
};

const answer = (credential, response) => ({
  id: credential.id,
  rawId: text(credential.rawId),
  type: credential.type,
  clientExtensionResults: credential.getClientExtensionResults(),
  response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
});

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const question = JSON.parse(document.getElementById(form.dataset.question).textContent);
  const sorry = form.querySelector("[data-sorry]");
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    sorry.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await ceremonies[form.dataset.passkey](question.publicKey));
      form.submit();
    } catch {
      sorry.hidden = false; // the person stopped, or there is no passkey of theirs here
    }
  });
}
