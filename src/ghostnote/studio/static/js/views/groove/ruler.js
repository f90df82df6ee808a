// @ts-check
/** Choosing bars by dragging over the ruler of the lens; the number fields of the panel do the same by keyboard. */

import { barSpan } from "./feel.js";
import { RULER } from "./lens-draw.js";

/** @typedef {[number, number]} Bars  From 1, both included. */

/**
 * @param {HTMLElement} roll
 * @param {object} parts
 * @param {() => {beat: import("../../types.js").Beat, view: {first: number, bars: number}, geometry: import("./lens-draw.js").Geometry, bars: Bars | null} | null} parts.look
 *   Null while bars can not be chosen.
 * @param {(bars: Bars | null) => void} parts.preview  Null: as it was.
 * @param {(bars: Bars | null) => void} parts.choose  Null: all.
 */
export function followRuler(roll, { look, preview, choose }) {
  /** @type {{from: number, to: number, pointer: number} | null} */
  let drag = null;

  /** @param {MouseEvent} event */
  const isOver = (event) => event.clientY - roll.getBoundingClientRect().top < RULER;

  /** @param {MouseEvent} event */
  function barAt(event) {
    const seen = look();
    if (!seen) return null;
    const { beat, view, geometry } = seen;
    const seconds = geometry.secondsAt(event.clientX - roll.getBoundingClientRect().left);
    const last = Math.min(view.first + view.bars, beat.bars) - 1;
    let bar = view.first;
    while (bar < last && barSpan(beat, bar)[1] <= seconds) bar++;
    return bar + 1;
  }
  /** @returns {Bars | null} */
  const span = () => drag && [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];

  function leave() {
    if (!drag) return;
    if (roll.hasPointerCapture(drag.pointer)) roll.releasePointerCapture(drag.pointer);
    drag = null;
    preview(null);
  }

  roll.addEventListener("mousedown", (event) => {
    if (look() && isOver(event)) event.preventDefault(); // The focus stays where it is: no hit is meant.
  });
  roll.addEventListener("pointerdown", (event) => {
    const bar = event.button === 0 && isOver(event) ? barAt(event) : null;
    if (bar === null) return;
    drag = { from: bar, to: bar, pointer: event.pointerId };
    roll.setPointerCapture(event.pointerId);
    preview(span());
  });
  roll.addEventListener("pointermove", (event) => {
    roll.classList.toggle("over-ruler", drag !== null || (look() !== null && isOver(event)));
    if (!drag || event.pointerId !== drag.pointer) return;
    drag.to = barAt(event) ?? drag.to;
    preview(span());
  });
  roll.addEventListener("pointerup", () => {
    const bars = span();
    const was = look()?.bars;
    leave();
    // A click on the one bar that is chosen lets it go.
    if (bars) choose(was && was[0] === bars[0] && was[1] === bars[1] && bars[0] === bars[1] ? null : bars);
  });
  roll.addEventListener("pointercancel", leave);
  window.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
}
