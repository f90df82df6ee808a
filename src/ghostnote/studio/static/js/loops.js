// @ts-check
/** Reading and changing loops as `encode_loop` writes them, where values stand for the hits alone. */
/** @import {Loop} from "./types.js" */

export const STEPS_PER_BEAT = 4;

/**
 * @typedef {{velocity: number, offset: number}} Cell
 * @typedef {{row: number, step: number, velocity: number, offset: number}} LoopHit
 */

/** @param {Loop} loop */
export function stepsOf(loop) {
  return loop.rows[0]?.length ?? 0;
}

/** @param {Loop} loop */
export function stepSeconds(loop) {
  return 60 / loop.tempo_bpm / STEPS_PER_BEAT;
}

/** @param {Loop} loop */
export function durationSeconds(loop) {
  return stepsOf(loop) * stepSeconds(loop);
}

/**
 * Returns every hit, row by row.
 * @param {Loop} loop
 * @returns {LoopHit[]}
 */
export function hitsOf(loop) {
  return loop.rows.flatMap((text, row) =>
    [...text]
      .flatMap((letter, step) => (letter === "x" ? [step] : []))
      .map((step, i) => ({ row, step, velocity: loop.velocities?.[row]?.[i] ?? 1, offset: loop.offsets?.[row]?.[i] ?? 0 })),
  );
}

/**
 * @param {Loop} loop
 * @param {number} row
 * @param {number} step
 * @returns {Cell | null}  null where there is no hit
 */
export function cellAt(loop, row, step) {
  if (loop.rows[row]?.[step] !== "x") return null;
  const i = [...loop.rows[row].slice(0, step)].filter((letter) => letter === "x").length;
  return { velocity: loop.velocities?.[row]?.[i] ?? 1, offset: loop.offsets?.[row]?.[i] ?? 0 };
}

/**
 * Returns the loop with a cell set, or emptied by null. What it does not say of a hit that is there stays.
 * @param {Loop} loop
 * @param {number} row
 * @param {number} step
 * @param {Partial<Cell> | null} cell
 * @returns {Loop}
 */
export function withCell(loop, row, step, cell) {
  const kept = hitsOf(loop).filter((hit) => hit.row !== row || hit.step !== step);
  if (cell) kept.push({ row, step, velocity: 1, offset: 0, ...cellAt(loop, row, step), ...cell });
  return withHits(loop, kept);
}

/**
 * Returns the loop with these hits in place of its own.
 * @param {Loop} loop
 * @param {LoopHit[]} hits
 * @returns {Loop}
 */
export function withHits(loop, hits) {
  const steps = stepsOf(loop);
  const byRow = loop.rows.map((_, row) =>
    hits.filter((hit) => hit.row === row).sort((a, b) => a.step - b.step));
  const { velocities: _velocities, offsets: _offsets, ...rest } = loop;
  /** @type {Loop} */
  const made = {
    ...rest,
    rows: byRow.map((row) => {
      const letters = Array(steps).fill("-");
      for (const { step } of row) letters[step] = "x";
      return letters.join("");
    }),
  };
  if (hits.some((hit) => hit.velocity !== 1)) made.velocities = byRow.map((row) => row.map((hit) => hit.velocity));
  if (hits.some((hit) => hit.offset !== 0)) made.offsets = byRow.map((row) => row.map((hit) => hit.offset));
  return made;
}
