// @ts-check
/** The look-ahead: a timer that may be late asks often for what comes soon, and the audio clock keeps the time. */

export const TIMER_MS = 25;
export const AHEAD_SECONDS = 0.25; // what is placed can be taken back, so that more costs nothing
export const AHEAD_HIDDEN_SECONDS = 2.5; // browsers wake the timers of a page that nobody sees once a second
export const SENT_SECONDS = 0.06; // what is sent, as MIDI, can not be taken back: just over two timers
export const SENT_HIDDEN_SECONDS = 1.2;

/**
 * @typedef {{start: () => void, stop: () => void, pump: () => void}} Clock
 */

/**
 * @param {object} options
 * @param {() => number} options.now  of the audio clock, in frames
 * @param {number} options.rate
 * @param {(now: number, horizon: number, sent: number) => void} options.advance  up to `horizon` what can be taken
 *   back, up to `sent` what can not
 * @param {{hidden: boolean, addEventListener: (kind: "visibilitychange", then: () => void) => void,
 *   removeEventListener: (kind: "visibilitychange", then: () => void) => void}} [options.page]
 * @param {(then: () => void, ms: number) => any} [options.setTimer]
 * @param {(timer: any) => void} [options.clearTimer]
 * @returns {Clock}
 */
export function createClock({ now, rate, advance, page = document, setTimer, clearTimer }) {
  const set = setTimer ?? ((then, ms) => setInterval(then, ms));
  const clear = clearTimer ?? ((timer) => clearInterval(timer));
  /** @type {any} */
  let timer;

  function pump() {
    const at = now();
    const [ahead, sent] = page.hidden ? [AHEAD_HIDDEN_SECONDS, SENT_HIDDEN_SECONDS] : [AHEAD_SECONDS, SENT_SECONDS];
    advance(at, at + Math.ceil(ahead * rate), at + Math.ceil(sent * rate));
  }
  return {
    pump,
    start() {
      pump();
      if (timer !== undefined) return;
      timer = set(pump, TIMER_MS);
      page.addEventListener("visibilitychange", pump); // the last moment before timers become rare
    },
    stop() {
      if (timer === undefined) return;
      clear(timer);
      timer = undefined;
      page.removeEventListener("visibilitychange", pump);
    },
  };
}

/**
 * Returns what hears now, and what will be heard then: audio time is of the context, ms as of `performance.now()`.
 * @param {Pick<AudioContext, "currentTime" | "outputLatency" | "baseLatency" | "getOutputTimestamp">} context
 * @param {() => number} [performanceNow]
 */
export function createTimes(context, performanceNow = () => performance.now()) {
  /** Where the audio clock stood as of the page's: a pair that belongs together. */
  function pair() {
    const stamp = context.getOutputTimestamp?.() ?? {};
    if (stamp.contextTime && stamp.performanceTime) return { audio: stamp.contextTime, ms: stamp.performanceTime };
    const latency = context.outputLatency || context.baseLatency || 0;
    return { audio: Math.max(0, context.currentTime - latency), ms: performanceNow() };
  }
  return {
    /** @param {number} ms */
    audioAt(ms) {
      const { audio, ms: at } = pair();
      return audio + (ms - at) / 1000;
    },
    /** @param {number} seconds  of audio time */
    msAt(seconds) {
      const { audio, ms } = pair();
      return ms + (seconds - audio) * 1000;
    },
    heardNow() {
      const { audio, ms } = pair();
      return audio + (performanceNow() - ms) / 1000;
    },
  };
}
