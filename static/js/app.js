/* What pages do better with a script. Every page works without: forms post, links load, details open. */
(() => {
  "use strict";

  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const text = (key) => one("[data-texts]")?.dataset[key] ?? "";
  const TYPING = "input:not([type=hidden]), textarea, select, [contenteditable=true]";

  /* ---- toasts and the live region ------------------------------------------------------------ */

  const TONES = { success: "ok", warning: "warn", error: "bad", info: "info" };

  function announce(words) {
    const live = one("[data-live]");
    if (!live) return;
    live.textContent = "";
    // An emptied region that is filled again in the next turn is read even if the words are the same.
    setTimeout(() => { live.textContent = words; }, 50);
  }

  function toast(message, level = "info") {
    const template = one("[data-toast-template]");
    const box = one("[data-toasts]");
    if (!template || !box || !message) return;
    const note = template.content.firstElementChild.cloneNode(true);
    note.classList.add(`tone-${TONES[level] ?? "info"}`);
    one("[data-toast-text]", note).textContent = message;
    box.append(note);
    // Errors stay until read; the rest leaves after a time that long messages extend.
    if (level !== "error") setTimeout(() => note.remove(), 4000 + message.length * 60);
  }

  function promoteMessages() {
    // Success and information need no place on the page; warnings and errors keep theirs.
    for (const note of all("[data-messages] > [data-message]")) {
      if (["success", "info", "debug"].includes(note.dataset.message)) {
        toast(note.innerText.trim(), note.dataset.message);
        note.remove();
      }
    }
  }

  /* ---- forms --------------------------------------------------------------------------------- */

  function guardDoubleSubmit(event) {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || form.matches("[hx-get]")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.dataset.clean = "1";
    const button = event.submitter;
    // Disabled after the submission has been put together: a disabled button would not send its name.
    setTimeout(() => {
      if (!button) return;
      button.setAttribute("aria-busy", "true");
      button.setAttribute("aria-disabled", "true");
    }, 0);
    // A download answers without leaving the page: let the form be used again.
    setTimeout(() => release(form), 8000);
  }

  function release(form) {
    delete form.dataset.sent;
    for (const button of all("[aria-busy]", form)) {
      button.removeAttribute("aria-busy");
      button.removeAttribute("aria-disabled");
    }
  }

  function confirmFirst(event) {
    const source = event.submitter?.dataset.confirm !== undefined ? event.submitter : event.target;
    const question = source.dataset?.confirm;
    const dialog = one("[data-confirm-dialog]");
    if (question === undefined || !dialog?.showModal || event.target.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    one("[data-confirm-text]", dialog).textContent = question;
    const yes = one("[data-confirm-yes]", dialog);
    yes.textContent = source.dataset.confirmYes ?? event.submitter?.innerText ?? yes.textContent;
    yes.className = source.dataset.confirmTone === "bad" ? "btn btn-danger" : "btn btn-primary";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      event.target.dataset.confirmed = "1";
      event.target.requestSubmit(event.submitter);
      delete event.target.dataset.confirmed;
    }, { once: true });
    dialog.returnValue = "no";
    dialog.showModal();
  }

  function addRow(formset) {
    const total = one("input[name$=-TOTAL_FORMS]", formset);
    const limit = Number(one("input[name$=-MAX_NUM_FORMS]", formset)?.value || 1000);
    const index = Number(total.value);
    if (index >= limit) return null;
    const holder = document.createElement("template");
    holder.innerHTML = one("[data-formset-template]", formset).innerHTML.replaceAll("__prefix__", index);
    const row = holder.content.firstElementChild;
    one("[data-formset-rows]", formset).append(row);
    total.value = index + 1;
    dressRow(row);
    if (window.htmx) window.htmx.process(row);
    formset.dispatchEvent(new CustomEvent("af:rows", { bubbles: true }));
    return row;
  }

  function dressRow(row) {
    const button = one("[data-formset-remove]", row);
    const box = one("[data-formset-delete]", row);
    if (!button || !box) return;
    button.hidden = false;
    box.hidden = true;
    row.hidden = one("input", box)?.checked ?? false;
  }

  function dressFormsets(root) {
    for (const button of all("[data-formset-add]", root)) button.hidden = false;
    for (const row of all("[data-formset-row]", root)) dressRow(row);
  }

  function focusErrors(root) {
    const summary = one("[data-error-summary]", root);
    if (summary) { summary.focus(); summary.scrollIntoView({ block: "nearest" }); }
  }

  /* ---- listeners: one per kind, on the document, so that swapped parts need no wiring ---------- */

  document.addEventListener("submit", confirmFirst, true);
  document.addEventListener("submit", guardDoubleSubmit);

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("form[data-guard-unsaved]");
    if (form) form.dataset.dirty = "1";
  });
  window.addEventListener("beforeunload", (event) => {
    const dirty = one("form[data-guard-unsaved][data-dirty]:not([data-clean])");
    if (dirty) event.preventDefault();
  });
  // Back from the browser's cache: buttons must not stay busy.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) all("form[data-sent]").forEach(release);
  });

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[aria-disabled=true]")) { event.preventDefault(); return; }
    if (target.closest("[data-dismiss]")) target.closest("[data-toast], .af-note")?.remove();
    if (target.closest("[data-print]")) window.print();
    const add = target.closest("[data-formset-add]");
    if (add) one(`${TYPING}`, addRow(add.closest("[data-formset]")) ?? add)?.focus();
    const remove = target.closest("[data-formset-remove]");
    if (remove) {
      const row = remove.closest("[data-formset-row]");
      const box = one("[data-formset-delete] input", row);
      box.checked = true;
      row.hidden = true;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      one("[data-formset-add]", row.closest("[data-formset]"))?.focus();
    }
    // A click on a row opens its first link, unless the user selects text or aims at something else.
    const row = target.closest("tr[data-href]");
    if (row && !target.closest("a, button, input, label, select") && !String(window.getSelection())) {
      window.location.assign(row.dataset.href);
    }
    for (const menu of all("[data-menu][open]")) if (!menu.contains(target)) menu.open = false;
  });

  // Error summary links put the cursor into the control, not just the page under it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-error-summary] a[href^='#']");
    const control = link && document.getElementById(link.hash.slice(1));
    if (control) { event.preventDefault(); control.focus(); control.scrollIntoView({ block: "center" }); }
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  /* ---- keyboard ------------------------------------------------------------------------------ */

  let waitingForGo = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = one("[data-menu][open]");
      if (menu) { menu.open = false; one("summary", menu).focus(); }
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    if (one("dialog[open]")) return;
    if (event.key === "/") {
      const search = one("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    } else if (Date.now() - waitingForGo < 1200) {
      waitingForGo = 0;
      // `g` then a digit: the n-th entry of the navigation.
      const link = all("[data-nav] a")[Number(event.key) - 1];
      if (link) { event.preventDefault(); link.click(); }
    } else if (event.key === "g") {
      waitingForGo = Date.now();
    } else if (event.key === "j" || event.key === "k") {
      const items = all("[data-key-list] [data-key-item]");
      const here = items.findIndex((item) => item.matches("[aria-selected=true], [aria-current=true]"));
      const next = items[here + (event.key === "j" ? 1 : -1)];
      if (next) { event.preventDefault(); (next.matches("a") ? next : one("a", next))?.click(); }
    } else {
      const button = one(`[data-shortcut="${CSS.escape(event.key)}"]`);
      if (button) { event.preventDefault(); button.focus(); if (!button.matches(TYPING)) button.click(); }
    }
  });

  /* ---- htmx ---------------------------------------------------------------------------------- */

  document.addEventListener("htmx:configRequest", (event) => {
    const token = one("meta[name=csrf-token]")?.content;
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });
  document.addEventListener("htmx:beforeRequest", () => document.body.classList.add("af-busy"));
  document.addEventListener("htmx:afterRequest", () => document.body.classList.remove("af-busy"));
  document.addEventListener("htmx:afterSwap", (event) => {
    // Dispatched on what came in; event.detail.target may be the part that has gone.
    const part = event.target;
    if (part.nodeType !== Node.ELEMENT_NODE) return;
    dressFormsets(part);
    focusErrors(part);
    const words = part.matches?.("[data-announce]") ? part : one("[data-announce]", part);
    if (words) announce(words.textContent.trim());
    one("[data-focus]", part)?.focus();
  });
  document.addEventListener("htmx:responseError", (event) => {
    // The server has already said it in its own words.
    if (event.detail.xhr.getResponseHeader("HX-Trigger")?.includes("af:toast")) return;
    toast(text(event.detail.xhr.status === 403 ? "forbidden" : "failed"), "error");
  });
  document.addEventListener("htmx:sendError", () => toast(text("offline"), "error"));
  document.addEventListener("af:toast", (event) => {
    for (const item of event.detail.toasts ?? []) toast(item.message, item.level);
  });

  /* ---- start --------------------------------------------------------------------------------- */

  // Browsers that cannot show a closed <details> by stylesheet get the navigation opened.
  if (window.matchMedia("(min-width: 62rem)").matches && !CSS.supports("selector(::details-content)")) {
    all("[data-nav]").forEach((nav) => { nav.open = true; });
  }
  promoteMessages();
  dressFormsets(document);
  focusErrors(document);
})();
