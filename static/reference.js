// The API reference: calls in the name of who is logged in, and a filter.

const SHOWN = ["x-total-count", "location", "retry-after", "etag", "x-request-id"];
const LONGEST = 200000;

function valuesIn(form, place) {
  const inputs = [...form.querySelectorAll(`[data-in="${place}"]`)];
  return inputs.filter(({ value }) => value).map(({ name, value }) => [name, value]);
}

function addressOf(form) {
  let path = form.getAttribute("action");
  for (const [name, value] of valuesIn(form, "path")) path = path.replace(`{${name}}`, encodeURIComponent(value));
  const query = new URLSearchParams(valuesIn(form, "query")).toString();
  return query ? `${path}?${query}` : path;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function call(form) {
  const method = form.dataset.call;
  const headers = { Accept: "application/json", ...Object.fromEntries(valuesIn(form, "header")) };
  if (method !== "GET") headers["X-CSRFToken"] = document.getElementById("reference").dataset.csrf;
  const body = form.querySelector("[data-body]")?.value;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(addressOf(form), { method, headers, body, credentials: "same-origin" });
  const lines = SHOWN.filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
  return { status: `${answer.status} ${answer.statusText}`, lines, text: pretty(await answer.text()) };
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-call]");
  if (!form) return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (button.hasAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const { status, lines, text } = await call(form).catch((problem) => ({ status: String(problem), lines: [], text: "" }));
  button.removeAttribute("aria-busy");
  form.querySelector("[data-answer]").hidden = false;
  form.querySelector("[role=status]").textContent = status;
  for (const [name, shown] of [["headers", lines.join("\n")], ["text", text.slice(0, LONGEST)]]) {
    const place = form.querySelector(`[data-${name}]`);
    place.textContent = shown;
    place.hidden = !shown;
  }
});

// The filter hides what does not hold its words, and groups of which nothing is left.

document.addEventListener("input", ({ target }) => {
  if (!target.dataset.narrows) return;
  const wanted = target.value.trim().toLowerCase();
  const all = [...document.querySelectorAll(target.dataset.narrows)];
  for (const each of all) each.hidden = !(each.querySelector("summary") ?? each).textContent.toLowerCase().includes(wanted);
  for (const group of document.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("li:not([hidden])");
  document.querySelector("[data-nothing]").hidden = all.some(({ hidden }) => !hidden);
});

// An address with an operation's name opens it.

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named?.matches("details")) {
    named.open = true;
    named.scrollIntoView();
  }
}

addEventListener("hashchange", openNamed);
openNamed();
