// @ts-check
/** Tap a rhythm: on any key, on the pad, or on a MIDI device; after a count-in, with the latency taken out. */

import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { number, slider } from "./fields.js";
import { glyph } from "./glyphs.js";
import { sayIn } from "./share.js";

/** @typedef {import("../../types.js").Tap} Tap */

const KEY_VELOCITY = 0.8;
const LEAST_TAPS = 4;

/**
 * How late taps on every beat come: their median, since one slip should not count.
 * @param {Tap[]} taps
 * @param {number} tempoBpm
 * @returns {number | null} ms; null where there are too few
 */
export function latenessOf(taps, tempoBpm) {
  const beat = 60 / tempoBpm;
  const late = taps.map(({ seconds }) => 1000 * (seconds - beat * Math.round(seconds / beat))).sort((a, b) => a - b);
  return late.length < LEAST_TAPS ? null : late[late.length >> 1];
}

/**
 * @param {{store: any, api: any, audio: any, midi: any, begin: (beat: any, label: string) => void}} parts
 */
export function openTap({ store, api, audio, midi, begin }) {
  /** @type {import("../../audio/taps.js").TapRecorder | null} */
  let recorder = null;
  /** @type {import("../../types.js").Taps | null} */
  let taken = null;
  /** @type {Tap[]} */
  let taps = [];
  let measures = false;
  let began = 0;
  let frame = 0;
  const settings = () => ({ tempo_bpm: 100, bars: 2, ...store.get("groove.tap") });
  const length = () => settings().bars * 4 * 60 / settings().tempo_bpm;
  const set = (/** @type {string} */ name, /** @type {number} */ value) => {
    drop();
    taps = [];
    taken = null;
    store.set(`groove.tap.${name}`, value);
    paint();
  };

  const status = h("p", { class: "tap-status", role: "status" }, "Press Record, wait for the count-in, then tap.");
  const strip = h("div", { class: "tap-strip", "aria-hidden": "true" });
  const needle = h("span", { class: "tap-needle" });
  const word = h("span", { class: "tap-word" }, "Tap here");
  const pad = h("button", { type: "button", class: "tap-pad", "aria-label": "Tap here" }, word, h("span", { class: "muted" }, "or any letter key, or a MIDI pad"));
  const record = h("button", { type: "button", class: "primary large", onclick: () => (recorder ? recorder.stop() : void start(false)) });
  const use = h("button", { type: "button", class: "primary", onclick: async () => {
    if (!taken?.taps.length) return;
    try {
      begin(await api.tapsBeat(taken), "Tapped rhythm");
      dialog.close();
    } catch (error) {
      sayIn(dialog, error);
    }
  } }, glyph("check"), "Use this rhythm");
  const tempo = slider({ label: "Tempo", min: 50, max: 200, step: 1, fallback: 100, format: (value) => `${value} bpm`, get: () => settings().tempo_bpm, set: (value) => set("tempo_bpm", value) });
  const bars = number({ label: "Bars", min: 1, max: 8, get: () => settings().bars, set: (value) => set("bars", value) });
  const measure = h("button", { type: "button", class: "quiet", title: "Tap along with the click on every beat", onclick: () => void start(true) }, "Measure");
  const latency = number({ label: "Latency in ms", min: -200, max: 500, get: () => Math.round(store.get("preferences.latencyMs")), set: (value) => store.set("preferences.latencyMs", value), beside: measure });
  const input = h("select", { "aria-label": "MIDI input", onchange: () => { store.set("preferences.midiIn", input.value || null); midi.listenTo(input.value || null); } });
  const ask = h("button", { type: "button", onclick: async () => {
    if (!await midi.request()) sayIn(dialog, "The browser did not give access to MIDI devices. Its address bar says how to allow it.");
    paintPorts();
  } }, glyph("midi"), "Use a MIDI device");
  const ports = h("div", { class: "dial" }, h("span", { class: "dial-head", "aria-hidden": "true" }, "MIDI device"), ask, input);

  function paintPorts() {
    const known = midi.inputs();
    ports.hidden = !midi.supported;
    ask.hidden = known.length > 0;
    input.hidden = !known.length;
    replace(input, h("option", { value: "" }, "All devices"), known.map((/** @type {{id: string, name: string}} */ port) => h("option", { value: port.id }, port.name)));
    input.value = store.get("preferences.midiIn") ?? "";
  }

  /** @param {boolean} forLatency */
  async function start(forLatency) {
    drop();
    sayIn(dialog, null);
    measures = forLatency;
    taps = [];
    taken = null;
    began = 0;
    const { tempo_bpm, bars: count } = settings();
    const mine = audio.createTapRecorder({ midi, bpm: tempo_bpm, bars: count, countIn: 1, latencyMs: measures ? 0 : store.get("preferences.latencyMs") });
    recorder = mine;
    mine.on((/** @type {import("../../audio/taps.js").TapEvent} */ event) => { if (recorder === mine) heard(event); });
    status.textContent = measures ? "Tap on every beat of the click." : "Count-in: one bar. Then tap.";
    paint();
    pad.focus({ preventScroll: true });
    try {
      await audio.unlock();
      if (audio.playing) audio.stop();
      await mine.start();
      tick();
    } catch (error) {
      recorder = null;
      paint();
      sayIn(dialog, error);
    }
  }

  /** @param {import("../../audio/taps.js").TapEvent} event */
  function heard(event) {
    if (event.kind === "count") word.textContent = String(5 + event.beat);
    if (event.kind === "beat" && event.beat === 0) [began, word.textContent] = [performance.now(), "Tap"];
    if (event.kind === "tap") {
      taps.push(event.tap);
      flash();
      paintStrip();
    }
    if (event.kind !== "done") return;
    recorder = null;
    if (measures) {
      const late = latenessOf(event.taps.taps, settings().tempo_bpm);
      if (late !== null) store.set("preferences.latencyMs", Math.round(late));
      status.textContent = late === null ? "Too few taps to measure: tap on every beat." : `Measured: your taps come ${Math.round(late)} ms late. That is taken out from now on.`;
      taps = [];
      latency.refresh();
    } else {
      taken = event.taps;
      taps = taken.taps;
      status.textContent = taps.length ? `${taps.length} ${taps.length === 1 ? "tap" : "taps"}. Use them, or record again.` : "No taps were heard. Press Record and try again.";
    }
    paint();
  }

  /** Ends a recording and forgets it. */
  function drop() {
    const old = recorder;
    recorder = null;
    cancelAnimationFrame(frame);
    old?.stop();
  }

  function flash() {
    pad.classList.remove("struck");
    void pad.offsetWidth;
    pad.classList.add("struck");
  }

  /**
   * @param {number} at
   * @param {number} velocity
   */
  function hit(at, velocity) {
    if (recorder?.recording) recorder.tap(velocity, at);
    flash();
    if (!recorder) void audio.strike("snare", { kit: store.get("kit"), velocity });
  }

  function tick() {
    if (!recorder) return;
    needle.hidden = !began;
    if (began) needle.style.setProperty("--at", String(Math.min(1, (performance.now() - began) / 1000 / length())));
    frame = requestAnimationFrame(tick);
  }

  function paintStrip() {
    const beats = settings().bars * 4;
    replace(strip,
      Array.from({ length: beats }, (_, i) => h("span", { class: i % 4 ? "tap-beat" : "tap-beat bar", style: { "--at": i / beats } })),
      taps.map(({ seconds, velocity }) => h("span", { class: "tap-mark", style: { "--at": Math.max(0, seconds) / length(), "--velocity": velocity } })),
      needle);
  }

  function paint() {
    const live = recorder !== null;
    replace(record, glyph(live ? "stop" : "record"), live ? "Stop" : taken ? "Record again" : "Record");
    if (!live) word.textContent = "Tap here";
    use.setAttribute("aria-disabled", String(!taken?.taps.length || live));
    pad.classList.toggle("live", live);
    needle.hidden = true;
    paintStrip();
  }

  pad.addEventListener("pointerdown", (event) => {
    const box = pad.getBoundingClientRect();
    const off = Math.hypot((event.clientX - box.left) / box.width - 0.5, (event.clientY - box.top) / box.height - 0.5);
    hit(event.timeStamp, event.pointerType === "pen" && event.pressure ? event.pressure : Math.max(0.35, Math.min(1, 1.1 - off)));
  });
  const dialog = openDialog("Tap a rhythm", [
    status,
    h("div", { class: "tap-stage" }, pad, strip),
    h("div", { class: "row" }, record, h("span", { class: "muted small" }, "Nearer to the middle is louder; Shift makes a key an accent.")),
    h("div", { class: "controls" }, tempo.element, bars.element, latency.element, ports),
  ], [use]);
  dialog.classList.add("wide-dialog");
  dialog.addEventListener("keydown", (event) => {
    const target = event.target instanceof HTMLElement ? event.target : null;
    const typing = target?.matches("input:not([type=range]), select") ?? false;
    const plays = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && (event.key !== " " || target === pad);
    if (!plays || typing) return;
    event.preventDefault();
    if (!event.repeat) hit(event.timeStamp, event.shiftKey ? 1 : KEY_VELOCITY);
  });
  // A recorder hears its device itself; between recordings the pads are only tried.
  const off = midi.onHit((/** @type {{velocity: number, timeStamp: number}} */ one) => { if (!recorder) hit(one.timeStamp, one.velocity); });
  const offPorts = midi.onPorts(paintPorts);
  dialog.addEventListener("close", () => { drop(); off(); offPorts(); });
  midi.listenTo(store.get("preferences.midiIn"));
  paintPorts();
  paint();
}
