/* What a code means, below the field that holds it: "commercial_invoice" says "Commercial invoice", "KGM" says "kilogram" to who points at it. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const lists = new Map();
  const meanings = (id) => {
    if (!lists.has(id)) {
      const options = document.getElementById(id)?.options || [];
      lists.set(id, new Map([...options].map((one) => [one.value, one.textContent])));
    }
    return lists.get(id);
  };
  const explain = (input) => {
    const list = input.getAttribute("list") || "";
    if (!list.startsWith("list-") || list === "list-offset" || list === "list-offers") return;
    const meaning = input.value ? meanings(list).get(input.value) || "" : "";
    input.title = meaning;
    if (input.closest(".part.unit")) return; // no room: it shows where the pointer rests
    let said = input.nextElementSibling;
    if (!said?.classList.contains("meaning")) {
      if (!meaning) return;
      said = Object.assign(document.createElement("span"), { className: "hint meaning" });
      input.after(said);
    }
    said.textContent = meaning;
  };
  const all = (root) => { for (const input of root.querySelectorAll("input[list]")) explain(input); };
  all(form);
  for (const happens of ["input", "change", "focusout"]) form.addEventListener(happens, (event) => { if (event.target.matches("input[list]")) explain(event.target); });
  new MutationObserver((changes) => { // rows that are added, pasted or copied
    for (const one of changes) for (const node of one.addedNodes) if (node.nodeType === 1) all(node);
  }).observe(form, { childList: true, subtree: true });
  form.addEventListener("entry:changed", () => all(form)); // what is computed or looked up is put in by the page
})();
