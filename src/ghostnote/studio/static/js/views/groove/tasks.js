// @ts-check
/** The eight tasks: what they say, which controls they have, and what they ask of the server. */

/** @typedef {import("../../types.js").Beat} Beat */
/** @typedef {import("../../types.js").Task} TaskName */

/**
 * @typedef {object} TaskDefinition
 * @property {TaskName} name
 * @property {string} label
 * @property {string} glyph
 * @property {string} about
 * @property {string[]} controls  In the order in which they stand; see panel.js.
 * @property {boolean} keepsScore  Whether every take holds the source's notes, so that amounts can be blended.
 * @property {boolean} quick       Whether it plays again by itself when a control changes.
 * @property {boolean} needsSource
 */

/** @type {TaskDefinition[]} */
export const TASKS = [
  { name: "humanize", label: "Humanize", glyph: "human", keepsScore: true, quick: true, needsSource: true, controls: ["style", "push_ms", "temperature", "keep_accents", "bars"],
    about: "A drummer plays your score: every note stays, its timing and its dynamics come alive." },
  { name: "drumify", label: "Drumify", glyph: "drumify", keepsScore: false, quick: false, needsSource: true, controls: ["style", "density", "temperature", "fill", "use_velocities"],
    about: "A rhythm, tapped or taken from any part, becomes a whole drum beat." },
  { name: "infill", label: "Infill", glyph: "infill", keepsScore: false, quick: false, needsSource: true, controls: ["voices", "bars", "style", "density", "temperature"],
    about: "Voices or bars are written anew, to fit all that stays." },
  { name: "transfer", label: "Transfer", glyph: "transfer", keepsScore: true, quick: true, needsSource: true, controls: ["groove", "style", "temperature", "bars"],
    about: "Your score, played with the feel of another beat." },
  { name: "vary", label: "Vary", glyph: "vary", keepsScore: false, quick: false, needsSource: true, controls: ["amount"],
    about: "The same beat, a little different each time: as much as you say." },
  { name: "continue", label: "Continue", glyph: "continue", keepsScore: false, quick: false, needsSource: true, controls: ["more_bars", "style", "temperature"],
    about: "The beat goes on: new bars after yours, in its manner." },
  { name: "generate", label: "Generate", glyph: "generate", keepsScore: false, quick: false, needsSource: false, controls: ["new_bars", "tempo_bpm", "metre", "style", "density", "temperature"],
    about: "A new beat out of nothing but your wishes." },
  { name: "interpolate", label: "Interpolate", glyph: "interpolate", keepsScore: false, quick: true, needsSource: false, controls: ["pad"],
    about: "A pad between up to four beats: move the point and hear what lies between." },
];

/** @type {Record<string, any>} What controls say before anybody touched them. */
export const STANDARD = {
  style: "", push_ms: 0, temperature: 1, keep_accents: "auto", density: null, fill: "auto", use_velocities: true, voices: [], groove: null,
  amount: 0.3, more_bars: 4, new_bars: 4, tempo_bpm: 110, metre: "4/4",
};

export const PAD_STEPS = 5;
export const PATH_STEPS = 9;

/**
 * @param {string} name
 * @returns {TaskDefinition}
 */
export function taskOf(name) {
  return TASKS.find((task) => task.name === name) ?? TASKS[0];
}

/**
 * @param {any} groove  The groove state.
 * @param {string} task
 * @returns {Record<string, any>}
 */
export function parametersOf(groove, task) {
  return { ...STANDARD, ...groove.parameters[task] };
}

/**
 * @param {any} groove
 * @returns {number[]}
 */
export function seedsOf(groove) {
  return Array.from({ length: groove.count ?? 3 }, (_, i) => groove.seed + i);
}

/**
 * Bars from 1, in order and inside of the beat; null where all are meant. Infill must be told, if it is to be all of them.
 * @param {number} first
 * @param {number} last
 * @param {number} most
 * @param {string} task
 * @returns {[number, number] | null}
 */
export function barsOf(first, last, most, task) {
  const a = Math.min(most, Math.max(1, Math.round(first) || 1));
  const b = Math.min(most, Math.max(a, Math.round(last) || a));
  return a === 1 && b === most && task !== "infill" ? null : [a, b];
}

/**
 * What the server is asked, or why it can not be asked yet.
 * @param {any} groove
 * @param {Beat | null} source
 * @returns {{body: Record<string, any>, missing: null} | {body: null, missing: string}}
 */
export function wishOf(groove, source) {
  const p = parametersOf(groove, groove.task);
  const seeds = seedsOf(groove);
  const style = p.style || null;
  const { locks, bars, task } = groove;
  const missing = whyNot(groove, source, p);
  if (missing) return { body: null, missing };
  const beat = groove.source;
  /** @type {Record<string, () => Record<string, any>>} */
  const bodies = {
    humanize: () => ({
      beat, style, timing: 1, velocity: 1, lock: locks, bars, push_ms: p.push_ms, temperature: p.temperature, seeds,
      keep_accents: p.keep_accents === "auto" ? null : p.keep_accents === "keep",
    }),
    drumify: () => ({ beat, style, density: p.density, temperature: p.temperature, use_velocities: p.use_velocities, fill: p.fill === "auto" ? null : p.fill === "fill", seeds }),
    infill: () => ({ beat, voices: p.voices, bars, lock: p.voices.length ? [] : locks, style, density: p.density, temperature: p.temperature, seeds }),
    transfer: () => ({ score: beat, groove: p.groove, timing: 1, velocity: 1, lock: locks, bars, style, temperature: p.temperature, seeds }),
    vary: () => ({ beat, amount: p.amount, lock: locks, seeds }),
    continue: () => ({ beat, bars: p.more_bars, style, temperature: p.temperature, seeds }),
    generate: () => ({ bars: p.new_bars, style, tempo_bpm: p.tempo_bpm, metre: p.metre.split("/").map(Number), density: p.density, temperature: p.temperature, seeds }),
    interpolate: () => padWish(groove.pad),
  };
  return { body: bodies[task](), missing: null };
}

/**
 * @param {any} groove
 * @param {Beat | null} source
 * @param {Record<string, any>} p
 * @returns {string | null}
 */
function whyNot(groove, source, p) {
  const task = taskOf(groove.task);
  if (task.needsSource && !source) return "Choose a beat to begin with.";
  if (source?.kind === "rhythm" && task.needsSource && task.name !== "drumify") return "This is a rhythm, not yet a beat: Drumify makes a beat of it first.";
  if (task.name === "infill" && !p.voices.length && !groove.bars) return "Choose the voices or the bars to write anew.";
  if (task.name === "transfer" && !p.groove) return "Choose the beat whose feel you want.";
  if (task.name === "interpolate" && filled(groove.pad).length < 2) return "Put beats into two corners or more.";
  return null;
}

/** @param {(string | null)[]} pad */
export function filled(pad) {
  return pad.filter((id) => id);
}

/**
 * Corners are top left, top right, bottom left, bottom right. Two beats make a path; where one of four is missing, its
 * neighbour above or below stands for it.
 * @param {(string | null)[]} pad
 */
function padWish(pad) {
  const given = filled(pad);
  if (given.length === 2) return { beats: given, steps: PATH_STEPS };
  const beats = [0, 1, 2, 3].map((corner) => pad[corner] || pad[(corner + 2) % 4]);
  return { beats, steps: PAD_STEPS };
}

/**
 * How the answer to `padWish` lies on the pad.
 * @param {(string | null)[]} pad
 * @returns {{columns: number, rows: number}}
 */
export function padShape(pad) {
  if (filled(pad).length > 2) return { columns: PAD_STEPS, rows: PAD_STEPS };
  const upright = (pad[0] && pad[2]) || (pad[1] && pad[3]);
  return upright ? { columns: 1, rows: PATH_STEPS } : { columns: PATH_STEPS, rows: 1 };
}
