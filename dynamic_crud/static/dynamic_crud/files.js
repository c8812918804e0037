"use strict";

/* Files in a form: what was chosen is listed, more can be chosen, and each can be left out again. Without this script
   the browser's own control does the same with less comfort; the server checks everything either way. */
class ChosenFiles {
  constructor(box) {
    this.input = box.querySelector('input[type="file"]');
    this.mostBytes = Number(box.dataset.mostMb) * 1024 * 1024;
    this.mostMegabytes = box.dataset.mostMb;
    this.chosen = [];
    this.input.hasChangeListener = true; /* unfold's script asks, and else looks for a text box that only its own have */
    this.list = document.createElement("ul");
    this.list.className = "vc-file-list";
    this.list.hidden = true;
    this.input.before(this.list);
    this.input.addEventListener("change", () => this.add([...this.input.files]));
    this.takeDrops(box);
  }

  /* Files can be dropped on all of the box. */
  takeDrops(box) {
    let depth = 0;
    const mark = (change) => {
      depth = Math.max(0, depth + change);
      box.classList.toggle("is-target", depth > 0);
    };
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    box.addEventListener("dragenter", (event) => { if (hasFiles(event)) mark(1); });
    box.addEventListener("dragleave", () => mark(-1));
    box.addEventListener("dragover", (event) => { if (hasFiles(event)) event.preventDefault(); });
    box.addEventListener("drop", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      mark(0);
      this.add([...event.dataTransfer.files].slice(0, this.input.multiple ? undefined : 1));
      this.input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  add(files) {
    const isNew = (file) => !this.chosen.some((each) => each.name === file.name && each.size === file.size && each.lastModified === file.lastModified);
    this.show(this.input.multiple ? [...this.chosen, ...files.filter(isNew)] : files);
  }

  show(files) {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    this.input.files = transfer.files;
    this.chosen = files;
    this.list.hidden = !files.length;
    this.list.replaceChildren(...files.map((file) => this.item(file)));
  }

  item(file) {
    const item = document.createElement("li");
    const icon = document.createElement("span");
    icon.className = "material-symbols-outlined";
    icon.textContent = "upload_file";
    icon.setAttribute("aria-hidden", "true");
    const name = document.createElement("span");
    name.className = "vc-file-name";
    name.textContent = file.name;
    const size = document.createElement("span");
    size.className = "vc-muted vc-small vc-nowrap";
    size.textContent = sizeText(file.size);
    if (file.size > this.mostBytes) {
      item.classList.add("is-refused");
      size.textContent += `, more than ${this.mostMegabytes} MB`;
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "vc-file-remove";
    button.textContent = "Remove";
    button.setAttribute("aria-label", `Remove ${file.name}`);
    button.addEventListener("click", () => {
      this.show(this.chosen.filter((each) => each !== file));
      this.input.focus();
    });
    const text = document.createElement("span");
    text.className = "vc-file-text";
    text.append(name, " ", size);
    item.append(icon, text, button);
    return item;
  }
}

function sizeText(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  const megabytes = bytes / (1024 * 1024);
  return megabytes < 1 ? `${(bytes / 1024).toFixed(1)} KB` : `${megabytes.toFixed(1)} MB`;
}

/* The page is parsed when deferred scripts run. Later would be too late for `hasChangeListener`. */
for (const box of document.querySelectorAll("[data-files]")) new ChosenFiles(box);
document.addEventListener("vc:parts", (event) => {
  for (const box of event.target.querySelectorAll("[data-files]")) new ChosenFiles(box);
});

/* A file that misses its box must not take the form's page away. */
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => {
    if (!event.defaultPrevented && document.querySelector("[data-files]") && event.dataTransfer?.types.includes("Files")) event.preventDefault();
  });
}
