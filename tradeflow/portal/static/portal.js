/* What pages do by themselves where scripts run. Everything works without it. */
(() => {
  "use strict";
  // a choice that is a whole form sends it
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
  });
  for (const button of document.querySelectorAll("[data-noscript]")) button.hidden = true;

  // the short name of a company follows its name until it is typed
  for (const slug of document.querySelectorAll("[data-slug-of]")) {
    const source = document.getElementById(slug.dataset.slugOf);
    let typed = slug.value !== "";
    slug.addEventListener("input", () => { typed = slug.value !== ""; });
    source.addEventListener("input", () => {
      if (typed) return;
      const plain = source.value.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
      slug.value = plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);
    });
  }

  // one more row like the last, with nothing in it
  for (const button of document.querySelectorAll("[data-another]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const rows = button.parentElement.querySelectorAll(button.dataset.another), row = rows[rows.length - 1].cloneNode(true);
      const another = (id) => id.replace(/\d+$/, String(rows.length + 1));
      for (const one of row.querySelectorAll("[id]")) { one.id = another(one.id); one.value = ""; }
      for (const one of row.querySelectorAll("label")) one.htmlFor = another(one.htmlFor);
      rows[rows.length - 1].after(row);
      row.querySelector("select, input").focus();
    });
  }

  // one menu at a time; Escape and a click elsewhere close it
  const wide = window.matchMedia("(min-width: 60rem)");
  const main = document.querySelector(".nav-menu");
  const fit = () => { if (main) main.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  const close = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except && !(menu === main && wide.matches)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(null); });

  // a note of the tour is what the keyboard goes on from
  const note = document.querySelector(".tour");
  if (note) window.addEventListener("load", () => setTimeout(() => note.focus({ preventScroll: true }))); // after the browser went to the part

  // a form is sent once, however often its button is pressed
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    if (event.target.method === "post" && !event.target.hasAttribute("hx-post")) event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
