/* Every control that a screen reader could not name, and every id that is there twice. */
() => {
  const named = (element) =>
    element.getAttribute("aria-label") || element.getAttribute("aria-labelledby") || element.title ||
    [...(element.labels || [])].some((label) => label.textContent.trim()) ||
    [...element.childNodes].some((node) => node.nodeType === 3 ? node.textContent.trim() : node.getAttribute?.("aria-hidden") !== "true" && node.textContent?.trim());
  const controls = document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary");
  const nameless = [...controls].filter((element) => element.checkVisibility() && !named(element)).map((element) => element.outerHTML.slice(0, 120));
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map((id) => `id twice: ${id}`);
  return [...nameless, ...twice];
}
