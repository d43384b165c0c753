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

  // a file that takes a while to be made shows that it is, and how far it is once its size is known
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-export]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (link.nextElementSibling?.matches("progress")) return;
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", link.textContent.trim());
    link.after(bar);
    try {
      const answer = await fetch(link.href), parts = [];
      if (!answer.ok) throw new Error(answer.statusText);
      const whole = Number(answer.headers.get("content-length")); // unknown while it is still being made: the bar only moves
      for (let reader = answer.body.getReader(), read = await reader.read(), size = 0; !read.done; read = await reader.read()) {
        parts.push(read.value);
        size += read.value.length;
        if (whole) bar.value = Math.min(size / whole, 1);
      }
      const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") || "");
      const save = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(parts)), download: name ? name[1] : "export" });
      save.click();
      URL.revokeObjectURL(save.href);
    } catch {
      location.assign(link.href); // the page there says what is wrong
    } finally {
      bar.remove();
    }
  });

  // of many tabs in one line the chosen one is in sight
  const tab = document.querySelector(".tabs [aria-current]"), tabs = tab?.parentElement;
  if (tab && tab.offsetLeft + tab.offsetWidth > tabs.offsetLeft + tabs.clientWidth) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft;

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
