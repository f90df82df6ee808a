// @ts-check
/** Taps on keys, pads, glass or a MIDI device become a rhythm: seconds from the downbeat, less the latency. */
/** @import {Tap, Taps} from "../types.js" */
/** @import {Audio} from "./player.js" */
/** @import {Midi} from "./midi.js" */

/**
 * @typedef {object} TapOptions
 * @property {Midi | null} [midi]
 * @property {number} bpm
 * @property {number} bars
 * @property {number} [countIn]  bars
 * @property {[number, number]} [metre]
 * @property {number} [latencyMs]  how late taps arrive, beyond what the browser knows of
 *
 * @typedef {{kind: "count", beat: number} | {kind: "beat", beat: number} | {kind: "tap", tap: Tap}
 *   | {kind: "done", taps: Taps}} TapEvent  a count-in's beats are -4, -3 …; -1 is the last before the downbeat
 *
 * @typedef {object} TapRecorder
 * @property {() => Promise<void>} start
 * @property {(velocity?: number, timeStamp?: number) => Tap | null} tap  of a key or a pointer: `event.timeStamp`; null
 *   where it lies outside the recording
 * @property {() => Taps} stop
 * @property {boolean} recording
 * @property {(listener: (event: TapEvent) => void) => () => void} on
 */

const TICK_MS = 20;

/**
 * Returns a tap's place in the recording; null where it lies outside: more than half a 16th before the downbeat, or so
 * late that it belongs to the bar after the last.
 * @param {number} timeStamp  ms
 * @param {{downbeat: number, end: number, latencyMs: number, beatMs: number}} options  ms
 * @returns {number | null}  seconds; below 0 just ahead of the downbeat
 */
export function tapSeconds(timeStamp, { downbeat, end, latencyMs, beatMs }) {
  const at = timeStamp - latencyMs;
  if (at < downbeat - beatMs / 8 || at >= end - beatMs / 8) return null;
  return (at - downbeat) / 1000;
}

/**
 * @param {TapOptions & {audio: Pick<Audio, "startClick" | "stopClick">, now?: () => number}} options
 * @returns {TapRecorder}
 */
export function createTapRecorder(options) {
  const { audio, midi = null, bpm, bars, countIn = 1, metre = [4, 4], latencyMs = 0 } = options;
  const now = options.now ?? (() => performance.now());
  const beatMs = (60_000 / bpm) * (4 / metre[1]);
  /** @type {Set<(event: TapEvent) => void>} */
  const listeners = new Set();
  /** @type {Tap[]} */
  let taps = [];
  /** @type {{downbeat: number, end: number} | null} */
  let span = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  /** @type {(() => void) | undefined} */
  let deaf;
  let told = -Infinity;

  /** @param {TapEvent} event */
  function tell(event) {
    for (const listener of [...listeners]) listener(event);
  }

  function follow() {
    if (!span) return;
    const beat = Math.floor((now() - span.downbeat) / beatMs);
    if (beat !== told && now() < span.end) {
      told = beat;
      tell({ kind: beat < 0 ? "count" : "beat", beat });
    }
    // A late tap may still be on its way.
    if (now() >= span.end + latencyMs + 100) finish();
  }

  /** @returns {Taps} */
  function result() {
    const sorted = [...taps].sort((a, b) => a.seconds - b.seconds);
    return { taps: sorted, tempo_bpm: bpm, metre, bars };
  }

  function finish() {
    if (!span) return result();
    span = null;
    clearInterval(timer);
    deaf?.();
    audio.stopClick();
    const made = result();
    tell({ kind: "done", taps: made });
    return made;
  }

  /**
   * @param {number} [velocity]
   * @param {number} [timeStamp]
   */
  function tap(velocity = 0.8, timeStamp = now()) {
    const seconds = span && tapSeconds(timeStamp, { ...span, latencyMs, beatMs });
    if (seconds === null) return null;
    const made = { seconds, velocity: Math.min(1, Math.max(1 / 127, velocity)) };
    taps.push(made);
    tell({ kind: "tap", tap: made });
    return made;
  }

  return {
    async start() {
      taps = [];
      told = -Infinity;
      span = await audio.startClick({ bpm, metre, countIn, bars });
      deaf = midi?.onHit((hit) => tap(hit.velocity, hit.timeStamp));
      timer = setInterval(follow, TICK_MS);
      follow();
    },
    tap,
    stop: finish,
    get recording() {
      return span !== null;
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
