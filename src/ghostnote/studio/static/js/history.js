// @ts-check
/** The steps that can be undone and redone, kept over a reload: bounded, and each looked at before it is believed. */

/** @import {Change, Step} from "./store.js" */
import { checkJson, isPlain, valueAt } from "./json.js";
import { createKeeper } from "./keeping.js";

/** @typedef {{done: Step[], undone: Step[]}} Steps  the next to undo and the next to redo stand last */

const KEY = "ghostnote-history";
const VERSION = 1;
const MOST_CHARACTERS = 1_000_000;
const SOON_MS = 1_000;

/**
 * @param {{storage: Storage | null, initial: any, limit: number, onTrouble: () => void}} options  `initial`: a state, that
 *   tells what lies where
 */
export function createHistoryKeeper({ storage, initial, limit, onTrouble }) {
  const keeper = createKeeper({ storage, key: KEY, version: VERSION, soonMs: SOON_MS, setsAside: false, onTrouble });
  return {
    /** @returns {Steps} */
    read() {
      const kept = keeper.read();
      return { done: sound(kept?.done, initial).slice(-limit), undone: sound(kept?.undone, initial).slice(-limit) };
    },
    /** @param {() => Steps} steps */
    write: (steps) => keeper.write(() => bounded(steps())),
    flush: keeper.flush,
    trouble: keeper.trouble,
  };
}

/**
 * Returns as many of the nearest steps as there is room for, of both ways in turn.
 * @param {Steps} steps
 * @param {number} [most]  characters
 * @returns {Steps}
 */
export function bounded({ done, undone }, most = MOST_CHARACTERS) {
  let left = most;
  /** @param {Step[]} steps */
  const nearest = (steps) => {
    let from = steps.length;
    while (from > 0) {
      const size = JSON.stringify(steps[from - 1]).length;
      if (size > left) break;
      left -= size;
      from--;
    }
    return steps.slice(from);
  };
  return { done: nearest(done), undone: nearest(undone) };
}

/**
 * Returns the steps from the nearest on, up to one that is damaged: what lies beyond it can not be reached in order.
 * @param {any} kept
 * @param {any} initial
 * @returns {Step[]}
 */
function sound(kept, initial) {
  if (!Array.isArray(kept)) return [];
  let from = kept.length;
  while (from > 0 && isStep(kept[from - 1], initial)) from--;
  return kept.slice(from);
}

/**
 * @param {any} step
 * @param {any} initial
 * @returns {step is Step}
 */
function isStep(step, initial) {
  return isPlain(step) && typeof step.label === "string" && typeof step.at === "number" && Array.isArray(step.changes) &&
    step.changes.length > 0 && step.changes.every((/** @type {any} */ change) => isChange(change, initial));
}

/**
 * @param {any} change
 * @param {any} initial
 * @returns {change is Change}
 */
function isChange(change, initial) {
  if (!isPlain(change) || typeof change.path !== "string") return false;
  const names = change.path.split(".");
  if (!Object.hasOwn(initial, names[0]) || names.includes("__proto__") || names.includes("")) return false;
  try {
    checkJson({ before: change.before, after: change.after }, change.path);
  } catch {
    return false;
  }
  const usual = valueAt(initial, change.path);
  return [change.before, change.after].every((value) => isLike(value, usual));
}

/**
 * @param {any} value
 * @param {any} usual
 */
function isLike(value, usual) {
  if (usual === null || usual === undefined) return true;
  return typeof value === typeof usual && value !== null && Array.isArray(value) === Array.isArray(usual);
}
