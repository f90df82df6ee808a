// @ts-check
/** Tap a rhythm: on any key, on the pad, or on a MIDI device; after a count-in, with the latency taken out. */

import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { number, slider } from "./fields.js";
import { glyph } from "./glyphs.js";
import { sayIn } from "./share.js";

/** @typedef {{seconds: number, velocity: number}} Tap */

const KEY_VELOCITY = 0.8;
const STAY_MS = 250;

/**
 * Taps of a recording as seconds from its downbeat.
 * @param {{at: number, velocity: number}[]} heard  ms as of performance.now()
 * @param {number} downbeat                         when the downbeat was heard
 * @param {number} latencyMs                        by which taps come late
 * @param {number} lengthSeconds
 * @returns {Tap[]}
 */
export function tapsFrom(heard, downbeat, latencyMs, lengthSeconds) {
  return heard
    .map(({ at, velocity }) => ({ seconds: (at - downbeat - latencyMs) / 1000, velocity }))
    .filter(({ seconds }) => seconds > -0.25 && seconds < lengthSeconds)
    .map(({ seconds, velocity }) => ({ seconds: Math.max(0, seconds), velocity }));
}

/**
 * How late taps on the beat come, in the middle.
 * @param {Tap[]} taps
 * @param {number} tempoBpm
 * @returns {number | null} ms; null where there are too few
 */
export function latenessOf(taps, tempoBpm) {
  const beat = 60 / tempoBpm;
  const late = taps.map(({ seconds }) => 1000 * (seconds - beat * Math.round(seconds / beat))).sort((a, b) => a - b);
  return late.length < 4 ? null : late[late.length >> 1];
}

/**
 * @param {{store: any, api: any, audio: any, midi: any, begin: (beat: any, label: string) => void}} parts
 */
export function openTap({ store, api, audio, midi, begin }) {
  /** @type {{at: number, velocity: number}[]} */
  let heard = [];
  /** @type {{downbeat: number, end: number, measures: boolean} | null} */
  let recording = null;
  /** @type {Tap[]} */
  let taps = [];
  let frame = 0;
  let timer = 0;
  const settings = () => ({ tempo_bpm: 100, bars: 2, ...store.get("groove.tap") });
  const length = () => settings().bars * 4 * 60 / settings().tempo_bpm;
  const set = (/** @type {string} */ name, /** @type {number} */ value) => { store.set(`groove.tap.${name}`, value); stop(); taps = []; paint(); };

  const status = h("p", { class: "tap-status", role: "status" }, "Press Record, wait for the count-in, then tap.");
  const strip = h("div", { class: "tap-strip", "aria-hidden": "true" });
  const needle = h("span", { class: "tap-needle" });
  const pad = h("button", { type: "button", class: "tap-pad", "aria-label": "Tap here" }, h("span", { class: "tap-word" }, "Tap here"), h("span", { class: "muted" }, "or any letter key, or a MIDI pad"));
  const record = h("button", { type: "button", class: "primary large", onclick: () => recording ? stop() : void begin_(false) });
  const use = h("button", { type: "button", class: "primary", onclick: async () => {
    try {
      const { tempo_bpm, bars } = settings();
      begin(await api.tapsBeat({ taps, tempo_bpm, metre: [4, 4], bars }), "Tapped rhythm");
      store.set("groove.task", "drumify");
      dialog.close();
    } catch (error) {
      sayIn(dialog, error);
    }
  } }, glyph("check"), "Use this rhythm");
  const tempo = slider({ label: "Tempo", min: 50, max: 200, step: 1, fallback: 100, format: (value) => `${value} bpm`, get: () => settings().tempo_bpm, set: (value) => set("tempo_bpm", value) });
  const bars = number({ label: "Bars", min: 1, max: 8, get: () => settings().bars, set: (value) => set("bars", value) });
  const measure = h("button", { type: "button", class: "quiet", title: "Tap along with the click on every beat", onclick: () => void begin_(true) }, "Measure");
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

  /** @param {boolean} measures */
  async function begin_(measures) {
    stop();
    await audio.unlock();
    audio.stop();
    heard = [];
    const { tempo_bpm, bars: count } = settings();
    const { downbeat, end } = await audio.startClick({ bpm: tempo_bpm, metre: [4, 4], countIn: 1, bars: count });
    recording = { downbeat, end, measures };
    status.textContent = measures ? "Tap on every beat of the click." : "Count-in: one bar. Then tap.";
    timer = window.setTimeout(finish, Math.max(0, end - performance.now()) + STAY_MS);
    pad.focus({ preventScroll: true });
    paint();
    tick();
  }

  function finish() {
    if (!recording) return;
    const { downbeat, measures } = recording;
    recording = null;
    const got = tapsFrom(heard, downbeat, measures ? 0 : store.get("preferences.latencyMs"), length());
    if (measures) {
      const late = latenessOf(got, settings().tempo_bpm);
      if (late !== null) store.set("preferences.latencyMs", Math.round(late));
      status.textContent = late === null ? "Too few taps to measure: tap on every beat." : `Measured: your taps come ${Math.round(late)} ms late. That is taken out from now on.`;
      latency.refresh();
    } else {
      taps = got;
      status.textContent = taps.length ? `${taps.length} taps. Use them, or record again.` : "No taps were heard. Press Record and try again.";
    }
    paint();
  }

  function stop() {
    window.clearTimeout(timer);
    cancelAnimationFrame(frame);
    if (recording) audio.stop();
    recording = null;
    status.textContent = "Press Record, wait for the count-in, then tap.";
    paint();
  }

  /**
   * @param {number} at
   * @param {number} velocity
   */
  function hit(at, velocity) {
    pad.classList.remove("struck");
    void pad.offsetWidth;
    pad.classList.add("struck");
    if (recording) {
      heard.push({ at, velocity });
      taps = tapsFrom(heard, recording.downbeat, recording.measures ? 0 : store.get("preferences.latencyMs"), length());
      paintStrip();
    } else {
      void audio.strike("snare", { kit: store.get("kit"), velocity: Math.round(127 * velocity) });
    }
  }

  function tick() {
    if (!recording) return;
    const share = (performance.now() - recording.downbeat) / (recording.end - recording.downbeat);
    needle.style.setProperty("--at", String(Math.max(0, Math.min(1, share))));
    if (share < 0) pad.querySelector(".tap-word")?.replaceChildren(String(Math.min(4, Math.max(1, 5 - Math.ceil(-share * settings().bars * 4)))));
    else pad.querySelector(".tap-word")?.replaceChildren("Tap");
    frame = requestAnimationFrame(tick);
  }

  function paintStrip() {
    const total = length();
    const beats = settings().bars * 4;
    replace(strip,
      Array.from({ length: beats }, (_, i) => h("span", { class: i % 4 ? "tap-beat" : "tap-beat bar", style: { "--at": i / beats } })),
      taps.map(({ seconds, velocity }) => h("span", { class: "tap-mark", style: { "--at": seconds / total, "--velocity": velocity } })),
      needle);
  }

  function paint() {
    replace(record, glyph(recording ? "stop" : "record"), recording ? "Stop" : taps.length ? "Record again" : "Record");
    if (!recording) pad.querySelector(".tap-word")?.replaceChildren("Tap here");
    use.setAttribute("aria-disabled", String(!taps.length || !!recording));
    pad.classList.toggle("live", !!recording);
    needle.hidden = !recording;
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
    h("div", { class: "row tap-row" }, record, h("span", { class: "muted small" }, "Nearer to the middle is louder; Shift makes a key an accent.")),
    h("div", { class: "controls" }, tempo.element, bars.element, latency.element, ports),
  ], [use]);
  dialog.classList.add("wide-dialog", "tap-dialog");
  dialog.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLElement && event.target.matches("input, select");
    const plays = event.key.length === 1 && (event.key !== " " || event.target === pad) && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!plays || typing || event.repeat) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement && event.target !== pad) return;
    event.preventDefault();
    hit(event.timeStamp, event.shiftKey ? 1 : KEY_VELOCITY);
  });
  const off = midi.onHit((/** @type {{velocity: number, timeStamp: number}} */ one) => hit(one.timeStamp, one.velocity));
  const offPorts = midi.onPorts(paintPorts);
  dialog.addEventListener("close", () => { stop(); off(); offPorts(); });
  midi.listenTo(store.get("preferences.midiIn"));
  paintPorts();
  paint();
}
