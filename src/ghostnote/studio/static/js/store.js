// @ts-check
/** One state for the whole page: plain JSON, told of every change, undone step by step, kept over a reload. */
/** @import {State} from "./types.js" */
import { STATE_VERSION, initialState } from "./state.js";
import { createHistoryKeeper } from "./history.js";
import { createKeeper } from "./keeping.js";
import { changesBetween, checkJson, merged, valueAt, withValue } from "./json.js";

/**
 * @typedef {{undoable?: boolean, label?: string}} ChangeOptions  `label` names the step ("swing", "Snare, step 5"); a
 *   second change with the same label within 400 ms joins the first, so that a drag is one step
 * @typedef {{path: string, before: any, after: any}} Change
 * @typedef {{label: string, at: number, changes: Change[]}} Step
 * @typedef {object} Store
 * @property {{(): State, (path: string): any}} get  the whole state, or what lies at "explore.controls.density"; never
 *   write into it
 * @property {(path: string, value: any, options?: ChangeOptions) => void} set
 * @property {(recipe: (draft: State) => void, options?: ChangeOptions) => void} update  `recipe` writes into a copy
 * @property {() => string | null} undo  the label of what was undone
 * @property {() => string | null} redo
 * @property {() => void} endDrag  the next change begins a new step, whatever its label
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {string | null} undoLabel
 * @property {string | null} redoLabel
 * @property {string | null} trouble  what went wrong with what is kept, and what to do
 * @property {(path: string) => Change[]} steps  all changes at just this path that can be undone or redone, in order
 * @property {(path: string, listener: (value: any, path: string) => void) => () => void} on  called after a change at,
 *   above or below `path` ("" for all); "history" is called when canUndo or canRedo may differ, "trouble" when that may
 * @property {() => string} serialise
 * @property {(json: string) => void} restore
 * @property {() => void} flush  writes what waits to be kept
 *
 * @typedef {"history" | "trouble"} Other  what listeners hear of besides paths
 */

const COALESCE_MS = 400;

/**
 * @param {object} [options]
 * @param {State} [options.initial]
 * @param {number} [options.limit]  of undo steps
 * @param {Storage | null} [options.storage]
 * @param {() => number} [options.now]  milliseconds
 * @returns {Store}
 */
export function createStore({ initial = initialState(), limit = 200, storage = null, now = Date.now } = {}) {
  /** @type {State} */
  let state = checkJson(initial, "initial");
  const onTrouble = () => tellOf("trouble");
  const keeper = createKeeper({ storage, key: "ghostnote-state", version: STATE_VERSION, onTrouble });
  const past = createHistoryKeeper({ storage, initial: state, limit, onTrouble });
  /** @type {Set<{path: string, listener: (value: any, path: string) => void}>} */
  const listeners = new Set();
  const kept = keeper.read();
  if (kept !== null) state = merged(state, kept);
  // Without the state they began from, steps lead nowhere.
  let { done, undone } = kept === null ? { done: [], undone: [] } : past.read();
  let open = false;

  /** @param {Other} what */
  function tellOf(what) {
    for (const entry of [...listeners]) if (entry.path === what) entry.listener(null, what);
  }

  /** @param {string[]} paths */
  function tell(paths) {
    keeper.write(() => state);
    if (paths.includes("history")) past.write(() => ({ done, undone }));
    for (const entry of [...listeners]) {
      const path = paths.find((one) => touches(entry.path, one));
      if (path !== undefined && listeners.has(entry)) {
        entry.listener(entry.path === "history" ? null : valueAt(state, entry.path), path);
      }
    }
  }

  /**
   * @param {Change[]} changes
   * @param {ChangeOptions} options
   */
  function apply(changes, { undoable = false, label = "" }) {
    if (!changes.length) return;
    for (const change of changes) state = withValue(state, change.path, change.after);
    const paths = changes.map((change) => change.path);
    if (undoable) {
      remember(changes, label);
      paths.push("history");
    }
    tell(paths);
  }

  /**
   * @param {Change[]} changes
   * @param {string} label
   */
  function remember(changes, label) {
    const last = done.at(-1);
    const at = now();
    undone = [];
    if (open && last && label && last.label === label && at - last.at <= COALESCE_MS) {
      last.at = at;
      for (const change of changes) {
        const same = last.changes.find((one) => one.path === change.path);
        if (same) same.after = change.after;
        else last.changes.push(change);
      }
      return;
    }
    done.push({ label, at, changes: changes.map((change) => ({ ...change })) });
    if (done.length > limit) done = done.slice(done.length - limit);
    open = true;
  }

  /**
   * @param {Step | undefined} step
   * @param {"before" | "after"} side
   */
  function travel(step, side) {
    if (!step) return null;
    open = false;
    const changes = side === "before" ? [...step.changes].reverse() : step.changes;
    for (const change of changes) state = withValue(state, change.path, change[side]);
    tell([...step.changes.map((change) => change.path), "history"]);
    return step.label;
  }

  return {
    get: /** @param {string} [path] */ (path = "") => valueAt(state, path),
    set(path, value, options = {}) {
      const after = checkJson(value, path);
      const before = valueAt(state, path);
      apply(JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }], options);
    },
    update(recipe, options = {}) {
      const draft = structuredClone(state);
      recipe(draft);
      apply(changesBetween(state, checkJson(draft, "state")), options);
    },
    undo() {
      const step = done.pop();
      if (step) undone.push(step);
      return travel(step, "before");
    },
    redo() {
      const step = undone.pop();
      if (step) done.push(step);
      return travel(step, "after");
    },
    endDrag() {
      open = false;
    },
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
    get undoLabel() {
      return done.at(-1)?.label ?? null;
    },
    get redoLabel() {
      return undone.at(-1)?.label ?? null;
    },
    get trouble() {
      return keeper.trouble() ?? past.trouble();
    },
    steps: (path) => [...done, ...[...undone].reverse()].flatMap((step) => step.changes.filter((change) => change.path === path)),
    on(path, listener) {
      const entry = { path, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    serialise: () => JSON.stringify({ version: STATE_VERSION, state }),
    restore(json) {
      const read = JSON.parse(json);
      if (read?.version !== STATE_VERSION || typeof read.state !== "object" || read.state === null) {
        throw new Error(`a state must have version ${STATE_VERSION}; got ${read?.version}. Is it from a newer Ghostnote?`);
      }
      state = merged(checkJson(initial, "initial"), checkJson(read.state, "state"));
      done = [];
      undone = [];
      open = false;
      tell(["", "history"]);
    },
    flush() {
      keeper.flush();
      past.flush();
    },
  };
}

/**
 * @param {string} listened
 * @param {string} changed
 */
function touches(listened, changed) {
  if (listened === "history" || listened === "trouble" || changed === "history") return listened === changed;
  return (
    listened === "" || changed === "" || listened === changed ||
    changed.startsWith(`${listened}.`) || listened.startsWith(`${changed}.`)
  );
}
