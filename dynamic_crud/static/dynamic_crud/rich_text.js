"use strict";

/* Editor of formatted text: takes the place of <textarea data-rich-text="tags">, which stays and is what is sent. The
   browser edits, and nothing is shown that the server would not keep. */
const EDITOR_TOOLS = [
  { icon: "format_bold", label: "Bold", command: "bold" },
  { icon: "format_italic", label: "Italic", command: "italic" },
  { icon: "strikethrough_s", label: "Strikethrough", command: "strikeThrough" },
  { icon: "format_h2", label: "Heading", block: "h2" },
  { icon: "format_h3", label: "Small heading", block: "h3" },
  { icon: "format_list_bulleted", label: "Bulleted list", command: "insertUnorderedList" },
  { icon: "format_list_numbered", label: "Numbered list", command: "insertOrderedList" },
  { icon: "format_quote", label: "Quote", block: "blockquote" },
  { icon: "link", label: "Link" },
  { icon: "format_clear", label: "Clear formatting", clears: true },
];
const EDITOR_BLOCKS = "p, div, h1, h2, h3, h4, pre, blockquote, li";
const EDITOR_LINK = /^(https?:\/\/|mailto:|tel:)/i;
const EDITOR_HIDDEN = "script, style, title, textarea, noscript, iframe, template, head, meta, svg, math";

class RichTextEditor {
  constructor(area) {
    this.area = area;
    this.tags = new Set(area.dataset.richText.split(" "));
    this.build();
    this.text.append(this.cleaned(area.value));
    for (const [type, listen] of Object.entries({
      input: () => this.store(),
      focus: () => this.begin(),
      paste: (event) => this.insert(event, event.clipboardData),
      drop: (event) => this.insert(event, event.dataTransfer),
    })) this.text.addEventListener(type, listen);
    document.addEventListener("selectionchange", () => this.showState());
  }

  build() {
    const { area } = this;
    const label = document.querySelector(`label[for="${area.id}"]`);
    this.text = document.createElement("div");
    this.text.className = "vc-editor-text vc-rich";
    this.text.contentEditable = "true";
    this.text.setAttribute("role", "textbox");
    this.text.setAttribute("aria-multiline", "true");
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (area.hasAttribute(name)) this.text.setAttribute(name, area.getAttribute(name));
    }
    if (area.required) this.text.setAttribute("aria-required", "true");
    if (label) {
      label.id = `${area.id}_label`;
      this.text.setAttribute("aria-labelledby", label.id);
      label.addEventListener("click", () => this.text.focus());
    }
    const box = document.createElement("div");
    box.className = "vc-editor";
    box.append(this.tools(), this.linkRow(), this.text);
    area.after(box);
    area.hidden = true;
    area.required = false;
  }

  tools() {
    const bar = document.createElement("div");
    bar.className = "vc-editor-tools";
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "Formatting");
    this.buttons = EDITOR_TOOLS.map((tool, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.title = tool.label;
      button.tabIndex = index ? -1 : 0;
      button.setAttribute("aria-label", tool.label);
      if (!tool.clears) button.setAttribute("aria-pressed", "false");
      const icon = document.createElement("span");
      icon.className = "material-symbols-outlined";
      icon.setAttribute("aria-hidden", "true");
      icon.textContent = tool.icon;
      button.append(icon);
      button.addEventListener("mousedown", (event) => event.preventDefault()); /* the selection stays */
      button.addEventListener("click", () => this.use(tool));
      return button;
    });
    bar.append(...this.buttons);
    bar.addEventListener("keydown", (event) => this.walk(event));
    return bar;
  }

  /* Arrow keys move within the toolbar, which is one stop for the tab key. */
  walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const { buttons } = this;
    const next = buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  }

  linkRow() {
    this.link = document.createElement("div");
    this.link.className = "vc-editor-link";
    this.link.hidden = true;
    this.address = document.createElement("input");
    this.address.type = "text";
    this.address.inputMode = "url";
    this.address.placeholder = "https://";
    this.address.setAttribute("aria-label", "Address of the link");
    this.address.addEventListener("input", (event) => event.stopPropagation()); /* not a change of the record yet */
    this.address.addEventListener("change", (event) => event.stopPropagation());
    this.address.addEventListener("keydown", (event) => {
      if (event.key === "Enter") { event.preventDefault(); this.setLink(this.address.value); }
      if (event.key === "Escape") { event.stopPropagation(); this.closeLink(); }
    });
    const set = this.linkButton("Set link", () => this.setLink(this.address.value));
    const remove = this.linkButton("Remove", () => this.setLink(""));
    this.link.append(this.address, set, remove);
    return this.link;
  }

  linkButton(text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "vc-btn vc-btn-sm";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  use(tool) {
    if (tool.icon === "link") { this.openLink(); return; }
    this.text.focus();
    if (tool.command) document.execCommand(tool.command);
    else if (tool.block) this.setBlock(this.inside(tool.block) ? "p" : tool.block);
    else { document.execCommand("removeFormat"); document.execCommand("unlink"); this.setBlock("p"); }
    this.showState();
  }

  setBlock(tag) {
    if (this.inside("blockquote")) document.execCommand("outdent");
    document.execCommand("formatBlock", false, tag);
  }

  openLink() {
    const selection = getSelection();
    const isHere = selection.rangeCount && this.text.contains(selection.anchorNode);
    this.range = isHere ? selection.getRangeAt(0).cloneRange() : null;
    this.address.value = this.inside("a")?.getAttribute("href") || "";
    this.link.hidden = !this.link.hidden;
    if (!this.link.hidden) this.address.focus();
  }

  closeLink() {
    this.link.hidden = true;
    this.text.focus();
    if (this.range) { getSelection().removeAllRanges(); getSelection().addRange(this.range); }
  }

  setLink(typed) {
    const address = typed.trim();
    this.closeLink();
    const link = this.inside("a");
    if (link) getSelection().selectAllChildren(link);
    if (!address) { document.execCommand("unlink"); return; }
    const whole = EDITOR_LINK.test(address) ? address : `https://${address}`;
    if (getSelection().isCollapsed) {
      const made = document.createElement("a");
      made.href = whole;
      made.textContent = address;
      document.execCommand("insertHTML", false, made.outerHTML);
    } else document.execCommand("createLink", false, whole);
    getSelection().collapseToEnd();
  }

  /* The element around the cursor that is of this kind, within the editor. */
  inside(selector) {
    const node = getSelection().anchorNode;
    const found = (node instanceof Element ? node : node?.parentElement)?.closest(selector);
    return found && found !== this.text && this.text.contains(found) ? found : null;
  }

  showState() {
    if (!this.text.contains(getSelection().anchorNode)) return;
    EDITOR_TOOLS.forEach((tool, index) => {
      if (tool.clears) return;
      const isOn = tool.command ? document.queryCommandState(tool.command) : Boolean(this.inside(tool.block || "a"));
      this.buttons[index].setAttribute("aria-pressed", String(isOn));
    });
  }

  begin() {
    document.execCommand("defaultParagraphSeparator", false, "p");
    document.execCommand("styleWithCSS", false, false);
    if (!this.text.firstChild) {
      this.text.innerHTML = "<p><br></p>";
      getSelection().collapse(this.text.firstChild, 0);
    }
  }

  store() {
    const isEmpty = !this.text.textContent.trim() && !this.text.querySelector("hr");
    this.area.value = isEmpty ? "" : this.text.innerHTML;
  }

  /* What is pasted or dropped keeps its structure and loses all else. */
  insert(event, source) {
    event.preventDefault();
    const html = source.getData("text/html");
    if (!html) { document.execCommand("insertText", false, source.getData("text/plain")); return; }
    const box = document.createElement("div");
    box.append(this.cleaned(html));
    document.execCommand("insertHTML", false, box.innerHTML);
  }

  /* HTML as nodes of known tags. It is read in a document that loads and runs nothing. */
  cleaned(html) {
    const made = document.createDocumentFragment();
    this.copy(new DOMParser().parseFromString(html, "text/html").body, made);
    return made;
  }

  copyLink(source, target) {
    for (const name of ["href", "title"]) {
      const value = source.getAttribute(name);
      if (value && (name === "title" || EDITOR_LINK.test(value))) target.setAttribute(name, value);
    }
  }

  copy(source, target) {
    for (const node of source.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) target.append(node.data);
      if (node.nodeType !== Node.ELEMENT_NODE || node.matches(EDITOR_HIDDEN)) continue;
      /* Google Docs wraps all that is copied in a <b> that is not bold. */
      const isKept = this.tags.has(node.localName) && node.style.fontWeight !== "normal";
      const copy = isKept ? document.createElement(node.localName) : target;
      if (isKept) target.append(copy);
      else if (node.matches(EDITOR_BLOCKS) || node.localName === "tr") target.append(document.createElement("br"));
      if (isKept && node.localName === "a") this.copyLink(node, copy);
      this.copy(node, copy);
    }
  }
}

for (const area of document.querySelectorAll("textarea[data-rich-text]")) new RichTextEditor(area);
