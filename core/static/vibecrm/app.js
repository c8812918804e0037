"use strict";

/* CSRF for htmx: every unsafe request carries the token of the page. */
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
});

/* Menus: a button with aria-controls and data-menu opens the element it names; Escape and a click elsewhere close it. */
function setMenu(button, open) {
  button.setAttribute("aria-expanded", String(open));
  document.getElementById(button.getAttribute("aria-controls")).hidden = !open;
}

function openMenus() {
  return document.querySelectorAll('[data-menu][aria-expanded="true"]');
}

/* Sidebar: folded on wide screens (remembered), slid in on narrow ones. */
function toggleSidebar() {
  const sidebar = document.getElementById("vc-sidebar");
  if (window.matchMedia("(min-width: 1024px)").matches) {
    const folded = sidebar.classList.toggle("is-folded");
    localStorage.setItem("vcSidebarFolded", folded ? "1" : "");
  } else {
    const open = sidebar.classList.toggle("is-open");
    document.getElementById("vc-scrim").hidden = !open;
    if (open) sidebar.querySelector("a, button").focus();
    else document.querySelector("[data-sidebar-toggle]").focus();
  }
}

function closeSidebar() {
  const sidebar = document.getElementById("vc-sidebar");
  if (sidebar && sidebar.classList.contains("is-open")) toggleSidebar();
}

/* Command palette: filters links that are in the page, so it answers at once. */
const palette = {
  get dialog() { return document.getElementById("vc-palette"); },
  get shown() { return [...this.dialog.querySelectorAll("li:not([hidden])")]; },
  open() {
    if (!this.dialog || this.dialog.open) return;
    const input = this.dialog.querySelector("input");
    input.value = "";
    this.filter("");
    this.dialog.showModal();
    input.focus();
  },
  filter(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of this.dialog.querySelectorAll("li")) {
      const haystack = item.textContent.toLowerCase();
      item.hidden = !words.every((word) => haystack.includes(word));
    }
    this.dialog.querySelector("[data-none]").hidden = this.shown.length > 0;
    this.select(0);
  },
  select(index) {
    const shown = this.shown;
    const input = this.dialog.querySelector("input");
    for (const item of this.dialog.querySelectorAll("li")) item.setAttribute("aria-selected", "false");
    if (!shown.length) { input.removeAttribute("aria-activedescendant"); return; }
    this.index = (index + shown.length) % shown.length;
    const item = shown[this.index];
    item.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  },
  key(event) {
    if (event.key === "ArrowDown") this.select(this.index + 1);
    else if (event.key === "ArrowUp") this.select(this.index - 1);
    else if (event.key === "Enter" && this.shown.length) this.shown[this.index].querySelector("a").click();
    else return;
    event.preventDefault();
  },
};

function say(text) {
  const region = document.getElementById("vc-live");
  if (region) region.textContent = text;
}

/* What a running job has just made is also said. */
document.addEventListener("htmx:afterSettle", (event) => {
  const names = [...event.target.querySelectorAll("[data-new]")].map((item) => item.dataset.new);
  if (names.length) say(`Drafted: ${names.join(", ")}.`);
});

async function copyText(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    const range = document.createRange();
    range.selectNodeContents(source);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.execCommand("copy");
  }
  const label = button.querySelector("[data-label]");
  const before = label.textContent;
  label.textContent = "Copied";
  say("Copied to the clipboard.");
  setTimeout(() => { label.textContent = before; }, 1600);
}

document.addEventListener("click", (event) => {
  const find = (selector) => event.target.closest(selector);
  const menuButton = find("[data-menu]");
  for (const button of openMenus()) {
    if (button !== menuButton && !document.getElementById(button.getAttribute("aria-controls")).contains(event.target)) setMenu(button, false);
  }
  if (menuButton) setMenu(menuButton, menuButton.getAttribute("aria-expanded") !== "true");
  if (find("[data-sidebar-toggle]")) toggleSidebar();
  if (find("#vc-scrim")) closeSidebar();
  if (find("[data-palette]")) { closeSidebar(); palette.open(); }
  if (event.target === palette.dialog) palette.dialog.close();
  const copy = find("[data-copy]");
  if (copy) copyText(copy);
  const large = find("[data-fullscreen]");
  if (large && document.fullscreenElement) document.exitFullscreen();
  else if (large) document.getElementById(large.dataset.fullscreen).requestFullscreen();
  const example = find("[data-prompt]");
  if (example) {
    const box = document.getElementById(example.dataset.promptTarget || "prompt");
    box.value = example.dataset.prompt;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
    box.scrollIntoView({ block: "center", behavior: "smooth" });
  }
});

document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k" && palette.dialog) {
    event.preventDefault();
    palette.open();
  } else if (event.key === "Escape") {
    for (const button of openMenus()) { setMenu(button, false); button.focus(); }
    closeSidebar();
  } else if (event.target.closest && event.target.closest("#vc-palette")) {
    palette.key(event);
  } else if (event.key === "Enter" && (event.metaKey || event.ctrlKey) && event.target.matches("textarea[data-submit]")) {
    event.target.form.requestSubmit();
  }
});

document.addEventListener("input", (event) => {
  if (event.target.closest("#vc-palette")) palette.filter(event.target.value);
  /* A button that waits for words to be typed: data-confirm holds them. */
  const typed = event.target.dataset.confirm;
  if (typed !== undefined) event.target.form.querySelector("[data-confirmed]").disabled = event.target.value.trim() !== typed;
});

document.addEventListener("change", (event) => {
  /* A button that waits for a tick. */
  if (event.target.matches("[data-confirm-check]")) event.target.form.querySelector("[data-confirmed]").disabled = !event.target.checked;
});

/* One click, one request: the button of a sent form rests until the next page. */
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button || event.defaultPrevented || !event.target.hasAttribute("data-once")) return;
  setTimeout(() => {
    button.disabled = true;
    const busy = button.dataset.busy;
    if (busy) button.querySelector("[data-label]").textContent = busy;
  });
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
});

document.addEventListener("DOMContentLoaded", () => {
  if (localStorage.getItem("vcSidebarFolded")) document.getElementById("vc-sidebar")?.classList.add("is-folded");
  for (const input of document.querySelectorAll("[data-confirm]")) input.dispatchEvent(new Event("input", { bubbles: true }));
});

/* Diagram: pointing at a table lights its relations. */
function light(diagram, name) {
  diagram.classList.toggle("is-pointed", Boolean(name));
  for (const edge of diagram.querySelectorAll(".vc-edge")) {
    edge.classList.toggle("is-lit", Boolean(name) && edge.dataset.tables.split(" ").includes(name));
  }
}
document.addEventListener("pointerover", (event) => {
  const diagram = event.target.closest?.(".vc-diagram");
  if (diagram) light(diagram, event.target.closest(".vc-box")?.dataset.table);
});
document.addEventListener("pointerout", (event) => {
  const diagram = event.target.closest?.(".vc-diagram");
  if (diagram && !diagram.contains(event.relatedTarget)) light(diagram, "");
});
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-scroll-end]")) box.scrollTop = box.scrollHeight;
});
