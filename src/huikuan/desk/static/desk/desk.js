// Comfort only: every page works without this file. Keys: / search, j k rows, Enter open, n p task, c contact form, 1-5 accept, x reject, o on account, u undo.
(() => {
  "use strict";

  const rows = () => [...document.querySelectorAll("table.rows tbody tr[data-row]")];
  const current = () => document.querySelector("table.rows tr[data-current]");

  function move(step) {
    const all = rows();
    if (all.length === 0) return;
    const here = all.indexOf(current());
    const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
    current()?.removeAttribute("data-current");
    next.setAttribute("data-current", "");
    const link = next.querySelector("a");
    link?.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  const go = (selector) => document.querySelector(selector)?.click();
  const keys = {
    "/": () => document.querySelector("[data-key='search']")?.focus(),
    j: () => move(1),
    k: () => move(-1),
    n: () => go("[data-key='next']"),
    p: () => go("[data-key='previous']"),
    c: () => document.querySelector("[data-key='contact'] select, [data-key='contact'] input:not([type=hidden])")?.focus(),
    s: () => go("[data-key='start']"),
    x: () => go("[data-key='reject']"),
    o: () => go("[data-key='on-account']"),
    u: () => go("[data-key='undo']"),
    ...Object.fromEntries([1, 2, 3, 4, 5].map((place) => [place, () => go(`[data-key='accept-${place}']`)])),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") document.activeElement?.blur();
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // Selects that post or filter by themselves; the button beside them serves those without script.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
  });
  document.documentElement.setAttribute("data-script", "");

  // What only matters for one choice (a promise has a day) shows when chosen.
  function reveal(select) {
    const form = select.form;
    for (const part of form.querySelectorAll("[data-when]")) {
      if (part.dataset.of !== select.name) continue;
      part.hidden = !part.dataset.when.split(" ").includes(select.value);
    }
  }
  const revealAll = () => document.querySelectorAll("select[data-reveals]").forEach(reveal);
  document.addEventListener("change", (event) => event.target.matches("select[data-reveals]") && reveal(event.target));
  document.addEventListener("DOMContentLoaded", revealAll);
  document.addEventListener("htmx:load", revealAll);
})();
