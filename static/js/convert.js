/* Conversion: fill in all or nothing at once, rows that follow the keyboard. The page works without. */
(() => {
  "use strict";

  const form = document.getElementById("convert-form");
  if (!form) return;
  form.classList.add("has-script");
  const boxes = () =>
    Array.from(form.querySelectorAll("[data-left] input")).filter((box) => box.offsetParent !== null);

  function fill(everything) {
    for (const box of boxes()) {
      box.value = everything ? box.closest("[data-left]").dataset.left : "";
    }
    // One question about all of them.
    boxes()[0]?.dispatchEvent(new Event("change", { bubbles: true }));
    form.dataset.dirty = "1";
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-convert-all], [data-convert-none]");
    if (!button) return;
    event.preventDefault();
    fill(button.hasAttribute("data-convert-all"));
  });

  // Enter goes to the next quantity, from the last one to the buttons; a typed figure is chosen whole.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (!event.target.matches("input:not([type=checkbox], [type=radio])")) return;
    event.preventDefault();
    const shown = boxes();
    const here = shown.indexOf(event.target);
    const next = shown[here + 1] ?? form.querySelector(".convert-bar button");
    next?.focus();
    next?.select?.();
  });

  // A price credit and goods are different columns: what is hidden is asked about anew.
  let said = form.querySelector("[data-verdict]")?.textContent;
  document.addEventListener("htmx:afterSettle", () => {
    const verdict = form.querySelector("[data-verdict]")?.textContent;
    if (verdict && verdict !== said) document.getElementById("credit-status").textContent = verdict;
    said = verdict;
  });
})();
