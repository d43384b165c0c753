/* A page that is about a trade follows it: where something happened, its live part is fetched again. */
(() => {
  "use strict";
  const here = document.querySelector("[data-live]");
  if (!here || !window.EventSource) return;
  const stream = new EventSource(`${here.dataset.live}?version=${here.dataset.version}&said=${here.dataset.said}`);
  let wanted = "", running = false;
  const shown = () => { const { version, said } = document.getElementById("live").dataset; return `${version} ${said}`; };
  const behind = () => { // an older page than what was told; a comment's id grows with time
    const [version, said] = wanted.split(" "), [v, s] = shown().split(" ");
    return Number(version) > Number(v) || (said || "") > (s || "");
  };
  const fetchAgain = async () => {
    running = true;
    const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" }).catch(() => null);
    if (answer && answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
      const old = document.getElementById("live");
      if (fresh && old) {
        const name = (summary) => summary.parentElement.id || summary.textContent;
        const open = [...old.querySelectorAll("details[open] > summary")].map(name);
        for (const one of fresh.querySelectorAll("details > summary")) if (open.includes(name(one))) one.parentElement.open = true;
        for (const typed of old.querySelectorAll("textarea[id]")) { // what is being written stays, and so does the cursor
          const same = fresh.querySelector(`[id="${typed.id}"]`);
          if (same) same.value = typed.value;
        }
        const { id, selectionStart: cursor } = document.activeElement || {};
        old.replaceWith(document.adoptNode(fresh));
        const writing = id && document.activeElement === document.body ? document.getElementById(id) : null;
        if (writing) {
          writing.focus({ preventScroll: true });
          if (writing.matches("textarea")) writing.setSelectionRange(cursor, cursor);
        }
      }
    }
    running = false;
    if (behind()) setTimeout(fetchAgain, answer && answer.ok ? 500 : 5000);
  };
  stream.addEventListener("changed", (event) => {
    wanted = event.data;
    if (!running) fetchAgain();
  });
  window.addEventListener("pagehide", () => stream.close());
})();
