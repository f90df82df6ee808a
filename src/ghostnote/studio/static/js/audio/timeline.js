// @ts-check
/** What goes round: hits, clicks and MIDI clock of a loop or a beat, in whole frames. As loops/rendering.py has it. */
/** @import {Amounts, Beat, Loop, Note} from "../types.js" */
import { STEPS_PER_BEAT, durationSeconds, hitsOf, stepSeconds, stepsOf } from "../loops.js";

/**
 * @typedef {object} Hit
 * @property {"hit" | "click" | "tick"} kind
 * @property {number} at  frame in the round, 0 ≤ at < frames
 * @property {number} step  to which it belongs, counted from the round's own first: -1 and `steps` lie in its neighbours
 * @property {number} track  row or voice; of a click 1 for the bar's first, 0 for others
 * @property {number} velocity  0…1
 * @property {number} pitch  MIDI; 0 where there is none
 * @property {number} ordinal  which hit of its track this is
 *
 * @typedef {object} Timeline
 * @property {number} rate
 * @property {number} frames  length of a round
 * @property {number} steps
 * @property {number[]} stepFrames  where each step begins, without swing
 * @property {string[]} tracks
 * @property {number[]} counts  hits of each track in a round
 * @property {Hit[]} hits  in order of `at`
 */

const TICKS_PER_QUARTER = 24;
const TAPPED = { voice: "snare", pitch: 37 }; // a rhythm has no voices: it is heard as a side stick

/**
 * Rounds halves to even, as Python and NumPy do.
 * @param {number} value
 */
export function rint(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * @param {Loop} loop
 * @param {number} rate
 * @param {string[]} [roles]  voice of each row
 * @returns {Timeline}
 */
export function loopTimeline(loop, rate, roles = []) {
  const steps = stepsOf(loop);
  const length = stepSeconds(loop);
  const duration = durationSeconds(loop);
  const frames = rint(duration * rate);
  /** @type {Hit[]} */
  const hits = hitsOf(loop).map(({ row, step, velocity, offset }) => {
    const at = step + (loop.swing * (step % 2) + Math.fround(offset));
    const early = at < 0;
    const seconds = (at * length) % duration + (early ? duration : 0);
    const rounded = rint(seconds * rate);
    // An early hit of the first step sounds at the end of the round before.
    const belongs = early && rounded < frames ? step + steps : step;
    const pitch = PITCHES[roles[row] ?? ""] ?? 0;
    return { kind: "hit", at: rounded % frames, step: belongs, track: row, velocity: Math.fround(velocity), pitch, ordinal: 0 };
  });
  const stepFrames = Array.from({ length: steps }, (_, step) => rint(step * length * rate));
  const clicks = stepFrames.flatMap((at, step) => (step % STEPS_PER_BEAT === 0 ? [click(at, step, step === 0)] : []));
  return timeline(rate, frames, stepFrames, loop.rows.map((_, row) => String(row)), [...hits, ...clicks], steps / STEPS_PER_BEAT);
}

/**
 * @param {Beat} beat
 * @param {number} rate
 * @param {string[]} voices
 * @param {Beat | null} [from]  the same notes, unplayed
 * @param {Amounts | null} [amounts]  how much to take of what `beat` does beyond `from`
 * @returns {Timeline}
 */
export function beatTimeline(beat, rate, voices, from = null, amounts = null) {
  const frames = Math.max(1, rint(beat.duration_seconds * rate));
  const inside = beat.grid.seconds.filter((seconds) => rint(seconds * rate) < frames);
  const stepFrames = inside.length ? inside.map((seconds) => rint(seconds * rate)) : [0];
  /** @type {Hit[]} */
  const hits = [];
  for (const note of blended(beat, from, amounts)) {
    const { voice, pitch } = beat.kind === "rhythm" ? TAPPED : note;
    const track = voices.indexOf(voice ?? "");
    if (track < 0) continue;
    const at = rint(Math.max(0, note.seconds) * rate);
    const step = note.step ?? stepAt(stepFrames, at);
    // What is played past the end belongs to the round that is under way then.
    const rounds = Math.floor(at / frames);
    const velocity = Math.min(127, Math.max(1, Math.round(note.velocity))) / 127;
    hits.push({ kind: "hit", at: at % frames, step: step - rounds * stepFrames.length, track, velocity, pitch, ordinal: 0 });
  }
  const clicks = stepFrames.flatMap((at, step) =>
    beat.grid.beat[step] ? [click(at, step, step === 0 || beat.grid.bars[step] !== beat.grid.bars[step - 1])] : []);
  const quarters = (beat.bars * beat.metre[0] * 4) / beat.metre[1];
  return timeline(rate, frames, stepFrames, voices, [...hits, ...clicks], quarters);
}

/**
 * Returns notes between `from` and `beat`, those of `beat` where there is nothing to blend.
 * @param {Beat} beat
 * @param {Beat | null} from
 * @param {Amounts | null} amounts
 * @returns {Note[]}
 */
export function blended(beat, from, amounts) {
  if (!from || !amounts || from.notes.length !== beat.notes.length) return beat.notes;
  return beat.notes.map((note, i) => {
    const given = from.notes[i];
    const own = amounts.voices[note.voice ?? ""];
    const timing = own?.timing ?? amounts.timing;
    const velocity = own?.velocity ?? amounts.velocity;
    return {
      ...note,
      seconds: given.seconds + timing * (note.seconds - given.seconds),
      velocity: given.velocity + velocity * (note.velocity - given.velocity),
    };
  });
}

/**
 * @param {number} at
 * @param {number} step
 * @param {boolean} accent
 * @returns {Hit}
 */
function click(at, step, accent) {
  return { kind: "click", at, step, track: accent ? 1 : 0, velocity: 1, pitch: 0, ordinal: 0 };
}

/**
 * @param {number} rate
 * @param {number} frames
 * @param {number[]} stepFrames
 * @param {string[]} tracks
 * @param {Hit[]} hits
 * @param {number} quarters
 * @returns {Timeline}
 */
function timeline(rate, frames, stepFrames, tracks, hits, quarters) {
  const ticks = Math.round(quarters * TICKS_PER_QUARTER);
  for (let i = 0; i < ticks; i++) {
    const at = Math.min(frames - 1, rint((i * frames) / ticks));
    // A tick of a step's beginning belongs to that step, also where it was rounded to the frame before.
    hits.push({ kind: "tick", at, step: stepAt(stepFrames, at + 1), track: i, velocity: 1, pitch: 0, ordinal: 0 });
  }
  hits.sort((a, b) => a.at - b.at || a.track - b.track);
  const counts = tracks.map(() => 0);
  for (const hit of hits) if (hit.kind === "hit") hit.ordinal = counts[hit.track]++;
  return { rate, frames, steps: stepFrames.length, stepFrames, tracks, counts, hits };
}

/**
 * @param {number[]} stepFrames
 * @param {number} at
 */
export function stepAt(stepFrames, at) {
  let low = 0;
  let high = stepFrames.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (stepFrames[middle] <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** @type {Record<string, number>} Of General MIDI, for loops sent to a device. */
export const PITCHES = {
  kick: 36, snare: 38, closed_hihat: 42, open_hihat: 46, low_tom: 41, mid_tom: 47, high_tom: 50, crash: 49, ride: 51,
};
