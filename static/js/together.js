/* Choosing several documents of a list: only those of one customer go on together. Works without. */
(() => {
  "use strict";

  const boxes = () => Array.from(document.querySelectorAll("input[form='together'][data-account]"));

  function refresh() {
    const form = document.getElementById("together");
    if (!form) return;
    const chosen = boxes().filter((box) => box.checked);
    for (const box of boxes()) {
      box.disabled = chosen.length > 0 && box.dataset.account !== chosen[0].dataset.account;
    }
    for (const button of form.querySelectorAll("button")) button.disabled = chosen.length === 0;
    const words = form.querySelector("[data-together-words]");
    words.dataset.otherwise ??= words.textContent;
    words.textContent = chosen.length
      ? `${chosen.length} ${words.dataset.togetherWords}`
      : words.dataset.otherwise;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[form='together']")) refresh();
  });
  // The list is swapped by filters and sorting; the way back shows boxes as they were left.
  document.addEventListener("htmx:afterSettle", refresh);
  window.addEventListener("pageshow", refresh);
  refresh();
})();
