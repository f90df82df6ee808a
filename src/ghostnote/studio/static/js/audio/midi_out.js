// @ts-check
/** What plays, as MIDI: what was sent can not be taken back, so that it waits here until shortly before it is heard. */
/** @import {Midi} from "./midi.js" */
/** @import {Hit} from "./timeline.js" */

/**
 * @typedef {{frame: number, hit: Hit, hushed: () => boolean}} Due
 *
 * @typedef {object} MidiOut
 * @property {(midi: Midi | null, options: {notes: boolean, clock: boolean}) => void} use
 * @property {(due: Due) => Due} add
 * @property {(due: Due) => void} drop  one that may have been sent stays so
 * @property {(frame: number, msAt: (frame: number) => number) => void} sendBefore  what is due before `frame`
 * @property {() => void} stop  nothing more is sent, but for the clock's stop
 * @property {number} sentTo  frame before which nothing may be changed any more
 */

const NOTE_MS = 60;

/**
 * @param {() => number} [now]  ms as of `performance.now()`
 * @returns {MidiOut}
 */
export function createMidiOut(now = () => performance.now()) {
  /** @type {{midi: Midi | null, notes: boolean, clock: boolean}} */
  let to = { midi: null, notes: true, clock: false };
  /** @type {Set<Due>} */
  const waiting = new Set();
  let running = false;
  let sentTo = -Infinity;
  let lastMs = -Infinity;

  /**
   * @param {Due} due
   * @param {number} ms
   * @returns {boolean} Whether anything was sent.
   */
  function send({ hit, hushed }, ms) {
    const { midi, notes, clock } = to;
    if (!midi) return false;
    if (hit.kind === "tick") {
      if (!clock || !(running || hit.track === 0)) return false;
      if (!running) midi.sendStart(ms);
      running = true;
      midi.sendTick(ms);
      return true;
    }
    if (!notes || !hit.pitch || hushed()) return false;
    midi.sendNote(hit.pitch, hit.velocity, ms, NOTE_MS);
    return true;
  }

  function endClock() {
    if (running) to.midi?.sendStop(Math.max(now(), lastMs)); // after the last tick, which may be on its way
    running = false;
  }

  return {
    use(midi, { notes, clock }) {
      if (to.midi !== midi || !clock) endClock();
      to = { midi, notes, clock };
    },
    add(due) {
      waiting.add(due);
      return due;
    },
    drop: (due) => void waiting.delete(due),
    sendBefore(frame, msAt) {
      const ripe = [...waiting].filter((due) => due.frame < frame).sort((a, b) => a.frame - b.frame);
      for (const due of ripe) {
        waiting.delete(due);
        const ms = msAt(due.frame);
        if (!send(due, ms)) continue;
        sentTo = due.frame + 1;
        lastMs = ms;
      }
    },
    stop() {
      waiting.clear();
      endClock();
    },
    get sentTo() {
      return sentTo;
    },
  };
}
