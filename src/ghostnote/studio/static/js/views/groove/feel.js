// @ts-check
/** What the lens shows of a beat: lanes, hits with their microtiming, and all of it in words. */

/** @typedef {import("../../types.js").Beat} Beat */

/**
 * @typedef {object} Hit
 * @property {number} index     In beat.notes.
 * @property {string} lane      A voice, or "other" for notes that the drum map does not know.
 * @property {number} pitch
 * @property {number} velocity  1…127
 * @property {number} seconds
 * @property {number} step      In the grid.
 * @property {number} shiftMs   From the grid line; positive is late.
 */

/** Lanes from top to bottom, as a drummer sees the kit: cymbals above, the foot below. */
export const LANES = ["crash", "ride", "open_hihat", "closed_hihat", "high_tom", "mid_tom", "low_tom", "snare", "kick", "other"];

/** @type {Record<string, string>} */
const LABELS = {
  crash: "Crash", ride: "Ride", open_hihat: "Open hat", closed_hihat: "Closed hat", high_tom: "High tom",
  mid_tom: "Mid tom", low_tom: "Low tom", snare: "Snare", kick: "Kick", other: "Other", rhythm: "Rhythm",
};

/** Below this a hit is said to be on the grid. */
const ON_GRID_MS = 0.75;

/**
 * @param {string} lane
 * @returns {string}
 */
export function laneLabel(lane) {
  return LABELS[lane] ?? lane;
}

/**
 * @param {Beat} beat
 * @returns {Hit[]} In the order of beat.notes.
 */
export function hitsOf(beat) {
  return beat.notes.map((note, index) => {
    const step = note.step ?? nearestStep(beat, note.seconds);
    return {
      index,
      lane: beat.kind === "rhythm" ? "rhythm" : note.voice ?? "other",
      pitch: note.pitch,
      velocity: note.velocity,
      seconds: note.seconds,
      step,
      shiftMs: 1000 * (note.seconds - (beat.grid.seconds[step] ?? 0)),
    };
  });
}

/**
 * @param {Beat} beat
 * @param {number} seconds
 * @returns {number}
 */
export function nearestStep(beat, seconds) {
  const onsets = beat.grid.seconds;
  let low = 0;
  let high = onsets.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (onsets[middle] < seconds) low = middle + 1;
    else high = middle;
  }
  return low > 0 && seconds - onsets[low - 1] < onsets[low] - seconds ? low - 1 : low;
}

/**
 * The lanes that any of these beats plays, in the order of LANES.
 * @param {(Beat | null | undefined)[]} beats
 * @returns {string[]}
 */
export function lanesOf(beats) {
  const played = new Set();
  for (const beat of beats) {
    if (!beat) continue;
    for (const note of beat.notes) played.add(beat.kind === "rhythm" ? "rhythm" : note.voice ?? "other");
  }
  const lanes = [...LANES, "rhythm"].filter((lane) => played.has(lane));
  return lanes.length ? lanes : ["snare", "kick"];
}

/**
 * Length of a step in seconds.
 * @param {Beat} beat
 * @param {number} step
 */
export function stepSeconds(beat, step) {
  const { seconds } = beat.grid;
  return (seconds[step + 1] ?? beat.duration_seconds) - seconds[step];
}

/**
 * Where bar `bar` (from 0) begins and ends, in seconds.
 * @param {Beat} beat
 * @param {number} bar
 * @returns {[number, number]}
 */
export function barSpan(beat, bar) {
  const first = beat.grid.bars.indexOf(bar);
  const next = beat.grid.bars.indexOf(bar + 1);
  return [first < 0 ? beat.duration_seconds : beat.grid.seconds[first], next < 0 ? beat.duration_seconds : beat.grid.seconds[next]];
}

/**
 * Hits of `other` where they lie in the bars of `beat`, which may be of another tempo.
 * @param {Beat} other
 * @param {Beat} beat
 * @returns {(Hit & {gridSeconds: number})[]}
 */
export function hitsInBarsOf(other, beat) {
  /** @type {Map<number, (seconds: number) => number>} */
  const ways = new Map();
  return hitsOf(other).map((hit) => {
    const bar = other.grid.bars[hit.step] ?? 0;
    let way = ways.get(bar);
    if (!way) {
      const [from, until] = barSpan(other, bar);
      const [start, end] = barSpan(beat, bar);
      way = until > from ? (seconds) => start + (seconds - from) * (end - start) / (until - from) : () => start;
      ways.set(bar, way);
    }
    const gridSeconds = way(other.grid.seconds[hit.step] ?? 0);
    return { ...hit, gridSeconds, seconds: way(hit.seconds) };
  });
}

/**
 * @param {Beat} beat
 * @param {number} step
 * @returns {{bar: number, beat: number, part: number, parts: number}} Bars and beats from 1, parts of the beat from 0.
 */
export function placeOf(beat, step) {
  const { bars, beat: beginsBeat } = beat.grid;
  const bar = bars[step] ?? 0;
  let start = step;
  while (start > 0 && !beginsBeat[start] && bars[start - 1] === bar) start--;
  let end = step + 1;
  while (end < bars.length && !beginsBeat[end] && bars[end] === bar) end++;
  let count = 1;
  for (let i = start - 1; i >= 0 && bars[i] === bar; i--) if (beginsBeat[i]) count++;
  return { bar: bar + 1, beat: count, part: step - start, parts: end - start };
}

/**
 * As musicians count: "2.3 and" is the third beat's "and" in bar 2.
 * @param {Beat} beat
 * @param {number} step
 */
export function placeWords(beat, step) {
  const { bar, beat: count, part, parts } = placeOf(beat, step);
  const counted = { 2: ["", " and"], 3: ["", " trip", " let"], 4: ["", " e", " and", " a"] }[parts];
  return `bar ${bar}, beat ${count}${counted ? counted[part] : part ? `, part ${part + 1}` : ""}`;
}

/**
 * @param {number} shiftMs
 * @returns {string}
 */
export function shiftWords(shiftMs) {
  if (Math.abs(shiftMs) < ON_GRID_MS) return "on the grid";
  return `${Math.round(Math.abs(shiftMs))} ms ${shiftMs > 0 ? "late" : "early"}`;
}

/**
 * One hit in words, beside what it was in the source where that has the same note.
 * @param {Beat} beat
 * @param {Hit} hit
 * @param {Hit | null} before
 */
export function hitWords(beat, hit, before) {
  const was = before && (Math.abs(before.shiftMs - hit.shiftMs) >= ON_GRID_MS || before.velocity !== hit.velocity)
    ? `; source ${shiftWords(before.shiftMs)}, velocity ${before.velocity}` : "";
  return `${laneLabel(hit.lane)}, ${placeWords(beat, hit.step)}, ${shiftWords(hit.shiftMs)}, velocity ${hit.velocity}${was}`;
}

/**
 * @param {Beat} beat
 * @returns {{lane: string, hits: number, shiftMs: number, spreadMs: number, velocity: number, softest: number, loudest: number}[]}
 */
export function summary(beat) {
  const hits = hitsOf(beat);
  return lanesOf([beat]).map((lane) => {
    const own = hits.filter((hit) => hit.lane === lane);
    const shifts = own.map((hit) => hit.shiftMs);
    const velocities = own.map((hit) => hit.velocity);
    const mean = average(shifts);
    return {
      lane,
      hits: own.length,
      shiftMs: mean,
      spreadMs: Math.sqrt(average(shifts.map((shift) => (shift - mean) ** 2))),
      velocity: average(velocities),
      softest: own.length ? Math.min(...velocities) : 0,
      loudest: own.length ? Math.max(...velocities) : 0,
    };
  });
}

/**
 * @param {number[]} values
 */
function average(values) {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : 0;
}
