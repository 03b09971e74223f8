/* Order entry: rows that follow the keyboard, customers found while typing. The page works without. */
(() => {
  "use strict";

  const form = document.getElementById("order-form");
  if (!form) return;
  form.classList.add("has-script");
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  /* ---- lines ---------------------------------------------------------------------------------- */

  const rows = () => all("[data-formset-row]", form).filter((row) => !row.hidden);

  function number() {
    rows().forEach((row, index) => { one("[data-line-number]", row).textContent = index + 1; });
  }

  // A new line is usually taxed like the last one that says how.
  function copyTax() {
    const rates = rows().map((row) => one("input[name$=-tax_percent]", row));
    const last = rates.pop();
    if (last && !last.value) last.value = rates.findLast((rate) => rate.value)?.value ?? "";
  }

  form.addEventListener("af:rows", () => { number(); copyTax(); });
  form.addEventListener("change", (event) => {
    if (event.target.name?.endsWith("-DELETE")) number();
  });

  // Enter goes to the same column of the next line, and past the last one makes a new line.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    const cell = event.target.closest("[data-formset-row] input");
    if (!cell) return;
    event.preventDefault();
    const shown = rows();
    const next = shown[shown.indexOf(cell.closest("[data-formset-row]")) + 1];
    const column = cell.name.split("-").at(-1);
    if (next) one(`[name$=-${column}]`, next)?.focus();
    else one("[data-formset-add]", form)?.click();
  });

  /* ---- customers ------------------------------------------------------------------------------ */

  // Words typed into a search box are not yet part of the order: nothing is counted anew for them.
  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, (event) => {
      if (event.target.matches("[data-search-box]")) event.stopImmediatePropagation();
    });
  }

  form.addEventListener("keydown", (event) => {
    const picker = event.target.closest("[data-picker]");
    if (!picker) return;
    const results = all("[data-result]", picker);
    const here = results.indexOf(event.target);
    const box = one("[data-search-box]", picker);
    if (event.key === "ArrowDown" && results.length) {
      event.preventDefault();
      results[Math.min(here + 1, results.length - 1)].focus();
    } else if (event.key === "ArrowUp" && here >= 0) {
      event.preventDefault();
      (results[here - 1] ?? box).focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      one(".order-results-box", picker).replaceChildren();
      const details = one("details", picker);
      if (details) { details.open = false; one("summary", details).focus(); } else box.focus();
    } else if (event.key === "Enter" && event.target === box) {
      event.preventDefault();
      results[0]?.click();
    }
  });

  form.addEventListener("focusout", (event) => {
    const picker = event.target.closest("[data-picker]");
    // A swapped or clicked element loses the focus for a moment: look again when that is over.
    setTimeout(() => {
      if (picker?.isConnected && !picker.contains(document.activeElement)) {
        one(".order-results-box", picker)?.replaceChildren();
      }
    }, 200);
  });

  // An answer that comes late must not take away the customer somebody is just choosing.
  let pressed = null;
  form.addEventListener("pointerdown", (event) => {
    pressed = event.target.closest(".order-results-box");
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    document.addEventListener(kind, () => { setTimeout(() => { pressed = null; }); });
  }
  document.addEventListener("htmx:beforeSwap", (event) => {
    const box = event.detail.target;
    if (!box?.matches(".order-results-box")) return;
    if (box === pressed || box.contains(document.activeElement)) event.detail.shouldSwap = false;
  });

  // Opening "choose another" puts the cursor where one types.
  form.addEventListener("toggle", (event) => {
    if (event.target.open) one("[data-search-box]", event.target)?.focus();
  }, true);

  /* ---- what the server answered ----------------------------------------------------------------- */

  let said = one("[data-verdict]", form)?.textContent;

  document.addEventListener("htmx:afterSettle", () => {
    const head = one("[data-focus-next]", form);
    if (head) {
      const name = head.dataset.focusNext;
      head.removeAttribute("data-focus-next");
      (one(`#id_${name}_search`, head) ?? one(`#id_${name}`, head))?.focus();
      form.dataset.dirty = "1";
    }
    // Read out what changed, not every figure of every keystroke.
    const verdict = one("[data-verdict]", form)?.textContent;
    if (verdict && verdict !== said) one("#credit-status").textContent = verdict;
    said = verdict;
  });
})();
