// @ts-check
/** The task's panel: what it does, its few controls, the button that plays it, and the live amounts. */

import { h, replace } from "../../dom.js";
import { MOST } from "./blend.js";
import { laneLabel } from "./feel.js";
import { check, chips, choice, number, percent, slider } from "./fields.js";
import { glyph } from "./glyphs.js";
import { barsOf, parametersOf, taskOf, wishOf } from "./tasks.js";

/** @typedef {import("./fields.js").Field} Field */

/** @type {[string, string][]} */
const METRES = [["4/4", "4/4"], ["3/4", "3/4"], ["6/8", "6/8"], ["12/8", "12/8"], ["5/4", "5/4"], ["7/8", "7/8"]];

/**
 * @param {object} parts
 * @param {any} parts.store
 * @param {any} parts.meta
 * @param {import("./run.js").Runner} parts.runner
 * @param {(id: string | null) => any} parts.beatOf
 * @param {() => {source: any, blends: boolean, voices: string[]}} parts.look
 * @param {() => void} parts.go            Play this task.
 * @param {() => HTMLElement} parts.pad    The pad, for Interpolate.
 * @param {() => void} parts.chooseGroove  Choose the beat whose feel is to be transferred.
 */
export function createPanel({ store, meta, runner, beatOf, look, go, pad, chooseGroove }) {
  const about = h("p", { class: "task-about" });
  const controls = h("div", { class: "controls" });
  const missing = h("p", { class: "hint task-missing" });
  const goButton = h("button", { type: "button", class: "primary large task-go", onclick: go });
  const cancel = h("button", { type: "button", class: "large", onclick: () => runner.cancel() }, glyph("close"), "Cancel");
  const bar = h("progress", { class: "task-progress", "aria-label": "Progress" });
  const working = h("div", { class: "task-working", hidden: true }, bar, cancel);
  const live = h("div", { class: "live", role: "group", "aria-label": "How much of it" });
  const element = h("section", { class: "card panel", "aria-label": "Task" }, about, controls, h("div", { class: "task-actions" }, goButton, working), missing);

  /** @type {Field[]} */
  let fields = [];
  /** @type {Field[]} */
  let liveFields = [];
  let built = "";
  let builtLive = "";

  const task = () => taskOf(store.get("groove.task"));
  const p = () => parametersOf(store.get("groove"), task().name);
  /**
   * @param {string} name
   * @param {unknown} value
   */
  const setP = (name, value) => {
    store.set(`groove.parameters.${task().name}.${name}`, value, { undoable: true, label: `${task().label}: ${name.replace(/_/g, " ")}` });
    runner.follow();
  };

  /** @type {Record<string, () => Field>} */
  const makers = {
    style: () => choice({ label: "Style", options: [["", "Any"], ...(meta?.styles ?? []).map((/** @type {string} */ style) => [style, titled(style)])], get: () => p().style, set: (value) => setP("style", value) }),
    push_ms: () => slider({ label: "Feel", min: -40, max: 40, step: 1, middle: 0, fallback: 0, get: () => p().push_ms, set: (value) => setP("push_ms", value), format: pushWords }),
    temperature: () => slider({ label: "Temperature", min: 0, max: 2, step: 0.05, fallback: 1, get: () => p().temperature, set: (value) => setP("temperature", value), format: (value) => `${value.toFixed(2)} ${value < 0.05 ? "calm" : value < 0.7 ? "steady" : value < 1.3 ? "alive" : "wild"}` }),
    keep_accents: () => choice({ label: "Accents", options: [["auto", "As found"], ["keep", "Keep mine"], ["replace", "New ones"]], get: () => p().keep_accents, set: (value) => setP("keep_accents", value) }),
    density: () => slider({ label: "Density", min: 0.5, max: 10, step: 0.5, fallback: 0.5, get: () => p().density ?? 0.5, set: (value) => setP("density", value <= 0.5 ? null : value), format: (value) => value <= 0.5 ? "as it comes" : `${value} hits a beat` }),
    fill: () => choice({ label: "Kind", options: [["auto", "As the rhythm wants"], ["beat", "A beat"], ["fill", "A fill"]], get: () => p().fill, set: (value) => setP("fill", value) }),
    use_velocities: () => check({ label: "Follow how hard it was tapped", get: () => p().use_velocities, set: (value) => setP("use_velocities", value) }),
    amount: () => slider({ label: "How different", min: 0.05, max: 1, step: 0.05, fallback: 0.3, get: () => p().amount, set: (value) => setP("amount", value), format: percent }),
    more_bars: () => number({ label: "New bars", min: 1, max: 64, get: () => p().more_bars, set: (value) => setP("more_bars", value) }),
    new_bars: () => number({ label: "Bars", min: 1, max: 64, get: () => p().new_bars, set: (value) => setP("new_bars", value) }),
    tempo_bpm: () => slider({ label: "Tempo", min: 50, max: 220, step: 1, fallback: 110, get: () => p().tempo_bpm, set: (value) => setP("tempo_bpm", value), format: (value) => `${value} bpm` }),
    metre: () => choice({ label: "Metre", options: METRES, get: () => p().metre, set: (value) => setP("metre", value) }),
    voices: () => chips({ label: "Write anew", options: (meta?.voices ?? []).map((/** @type {{name: string}} */ voice) => [voice.name, laneLabel(voice.name)]), get: () => p().voices, set: (value) => setP("voices", value) }),
    groove: grooveField,
    bars: barsField,
    pad: () => ({ element: h("div", { class: "dial wide" }, pad()), refresh: () => {} }),
  };

  /** @returns {Field} */
  function grooveField() {
    const button = h("button", { type: "button", class: "groove-slot", onclick: chooseGroove });
    const refresh = () => {
      const beat = beatOf(p().groove);
      replace(button, glyph("transfer"), beat ? `Feel of ${beat.name}` : "Choose the feel …");
    };
    refresh();
    return { element: h("div", { class: "dial wide" }, h("span", { class: "dial-head", "aria-hidden": "true" }, "Feel from"), button), refresh };
  }

  /** @returns {Field} */
  function barsField() {
    const set = (/** @type {[number, number] | null} */ bars) => {
      store.set("groove.bars", bars, { undoable: true, label: "Bars" });
      runner.follow();
    };
    const most = () => look().source?.bars ?? 1;
    const now = () => store.get("groove.bars") ?? [1, most()];
    const from = h("input", { type: "number", min: 1, "aria-label": "First bar to change", onchange: () => set(span(Number(from.value), now()[1])) });
    const to = h("input", { type: "number", min: 1, "aria-label": "Last bar to change", onchange: () => set(span(now()[0], Number(to.value))) });
    const all = h("button", { type: "button", class: "chip", onclick: () => set(null) }, "All");
    const span = (/** @type {number} */ first, /** @type {number} */ last) => barsOf(first, last, most(), task().name);
    const refresh = () => {
      const chosen = store.get("groove.bars");
      [from.value, to.value] = now().map(String);
      from.max = to.max = String(most());
      all.setAttribute("aria-pressed", String(chosen === null));
      all.textContent = task().name === "infill" ? "None chosen" : "All";
    };
    refresh();
    return { element: h("div", { class: "dial wide bars-field" }, h("span", { class: "dial-head", "aria-hidden": "true" }, "Bars", h("span", { class: "dial-hint" }, "or drag over the ruler")), h("span", { class: "beside" }, from, h("span", { "aria-hidden": "true" }, "–"), to, all)), refresh };
  }

  /** @returns {Field[]} */
  function takesFields() {
    const set = (/** @type {string} */ path, /** @type {number} */ value, /** @type {string} */ label) => {
      store.set(path, value, { undoable: true, label });
      runner.follow();
    };
    const dice = h("button", {
      type: "button", class: "quiet icon-only", "aria-label": "Another seed", title: "Another seed",
      onclick: () => set("groove.seed", Math.floor(Math.random() * 100_000), "Seed"),
    }, glyph("dice"));
    return [
      number({ label: "Takes", min: 1, max: 8, get: () => store.get("groove.count") ?? 3, set: (value) => set("groove.count", value, "Takes") }),
      number({ label: "Seed", min: 0, max: 1e9, get: () => store.get("groove.seed"), set: (value) => set("groove.seed", value, "Seed"), beside: dice }),
    ];
  }

  function buildLive() {
    const { voices } = look();
    const amount = (/** @type {"timing" | "velocity"} */ kind, /** @type {string} */ label) => slider({
      label, min: 0, max: MOST, step: 0.01, fallback: 1, format: percent,
      get: () => store.get(`groove.amounts.${kind}`),
      set: (value) => store.set(`groove.amounts.${kind}`, value, { undoable: true, label }), end: () => store.endDrag(),
    });
    const own = (/** @type {string} */ voice, /** @type {"timing" | "velocity"} */ kind) => slider({
      label: `${laneLabel(voice)} ${kind}`, min: 0, max: MOST, step: 0.01, fallback: 1, format: percent,
      get: () => store.get(`groove.amounts.voices.${voice}.${kind}`) ?? store.get(`groove.amounts.${kind}`),
      set: (value) => store.set(`groove.amounts.voices.${voice}.${kind}`, value, { undoable: true, label: `${laneLabel(voice)} ${kind}` }), end: () => store.endDrag(),
    });
    const main = [amount("timing", "Timing"), amount("velocity", "Velocity")];
    const each = voices.map((voice) => ({ voice, pair: [own(voice, "timing"), own(voice, "velocity")] }));
    liveFields = [...main, ...each.flatMap(({ pair }) => pair)];
    const open = live.querySelector("details")?.open ?? false;
    replace(live,
      h("div", { class: "amounts" }, h("span", { class: "amounts-title", "aria-hidden": "true" }, "How much of it"), main.map((field) => field.element)),
      h("details", { class: "per-voice", open },
        h("summary", {}, glyph("chevron"), "Voice by voice"),
        h("div", { class: "voice-amounts" },
          h("span", {}), h("span", { class: "dial-head" }, "Timing"), h("span", { class: "dial-head" }, "Velocity"),
          each.flatMap(({ voice, pair }) => [h("span", { class: "voice-name" }, laneLabel(voice)), ...pair.map((field) => field.element)])),
        h("button", { type: "button", class: "quiet", onclick: () => store.set("groove.amounts.voices", {}, { undoable: true, label: "Same for all voices" }) }, glyph("reset"), "Same for all")));
  }

  function paint() {
    const now = task();
    const { blends, voices, source } = look();
    const key = `${now.name} ${source?.id ?? ""}`;
    if (built !== key) {
      built = key;
      about.textContent = now.about;
      fields = now.controls.map((name) => makers[name]());
      if (now.name !== "interpolate") fields.push(...takesFields());
      replace(controls, fields.map((field) => field.element));
    } else {
      fields.forEach((field) => field.refresh());
    }
    const liveKey = blends ? voices.join() : "";
    live.hidden = !blends;
    if (blends && builtLive !== liveKey) {
      buildLive();
      builtLive = liveKey;
    } else {
      liveFields.forEach((field) => field.refresh());
    }
    const wish = wishOf(store.get("groove"), source);
    const { busy, done, total, error } = runner.state;
    missing.textContent = busy ? "" : wish.missing ?? error ?? "";
    missing.classList.toggle("failed", !wish.missing && !!error && !busy);
    missing.hidden = !missing.textContent;
    goButton.hidden = busy || now.name === "interpolate";
    working.hidden = !busy;
    goButton.setAttribute("aria-disabled", String(!!wish.missing));
    const again = runner.isMade();
    replace(goButton, glyph(again ? "dice" : now.glyph), again ? "New takes" : now.label);
    if (total > 0) {
      bar.max = total;
      bar.value = done;
    } else {
      bar.removeAttribute("value");
    }
  }

  return { element, live, paint };
}

/** @param {string} style */
function titled(style) {
  const words = { afrocuban: "Afro-Cuban", hiphop: "Hip-hop", middleeastern: "Middle Eastern", neworleans: "New Orleans" };
  return words[/** @type {keyof typeof words} */ (style)] ?? style[0].toUpperCase() + style.slice(1);
}

/** @param {number} value */
function pushWords(value) {
  if (value === 0) return "on the beat";
  return value > 0 ? `pushes ${value} ms` : `laid back ${-value} ms`;
}
