/* Deciding by keyboard: `a` or `r` chooses, the reason is written, Ctrl+Enter sends. Without this
   script the two buttons do the same. */
(() => {
  "use strict";

  const TYPING = "input, textarea, select, [contenteditable=true]";
  let chosen = null;

  function choose(button) {
    const form = button.form;
    const reason = form.elements.namedItem("reason");
    chosen = button;
    const hint = form.querySelector("[data-decide-hint]");
    if (hint) hint.textContent = hint.dataset[button.dataset.decideKey === "a" ? "hintA" : "hintR"];
    if (reason.value.trim()) button.focus();
    else reason.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const form = event.target.closest("[data-decide]");
    if (form && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      // Only a verdict that was chosen is sent: nobody releases by habit.
      if (chosen?.form === form) { event.preventDefault(); form.requestSubmit(chosen); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    const button = document.querySelector(`[data-decide-key="${CSS.escape(event.key)}"]`);
    if (button) { event.preventDefault(); choose(button); }
  });
})();
