// @ts-check
/** The first steps, in three short ones; shown once, and again from the help. */

import { h } from "../dom.js";
import { icon } from "./icons.js";

/**
 * @param {{store: any, keys: import("./keys.js").Keys}} parts
 */
export function showHints({ store, keys }) {
  if (!store.get("preferences.seenHints").includes("first-steps")) openHints({ store, keys });
}

/**
 * @param {{store: any, keys: import("./keys.js").Keys}} parts
 */
export function openHints({ store, keys }) {
  document.getElementById("hints")?.remove();
  const close = (/** @type {MouseEvent} */ event) => {
    store.set("preferences.seenHints", [...new Set([...store.get("preferences.seenHints"), "first-steps"])]);
    const byKey = event.detail === 0; // A mouse needs no focus ring to find its way.
    box.remove();
    if (byKey) /** @type {HTMLElement | null} */ (document.querySelector(".transport .play"))?.focus();
  };
  const key = (/** @type {string} */ name, /** @type {string} */ standard) => h("kbd", {}, keys.label(name) || standard);
  const box = h("aside", { id: "hints", class: "hints", "aria-label": "First steps" },
    h("ol", { class: "hint-steps" },
      h("li", {}, icon("play"), h("span", {}, h("strong", {}, "Press Play. "), "A loop goes round: ", key("play", "Space"))),
      h("li", {}, icon("like"), h("span", {}, h("strong", {}, "Say what you feel. "), "Like ", key("like", "L"), " or dislike ", key("dislike", "D"), ", and the next one comes")),
      h("li", {}, icon("pencil"), h("span", {}, h("strong", {}, "Make it yours. "), "Tap steps, swap sounds, take it along"))),
    h("button", { type: "button", class: "quiet", onclick: close }, "Got it"));
  document.getElementById("main")?.prepend(box);
}
