// @ts-check
/** What the page says beside what is done: a live region that does not chatter, toasts, a banner. */

import { h } from "../dom.js";
import { ApiError } from "../requests.js";
import { icon } from "./icons.js";

const QUIET_MS = 350;
const STAY_MS = 6000;

/**
 * @typedef {object} Notices
 * @property {(text: string) => void} announce  Say it to those who listen to the page; the last of quick ones is said.
 * @property {(text: string, options?: {kind?: "error" | "info", action?: string, run?: () => void, stay?: boolean}) => void} toast
 * @property {(text: string | null) => void} banner  Show a lasting notice below the header; null takes it away.
 * @property {(error: unknown) => void} fail  Show an error to the user.
 */

/**
 * @param {Document} page
 * @returns {Notices}
 */
export function createNotices(page) {
  const live = /** @type {HTMLElement} */ (page.getElementById("live"));
  const toasts = /** @type {HTMLElement} */ (page.getElementById("toasts"));
  const place = /** @type {HTMLElement} */ (page.getElementById("banner"));
  let timer = 0;

  /** @param {string} text */
  function announce(text) {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      // A non-breaking space makes the same words new to a screen reader.
      live.textContent = live.textContent === text ? `${text}\u00a0` : text;
    }, QUIET_MS);
  }

  /** @type {Notices["toast"]} */
  function toast(text, { kind = "info", action, run, stay = false } = {}) {
    for (const old of [...toasts.children]) if (old.getAttribute("data-text") === text) old.remove();
    const leave = () => {
      window.clearTimeout(away);
      if (note.contains(page.activeElement)) page.getElementById("main")?.focus({ preventScroll: true });
      note.remove();
    };
    const note = h("div", { class: `toast ${kind}`, "data-text": text, "data-stay": stay },
      icon(kind === "error" ? "warning" : "check"),
      h("span", {}, text),
      action && run ? h("button", { type: "button", onclick: () => { leave(); run(); } }, action) : null,
      h("button", { type: "button", class: "quiet icon-only", "aria-label": "Close this notice", onclick: leave }, icon("close")));
    let away = 0;
    const count = () => { away = stay || kind === "error" && action ? 0 : window.setTimeout(leave, kind === "error" ? 2 * STAY_MS : STAY_MS); };
    note.addEventListener("pointerenter", () => window.clearTimeout(away));
    note.addEventListener("pointerleave", count);
    note.addEventListener("focusin", () => window.clearTimeout(away));
    count();
    toasts.append(note);
    while (toasts.children.length > 3) (toasts.querySelector(":scope > :not([data-stay])") ?? toasts.firstElementChild)?.remove();
    announce(text);
  }

  /** @param {string | null} text */
  function banner(text) {
    if ((place.textContent || null) === text) return;
    place.hidden = !text;
    place.replaceChildren(...(text ? [h("div", { class: "banner" }, icon("warning"), h("span", {}, text))] : []));
    if (text) announce(text);
  }

  /** @param {unknown} error */
  function fail(error) {
    if (error instanceof DOMException && error.name === "AbortError") return;
    if (error instanceof ApiError && error.status === 0 && !place.hidden) {
      announce(place.textContent ?? ""); // The banner says it already.
      return;
    }
    toast(error instanceof Error && error.message ? error.message : "Something went wrong.", { kind: "error" });
  }

  return { announce, toast, banner, fail };
}
