// @ts-check
/** What the next proposals are to be like. Answers keep counting, whatever is set here. */

/**
 * @import {Parts} from "../../types.js"
 * @import {Conductor} from "./conductor.js"
 */
import { h } from "../../dom.js";
import { percent, slider } from "./fields.js";
import { rowTitles } from "./pattern.js";

const STANDARD = { musical: 0.5, density: 0.5, tempo_bpm: [90, 140], four_on_the_floor: false, explore: 0.3, novelty: 0.5, target: "good", locked_rows: [] };
const TARGETS = [
  ["good", "What I like"],
  ["surprising", "What I like and never heard"],
  ["unsure", "What the critic is unsure about"],
  ["bad", "What I dislike, for once"],
];
const SLOWEST = 60;
const FASTEST = 200;

/** @param {Parts & {conductor: Conductor}} parts */
export function createControls({ store, meta, conductor }) {
  store.set("explore.controls", { ...STANDARD, ...store.get("explore.controls") });
  /**
   * @param {string} name
   * @param {any} value
   * @param {string} label
   */
  const change = (name, value, label) => store.set(`explore.controls.${name}`, value, { undoable: true, label });

  const musical = slider({ label: "Drawn from", min: 0, max: 1, step: 0.01, ends: ["anything goes", "musical"], say: sayMix, change: (value) => change("musical", value, "drawn from") });
  const explore = slider({ label: "Search", min: 0, max: 1, step: 0.01, ends: ["exploit", "explore"], say: saySearch, change: (value) => change("explore", value, "search") });
  const density = slider({ label: "Density", min: 0, max: 1, step: 0.01, ends: ["sparse", "busy"], say: percent, change: (value) => change("density", value, "density") });
  const slow = slider({ label: "Slowest", min: SLOWEST, max: FASTEST, step: 1, say: (value) => `${value} bpm`, change: (value) => tempo(value, Math.max(value, high())) });
  const fast = slider({ label: "Fastest", min: SLOWEST, max: FASTEST, step: 1, say: (value) => `${value} bpm`, change: (value) => tempo(Math.min(value, low()), value) });
  const low = () => store.get("explore.controls.tempo_bpm")[0];
  const high = () => store.get("explore.controls.tempo_bpm")[1];
  const tempo = (/** @type {number} */ lowest, /** @type {number} */ highest) => change("tempo_bpm", [lowest, highest], "tempo range");

  const target = h("select", { id: "control-target", onchange: () => change("target", target.value, "target") },
    ...TARGETS.map(([value, words]) => h("option", { value }, words)));
  const four = h("input", { type: "checkbox", onchange: () => change("four_on_the_floor", four.checked, "four on the floor") });
  const locks = h("p", { class: "hint locks" });

  function paint() {
    const now = store.get("explore.controls");
    musical.set(now.musical);
    explore.set(now.explore);
    density.set(now.density);
    slow.set(now.tempo_bpm[0]);
    fast.set(now.tempo_bpm[1]);
    target.value = now.target;
    four.checked = now.four_on_the_floor;
    const look = conductor.look();
    const titles = look ? rowTitles(look.roles, meta?.voices ?? []) : [];
    const kept = (now.locked_rows ?? []).map((/** @type {number} */ row) => titles[row] ?? `row ${row + 1}`);
    locks.textContent = kept.length ? `Kept from this loop: ${kept.join(", ")}.` : "Lock a row of the loop to keep it in the next one.";
  }
  store.on("explore.controls", paint);
  conductor.on("look", paint);
  paint();

  return {
    element: h("section", { class: "card next-controls", "aria-labelledby": "controls-title" },
      h("div", { class: "spread" }, h("h2", { id: "controls-title" }, "What comes next"), h("button", { type: "button", class: "quiet chip", onclick: () => store.set("explore.controls", { ...STANDARD }, { undoable: true, label: "standard controls" }) }, "Standard")),
      h("p", { class: "hint" }, "Holds from the next loop on. What you have rated keeps counting."),
      musical.element, explore.element,
      h("div", { class: "field" }, h("label", { for: "control-target" }, "Look for"), target),
      density.element,
      h("fieldset", { class: "tempo-range" }, h("legend", {}, "Tempo range"), slow.element, fast.element),
      h("label", { class: "check" }, four, h("span", {}, "Four on the floor")),
      locks),
  };
}

/** @param {number} value */
function sayMix(value) {
  if (value < 0.2) return "anything goes";
  if (value < 0.45) return "mostly chance";
  if (value <= 0.6) return "half and half";
  return value < 0.85 ? "mostly musical" : "as drummers play";
}

/** @param {number} value */
function saySearch(value) {
  if (value < 0.2) return "play it safe";
  if (value < 0.5) return "mostly safe";
  return value < 0.8 ? "curious" : "adventurous";
}
