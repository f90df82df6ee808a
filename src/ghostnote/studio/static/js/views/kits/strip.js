// @ts-check
/** One voice of the kit: its pad, its sound's shape, and how it is tuned, damped, placed; a sound of one's own by drop. */

import { h, replace } from "../../dom.js";
import { laneLabel } from "../groove/feel.js";
import { acceptDrop } from "../groove/choose.js";
import { slider } from "../groove/fields.js";
import { glyph } from "../groove/glyphs.js";
import { drawPeaks, peaksAt } from "./picture.js";
import { PLAIN, decibels, isPlain, pictureUrl, semitones, side, voiceOf, withVoice } from "./settings.js";

/** @typedef {import("../../types.js").VoiceSettings} VoiceSettings */

const AUDIO_TYPES = "audio/*,.wav,.flac,.ogg,.mp3,.aif,.aiff";

/**
 * @param {object} parts
 * @param {any} parts.store
 * @param {any} parts.api
 * @param {any} parts.audio
 * @param {any} parts.meta
 * @param {any} parts.shell
 * @param {string} parts.voice
 * @param {number} parts.place  Of the pad, from 1; its key.
 * @param {() => any} parts.described  What the server says of the chosen kit.
 */
export function createStrip({ store, api, audio, meta, shell, voice, place, described }) {
  const name = laneLabel(voice);
  const kit = () => store.get("kit");
  const own = () => voiceOf(kit(), voice);
  /**
   * @param {VoiceSettings} change
   * @param {string} label
   */
  const set = (change, label) => store.set("kit", withVoice(kit(), voice, change), { undoable: true, label: `${name}: ${label}` });

  const canvas = h("canvas", { class: "pad-picture", "aria-hidden": "true" });
  const keyWord = h("kbd", {});
  const sampleName = h("span", { class: "pad-sample" });
  const pad = h("button", { type: "button", class: "kit-pad" }, h("span", { class: "pad-head" }, h("strong", {}, name), keyWord), canvas, sampleName);
  pad.setAttribute("aria-label", `Play ${name}`);
  pad.addEventListener("pointerdown", (event) => {
    const box = pad.getBoundingClientRect();
    strike(Math.max(0.3, Math.min(1, 1.15 - (event.clientY - box.top) / box.height * 0.7)));
  });
  pad.addEventListener("click", (event) => {
    if (event.detail === 0) strike(0.9);
  });

  /** @param {number} velocity */
  function strike(velocity) {
    flash();
    audio.strike(voice, { kit: kit(), velocity }).catch(shell.fail);
  }
  function flash() {
    pad.classList.remove("struck");
    void pad.offsetWidth;
    pad.classList.add("struck");
  }
  // Sounds are made anew for each value: heard when the hand lets go, so that a drag does not ask for dozens.
  const again = () => { store.endDrag(); if (!audio.playing) strike(0.9); };
  /**
   * @param {keyof VoiceSettings & ("tune" | "decay" | "level_db" | "pan")} key
   * @param {string} label
   * @param {[number, number, number, number]} range  Least, most, step, middle.
   * @param {(value: number) => string} format
   */
  const dial = (key, label, [min, max, step, middle], format) => {
    const field = slider({ label, min, max, step, middle, fallback: PLAIN[key], format, get: () => own()[key], set: (value) => set({ [key]: value }, label.toLowerCase()), end: again });
    field.element.querySelector("input")?.setAttribute("aria-label", `${name} ${label.toLowerCase()}`);
    return field;
  };
  const dials = [
    dial("tune", "Tune", [-12, 12, 1, 0], semitones),
    dial("decay", "Decay", [0.2, 2, 0.05, 1], (value) => `${Math.round(100 * value)} %`),
    dial("level_db", "Level", [-24, 12, 0.5, 0], decibels),
    dial("pan", "Pan", [-1, 1, 0.05, 0], side),
  ];

  const input = h("input", { type: "file", accept: AUDIO_TYPES, hidden: true, tabindex: "-1", "aria-hidden": "true", onchange: () => {
    const file = input.files?.[0];
    if (file) void take(file);
    input.value = "";
  } });
  const mutate = h("button", { type: "button", class: "quiet icon-only", "aria-label": `Mutate ${name}`, title: "Mutate: a close relative of this sound", onclick: () => {
    set({ mutation: Math.floor(Math.random() * 2 ** 31) }, "mutate");
    strike(0.9);
  } }, glyph("mutate"));
  const choose = h("button", { type: "button", class: "quiet icon-only", "aria-label": `Choose a sound file for ${name}`, title: "A sound of your own: choose a file, or drop it here", onclick: () => input.click() }, glyph("folder"));
  const reset = h("button", { type: "button", class: "quiet icon-only", "aria-label": `Reset ${name}`, title: "As the kit has it", onclick: () => {
    set(PLAIN, "reset");
    strike(0.9);
  } }, glyph("reset"));
  const element = h("section", { class: "strip", "aria-label": name }, pad, h("div", { class: "strip-tools" }, mutate, choose, reset, input), h("div", { class: "strip-dials" }, dials.map((field) => field.element)));
  acceptDrop(element, (file) => void take(file));

  /** @param {File} file */
  async function take(file) {
    const most = meta?.limits?.one_shot_bytes ?? 20 * 1024 * 1024;
    try {
      if (file.size > most) throw new Error(`A sound may have at most ${Math.round(most / 1024 / 1024)} MiB; ${file.name} has ${Math.ceil(file.size / 1024 / 1024)}. Cut it to one hit.`);
      element.classList.add("loading");
      const sample = await api.uploadSample(file, file.name);
      set({ sample: sample.sound, mutation: null }, "own sound");
      shell.announce(`${name}: ${sample.name}`);
      strike(0.9);
    } catch (error) {
      shell.fail(error);
    } finally {
      element.classList.remove("loading");
    }
  }

  let drawn = "";
  function paint() {
    for (const field of dials) field.refresh();
    const { sample, mutation } = own();
    keyWord.textContent = shell.keys.label(`kit_pad_${place}`);
    replace(sampleName, sample ? `${sample.kind === "file" ? sample.name : sample.family}` : mutation !== null ? "mutated" : "");
    element.classList.toggle("changed", !isPlain(kit(), voice));
    reset.setAttribute("aria-disabled", String(isPlain(kit(), voice)));
    mutate.setAttribute("aria-disabled", String(!!sample));
    const url = pictureUrl(api, described(), kit(), voice);
    if (described() && url !== drawn) {
      drawn = url;
      peaksAt(url).then((peaks) => { if (drawn === url) drawPeaks(canvas, peaks); }).catch((error) => { drawn = ""; shell.fail(error); });
    }
  }
  function redraw() {
    drawn = "";
    paint();
  }

  return { element, paint, redraw, strike, flash, voice };
}
