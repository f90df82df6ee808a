// @ts-check
/** Mute and solo: two toggle buttons for each voice, and a way back to hearing all. */

/** @import {Mix, Store} from "../types.js" */
import { h } from "../dom.js";
import { allHeard, hushedOf, toggled } from "../mixing.js";
import { icon } from "./icons.js";

const KINDS = /** @type {const} */ ([
  { list: "muted", letter: "M", word: "Mute" },
  { list: "solo", letter: "S", word: "Solo" },
]);

/** @typedef {{element: HTMLElement, paint: (name: string, label: string, whole: string) => void}} MixButtons */

/**
 * @param {{store: Store, place: "loop" | "beat"}} parts
 * @returns {MixButtons}
 */
export function mixButtons({ store, place }) {
  const path = `play.mix.${place}`;
  let now = "";
  const buttons = KINDS.map(({ list, letter }) => h("button", {
    type: "button", class: `mix ${list}`, "data-mix": list,
    onclick: () => store.set(path, toggled(store.get(path), list, now)),
  }, h("span", { "aria-hidden": "true" }, letter)));
  return {
    element: h("span", { class: "mix-pair" }, ...buttons),
    /** `whole`: what it is a part of, in words: "the loop". */
    paint(name, label, whole) {
      now = name;
      /** @type {Mix} */
      const mix = store.get(path);
      KINDS.forEach(({ list, word }, i) => {
        buttons[i].setAttribute("aria-label", `${word} ${label}`);
        buttons[i].setAttribute("aria-pressed", String(mix[list].includes(name)));
        buttons[i].title = `${word} ${label}: only for your ears, ${whole} stays as it is`;
      });
    },
  };
}

/**
 * A button that is there while something is not heard, and lets all be heard again.
 * @param {{store: Store, place: "loop" | "beat", announce: (text: string) => void}} parts
 */
export function hearAll({ store, place, announce }) {
  const path = `play.mix.${place}`;
  /** @type {string[]} */
  let names = [];
  const count = h("span", { class: "hear-count" });
  const element = h("button", { type: "button", class: "chip hear-all", hidden: true, title: "Some are muted, or others are soloed: let all be heard", onclick: () => {
    store.set(path, allHeard(store.get(path), names));
    announce("All are heard.");
  } }, icon("volume"), h("span", {}, "Hear all"), count);
  return {
    element,
    /**
     * @param {string[]} present
     * @returns {string[]} those of them that are not heard
     */
    paint(present) {
      names = present;
      const hushed = hushedOf(present, store.get(path));
      element.hidden = !hushed.length;
      count.textContent = `${present.length - hushed.length} of ${present.length}`;
      element.setAttribute("aria-label", `Hear all: now ${count.textContent}`);
      return hushed;
    },
  };
}
