// @ts-check
/** Loops as cells and back: pure functions over the JSON of `encode_loop`. A loop is never changed, always made anew. */

/** @typedef {import("../../types.js").Loop} Loop */
/** @typedef {{on: boolean, velocity: number, offset: number}} Cell */

export const STEPS_PER_BEAT = 4;
export const LEAST_VELOCITY = 0.05;
export const MOST_OFFSET = 0.49;

/**
 * @param {Loop} loop
 * @returns {Cell[][]} By row, then by step; what is off has velocity and offset 0.
 */
export function cellsOf(loop) {
  return loop.rows.map((text, row) => {
    let hit = 0;
    return [...text].map((letter) => {
      if (letter !== "x") return { on: false, velocity: 0, offset: 0 };
      const cell = { on: true, velocity: loop.velocities?.[row][hit] ?? 1, offset: loop.offsets?.[row][hit] ?? 0 };
      hit += 1;
      return cell;
    });
  });
}

/**
 * The inverse of `cellsOf`: velocities and offsets are left out where they are all 1 and 0, as the server does.
 * @param {Loop} loop
 * @param {Cell[][]} cells
 * @returns {Loop}
 */
export function withCells(loop, cells) {
  const on = cells.map((row) => row.filter((cell) => cell.on));
  const { velocities: _velocities, offsets: _offsets, ...rest } = loop;
  /** @type {Loop} */
  const made = { ...rest, rows: cells.map((row) => row.map((cell) => (cell.on ? "x" : "-")).join("")) };
  if (on.some((row) => row.some((cell) => cell.velocity !== 1))) made.velocities = on.map((row) => row.map((cell) => cell.velocity));
  if (on.some((row) => row.some((cell) => cell.offset !== 0))) made.offsets = on.map((row) => row.map((cell) => cell.offset));
  return made;
}

/**
 * @param {Loop} loop
 * @param {number} row
 * @param {number} step
 * @param {Partial<Cell>} change
 * @returns {Loop}
 */
export function withCell(loop, row, step, change) {
  const cells = cellsOf(loop);
  const before = cells[row][step];
  const on = change.on ?? before.on;
  cells[row][step] = on
    ? { on, velocity: clamp(change.velocity ?? (before.velocity || usual(cells[row])), LEAST_VELOCITY, 1), offset: clamp(change.offset ?? before.offset, -MOST_OFFSET, MOST_OFFSET) }
    : { on, velocity: 0, offset: 0 };
  return withCells(loop, cells);
}

/**
 * @param {Cell[]} row
 * @returns {number} How loud a new hit of this row is: as its others on average, as the server's mutations do.
 */
function usual(row) {
  const on = row.filter((cell) => cell.on);
  return on.length ? round(on.reduce((sum, cell) => sum + cell.velocity, 0) / on.length) : 1;
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
export function clamp(value, least, most) {
  return round(Math.min(most, Math.max(least, value)));
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}

/**
 * @param {Loop | null} first
 * @param {Loop | null} second
 * @returns {boolean} Whether they sound the same; the seed is heard by nobody.
 */
export function sameLoop(first, second) {
  return first === second || (first !== null && second !== null && textOf(first) === textOf(second));
}

/**
 * @param {Loop} loop
 * @returns {string} The same for loops that are heard as the same.
 */
export function textOf(loop) {
  const plain = withCells(loop, cellsOf(loop));
  return JSON.stringify([plain.tempo_bpm, plain.swing, plain.rows, plain.sounds, plain.velocities ?? null, plain.offsets ?? null]);
}

/**
 * What rows are called: their role, with a number where several have the same.
 * @param {string[]} roles
 * @param {{name: string, label: string}[]} voices
 * @returns {string[]}
 */
export function rowTitles(roles, voices) {
  const words = roles.map((role) => voices.find((voice) => voice.name === role)?.label ?? wordOf(role));
  return words.map((word, row) => {
    const same = words.flatMap((other, place) => (other === word ? [place] : []));
    return same.length > 1 ? `${word} ${same.indexOf(row) + 1}` : word;
  });
}

/** @param {string} role */
function wordOf(role) {
  const word = role.replaceAll("_", " ");
  return word.charAt(0).toUpperCase() + word.slice(1);
}
