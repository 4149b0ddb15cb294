// What is typed is saved at the node, sealed, while it is typed; a form that finds no signal stays. Nothing is kept here.
// Without this script everything works: what arrives when a session is over is kept too.
"use strict";

const stay = document.querySelector("form.stay");
const SAVE_AFTER = 3000, SOON = 5 * 60 * 1000, SLOW = 8000; // milliseconds
const MOST_PLACES = 8;

const said = document.createElement("p");
said.className = "said";
said.setAttribute("aria-live", "assertive");
stay.before(said);

const ask = (address, body) =>
  fetch(address, { method: "POST", body, credentials: "same-origin", signal: AbortSignal.timeout(SLOW) });

const lasts = (answer) => {
  const until = answer.headers.get("Brug-Until");
  if (!until) return void (said.textContent = stay.dataset.over);
  const time = stay.querySelector("time");
  time.dateTime = until;
  const [hour, minute] = new Date(until).toLocaleTimeString("nl-BE", { hour: "numeric", minute: "2-digit", timeZone: "Europe/Brussels" }).split(":");
  time.textContent = document.documentElement.lang.startsWith("nl") ? `${+hour}.${minute} uur` : `${+hour}:${minute}`;
  said.textContent = "";
};

const typed = (form) => {
  const sent = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    const field = form.elements.namedItem(name);
    if (typeof value === "string" && !(field && field.type === "password")) sent.append(name, value);
  }
  return sent;
};

stay.addEventListener("submit", (event) => {
  event.preventDefault();
  ask(stay.action, new URLSearchParams(new FormData(stay))).then(lasts, () => (said.textContent = stay.dataset.lost));
});

for (const form of document.querySelectorAll("main form[method=post]")) {
  let timer = 0;
  if (form.querySelector("input:not([type=hidden]):not([type=submit]), textarea, select"))
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => ask(stay.dataset.save, typed(form)).then(lasts, () => {}), SAVE_AFTER);
    });
  let reached = false;
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (reached || form.enctype === "multipart/form-data" || form.dataset.passkey !== undefined) return;
    event.preventDefault();
    const button = event.submitter;
    ask(stay.action, new URLSearchParams(new FormData(stay))).then(
      () => {
        reached = true;
        form.requestSubmit(button);
      },
      () => {
        said.textContent = stay.dataset.lost;
        said.scrollIntoView({ block: "center" });
      },
    );
  });
}

// Places while a postal code is typed: the list is asked for once, and what is typed is sent nowhere.
let places;
for (const field of document.querySelectorAll("input[data-places]")) {
  const list = document.createElement("datalist");
  list.id = `${field.id}_places`;
  field.after(list);
  field.setAttribute("list", list.id);
  field.addEventListener("input", async () => {
    const sought = field.value.trim().toLowerCase(), found = [];
    places ??= fetch(field.dataset.places).then((answer) => answer.json());
    for (const place of sought ? await places : []) {
      if (found.length === MOST_PLACES) break;
      if (place.startsWith(sought) || place.slice(5).toLowerCase().startsWith(sought)) found.push(new Option(place, place));
    }
    list.replaceChildren(...found);
  });
}

setInterval(() => {
  stay.toggleAttribute("data-soon", new Date(stay.querySelector("time").dateTime) - Date.now() < SOON);
}, 15000);
