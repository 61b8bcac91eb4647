// Comfort of the call screen and the visit page; both work without. Keys: d dial, h hung up.
(() => {
  "use strict";

  // The guard has agreed and the dial counts already: Enter or d opens the telephone, and the clock runs.
  const number = document.querySelector("a[data-dials]");
  const timer = document.querySelector("[data-timer]");
  const hangUp = document.querySelector("[data-hangs-up]");
  const duration = document.querySelector("[data-duration]");
  let begun = 0;

  const spoken = () => {
    const seconds = Math.max(0, Math.floor((Date.now() - begun) / 1000));
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
  function run() {
    begun = begun || Date.now();
    if (hangUp) hangUp.hidden = false;
    const tick = setInterval(() => {
      timer.textContent = spoken();
    }, 1000);
    hangUp?.addEventListener("click", () => {
      clearInterval(tick);
      timer.textContent = duration.value = spoken();
      hangUp.hidden = true;
      document.querySelector("#contact select[name=outcome]")?.focus();
    });
  }
  if (number && timer && duration) {
    number.addEventListener("click", run, { once: true });
    number.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const target = { d: "[data-key='dial']", h: "[data-hangs-up]:not([hidden])" }[event.key];
    const found = target && document.querySelector(target);
    if (!found) return;
    event.preventDefault();
    found.click();
  });

  // What is heard finds its answer as one types; the first hit opens.
  document.addEventListener("input", (event) => {
    const all = event.target.dataset.filters && document.querySelectorAll(event.target.dataset.filters);
    if (!all) return;
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let isFirst = words.length > 0;
    for (const each of all) {
      const text = each.textContent.toLowerCase();
      each.hidden = !words.every((word) => text.includes(word));
      each.open = !each.hidden && isFirst;
      if (each.open) isFirst = false;
    }
  });

  // The position leaves the phone only for whoever ticks the box.
  const consent = document.querySelector("[data-position]");
  consent?.addEventListener("change", () => {
    const form = consent.form;
    const said = form.querySelector("[data-position-said]");
    const fill = (name, value) => {
      form.elements[name].value = value;
    };
    if (!consent.checked || !navigator.geolocation) {
      for (const name of ["latitude", "longitude", "accuracy"]) fill(name, "");
      said.textContent = consent.checked ? said.dataset.unavailable : "";
      return;
    }
    said.textContent = said.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        fill("latitude", coords.latitude.toFixed(6));
        fill("longitude", coords.longitude.toFixed(6));
        fill("accuracy", Math.ceil(coords.accuracy));
        said.textContent = `${said.dataset.known} ±${Math.ceil(coords.accuracy)} m`;
      },
      () => {
        consent.checked = false;
        said.textContent = said.dataset.unavailable;
      },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
    );
  });
})();
