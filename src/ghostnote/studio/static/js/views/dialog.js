// @ts-check
/** Modal dialogs: the platform's <dialog> with a head, a body and buttons, taken away once closed. */

import { h } from "../dom.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * @param {string} title
 * @param {(Node | null)[]} body
 * @param {(Node | null)[]} [buttons]
 * @returns {HTMLDialogElement} Open; focus goes back to where it was when it closes.
 */
export function openDialog(title, body, buttons = []) {
  const id = `dialog-${++count}`;
  const before = document.activeElement;
  const close = () => dialog.close();
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { "aria-labelledby": id },
    h("div", { class: "dialog-head" },
      h("h2", { id }, title),
      h("button", { type: "button", class: "quiet icon-only", "aria-label": "Close", onclick: close }, icon("close"))),
    h("div", { class: "dialog-body" }, ...body),
    buttons.length ? h("div", { class: "dialog-foot" }, ...buttons) : null));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) close();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
