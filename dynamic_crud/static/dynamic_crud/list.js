"use strict";

/* A list: its parts come from the server (htmx), its keys and its cells are here. Without this script all of it works
   by links and forms, one page after the other. */
const list = {
  get box() { return document.getElementById("vc-list"); },
  get grid() { return document.querySelector("[data-grid]"); },
  editing: null, /* the cell that is being edited: its row, its place in it, and what it showed */
};

/* Keys of one letter can be switched off: software that listens to speech types them by accident (WCAG 2.1.4). */
const keysAreOn = () => localStorage.getItem("vcKeysOff") !== "1";

/* Cells */
function cellsOf(row) {
  return [...row.querySelectorAll("td")];
}

function focusCell(cell) {
  if (!cell) return;
  for (const each of list.grid.querySelectorAll('td[tabindex="0"]')) each.tabIndex = -1;
  cell.tabIndex = 0;
  cell.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function moveFrom(cell, key) {
  const row = cell.parentElement;
  const index = cellsOf(row).indexOf(cell);
  const rowTo = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[key] || row;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key] || 0;
  if (key === "Home" || key === "End") return focusCell(cellsOf(row).at(key === "Home" ? 0 : -1));
  focusCell(cellsOf(rowTo)[index + step]);
}

function startEditing(cell) {
  if (!cell?.dataset.edit || cell.querySelector("[data-cell-editor]")) return;
  stopEditing();
  const row = cell.parentElement;
  list.editing = { row: row.id, index: cellsOf(row).indexOf(cell), nodes: [...cell.childNodes] };
  const asked = new URLSearchParams(list.grid.dataset.shown);
  asked.set("place", row.dataset.place);
  const editor = `${list.grid.dataset.base}${row.id.replace("row-", "")}/cells/${cell.dataset.edit}/`;
  htmx.ajax("GET", `${editor}?${asked}`, { target: cell, swap: "innerHTML" });
}

function editedCell() {
  const row = list.editing && document.getElementById(list.editing.row);
  return row ? cellsOf(row)[list.editing.index] : null;
}

function stopEditing() {
  const cell = editedCell();
  if (cell) cell.replaceChildren(...list.editing.nodes);
  list.editing = null;
  return cell;
}

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("td[data-edit]");
  if (!cell || event.target.closest("a, button, form")) return;
  getSelection()?.removeAllRanges();
  startEditing(cell);
});

document.addEventListener("htmx:afterSettle", () => { /* pickers are built by then */
  const cell = editedCell();
  if (!cell) return;
  const field = cell.querySelector("[data-cell-editor] :is(input:not([type=hidden]), select, textarea):not([hidden])");
  if (field) {
    field.focus();
    field.select?.();
  } else if (!cell.querySelector("[data-cell-editor]")) { /* the row came back saved */
    list.editing = null;
    focusCell(cell);
    say("Saved.");
  }
});

/* What the server refuses comes with the form that says why. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

/* Keys */
const isTyping = (element) => element.closest("input:not([type=checkbox]), select, textarea, [contenteditable=true], dialog, [role=listbox]");

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target;
  const cell = target.closest?.("[data-grid] td");
  if (event.key === "Escape") {
    if (target.closest("[data-cell-editor]")) focusCell(stopEditing());
    else if (target.closest("[data-panel]")) closePanel();
    return;
  }
  if (isTyping(target) || target.closest("[data-cell-editor]")) return;
  const handled = pressed(event.key, cell, target);
  if (handled) event.preventDefault();
});

function pressed(key, cell, target) {
  if (cell && ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) {
    moveFrom(cell, key);
    return true;
  }
  if (cell && key === "Enter" && target === cell) {
    cell.parentElement.querySelector("td.vc-title a").click();
    return true;
  }
  if (cell && (key === "F2" || (key === "e" && keysAreOn()))) {
    startEditing(cell);
    return Boolean(cell.dataset.edit);
  }
  if (key === "ArrowDown" && target === document.body && list.grid) {
    focusCell(list.grid.querySelector("tbody td"));
    return true;
  }
  if (!keysAreOn()) return false;
  const at = { n: "[data-new-record]", "/": "#vc-search" }[key];
  const found = at && document.querySelector(at);
  if (key === "?") document.getElementById("vc-keys").showModal();
  else if (key === "n" && found) found.click();
  else if (key === "/" && found) found.select(), found.focus();
  else return false;
  return true;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-keys-on]")) localStorage.setItem("vcKeysOff", event.target.checked ? "" : "1");
});

/* Headers: with the shift key a click sorts by one more column. */
document.addEventListener("click", (event) => {
  const header = event.target.closest("a[data-more]");
  if (!header || !event.shiftKey) return;
  event.preventDefault();
  event.stopPropagation();
  header.nextElementSibling.click();
}, true);

/* Panels: filters and columns. */
function closePanel() {
  const panel = document.getElementById("vc-panel");
  const link = document.querySelector('[data-panel-link][aria-expanded="true"]');
  panel.replaceChildren();
  panel.hidden = true;
  if (link) {
    link.setAttribute("aria-expanded", "false");
    link.focus();
  }
}

async function openPanel(link) {
  const panel = document.getElementById("vc-panel");
  for (const each of document.querySelectorAll("[data-panel-link]")) each.setAttribute("aria-expanded", String(each === link));
  await htmx.ajax("GET", link.href, { target: panel, swap: "innerHTML" });
  panel.hidden = false;
  panel.querySelector("[data-step], [data-reorder] input")?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-panel-link]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    if (link.getAttribute("aria-expanded") === "true") closePanel();
    else openPanel(link);
  }
  if (event.target.closest("[data-panel-close]") && document.getElementById("vc-panel")) {
    event.preventDefault();
    closePanel();
  }
  if (event.target.closest("[data-cancel]")) focusCell(stopEditing());
  if (event.target.closest("[data-keys]")) document.getElementById("vc-keys").showModal();
});

/* Filter bar: a choice applies at once; what is empty stays out of the address. */
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-filter-bar] select")) event.target.form.requestSubmit();
  if (event.target.matches("[data-step]")) redrawCondition(event.target);
});

/* Another column has other comparisons and another control. What is typed elsewhere in the form stays untouched. */
function redrawCondition(control) {
  const row = control.closest(".vc-condition");
  const lookup = control.selectedOptions[0];
  if (lookup.dataset.kind && lookup.dataset.kind === row.dataset.kind) { /* the same control serves */
    row.querySelector(".vc-condition-value [aria-label]")?.setAttribute("aria-label", `${row.dataset.title} ${lookup.text}`);
    return;
  }
  const asked = new URLSearchParams(new FormData(control.form));
  htmx.ajax("GET", `${control.form.getAttribute("action")}?${asked}`, { source: row, target: row, select: `[id="${row.id}"]`, swap: "outerHTML" });
}
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-filter-bar]")) return;
  const given = event.detail.formData;
  for (const name of [...given.keys()]) if (!given.get(name)) given.delete(name);
});

/* Columns: their order is that of the list. */
function moveItem(item, step) {
  const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(item);
  else other.after(item);
  say(`${item.querySelector("label").textContent.trim()} is number ${[...item.parentElement.children].indexOf(item) + 1}.`);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  moveItem(button.closest("li"), Number(button.dataset.move));
  button.focus();
});
document.addEventListener("keydown", (event) => {
  const item = event.target.closest("[data-reorder] li");
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!item || !step || !event.altKey) return;
  event.preventDefault();
  moveItem(item, step);
  event.target.focus();
});
document.addEventListener("dragstart", (event) => {
  event.target.closest?.("[data-reorder] li")?.classList.add("is-dragged");
});
document.addEventListener("dragend", () => {
  document.querySelector(".is-dragged")?.classList.remove("is-dragged");
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("[data-reorder] li");
  const dragged = document.querySelector("[data-reorder] .is-dragged");
  if (!over || !dragged || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});

/* After each exchange of the list: the download has its filters, and the cells can be reached with the Tab key. */
function setUpList() {
  const download = document.querySelector("a[data-csv]");
  if (download && list.box) download.href = list.box.dataset.csvUrl;
  if (list.grid && !list.grid.querySelector('td[tabindex="0"]')) list.grid.querySelector("tbody td").tabIndex = 0;
}
document.addEventListener("DOMContentLoaded", () => {
  setUpList();
  const toggle = document.querySelector("[data-keys-on]");
  if (toggle) toggle.checked = keysAreOn();
});
document.addEventListener("htmx:afterSettle", setUpList);
