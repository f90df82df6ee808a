// @ts-check
/** The pace of the loop, and one step of it closely: velocity and timing without dragging. */

/**
 * @import {Loop, Parts} from "../../types.js"
 * @import {Conductor} from "./conductor.js"
 */
import { h } from "../../dom.js";
import { percent, slider } from "./fields.js";
import { LEAST_VELOCITY, MOST_OFFSET, cellsOf, withCell } from "./pattern.js";

const SLOWEST = 60;
const FASTEST = 200;

/** @param {Parts & {conductor: Conductor}} parts */
export function createInspector({ store, conductor }) {
  let here = { row: 0, step: 0 };
  /** @type {string[]} */
  let titles = [];
  /** @returns {Loop | null} */
  const loopNow = () => store.get("explore.loop");

  /**
   * @param {Partial<import("./pattern.js").Cell>} change
   * @param {string} what
   */
  function edit(change, what) {
    const loop = loopNow();
    if (loop) conductor.edit(withCell(loop, here.row, here.step, change), `${what} of ${titles[here.row]}, step ${here.step + 1}`);
  }
  /**
   * @param {Partial<Loop>} change
   * @param {string} what
   */
  function pace(change, what) {
    const loop = loopNow();
    if (loop) conductor.edit({ ...loop, ...change }, what);
  }

  const title = h("h3", { class: "inspector-title" });
  const velocity = slider({ label: "Velocity", min: LEAST_VELOCITY, max: 1, step: 0.01, say: percent, change: (value) => edit({ velocity: value }, "velocity") });
  const timing = slider({ label: "Timing", min: -MOST_OFFSET, max: MOST_OFFSET, step: 0.01, say: sayTiming, change: (value) => edit({ offset: value }, "timing") });
  const tempo = h("input", { type: "number", class: "tempo number", min: SLOWEST, max: FASTEST, step: 1, "aria-label": "Tempo in beats per minute", onchange: () => {
    const wanted = Math.round(Number(tempo.value));
    pace({ tempo_bpm: Math.min(FASTEST, Math.max(SLOWEST, Number.isFinite(wanted) && wanted > 0 ? wanted : 120)) }, "tempo");
    paintPace();
  } });
  const swing = slider({ label: "Swing", min: 0, max: 0.5, step: 0.01, say: percent, change: (value) => pace({ swing: value }, "swing") });

  function paintPace() {
    const loop = loopNow();
    if (!loop) return;
    if (document.activeElement !== tempo || Number(tempo.value) !== loop.tempo_bpm) tempo.value = String(Math.round(loop.tempo_bpm * 10) / 10);
    swing.set(loop.swing);
  }
  function paintCell() {
    const loop = loopNow();
    if (!loop) return;
    const row = Math.min(here.row, loop.rows.length - 1);
    const step = Math.min(here.step, loop.rows[0].length - 1);
    here = { row, step };
    const cell = cellsOf(loop)[row][step];
    title.textContent = `${titles[row] ?? "Row"}, step ${step + 1}`;
    velocity.set(cell.on ? cell.velocity : LEAST_VELOCITY, !cell.on);
    timing.set(cell.offset, !cell.on);
    element.toggleAttribute("data-off", !cell.on);
  }

  const element = h("div", { class: "inspector", role: "group", "aria-label": "Chosen step" },
    title, velocity.element, timing.element, h("p", { class: "hint" }, "Drag a step up or down for its velocity."));
  return {
    element,
    pace: h("div", { class: "pace" }, h("label", { class: "tempo-field" }, tempo, h("span", {}, "bpm")), swing.element),
    /** @type {(loop: Loop, names: string[]) => void} */
    paint(_loop, names) {
      titles = names;
      paintPace();
      paintCell();
    },
    /** @type {(row: number, step: number) => void} */
    select(row, step) {
      here = { row, step };
      paintCell();
    },
  };
}

/** @param {number} offset */
function sayTiming(offset) {
  const share = Math.round(Math.abs(offset) * 100);
  if (!share) return "on the grid";
  return `${share} % ${offset > 0 ? "late" : "early"}`;
}
