"use strict";

/* The strip that says who is changing the tables: counts down by the server's clock, and holds back what would change
   them, a fieldset with data-schema-guard, while somebody else does. Without this script the page tells what it knew. */
const schemaLock = {
  shown: null,
  freeAt: null,
  said: null,

  get strip() { return document.getElementById("schema-lock"); },

  arrive() {
    const strip = this.strip;
    if (!strip || strip === this.shown) return;
    this.shown = strip;
    const timer = strip.querySelector("[data-seconds]");
    const sentence = strip.querySelector("[data-lock-sentence]")?.textContent ?? "";
    this.freeAt = timer ? performance.now() + Number(timer.dataset.seconds) * 1000 : null;
    for (const guard of document.querySelectorAll("[data-schema-guard]")) guard.disabled = strip.dataset.blocks === "true";
    if (this.said !== null && this.said !== sentence) say(sentence ? `${sentence}.` : "The tables can be changed again.");
    this.said = sentence;
    this.tick();
  },

  tick() {
    const strip = this.strip;
    if (!strip) return;
    if (this.freeAt !== null) {
      const left = Math.max(0, Math.ceil((this.freeAt - performance.now()) / 1000));
      strip.querySelector("[data-seconds]").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (!left) {
        this.freeAt = null;
        htmx.trigger(strip, "schema-lock-over");
      }
    }
    const text = strip.dataset.blocks === "true" ? strip.querySelector(".vc-lock > div").textContent.trim() : "";
    for (const place of document.querySelectorAll("[data-schema-reason]")) {
      place.textContent = text;
      place.hidden = !text;
    }
  },
};

document.addEventListener("DOMContentLoaded", () => schemaLock.arrive());
document.addEventListener("htmx:afterSwap", () => schemaLock.arrive());
setInterval(() => schemaLock.tick(), 1000);
