// @ts-check
/** Sounds of a step: one at a time, gapless where they are loops, and how long each was truly heard. */

/**
 * @typedef {object} Sound
 * @property {() => Promise<void>} unlock  browsers let sound begin only after a gesture
 * @property {(fetched: Promise<ArrayBuffer>[], options: {loop: boolean}) => void} load  puts others in place of these
 * @property {(which: number) => Promise<void>} toggle
 * @property {() => void} stop
 * @property {() => Promise<void>} check  a short tone pattern, as loud as a loop
 * @property {() => number[]} played  seconds that each was heard, so far
 * @property {() => number | null} playing
 * @property {number} volume  0…1
 * @property {(listener: (playing: number | null) => void) => () => void} on
 */

const FADE_SECONDS = 0.008;
const CHECK = [220, 440, 330, 440];
const CHECK_LEVEL = 0.25;

/** @returns {Sound} */
export function createSound() {
  const context = new AudioContext({ latencyHint: "interactive" });
  const output = context.createGain();
  output.connect(context.destination);
  /** @type {Set<(playing: number | null) => void>} */
  const listeners = new Set();
  /** @type {Promise<AudioBuffer>[]} */
  let buffers = [];
  let loops = true;
  /** @type {number[]} */
  let heard = [];
  /** @type {{which: number, source: AudioBufferSourceNode, gain: GainNode, since: number} | null} */
  let now = null;
  let wanted = 0;
  let volume = 1;

  const tell = () => listeners.forEach((listener) => listener(now?.which ?? null));

  function settle() {
    if (!now) return;
    heard[now.which] += Math.max(0, context.currentTime - now.since);
    now.since = context.currentTime;
  }

  function stop() {
    wanted++;
    if (!now) return;
    settle();
    const { source, gain } = now;
    now = null;
    gain.gain.setTargetAtTime(0, context.currentTime, FADE_SECONDS);
    source.onended = null;
    source.stop(context.currentTime + 6 * FADE_SECONDS);
    tell();
  }

  /** @param {AudioBuffer} buffer @param {number} which */
  function start(buffer, which) {
    const source = new AudioBufferSourceNode(context, { buffer, loop: loops });
    const gain = new GainNode(context, { gain: 1 });
    source.connect(gain).connect(output);
    source.onended = () => now?.source === source && stop();
    source.start();
    now = { which, source, gain, since: context.currentTime };
    tell();
  }

  return {
    unlock: () => context.resume(),
    load(fetched, { loop }) {
      stop();
      loops = loop;
      heard = fetched.map(() => 0);
      buffers = fetched.map((bytes) => bytes.then((content) => context.decodeAudioData(content)));
      for (const buffer of buffers) buffer.catch(() => undefined); // told when it is to be played
    },
    async toggle(which) {
      if (now?.which === which) return stop();
      stop();
      const turn = wanted;
      await context.resume();
      const buffer = await buffers[which];
      if (turn === wanted) start(buffer, which);
    },
    stop,
    async check() {
      stop();
      await context.resume();
      CHECK.forEach((frequency, index) => {
        const at = context.currentTime + 0.05 + index * 0.25;
        const tone = new OscillatorNode(context, { type: "triangle", frequency });
        const gain = new GainNode(context, { gain: 0 });
        gain.gain.setValueAtTime(CHECK_LEVEL, at);
        gain.gain.exponentialRampToValueAtTime(0.001, at + 0.22);
        tone.connect(gain).connect(output);
        tone.start(at);
        tone.stop(at + 0.24);
      });
      await new Promise((resolve) => setTimeout(resolve, 1_050));
    },
    played() {
      settle();
      return heard.map((seconds) => Math.round(seconds * 1000) / 1000);
    },
    playing: () => now?.which ?? null,
    get volume() {
      return volume;
    },
    set volume(value) {
      volume = Math.min(1, Math.max(0, value));
      output.gain.setTargetAtTime(volume ** 2, context.currentTime, 0.01);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
