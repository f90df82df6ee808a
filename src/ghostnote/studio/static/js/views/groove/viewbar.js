// @ts-check
/** Which bars the lens shows, and how strongly it enlarges. */

import { h, replace } from "../../dom.js";
import { nearestStep } from "./feel.js";
import { glyph } from "./glyphs.js";

/** @typedef {import("../../types.js").Beat} Beat */

const ZOOMS = [1, 2, 4, 8, 16];
const MAGNIFY = [1, 2, 4, 8];

/**
 * @param {object} parts
 * @param {any} parts.store
 * @param {HTMLElement} parts.lens
 * @param {() => Beat | null} parts.shown
 * @param {() => number} parts.width
 */
export function createViewBar({ store, lens, shown, width }) {
  const said = () => store.get("groove.view") ?? {};
  /**
   * @param {Beat} beat
   * @returns {{first: number, bars: number, magnify: number}}
   */
  function view(beat) {
    const { first = 0, bars = width() < 520 ? 1 : width() > 1500 ? 4 : 2, magnify = 4 } = said();
    const seen = Math.min(bars, beat.bars);
    return { first: Math.max(0, Math.min(first, beat.bars - seen)), bars: seen, magnify };
  }
  const set = (/** @type {object} */ change) => store.set("groove.view", { ...said(), ...change });
  const now = () => {
    const beat = shown();
    return beat ? { beat, ...view(beat) } : null;
  };

  /** @param {number} first  From 0. */
  function showBar(first) {
    const seen = now();
    if (seen) set({ first: Math.max(0, Math.min(Math.floor(first / seen.bars) * seen.bars, seen.beat.bars - seen.bars)) });
  }
  /** @param {number} way */
  function turn(way) {
    const seen = now();
    if (seen) set({ first: Math.max(0, Math.min(seen.first + way * seen.bars, seen.beat.bars - seen.bars)) });
  }
  /** @param {number} way */
  function zoom(way) {
    const seen = now();
    if (!seen) return;
    const at = ZOOMS.findIndex((bars) => bars >= seen.bars);
    set({ bars: ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, (at < 0 ? ZOOMS.length - 1 : at) + way))] });
  }

  const small = (/** @type {string} */ name, /** @type {string} */ words, /** @type {() => void} */ run) =>
    h("button", { type: "button", class: "quiet icon-only", "aria-label": words, title: words, onclick: run }, glyph(name));
  const previous = small("previous", "Earlier bars", () => turn(-1));
  const next = small("next", "Later bars", () => turn(1));
  const closer = small("plus", "Show fewer bars", () => zoom(-1));
  const wider = small("minus", "Show more bars", () => zoom(1));
  const bars = h("span", { class: "number bars-shown" });
  const magnify = h("select", { "aria-label": "Enlarge timing", title: "How much larger than true a shift is drawn", onchange: () => set({ magnify: Number(magnify.value) }) },
    MAGNIFY.map((times) => h("option", { value: times }, `Timing × ${times}`)));
  const strip = h("div", { class: "bar-strip", role: "group", "aria-label": "Bars" });
  const element = h("div", { class: "view-bar" },
    h("div", { class: "legend small muted", "aria-hidden": "true" },
      h("span", { class: "key-early" }, "early"), h("span", { class: "key-late" }, "late"), h("span", { class: "key-size" }, "size: velocity"), h("span", { class: "key-ghost" }, "ring: the other")),
    h("div", { class: "row view-tools" }, previous, strip, next, wider, bars, closer, magnify));

  let built = "";
  /** @param {Beat} beat */
  function paint(beat) {
    const { first, bars: count, magnify: times } = view(beat);
    magnify.value = String(times);
    bars.textContent = count === 1 ? "1 bar" : `${count} bars`;
    const inAll = count >= beat.bars;
    previous.hidden = next.hidden = strip.hidden = inAll;
    previous.setAttribute("aria-disabled", String(first === 0));
    next.setAttribute("aria-disabled", String(first + count >= beat.bars));
    const pages = Math.ceil(beat.bars / count);
    const most = width() < 520 ? 4 : 10;
    const key = `${beat.bars} ${count} ${most}`;
    if (key !== built) {
      built = key;
      // A long beat has too many pages for a button each: then the arrows and the playhead turn them.
      replace(strip, pages > most ? h("span", { class: "number page-of" }) : Array.from({ length: pages }, (_, page) => {
        const from = page * count + 1;
        const to = Math.min(beat.bars, from + count - 1);
        return h("button", { type: "button", class: "quiet bar-page number", "aria-label": from === to ? `Bar ${from}` : `Bars ${from} to ${to}`, onclick: () => showBar(from - 1) }, from);
      }));
    }
    for (const [page, button] of [...strip.querySelectorAll("button")].entries()) button.setAttribute("aria-pressed", String(page === Math.ceil(first / count)));
    const of = strip.querySelector(".page-of");
    if (of) of.textContent = `${first + 1}${count > 1 ? `–${first + count}` : ""} of ${beat.bars}`;
  }

  return {
    element, view, paint, showBar,
    /** Turns the page where the playhead leaves it. @param {number} seconds */
    follow(seconds) {
      const seen = now();
      if (!seen || lens.contains(document.activeElement) && document.activeElement?.matches(".lens-roll")) return;
      const bar = seen.beat.grid.bars[nearestStep(seen.beat, seconds)] ?? 0;
      if (bar < seen.beat.bars && (bar < seen.first || bar >= seen.first + seen.bars)) showBar(bar);
    },
  };
}
