// @ts-check
/** The nodes between hits and loudspeaker: tracks with level and pan, volume, and a ceiling that is only then at work. */

/**
 * @typedef {object} Track
 * @property {AudioNode} input
 * @property {(level: number, pan: number) => void} set  linear gain, -1…1; at once, without a click
 * @property {(open: boolean) => void} open  whether it is heard at all
 *
 * @typedef {object} Mixer
 * @property {AudioNode} master
 * @property {(name: string) => Track} track
 * @property {(volume: number) => void} setVolume
 * @property {(names: Set<string>) => void} hush  these tracks, now and when they are made, and no others are silent
 */

const GLIDE_SECONDS = 0.008;
/** Below this, samples leave as they came; above, they are bent so that none passes full scale. */
export const KNEE = 0.9;
const REACH = 4; // what comes in beyond this full scale is held at full scale
const CURVE_POINTS = 8193;

/**
 * Returns what a sample becomes: itself up to the knee, then an ever flatter curve below 1.
 * @param {number} value
 */
export function softClip(value) {
  const size = Math.abs(value);
  if (size <= KNEE) return value;
  return Math.sign(value) * (KNEE + (1 - KNEE) * Math.tanh((size - KNEE) / (1 - KNEE)));
}

/** The curve of `softClip` over ±REACH, as a WaveShaperNode reads it. */
function clipCurve() {
  return Float32Array.from({ length: CURVE_POINTS }, (_, i) => softClip(((2 * i) / (CURVE_POINTS - 1) - 1) * REACH));
}

/**
 * @param {BaseAudioContext} context
 * @returns {Mixer}
 */
export function createMixer(context) {
  const master = context.createGain();
  const reach = context.createGain();
  reach.gain.value = 1 / REACH;
  const shaper = context.createWaveShaper();
  shaper.curve = clipCurve();
  master.connect(reach).connect(shaper).connect(context.destination);
  /** @type {Map<string, Track>} */
  const tracks = new Map();
  /** @type {Set<string>} */
  let hushed = new Set();

  return {
    master,
    setVolume(volume) {
      // By ear: half the way up is half as loud, not half the pressure.
      glide(master.gain, Math.min(1, Math.max(0, volume)) ** 2, context.currentTime);
    },
    track(name) {
      const known = tracks.get(name);
      if (known) return known;
      const made = createTrack(context, master);
      made.open(!hushed.has(name));
      tracks.set(name, made);
      return made;
    },
    hush(names) {
      hushed = names;
      for (const [name, track] of tracks) track.open(!names.has(name));
    },
  };
}

/**
 * Level and balance, as `ghostnote.audio.shaping.balance`: the side that is turned away from falls, the other stays.
 * @param {BaseAudioContext} context
 * @param {AudioNode} output
 * @returns {Track}
 */
function createTrack(context, output) {
  const input = context.createGain();
  input.connect(output);
  /** @type {GainNode[] | null} */
  let sides = null;
  let last = "1 0";
  let wanted = 1;
  let isOpen = true;

  function split() {
    const splitter = context.createChannelSplitter(2);
    const merger = context.createChannelMerger(2);
    const made = [0, 1].map((side) => {
      const gain = context.createGain();
      splitter.connect(gain, side);
      gain.connect(merger, 0, side);
      return gain;
    });
    input.channelCount = 2; // A mono sound must reach both sides.
    input.channelCountMode = "explicit";
    input.disconnect();
    input.connect(splitter);
    merger.connect(output);
    return made;
  }
  return {
    input,
    set(level, pan) {
      if (last === `${level} ${pan}`) return;
      last = `${level} ${pan}`;
      const now = context.currentTime;
      wanted = level;
      glide(input.gain, isOpen ? wanted : 0, now);
      if (pan !== 0) sides ??= split();
      if (sides) {
        glide(sides[0].gain, Math.min(1, 1 - pan), now);
        glide(sides[1].gain, Math.min(1, 1 + pan), now);
      }
    },
    open(open) {
      if (open === isOpen) return;
      isOpen = open;
      glide(input.gain, open ? wanted : 0, context.currentTime);
    },
  };
}

/**
 * @param {AudioParam} param
 * @param {number} value
 * @param {number} now
 */
function glide(param, value, now) {
  if (now === 0) param.value = value;
  else param.setTargetAtTime(value, now, GLIDE_SECONDS);
}
