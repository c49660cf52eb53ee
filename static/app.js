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

// Dialog: a link with data-dialog shows the [data-fragment] of its page.

async function openInDialog(link) {
  const body = document.getElementById("dialog-body");
  try {
    await htmx.ajax("GET", link.href, { target: body, swap: "innerHTML", select: "[data-fragment]" });
  } catch {
    location.assign(link.href);
    return;
  }
  if (!body.childElementCount) return location.assign(link.href);
  for (const popover of document.querySelectorAll(":popover-open")) popover.hidePopover();
  const heading = body.querySelector("h1");
  dialog.setAttribute("aria-label", heading ? heading.textContent : link.textContent.trim());
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function isPlainClick(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && dialog && window.htmx && isPlainClick(event)) {
    event.preventDefault();
    openInDialog(link);
  } else if (dialog?.open && event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  }
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
  if (!row || event.target.closest("a, button, .menu")) return;
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

// htmx: polling rests while nobody looks; what is unfolded stays so; a changed status is read out.

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
  const text = document.querySelector("#live")?.dataset.announce;
  if (text && text !== announcer?.dataset.last) announce(text);
  if (announcer && text) announcer.dataset.last = text;
});
