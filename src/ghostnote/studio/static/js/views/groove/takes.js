// @ts-check
/** Source and takes side by side; A and B, numbers for takes; the one that is heard is pressed. */

import { h, replace } from "../../dom.js";
import { isSameScore } from "./blend.js";
import { hitsOf, lanesOf } from "./feel.js";
import { glyph } from "./glyphs.js";
import { drawSmall } from "./lens-draw.js";

/**
 * @param {object} parts
 * @param {any} parts.store
 * @param {any} parts.shell
 * @param {(id: string | null) => any} parts.beatOf
 * @param {(take: number | "a" | "b") => void} parts.listen
 * @param {() => void} parts.promote
 * @param {() => any} parts.between  The beat under the point of the pad.
 */
export function createTakes({ store, shell, beatOf, listen, promote, between }) {
  const list = h("div", { class: "takes-list", role: "group", "aria-label": "Source and takes" });
  const promoteButton = h("button", { type: "button", class: "quiet", onclick: promote }, glyph("promote"), "Make this the source");
  const element = h("section", { class: "takes", "aria-label": "Takes" }, list, promoteButton);
  let built = "";

  /**
   * @param {string} id
   * @param {string} badge
   * @param {string} title
   * @param {string} sub
   * @param {string} key
   * @param {number | "a" | "b"} which
   */
  function card(id, badge, title, sub, key, which) {
    const canvas = h("canvas", { class: "take-picture", "aria-hidden": "true" });
    const button = h("button", { type: "button", class: "take", "data-take": which, "data-beat": id, onclick: () => listen(which) },
      h("span", { class: "take-head" }, h("span", { class: "take-badge" }, badge), h("strong", {}, title), key ? h("kbd", {}, key) : null),
      canvas,
      h("span", { class: "take-sub" }, sub));
    return button;
  }

  function drawAll() {
    for (const button of list.querySelectorAll("button")) {
      const beat = beatOf(button.getAttribute("data-beat"));
      const canvas = button.querySelector("canvas");
      if (beat && canvas) drawSmall(canvas, beat, lanesOf([beat]), hitsOf(beat));
    }
  }
  new ResizeObserver(drawAll).observe(list);
  new MutationObserver(drawAll).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  function paint() {
    const groove = store.get("groove");
    const source = beatOf(groove.source);
    const takes = groove.task === "interpolate" ? [] : groove.takes.filter((/** @type {string} */ id) => beatOf(id));
    const seeds = groove.made?.seeds ?? [];
    const mixed = groove.task === "interpolate" ? between() : null;
    const key = JSON.stringify([source?.id, takes, mixed?.id, seeds, shell.keys.label("groove_a"), source?.name]);
    if (key !== built) {
      built = key;
      const had = list.contains(document.activeElement) ? document.activeElement?.getAttribute("data-take") : null;
      replace(list,
        source ? card(source.id, "A", "Source", source.name, shell.keys.label("groove_a"), "a") : null,
        mixed ? card(mixed.id, "B", "Between", "under the point of the pad", shell.keys.label("groove_b"), "b") : null,
        takes.map((/** @type {string} */ id, /** @type {number} */ i) => card(id, "B", `Take ${i + 1}`, subOf(seeds[i], beatOf(groove.made?.from), beatOf(id)), i < 9 ? shell.keys.label(`groove_take_${i + 1}`) : "", i)));
      if (had) /** @type {HTMLElement | null} */ (list.querySelector(`[data-take="${had}"]`))?.focus();
      drawAll();
    }
    const heard = groove.listen === "a" || !(takes.length || mixed) ? "a" : mixed ? "b" : String(groove.take);
    for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.getAttribute("data-take") === heard));
    promoteButton.hidden = heard === "a";
    element.hidden = !source && !takes.length && !mixed;
  }

  return { element, paint };
}

/**
 * @param {number | undefined} seed
 * @param {import("../../types.js").Beat | null} from
 * @param {import("../../types.js").Beat} take
 */
function subOf(seed, from, take) {
  const said = seed === undefined ? "" : `seed ${seed}`;
  if (!from || !isSameScore(from, take) || !take.notes.length) return said;
  const moved = take.notes.reduce((sum, note, i) => sum + Math.abs(note.seconds - from.notes[i].seconds), 0) / take.notes.length;
  return `${said} · moves by ${Math.round(1000 * moved)} ms`;
}
