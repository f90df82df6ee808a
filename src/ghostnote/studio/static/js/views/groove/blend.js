// @ts-check
/** Blend a beat with a performance of it, note by note, without asking the server. */

import { stepSeconds } from "./feel.js";

/** @typedef {import("../../types.js").Beat} Beat */
/** @typedef {import("../../types.js").Note} BeatNote */
/** @typedef {{timing?: number, velocity?: number}} VoiceAmounts */
/** @typedef {{timing: number, velocity: number, voices: Record<string, VoiceAmounts>}} Amounts */

/** The most of a performance that one can take, as on the server. */
export const MOST = 1.5;

/**
 * Whether both hold the same notes in the same order, so that one can be blended into the other.
 * @param {Beat | null | undefined} from
 * @param {Beat | null | undefined} to
 * @returns {boolean}
 */
export function isSameScore(from, to) {
  if (!from || !to || from.notes.length !== to.notes.length) return false;
  return from.notes.every((note, i) => note.pitch === to.notes[i].pitch && note.voice === to.notes[i].voice);
}

/**
 * The amounts of one voice: its own, or those of all; none at all where it is locked.
 * @param {Amounts} amounts
 * @param {string[]} locks
 * @param {string | null} voice
 * @returns {{timing: number, velocity: number}}
 */
export function amountsOf(amounts, locks, voice) {
  if (voice && locks.includes(voice)) return { timing: 0, velocity: 0 };
  const own = voice ? amounts.voices[voice] : undefined;
  return { timing: own?.timing ?? amounts.timing, velocity: own?.velocity ?? amounts.velocity };
}

/**
 * Whether these amounts take the performance as it is.
 * @param {Amounts} amounts
 * @param {string[]} locks
 * @param {Beat} beat
 */
export function takesAll(amounts, locks, beat) {
  return beat.notes.every((note) => {
    const { timing, velocity } = amountsOf(amounts, locks, note.voice);
    return timing === 1 && velocity === 1;
  });
}

/**
 * All of it in the form that the server's blend and the audio layer understand: a locked voice takes nothing of either.
 * @param {Amounts} amounts
 * @param {string[]} locks
 * @returns {import("../../types.js").Amounts}
 */
export function withLocks(amounts, locks) {
  /** @type {Record<string, {timing: number, velocity: number}>} */
  const voices = {};
  for (const voice of [...Object.keys(amounts.voices), ...locks]) voices[voice] = amountsOf(amounts, locks, voice);
  return { timing: amounts.timing, velocity: amounts.velocity, voices };
}

/**
 * @param {Beat} from
 * @param {Beat} to  The same score as `from`.
 * @param {Amounts} amounts
 * @param {string[]} locks
 * @returns {Beat} With the grid of `to`, notes in the order of both.
 */
export function blend(from, to, amounts, locks) {
  if (takesAll(amounts, locks, to)) return to;
  const finer = to.ticks_per_beat / from.ticks_per_beat;
  const notes = to.notes.map((played, i) => {
    const given = from.notes[i];
    const { timing, velocity } = amountsOf(amounts, locks, played.voice);
    const seconds = Math.max(0, mix(given.seconds, played.seconds, timing));
    return {
      ...played,
      tick: Math.max(0, Math.round(mix(given.tick * finer, played.tick, timing))),
      seconds,
      velocity: Math.min(127, Math.max(1, Math.round(mix(given.velocity, played.velocity, velocity)))),
      offset: offsetOf(to, played.step, seconds),
    };
  });
  return { ...to, notes };
}

/**
 * @param {Beat} beat
 * @param {number | null} step
 * @param {number} seconds
 * @returns {number | null}
 */
function offsetOf(beat, step, seconds) {
  if (step === null || beat.grid.seconds[step] === undefined) return null;
  const length = stepSeconds(beat, step);
  return length > 0 ? (seconds - beat.grid.seconds[step]) / length : 0;
}

/**
 * @param {number} a
 * @param {number} b
 * @param {number} share
 */
function mix(a, b, share) {
  return a + share * (b - a);
}
