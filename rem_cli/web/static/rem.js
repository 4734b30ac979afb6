// Live parts, the link of the terminal, and keys. Every page reads and works without it.
"use strict";
(() => {
  const link = document.getElementById("link");
  const held = location.hash.match(/^#t=(.+)$/);
  if (link && held) {
    link.elements.token.value = held[1];
    history.replaceState(null, "", location.pathname + location.search);
    link.submit();
    return;
  }
  const live = document.getElementById("live");
  if (!live || !window.EventSource) return;

  let source = null, heard = Date.now(), busy = false, again = false;

  async function refresh() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, {headers: {accept: "text/html"}});
      if (answer.redirected || !answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-part]")) {
        const other = fresh.querySelector(`[data-part="${CSS.escape(part.dataset.part)}"]`);
        if (other && other.innerHTML !== part.innerHTML && !part.contains(document.activeElement))
          part.replaceWith(document.importNode(other, true));
      }
      document.title = fresh.title;
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  }
  function listen() {
    if (source || document.hidden) return;
    source = new EventSource("/stream");
    source.addEventListener("beat", () => { heard = Date.now(); });
    source.addEventListener("changed", () => { heard = Date.now(); refresh(); });
    live.hidden = false;
  }
  // A browser holds six connections to a server: a tab that nobody sees gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { source?.close(); source = null; } else { heard = Date.now(); listen(); refresh(); }
  });
  setInterval(() => {
    const silent = Math.round((Date.now() - heard) / 1000);
    live.classList.toggle("old", silent >= 20);
    live.textContent = silent >= 20 ? `not heard from rem for ${silent} s, what you see may be old` : "live";
  }, 1000);
  listen();

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const links = [...document.querySelectorAll("main .rows a, main td:first-child a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "/") { event.preventDefault(); document.getElementById("find").focus(); }
    else if (event.key === "j") links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (event.key === "k") links[Math.max(at - 1, 0)]?.focus();
  });
})();
