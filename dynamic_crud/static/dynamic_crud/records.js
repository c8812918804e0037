"use strict";

/* Picker: turns <select data-picker="address"> into a search box (ARIA combobox). The select stays and is what is sent. */
class Picker {
  constructor(select) {
    this.select = select;
    this.address = select.dataset.picker;
    this.asksServer = select.hasAttribute("data-picker-more");
    this.offered = [...select.options].filter((option) => option.value).map((option) => ({ id: option.value, label: option.text }));
    this.shown = [];
    this.current = -1;
    this.build();
  }

  build() {
    const { select } = this;
    const id = select.id || `picker-${Math.random().toString(36).slice(2)}`;
    this.input = document.createElement("input");
    this.input.type = "text";
    this.input.id = id;
    this.input.className = "vc-input";
    this.input.autocomplete = "off";
    this.input.value = this.chosenLabel;
    this.input.placeholder = select.dataset.pickerNone || "Choose";
    for (const name of ["aria-label", "aria-describedby", "aria-invalid"]) {
      if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    }
    if (select.required) this.input.setAttribute("aria-required", "true");
    this.list = document.createElement("ul");
    this.list.id = `${id}-list`;
    this.list.className = "vc-picker-list";
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", "Matches");
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", this.list.id]]) {
      this.input.setAttribute(name, value);
    }
    const box = document.createElement("div");
    box.className = "vc-picker";
    select.id = `${id}-value`;
    select.hidden = true;
    select.required = false;
    select.after(box);
    const arrow = document.createElement("span");
    arrow.className = "material-symbols-outlined";
    arrow.textContent = "unfold_more";
    arrow.setAttribute("aria-hidden", "true");
    box.append(this.input, arrow, this.list);
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("click", () => this.search(""));
    this.input.addEventListener("input", () => this.search(this.input.value));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest('[role="option"]');
      if (item) this.choose(this.shown[Number(item.dataset.index)]);
    });
  }

  get chosenLabel() {
    const option = this.select.selectedOptions[0];
    return option && option.value ? option.text : "";
  }

  async search(text) {
    const turn = (this.turn = (this.turn || 0) + 1);
    if (!this.asksServer) {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      this.show(this.offered.filter((each) => words.every((word) => each.label.toLowerCase().includes(word))), false);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, text ? 180 : 0));
    if (turn !== this.turn) return;
    try {
      const response = await fetch(`${this.address}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      const found = await response.json();
      if (turn === this.turn) this.show(found.results, found.more);
    } catch {
      if (turn === this.turn) this.note("The search does not answer. Try again.");
    }
  }

  show(found, more, text = this.input.value) {
    this.shown = this.choices(found);
    this.list.replaceChildren(...this.shown.map((each, index) => this.item(each, index)));
    if (!found.length) this.note("Nothing found.", false);
    else if (!this.shown.length) this.note("All of these are chosen.", false);
    if (more) this.note("Type to find more.", false);
    if (this.select.dataset.pickerNew) this.offerNew(text);
    this.open(true);
    this.mark(this.shown.findIndex((each) => each.id && each.id === this.select.value));
  }

  choices(found) {
    const none = this.select.querySelector('option[value=""]');
    if (!none || (this.input.value && this.input.value !== this.chosenLabel)) return found;
    return [{ id: "", label: this.select.dataset.pickerNone || "None" }, ...found];
  }

  item(each, index) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${index}`;
    item.dataset.index = String(index);
    item.setAttribute("role", "option");
    item.textContent = each.label;
    if (!each.id && !each.isNew) item.classList.add("vc-muted");
    return item;
  }

  note(text, alone = true) {
    const note = document.createElement("li");
    note.className = "vc-picker-note";
    note.setAttribute("role", "presentation");
    note.textContent = text;
    if (alone) { this.shown = []; this.list.replaceChildren(); this.open(true); }
    this.list.append(note);
  }

  /* The last choice is a record that is not there yet. */
  offerNew(typed) {
    const text = typed === this.chosenLabel ? "" : typed.trim();
    const label = this.select.dataset.pickerLabel;
    this.shown = [...this.shown, { isNew: true, text, label: text ? `Add ${label} “${text}”` : `Add ${label} …` }];
    const item = this.item(this.shown.at(-1), this.shown.length - 1);
    item.classList.add("vc-picker-new");
    this.list.append(item);
  }

  async make(text) {
    this.leave();
    const made = await makeInPlace(this.select, text);
    if (made) this.choose(made);
    this.input.focus();
  }

  mark(index) {
    this.current = index;
    for (const item of this.list.querySelectorAll('[role="option"]')) {
      item.setAttribute("aria-selected", String(Number(item.dataset.index) === index));
    }
    const item = document.getElementById(`${this.list.id}-${index}`);
    if (item) { this.input.setAttribute("aria-activedescendant", item.id); item.scrollIntoView({ block: "nearest" }); }
    else this.input.removeAttribute("aria-activedescendant");
  }

  key(event) {
    const count = this.shown.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) { this.search(""); return; }
      if (count) this.mark((this.current + (event.key === "ArrowDown" ? 1 : -1) + count) % count);
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      const found = this.shown.filter((each) => !each.isNew);
      const each = this.shown[this.current] || (found.length === 1 ? found[0] : null);
      if (each) this.choose(each);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.leave();
    }
  }

  choose(each) {
    if (each.isNew) { this.make(each.text); return; }
    if (each.id && ![...this.select.options].some((option) => option.value === each.id)) {
      this.select.add(new Option(each.label, each.id));
    }
    this.select.value = each.id;
    this.input.value = this.chosenLabel;
    this.leave();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  leave() {
    this.turn = (this.turn || 0) + 1;
    if (!this.input.value.trim() && this.select.value && this.select.querySelector('option[value=""]')) {
      this.select.value = "";
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.input.value = this.chosenLabel;
    this.open(false);
  }

  open(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }
}

/* Links: the same for <select multiple>. What is chosen stands above the search box as chips. */
class LinksPicker extends Picker {
  build() {
    super.build();
    this.input.placeholder = "Add";
    this.chips = document.createElement("ul");
    this.chips.className = "vc-picker-chips";
    this.chips.setAttribute("aria-label", "Chosen");
    this.news = document.createElement("div");
    this.news.className = "vc-sr";
    this.news.setAttribute("role", "status");
    this.input.parentElement.before(this.chips, this.news);
    this.draw();
  }

  get chosenLabel() {
    return "";
  }

  choices(found) {
    const chosen = new Set([...this.select.selectedOptions].map((option) => option.value));
    return found.filter((each) => !chosen.has(each.id));
  }

  draw() {
    this.chips.replaceChildren(...[...this.select.selectedOptions].map((option) => this.chip(option)));
    this.chips.hidden = !this.chips.children.length;
  }

  chip(option) {
    const chip = document.createElement("li");
    chip.className = "vc-badge vc-picker-chip";
    const remove = document.createElement("button");
    remove.type = "button";
    remove.setAttribute("aria-label", `Remove ${option.text}`);
    const cross = document.createElement("span");
    cross.className = "material-symbols-outlined";
    cross.textContent = "close";
    cross.setAttribute("aria-hidden", "true");
    remove.append(cross);
    remove.addEventListener("click", () => { this.set(option, false); this.input.focus(); });
    chip.append(option.text, remove);
    return chip;
  }

  set(option, chosen) {
    option.selected = chosen;
    this.news.textContent = `${option.text} ${chosen ? "added" : "removed"}`;
    this.draw();
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
  }

  key(event) {
    const last = [...this.select.selectedOptions].pop();
    if (event.key === "Backspace" && !this.input.value && last) this.set(last, false);
    else super.key(event);
  }

  choose(each) {
    if (each.isNew) { this.make(each.text); return; }
    let option = [...this.select.options].find((one) => one.value === each.id);
    if (!option) this.select.add((option = new Option(each.label, each.id)));
    this.set(option, true);
    this.input.value = "";
    this.search("");
  }

  leave() {
    this.turn = (this.turn || 0) + 1;
    this.input.value = "";
    this.open(false);
  }
}

/* A record that is made in place: its form in a dialog, which answers with what was made, or with nothing. */
async function makeInPlace(select, text) {
  const asked = new URLSearchParams({ in_place: String(document.querySelectorAll("dialog[data-made]").length + 1) });
  if (text && select.dataset.pickerTitle) asked.set(select.dataset.pickerTitle, text);
  const dialog = document.createElement("dialog");
  dialog.className = "vc-dialog vc-dialog-wide";
  dialog.dataset.made = "";
  document.body.append(dialog);
  let made = null;
  const show = (html) => {
    dialog.innerHTML = html;
    dialog.setAttribute("aria-label", dialog.querySelector("form").getAttribute("aria-label"));
    setUpPickers(dialog);
    dialog.dispatchEvent(new CustomEvent("vc:parts", { bubbles: true }));
    (dialog.querySelector('[aria-invalid="true"]:not([hidden])') || dialog.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
  };
  dialog.addEventListener("click", (event) => { if (event.target.closest("[data-close-dialog]")) dialog.close(); });
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    event.submitter.disabled = true;
    const answer = await fetch(event.target.action, { method: "POST", body: new FormData(event.target), headers: { Accept: "text/html" } }).catch(() => null);
    if (answer?.status === 201) {
      made = await answer.json();
      dialog.close();
    } else if (answer?.status === 422) {
      show(await answer.text());
    } else {
      event.submitter.disabled = false;
      say("It could not be saved. Try again.");
    }
  });
  const answer = await fetch(`${select.dataset.pickerNew}?${asked}`, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) {
    dialog.remove();
    say("The form cannot be shown. Try again.");
    return null;
  }
  show(await answer.text());
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { dialog.remove(); resolve(made); });
  });
}

/* Form: leaving with unsaved changes asks first. */
function setUpUnsavedGuard(form) {
  let isChanged = form.querySelector(".vc-error") !== null;
  form.addEventListener("input", () => { isChanged = true; });
  form.addEventListener("change", () => { isChanged = true; });
  form.addEventListener("submit", () => { isChanged = false; });
  window.addEventListener("beforeunload", (event) => {
    if (isChanged) event.preventDefault();
  });
}

/* A page that was left is fetched anew: a stored copy would have lost its scripts. */
htmx.config.historyCacheSize = 0;
htmx.config.refreshOnHistoryMiss = true;

function setUpPickers(root) {
  for (const select of root.querySelectorAll("select[data-picker]:not([hidden])")) new (select.multiple ? LinksPicker : Picker)(select);
}

/* Tabs: sections that stand below each other become one at a time. */
function setUpTabs(box) {
  const panels = [...box.querySelectorAll(":scope > section")];
  if (panels.length < 2) return;
  const bar = document.createElement("div");
  bar.className = "vc-tabs";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", box.dataset.tabs);
  const show = (chosen, focus) => {
    panels.forEach((panel, index) => {
      const tab = bar.children[index];
      const isChosen = index === chosen;
      panel.hidden = !isChosen;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      if (isChosen && focus) tab.focus();
    });
  };
  panels.forEach((panel, index) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `tab-${index + 1}`;
    tab.setAttribute("role", "tab");
    panel.id = panel.id || `tab-panel-${index + 1}`;
    tab.setAttribute("aria-controls", panel.id);
    tab.append(...[...panel.querySelector("h2").childNodes].map((node) => node.cloneNode(true)));
    tab.addEventListener("click", () => show(index, false));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.querySelector("h2").hidden = true;
    bar.append(tab);
  });
  bar.addEventListener("keydown", (event) => {
    const now = [...bar.children].indexOf(event.target);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: panels.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    show((next + panels.length) % panels.length, true);
  });
  box.prepend(bar);
  show(Math.max(0, panels.findIndex((panel) => Number(panel.dataset.count) > 0)), false);
}

document.addEventListener("DOMContentLoaded", () => {
  setUpPickers(document);
  for (const box of document.querySelectorAll("[data-tabs]")) setUpTabs(box);
  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    setUpUnsavedGuard(form);
    const field = form.querySelector('[aria-invalid="true"]:not([hidden])') || form.querySelector("input:not([type=hidden]), select, textarea");
    if (field) field.focus();
  }
});
htmx.onLoad((root) => { if (document.readyState !== "loading") setUpPickers(root); });
