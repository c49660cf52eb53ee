// What pages gain with JavaScript; without it every link and form leads to a page of its own.

const html = document.documentElement;
const dialog = document.getElementById("dialog");
const announcer = document.getElementById("announcer");

function announce(text) {
  if (announcer) announcer.textContent = text;
}

// Theme: a cookie, so that the server renders the choice and nothing flashes.

document.addEventListener("change", ({ target }) => {
  if (target.name !== "theme") return;
  if (target.value) html.dataset.theme = target.value;
  else delete html.dataset.theme;
  const secure = location.protocol === "https:" ? "; secure" : "";
  const age = target.value ? 31536000 : 0;
  document.cookie = `theme=${target.value}; path=/; max-age=${age}; samesite=lax${secure}`;
});

// Dialog: a link or a button of a searching form with data-dialog shows the [data-fragment] of its page.

async function openInDialog(href, name) {
  const body = document.getElementById("dialog-body");
  try {
    await htmx.ajax("GET", href, { target: body, swap: "innerHTML", select: "[data-fragment]" });
  } catch {
    location.assign(href);
    return;
  }
  if (!body.childElementCount) return location.assign(href);
  for (const popover of document.querySelectorAll(":popover-open")) popover.hidePopover();
  const heading = body.querySelector("h1");
  dialog.setAttribute("aria-label", heading ? heading.textContent : name);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

// What is done from a dialog above a list leads back to the list as it is.

function withWayBack(link) {
  const back = dialog.contains(link) && document.querySelector("#selection [name=back]");
  if (!back) return link.href;
  const url = new URL(link.href);
  url.searchParams.set("back", back.value);
  return url.href;
}

function isPlainClick(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && dialog && window.htmx && isPlainClick(event)) {
    event.preventDefault();
    openInDialog(withWayBack(link), link.textContent.trim());
  } else if (dialog?.open && event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  }
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "get" || !submitter?.hasAttribute("data-dialog") || !dialog || !window.htmx) return;
  event.preventDefault();
  openInDialog(`${form.action}?${new URLSearchParams(new FormData(form, submitter))}`, submitter.textContent.trim());
});

dialog?.addEventListener("close", () => document.getElementById("dialog-body").replaceChildren());

// Browsers that do not know `command` or `closedby` yet.

if (!("command" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[commandfor]");
    if (button?.getAttribute("command") === "close") document.getElementById(button.getAttribute("commandfor")).close();
  });
}

if (dialog && !("closedBy" in dialog)) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

// Rows: arrows move, Enter follows the row's link, a double click opens it, the right button shows its menu.

function rowOf(node) {
  const row = node.closest?.("[data-rows] tr, [data-rows] > li");
  return row?.querySelector("a[data-row]") ? row : null;
}

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.("a[data-row]");
  if (!link) return;
  const links = [...link.closest("[data-rows]").querySelectorAll("a[data-row]")];
  const here = links.indexOf(link);
  const there = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: links.length - 1 }[event.key];
  if (!links[there]) return;
  event.preventDefault();
  links[there].focus();
});

document.addEventListener("dblclick", (event) => {
  const row = rowOf(event.target);
  if (!row || event.target.closest("a, button, label, .menu")) return;
  getSelection()?.empty();
  row.querySelector("a[data-row]").click();
});

document.addEventListener("contextmenu", (event) => {
  const row = rowOf(event.target);
  const menu = row?.querySelector(".menu");
  if (!menu || event.shiftKey || event.target.closest(".menu")) return;
  event.preventDefault();
  menu.classList.add("at-pointer");
  menu.showPopover();
  // The context-menu key reports the focused element's corner; both stay inside the window.
  menu.style.setProperty("--x", `${Math.min(event.clientX, innerWidth - menu.offsetWidth - 8)}px`);
  menu.style.setProperty("--y", `${Math.min(event.clientY, innerHeight - menu.offsetHeight - 8)}px`);
  menu.querySelector("a")?.focus();
  menu.addEventListener("beforetoggle", () => menu.classList.remove("at-pointer"), { once: true });
});

// A row whose instance is gone keeps its title and the focus, but there is no page behind it.

function leadNowhere() {
  for (const mark of document.querySelectorAll("[data-gone]")) {
    const link = mark.closest("tr, li").querySelector("a[data-row][href]");
    if (!link) continue;
    for (const [name, value] of [["tabindex", "0"], ["role", "link"], ["aria-disabled", "true"]]) link.setAttribute(name, value);
    for (const name of ["href", "data-dialog"]) link.removeAttribute(name);
  }
}

// Ticked rows: Shift ticks a range; the toolbar offers what at least one of them allows.

let lastTicked = null;

function showTicked(form) {
  const boxes = [...form.elements].filter(({ name }) => name === "instance");
  const ticked = boxes.filter(({ checked }) => checked);
  const all = form.querySelector("[data-tick-all]");
  all.checked = ticked.length > 0 && ticked.length === boxes.length;
  all.indeterminate = ticked.length > 0 && !all.checked;
  form.classList.toggle("in-use", ticked.length > 0);
  const words = form.querySelector("[data-ticked]");
  words.textContent = ticked.length ? words.dataset.ticked.replace("#", ticked.length) : "";
  for (const button of form.querySelectorAll("button[name=operation]")) {
    const isView = ["view", "definition"].includes(button.value);
    const may = (box) => box.closest("tr").querySelector("[data-may]").dataset.may.split(" ").includes(button.value);
    button.disabled = isView ? ticked.length !== 1 : !ticked.some(may);
  }
}

function showAllTicked() {
  for (const form of document.querySelectorAll("form[data-selection]")) showTicked(form);
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.form?.matches("form[data-selection]") || target.type !== "checkbox") return;
  const boxes = [...target.form.elements].filter(({ name }) => name === "instance");
  if (target.matches("[data-tick-all]")) for (const box of boxes) box.checked = target.checked;
  else if (shiftKey && boxes.includes(lastTicked)) {
    const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(target)].sort((a, b) => a - b);
    for (const box of boxes.slice(from, to + 1)) box.checked = target.checked;
  }
  lastTicked = target;
  showTicked(target.form);
});

addEventListener("pageshow", showAllTicked);

// Copy buttons.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling);
    return;
  }
  button.dataset.copied = "";
  announce(announcer?.dataset.copied);
  setTimeout(() => delete button.dataset.copied, 1600);
});

// Filters: only comparisons that fit the field are offered.

function showFitting() {
  const field = document.getElementById("filter-field");
  const comparison = document.getElementById("filter-comparison");
  const fitting = field?.selectedOptions[0]?.dataset.fitting?.split(" ");
  if (!fitting) return;
  for (const option of comparison.options) option.hidden = option.disabled = !fitting.includes(option.value);
  if (comparison.selectedOptions[0]?.disabled) comparison.value = fitting[0];
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "filter-field") showFitting();
});

addEventListener("pageshow", showFitting);

// A file chosen beside a text field is read into it, so that one sees what is sent.

document.addEventListener("change", async ({ target }) => {
  const field = target.dataset?.fileInto && document.getElementById(target.dataset.fileInto);
  const file = target.files?.[0];
  if (!field || !file || file.size > 65536) return;
  const text = await file.text();
  if (!text.includes("-----BEGIN")) return;
  field.value = text;
  target.value = "";
});

// A form that is answered with a file stays: it says that the file was given out, and the page behind it is
// shown as things stand now. An answer that is a page again shows what is wrong.

function nameOf(disposition) {
  const encoded = disposition.match(/filename\*=utf-8''([^;]+)/i);
  return encoded ? decodeURIComponent(encoded[1]) : disposition.match(/filename="([^"]*)"/)?.[1];
}

async function handOut(form, answer) {
  const link = form.querySelector("[data-handed] a[download]");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = nameOf(answer.headers.get("Content-Disposition"));
  form.querySelector("[data-asks]").remove();
  form.querySelector("[data-handed]").hidden = false;
  form.querySelector("[data-handed] a").focus();
  link.click();
  if (form.closest("dialog") && window.htmx) {
    htmx.ajax("GET", location.href, { target: "#main", select: "#main", swap: "outerHTML" });
  }
}

async function showRefusal(form, answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const refused = page.querySelector("form[data-fragment]");
  if (!refused) return form.submit();
  form.replaceWith(refused);
  refused.querySelector("[aria-invalid], a")?.focus();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-hands-out]") || form.dataset.sent) return;
  event.preventDefault();
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (new URL(answer.url).pathname.endsWith("/login")) location.reload();
    else if (answer.headers.has("Content-Disposition")) await handOut(form, answer);
    else await showRefusal(form, answer);
  } catch {
    form.submit();
  }
});

// A form is sent once; the browser's back button gives it back.

document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
});

// htmx: polling rests while nobody looks; what is unfolded stays so; rows that changed allow other things; a
// changed status is read out.

let unfolded = [];

document.addEventListener("htmx:beforeRequest", (event) => {
  const isPolling = event.detail.elt.getAttribute("hx-trigger")?.startsWith("every");
  if (isPolling && document.hidden) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const landed = new URL(event.detail.xhr.responseURL || location.href);
  if (landed.pathname.endsWith("/login")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
  unfolded = [...document.querySelectorAll("#live details[id]")].map(({ id, open }) => [id, open]);
});

document.addEventListener("htmx:afterSwap", () => {
  for (const [id, open] of unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = open;
  }
  leadNowhere();
  showAllTicked();
  const text = document.querySelector("[data-announce]")?.dataset.announce;
  if (text && text !== announcer?.dataset.last) announce(text);
  if (announcer && text) announcer.dataset.last = text;
});
