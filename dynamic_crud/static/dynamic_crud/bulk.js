"use strict";

/* Choosing rows of a list: a box before each, the shift key for all between two, and a bar with what can be done. */

const PLACE = /\/data\/[^/]+\/([0-9a-f-]{36})\//;

class Choice {
  constructor(bar) {
    this.bar = bar;
    this.ids = new Set();
    this.isAll = false;
    this.last = null;
    bar.querySelector("[data-none]").addEventListener("click", () => this.clear());
    bar.querySelector("[data-all]").addEventListener("click", () => { this.isAll = true; this.show(); });
    bar.addEventListener("submit", () => this.fill());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.ids.size && !document.querySelector("dialog[open]")) this.clear();
    });
    document.addEventListener("htmx:afterSettle", () => this.dress());
    this.address = location.search;
    this.dress();
  }

  get rows() {
    return [...document.querySelectorAll("main .vc-table tbody tr")].filter((row) => row.dataset.record);
  }

  /* Gives every row its box. Rows come and go with searches, pages and cells that are edited. */
  dress() {
    if (location.search !== this.address) {
      this.address = location.search;
      this.ids.clear();
      this.isAll = false;
    }
    const table = document.querySelector("main .vc-table");
    if (!table) return this.show();
    const head = table.tHead.rows[0];
    if (!head.querySelector(".vc-check")) head.prepend(this.cell("Choose all on this page", (box) => this.page(box.checked)));
    for (const row of table.tBodies[0].rows) {
      const link = row.querySelector("td.vc-title a");
      const found = link && PLACE.exec(link.getAttribute("href"));
      if (!found || row.querySelector(".vc-check")) continue;
      row.dataset.record = found[1];
      row.prepend(this.cell(`Choose ${link.innerText.trim()}`, (box, event) => this.toggle(row, box.checked, event.shiftKey)));
    }
    this.show();
  }

  cell(label, act) {
    const cell = document.createElement("th");
    cell.className = "vc-check";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", label);
    box.addEventListener("click", (event) => act(box, event));
    cell.append(box);
    return cell;
  }

  toggle(row, isOn, isRange) {
    const rows = this.rows;
    const from = isRange && this.last ? rows.findIndex((each) => each.dataset.record === this.last) : -1;
    const to = rows.indexOf(row);
    const span = from < 0 ? [row] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
    for (const each of span) this.ids[isOn ? "add" : "delete"](each.dataset.record);
    this.last = row.dataset.record;
    this.isAll = false;
    this.show();
  }

  page(isOn) {
    for (const row of this.rows) this.ids[isOn ? "add" : "delete"](row.dataset.record);
    this.isAll = false;
    this.show();
  }

  clear() {
    this.ids.clear();
    this.isAll = false;
    this.show();
  }

  show() {
    const rows = this.rows;
    for (const row of rows) {
      const isOn = this.isAll || this.ids.has(row.dataset.record);
      row.querySelector(".vc-check input").checked = isOn;
      row.classList.toggle("is-chosen", isOn);
    }
    const head = document.querySelector("main .vc-table thead .vc-check input");
    const on = rows.filter((row) => this.ids.has(row.dataset.record)).length;
    if (head) {
      head.checked = rows.length > 0 && (this.isAll || on === rows.length);
      head.indeterminate = !this.isAll && on > 0 && on < rows.length;
    }
    const shown = document.getElementById("vc-list").dataset;
    const total = Number(shown.total);
    this.bar.hidden = !this.isAll && this.ids.size === 0;
    document.body.classList.toggle("has-bulk", !this.bar.hidden);
    this.bar.querySelector("[data-count]").textContent = this.isAll ? "All that match" : `${this.ids.size.toLocaleString("en")} chosen`;
    const all = this.bar.querySelector("[data-all]");
    all.hidden = this.isAll || on < rows.length || total <= rows.length;
    all.textContent = `Choose all ${"about" in shown ? "of about " : ""}${total.toLocaleString("en")} that match`;
  }

  fill() {
    for (const old of this.bar.querySelectorAll("[name=_ids]")) old.remove();
    this.bar.elements._query.value = location.search.slice(1);
    this.bar.elements._all.value = this.isAll ? "1" : "";
    if (this.isAll) return;
    for (const id of this.ids) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = "_ids";
      input.value = id;
      this.bar.append(input);
    }
  }
}

/* The form for many rows: who fills in a field means to change it. */
function tickWhatIsFilledIn(form) {
  const tick = (event) => {
    const box = event.target.closest(".vc-bulk-field")?.querySelector("[name=_change]");
    if (box && event.target !== box) box.checked = true;
  };
  form.addEventListener("input", tick);
  form.addEventListener("change", tick);
}

document.addEventListener("DOMContentLoaded", () => {
  const bar = document.getElementById("vc-bulk");
  if (bar) new Choice(bar);
  for (const form of document.querySelectorAll("[data-bulk-edit]")) tickWhatIsFilledIn(form);
});
