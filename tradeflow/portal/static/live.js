/* A page that is about a trade follows it: where something happened, its live part is fetched again. */
(() => {
  "use strict";
  const here = document.querySelector("[data-live]");
  if (!here || !window.EventSource) return;
  const stream = new EventSource(`${here.dataset.live}?version=${here.dataset.version}`);
  let wanted = 0, running = false;
  const fetchAgain = async () => {
    running = true;
    const answer = await fetch(location.pathname + location.search, { credentials: "same-origin" });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
      const old = document.getElementById("live");
      if (fresh && old) {
        const open = [...old.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
        for (const one of fresh.querySelectorAll("details > summary")) if (open.includes(one.textContent)) one.parentElement.open = true;
        old.replaceWith(document.adoptNode(fresh));
      }
    }
    running = false;
    if (wanted > Number(document.getElementById("live").dataset.version)) setTimeout(fetchAgain, 500);
  };
  stream.addEventListener("changed", (event) => {
    wanted = Math.max(wanted, Number(event.data));
    if (!running) fetchAgain();
  });
  window.addEventListener("pagehide", () => stream.close());
})();
