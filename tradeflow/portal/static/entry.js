/* Writing a document: rows, pasting from a spreadsheet, look-ups, findings beside the fields. The form works without it. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-entry]");
  if (!form) return;
  const named = (name, root = form) => root.querySelector(`[name="${CSS.escape(name)}"]`);
  const fieldOf = (name) => form.querySelector(`[data-field="${CSS.escape(name)}"]`) || form.querySelector(`[id="f${CSS.escape(name.replaceAll("/", "."))}"]`);
  const idOf = (name) => "f" + name.replaceAll("/", ".");

  // --- rows -----------------------------------------------------------------------------------------------------------------
  const renamed = (root, from, to) => { // names, ids and labels of everything below, patterns of inner lists included
    const dotted = [idOf(from), idOf(to)];
    const change = (element) => {
      for (const { name, value } of [...element.attributes]) {
        let now = value;
        if (value === from || value.startsWith(from + "/") || value.startsWith(from + "@")) now = to + value.slice(from.length);
        else if (value === dotted[0] || value.startsWith(dotted[0] + ".") || value.startsWith(dotted[0] + "-")) now = dotted[1] + value.slice(dotted[0].length);
        if (now !== value) element.setAttribute(name, now);
      }
      if (element.tagName === "TEMPLATE") for (const inner of element.content.querySelectorAll("*")) change(inner);
    };
    change(root);
    for (const element of root.querySelectorAll("*")) change(element);
  };
  const rowsOf = (list) => [...list.querySelectorAll("[data-row]")].filter((row) => row.parentElement.closest("[data-list]") === list);
  const numbered = (list) => rowsOf(list).forEach((row, index) => {
    const to = `${list.dataset.list}/${index}`, from = row.dataset.row;
    const shown = Number(from.slice(from.lastIndexOf("/") + 1)) + 1;
    if (from !== to) renamed(row, from, to);
    for (const count of row.querySelectorAll("[data-count]")) if (count.closest("[data-row]") === row) count.textContent = index + 1;
    for (const one of row.querySelectorAll("[aria-label]")) {
      const said = one.getAttribute("aria-label");
      if (from !== to) one.setAttribute("aria-label", said.replace(new RegExp(`\\b${shown || "-"}\\b|(?<= )-(?=$|,)`), index + 1));
    }
  });
  const added = (list) => {
    const pattern = list.querySelector(":scope > template");
    const found = pattern.content.querySelector("[data-row]");
    const row = found.cloneNode(true);
    const rows = rowsOf(list), index = rows.length;
    renamed(row, found.dataset.row, `${list.dataset.list}/${index}`);
    for (const one of row.querySelectorAll("[aria-label]")) one.setAttribute("aria-label", one.getAttribute("aria-label").replace(/(?<= )-(?=$|,)/, index + 1));
    for (const count of row.querySelectorAll("[data-count]")) count.textContent = index + 1;
    list.querySelector("[data-rows]").append(row);
    const before = rows.at(-1); // units and currencies are those of the row above
    if (before) for (const part of row.querySelectorAll(".part.unit input")) {
      const same = named(part.name.replace(`${list.dataset.list}/${index}/`, `${list.dataset.list}/${index - 1}/`));
      if (same && !part.value) part.value = same.value;
    }
    const main = named("/currency");
    for (const part of row.querySelectorAll(".part.unit input[list=list-currency]")) if (!part.value && main) part.value = main.value;
    for (const name of ["line_no", "seq", "item_no"]) {
      const count = named(`${list.dataset.list}/${index}/${name}`);
      const last = named(`${list.dataset.list}/${index - 1}/${name}`);
      if (count) count.value = (Number(last && last.value) || index) + 1;
    }
    return row;
  };
  const firstOf = (row) => [...row.querySelectorAll("input, select, textarea")].find((one) => !/\/(line_no|seq|item_no)$/.test(one.name));
  const drop = (row) => {
    const list = row.parentElement.closest("[data-list]");
    const rows = rowsOf(list), next = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    row.remove();
    numbered(list);
    const target = (next && firstOf(next)) || list.querySelector("[data-add]");
    if (target) target.focus();
    changed();
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if ("add" in button.dataset) {
      event.preventDefault();
      const row = added(button.closest("[data-list]"));
      (firstOf(row) || row).focus();
    } else if ("remove" in button.dataset) {
      event.preventDefault();
      drop(button.closest("[data-row]"));
    }
  });

  // --- keyboard in grids --------------------------------------------------------------------------------------------------------
  const cells = (row) => [...row.querySelectorAll("tr:first-child > td:not(.tools)")];
  const main = (cell) => cell && cell.querySelector("input, select, textarea");
  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest("table.grid td"), row = event.target.closest("[data-row]");
    if (!cell || !row || event.isComposing) {
      if (event.key === "Enter" && event.target.matches("input") && !event.target.closest(".actions")) { event.preventDefault(); changed(); }
      return;
    }
    const list = row.closest("[data-list]"), rows = rowsOf(list), at = rows.indexOf(row);
    const column = cells(row).indexOf(cell), deep = column < 0;
    if (event.key === "Delete" && event.ctrlKey) { event.preventDefault(); drop(row); return; }
    if (deep || event.target.tagName === "SELECT" || (event.target.tagName === "TEXTAREA" && event.shiftKey)) return;
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" || event.key === "Enter" ? 1 : 0;
    if (!step || event.altKey || (event.key !== "Enter" && event.target.list)) return;
    event.preventDefault();
    const next = rows[at + step] || (event.key === "Enter" ? added(list) : null);
    const target = next && main(cells(next)[column]);
    if (target) { target.focus(); if (target.select) target.select(); }
  });

  // --- pasting from a spreadsheet -------------------------------------------------------------------------------------------------
  const table = (text) => { // tab-separated; a cell with line ends or quotation marks stands in quotation marks
    const rows = [[""]];
    let quoted = false;
    for (let i = 0; i < text.length; i++) {
      const c = text[i], row = rows.at(-1);
      if (quoted) {
        if (c === '"' && text[i + 1] === '"') { row[row.length - 1] += '"'; i++; }
        else if (c === '"') quoted = false;
        else row[row.length - 1] += c;
      } else if (c === '"' && row.at(-1) === "") quoted = true;
      else if (c === "\t") row.push("");
      else if (c === "\n") rows.push([""]);
      else if (c !== "\r") row[row.length - 1] += c;
    }
    if (rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
    return rows;
  };
  const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  const number = (text) => { // a sign of thousands goes, a decimal comma becomes a point, where there is no doubt which of them it is
    const bare = text.replace(/[\s\u00a0'’]/g, "").replace(/^[^\d-]+|[^\d-]+$/g, "");
    if (/^-?\d{1,3}(\.\d{3})+,\d+$/.test(bare) || /^-?\d{1,3}(\.\d{3}){2,}$/.test(bare) || /^-?\d+,(\d{1,2}|\d{4,})$/.test(bare)) return bare.replaceAll(".", "").replace(",", ".");
    return bare.replace(/,(?=\d{3}(\D|$))/g, "");
  };
  const put = (input, text) => {
    if (!input) return;
    let value = text.trim();
    if (input.tagName === "SELECT") {
      const wanted = plain(value);
      const option = [...input.options].find((one) => plain(one.value) === wanted) || [...input.options].find((one) => wanted && plain(one.text).includes(wanted));
      value = option ? option.value : "";
    } else if (input.inputMode === "decimal" || input.inputMode === "numeric") value = number(value);
    else if (input.type === "date") {
      const [, d, m, y] = value.match(/^(\d{1,2})[./](\d{1,2})[./](\d{4})$/) || [];
      if (d) value = `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`;
    }
    input.value = value;
    input.dataset.touched = "1";
  };
  form.addEventListener("paste", (event) => {
    const cell = event.target.closest("table.grid tr:first-child > td"), text = event.clipboardData.getData("text/plain");
    if (!cell || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const row = event.target.closest("[data-row]"), list = row.closest("[data-list]");
    let lines = table(text), columns = null;
    const heads = cells(row).map((one) => plain(one.dataset.label));
    const found = lines[0].map((one) => heads.findIndex((head) => head && (head === plain(one) || head.includes(plain(one))) && plain(one)));
    if (found.filter((one) => one >= 0).length >= Math.max(2, lines[0].length / 2)) { columns = found; lines = lines.slice(1); }
    const start = cells(row).indexOf(cell), at = rowsOf(list).indexOf(row);
    lines.forEach((values, offset) => {
      const target = rowsOf(list)[at + offset] || added(list);
      values.forEach((value, index) => put(main(cells(target)[columns ? columns[index] : start + index]), value));
    });
    for (const one of rowsOf(list)) alike(one);
    changed();
  });
  const alike = (row) => { // an amount that was given without its unit takes the one of the row above, or the document's currency
    for (const part of row.querySelectorAll(".part.unit input")) {
      const value = part.closest(".parts").querySelector(".part.value input");
      if (part.value || !value || !value.value) continue;
      const place = part.name.match(/^(.*\/)(\d+)(\/.*)$/), above = place && named(`${place[1]}${Number(place[2]) - 1}${place[3]}`);
      part.value = (above && above.value) || (part.list && part.list.id === "list-currency" && named("/currency") ? named("/currency").value : "");
    }
  };

  // --- look-ups ---------------------------------------------------------------------------------------------------------------------
  const offers = document.createElement("datalist");
  offers.id = "list-offers";
  form.after(offers);
  let asked = "", timer = 0;
  const lookup = (input) => input.dataset.lookup || (/\/name$/.test(input.name) && input.closest("[data-object=Party]") ? "party" : "");
  const ask = (input) => {
    const kind = lookup(input), url = `${form.action.replace(/\/write\/.*$/, "")}/lookup/${kind}?q=${encodeURIComponent(input.value)}`;
    input.setAttribute("list", offers.id);
    if (url === asked) return;
    asked = url;
    fetch(url, { headers: { "HX-Request": "true" } }).then((answer) => answer.ok ? answer.text() : "").then((text) => { if (url === asked) offers.innerHTML = text; }).catch(() => {});
  };
  const chosen = (input) => {
    const option = [...offers.options].find((one) => one.value === input.value);
    if (!option || !option.dataset.also) return;
    const base = input.name.slice(0, input.name.lastIndexOf("/") + 1);
    for (const [path, value] of Object.entries(JSON.parse(option.dataset.also))) {
      const beside = named(base + path);
      if (beside && (beside === input || !beside.value || kindOf(input) === "party")) beside.value = value;
    }
    const object = input.closest("[data-object]");
    if (object) for (const more of object.querySelectorAll("details.more")) more.open = false;
  };
  const kindOf = (input) => lookup(input);
  form.addEventListener("focusin", (event) => { if (event.target.matches("input") && lookup(event.target)) ask(event.target); });

  // --- checks ------------------------------------------------------------------------------------------------------------------------
  let checking = false, stale = false;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {  // one check at a time; what is broken off counts as an error, in the console too
      if (checking) stale = true;
      else form.dispatchEvent(new Event("entry:changed"));
    }, 500);
  };
  const isCheck = (event) => event.detail.requestConfig.elt.id === "checked";  // the element itself has been replaced by then
  document.body.addEventListener("htmx:beforeRequest", (event) => { if (isCheck(event)) checking = true; });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!isCheck(event)) return;
    checking = false;
    if (stale) { stale = false; changed(); }
  });
  form.addEventListener("input", (event) => {
    const input = event.target;
    input.dataset.touched = "1";
    delete input.dataset.computed;
    if (lookup(input)) { clearTimeout(Number(input.dataset.timer)); input.dataset.timer = setTimeout(() => ask(input), 150); chosen(input); }
  });
  form.addEventListener("change", (event) => {
    const row = event.target.closest("[data-row]");
    alike(row || form);
    changed();
  });
  const below = (row) => {
    const rest = row.querySelector(":scope > tr.rest > td");
    if (rest) return rest;
    const line = document.createElement("tr"), cell = document.createElement("td");
    line.className = "rest";
    cell.colSpan = row.rows[0].cells.length;
    line.append(cell);
    row.append(line);
    return cell;
  };
  const agrees = (one, other) => one === other || (one.trim() !== "" && Number(one) === Number(other));
  const beside = (name, text, kind, value) => {
    const input = named(name), field = input ? input.closest("[data-field]") || input.parentElement : fieldOf(name);
    if (!field) return;
    const said = document.createElement("p");
    said.className = `wrong live${kind === "error" ? "" : " mild"}`;
    said.id = `${idOf(name)}-live`;
    said.append(...text.childNodes);
    if (value !== undefined && input && input.value !== value) {
      const take = document.createElement("button");
      take.type = "button";
      take.className = "quiet small";
      take.textContent = `${form.dataset.take} ${value}`;
      take.addEventListener("click", () => { input.value = value; input.dataset.touched = "1"; input.focus(); changed(); });
      said.append(" ", take);
    }
    const row = field.closest("table.grid tbody"); // in a grid below the row: between the columns there is no room
    if (row) below(row).prepend(said);
    else (field.closest(".field") || field).append(said);
    if (input && kind === "error") { input.setAttribute("aria-invalid", "true"); input.setAttribute("aria-describedby", said.id); }
  };
  const took = () => {
    const list = document.getElementById("said");
    if (!list) return;
    for (const old of form.querySelectorAll(".wrong")) old.remove();
    for (const old of form.querySelectorAll("[aria-invalid]")) { old.removeAttribute("aria-invalid"); old.removeAttribute("aria-describedby"); }
    for (const old of form.querySelectorAll(".origin.live")) old.remove();
    let again = false;
    for (const one of list.children) {
      const { at, severity, missing, value, computed } = one.dataset, input = named(at);
      if (computed === undefined) {
        const touched = input && input.dataset.touched;
        if (missing !== "true" || touched || form.dataset.all) beside(at, one.cloneNode(true), severity, value);
      } else if (input && !input.dataset.touched && agrees(input.value, computed)) {
        input.dataset.computed = "1"; // it says what follows from the rest, and goes on to
      } else if (input && document.activeElement !== input && input.value !== computed && (!input.value ? !input.dataset.touched : input.dataset.computed)) {
        input.value = computed;
        input.dataset.computed = "1";
        again = true;
        const field = input.closest(".field");
        if (field) {
          const said = document.createElement("span");
          said.className = "origin live";
          said.textContent = one.textContent;
          field.append(said);
        }
      }
    }
    if (again) changed();
  };
  document.body.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "checked" || event.detail.elt.id === "checked") took(); });
  form.addEventListener("click", (event) => { // a finding leads to its field, folded away or not
    const link = event.target.closest("#checked a[href^='#']");
    const target = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!target) return;
    event.preventDefault();
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const input = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea") || target;
    input.scrollIntoView({ block: "center" });
    input.focus({ preventScroll: true });
  });
  for (const { dataset } of document.querySelectorAll("#said [data-computed]")) {
    const input = named(dataset.at);
    if (input && agrees(input.value, dataset.computed)) input.dataset.computed = "1";
  }
})();
