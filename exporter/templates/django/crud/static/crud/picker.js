// Looks records up while somebody types, and puts what is found into the list beside it.

const WAIT = 200;

function add(select, id, label) {
  if (![...select.options].some((option) => option.value === id)) {
    select.add(new Option(label, id));
  }
}

async function find(select, words) {
  const address = new URL(select.dataset.options, window.location.href);
  address.searchParams.set("search", words);
  const response = await fetch(address);
  if (!response.ok) {
    return;
  }
  const { options } = await response.json();
  for (const option of [...select.options]) {
    if (option.value && !option.selected) {
      option.remove();
    }
  }
  for (const { id, label } of options) {
    add(select, id, label);
  }
}

for (const select of document.querySelectorAll("select[data-options]")) {
  const field = document.createElement("input");
  field.type = "search";
  field.className = "picker-search";
  field.placeholder = "Type to find records";
  field.setAttribute("aria-label", `Find: ${select.labels?.[0]?.textContent ?? "records"}`);
  select.before(field);
  let timer;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => find(select, field.value), WAIT);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
    }
  });
  find(select, "");
}
