// @ts-check
/** A beat drawn in the step grid: nine voices, one or two bars, undo in the dialog like everywhere. */

import { h } from "../../dom.js";
import { openDialog } from "../dialog.js";
import "../explore/step_grid.js";
import { withCell } from "../explore/pattern.js";
import { LANES, laneLabel } from "./feel.js";
import { slider } from "./fields.js";
import { glyph } from "./glyphs.js";
import { sayIn } from "./share.js";

const VOICES = LANES.filter((lane) => lane !== "other");
const STEPS = 16;

/** @returns {any} */
export function emptyPattern() {
  return { format: 1, tempo_bpm: 100, swing: 0, seed: 0, rows: VOICES.map(() => "-".repeat(STEPS)), sounds: [] };
}

/**
 * The pattern in the words of the server.
 * @param {any} pattern
 */
export function patternBody(pattern) {
  const steps = pattern.rows[0].length;
  const rows = pattern.rows.map((/** @type {string} */ hits, /** @type {number} */ i) => ({
    voice: VOICES[i], hits,
    ...(pattern.velocities?.[i]?.length ? { velocities: pattern.velocities[i] } : {}),
  })).filter((/** @type {{hits: string}} */ row) => row.hits.includes("x"));
  return { tempo_bpm: pattern.tempo_bpm, steps_per_bar: STEPS, bars: steps / STEPS, swing: pattern.swing, rows };
}

/**
 * @param {{store: any, api: any, audio: any, begin: (beat: any, label: string) => void}} parts
 */
export function openPattern({ store, api, audio, begin }) {
  const get = () => store.get("groove.pattern") ?? emptyPattern();
  const set = (/** @type {any} */ pattern, /** @type {string} */ label) => store.set("groove.pattern", pattern, { undoable: true, label });
  const grid = /** @type {any} */ (document.createElement("step-grid"));
  grid.addEventListener("cell", (/** @type {CustomEvent} */ event) => {
    const { row, step, change, label } = event.detail;
    if (change.offset !== undefined) return; // Timing is the drummer's part here.
    const loud = change.on && change.velocity === undefined ? { ...change, velocity: 0.8 } : change;
    set(withCell(get(), row, step, loud), label);
    if (change.on) void audio.strike(VOICES[row], { kit: store.get("kit"), velocity: loud.velocity ?? 0.8 });
  });
  const tempo = slider({ label: "Tempo", min: 50, max: 220, step: 1, fallback: 100, format: (value) => `${value} bpm`, get: () => get().tempo_bpm, set: (value) => set({ ...get(), tempo_bpm: value }, "tempo") });
  const swing = slider({ label: "Swing", min: 0, max: 0.5, step: 0.01, fallback: 0, format: (value) => value < 0.01 ? "straight" : Math.abs(value - 1 / 3) < 0.02 ? "triplet" : `${Math.round(100 * value)} %`, get: () => get().swing, set: (value) => set({ ...get(), swing: value }, "swing") });
  const bars = h("button", { type: "button", class: "chip", onclick: () => {
    const now = get();
    const two = now.rows[0].length > STEPS;
    // Steps are heard row by row, so that the second bar begins as the first.
    const rows = now.rows.map((/** @type {string} */ row) => two ? row.slice(0, STEPS) : row + row);
    const velocities = now.velocities?.map((/** @type {number[]} */ own, /** @type {number} */ i) => two ? own.slice(0, [...rows[i]].filter((cell) => cell === "x").length) : [...own, ...own]);
    const { offsets: _offsets, velocities: _velocities, ...rest } = now;
    set({ ...rest, rows, ...(velocities ? { velocities } : {}) }, "bars");
  } });
  const clear = h("button", { type: "button", onclick: () => set({ ...emptyPattern(), tempo_bpm: get().tempo_bpm, swing: get().swing, rows: get().rows.map((/** @type {string} */ row) => "-".repeat(row.length)) }, "clear") }, glyph("close"), "Clear");
  const undo = h("button", { type: "button", onclick: () => store.undo() }, glyph("undo"), "Undo");
  const use = h("button", { type: "button", class: "primary", onclick: async () => {
    try {
      begin(await api.patternBeat(patternBody(get())), "Drawn beat");
      dialog.close();
    } catch (error) {
      sayIn(dialog, error);
    }
  } }, glyph("check"), "Use this beat");
  function paint() {
    const pattern = get();
    grid.show(pattern, VOICES.map(laneLabel));
    grid.heads.forEach((/** @type {HTMLElement} */ place, /** @type {number} */ row) => { if (!place.firstChild) place.append(h("span", { class: "pattern-voice" }, laneLabel(VOICES[row]))); });
    tempo.refresh();
    swing.refresh();
    bars.textContent = pattern.rows[0].length > STEPS ? "Two bars" : "One bar";
    bars.setAttribute("aria-label", pattern.rows[0].length > STEPS ? "Two bars. Make it one" : "One bar. Make it two");
    use.setAttribute("aria-disabled", String(!pattern.rows.some((/** @type {string} */ row) => row.includes("x"))));
  }
  const dialog = openDialog("Draw a beat", [
    h("div", { class: "pattern-grid" }, grid),
    h("div", { class: "controls" }, tempo.element, swing.element, h("div", { class: "dial" }, h("span", { class: "dial-head", "aria-hidden": "true" }, "Length"), bars)),
  ], [clear, undo, use]);
  dialog.classList.add("wide-dialog");
  paint();
  const off = store.on("groove.pattern", paint);
  dialog.addEventListener("close", off);
}
