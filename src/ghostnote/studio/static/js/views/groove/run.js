// @ts-check
/** Asks the server for takes: one run at a time, with progress and cancel; what was made once is not asked for again. */

import { padShape, taskOf, wishOf } from "./tasks.js";

/**
 * @typedef {object} RunState
 * @property {boolean} busy
 * @property {number} done
 * @property {number} total
 * @property {string | null} task
 * @property {string | null} error
 */

/**
 * @param {{store: any, api: any, shell: any, beatOf: (id: string | null) => any}} parts
 */
export function createRunner({ store, api, shell, beatOf }) {
  /** @type {RunState} */
  let state = { busy: false, done: 0, total: 0, task: null, error: null };
  /** @type {Map<string, string[]>} */
  const made = new Map();
  /** @type {Set<() => void>} */
  const listeners = new Set();
  /** @type {AbortController | null} */
  let running = null;
  let timer = 0;

  /** @param {Partial<RunState>} change */
  function become(change) {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }

  /**
   * What would be asked now, as text; null where something is missing.
   * @param {number} [seed]  In place of the one that is set.
   */
  function wanted(seed = store.get("groove.seed")) {
    const groove = { ...store.get("groove"), seed };
    const { body } = wishOf(groove, beatOf(groove.source));
    return body ? JSON.stringify(body) : null;
  }

  /** Whether what is there is what the controls say. */
  function isMade() {
    const groove = store.get("groove");
    const text = wanted();
    return text !== null && (groove.task === "interpolate" ? groove.padGrid?.body === text : groove.made?.task === groove.task && groove.made.body === text);
  }

  /**
   * @param {{auto?: boolean, seed?: number}} [options]  auto: a control changed; the takes follow it and are no step of
   *   their own. seed: to go on with, which becomes part of the step.
   * @returns {Promise<boolean>} Whether there are new takes.
   */
  async function run({ auto = false, seed = store.get("groove.seed") } = {}) {
    const groove = store.get("groove");
    const text = wanted(seed);
    if (text === null) return false;
    running?.abort();
    const task = taskOf(groove.task);
    const key = `${task.name} ${text}`;
    const known = made.get(key);
    if (known?.every((id) => beatOf(id))) {
      keep(task.name, text, known, auto, seed);
      return true;
    }
    const mine = new AbortController();
    running = mine;
    become({ busy: true, done: 0, total: 0, task: task.name, error: null });
    if (!auto) shell.announce(`${task.label} is at work`);
    try {
      const beats = await api.task(task.name, JSON.parse(text), {
        signal: mine.signal,
        onProgress: (/** @type {number} */ done, /** @type {number} */ total) => { if (running === mine) become({ done, total }); },
      });
      if (running !== mine) return false;
      const ids = beats.map((/** @type {{id: string}} */ beat) => beat.id);
      made.set(key, ids);
      running = null;
      become({ busy: false });
      keep(task.name, text, ids, auto, seed);
      if (!auto) shell.announce(`${task.label}: ${ids.length === 1 ? "one take" : task.name === "interpolate" ? "the pad" : `${ids.length} takes`} ready`);
      for (const warning of new Set(beats.flatMap((/** @type {any} */ beat) => beat.warnings))) if (!auto) shell.toast(warning);
      return true;
    } catch (error) {
      if (running !== mine) return false;
      running = null;
      const cancelled = mine.signal.aborted;
      become({ busy: false, error: cancelled ? null : error instanceof Error ? error.message : String(error) });
      if (!cancelled) shell.fail(error);
      return false;
    }
  }

  /**
   * @param {string} task
   * @param {string} text
   * @param {string[]} ids
   * @param {boolean} auto
   * @param {number} seed
   */
  function keep(task, text, ids, auto, seed) {
    if (!auto) store.endDrag(); // a quick machine makes takes twice within a drag's time: two steps all the same
    store.update((/** @type {any} */ draft) => {
      const groove = draft.groove;
      if (!auto) groove.seed = seed;
      if (task === "interpolate") {
        groove.padGrid = { ids, ...padShape(groove.pad), body: text };
      } else {
        const body = JSON.parse(text);
        groove.takes = ids;
        groove.take = auto ? Math.min(groove.take, ids.length - 1) : 0;
        groove.made = { task, from: body.beat ?? body.score ?? null, body: text, seeds: body.seeds };
        groove.result = ids[groove.take];
      }
      if (!auto) groove.listen = "b";
    }, { undoable: !auto, label: taskOf(task).label });
  }

  /** After a control changed: quick tasks that have takes already play them again. */
  function follow() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const groove = store.get("groove");
      const task = taskOf(groove.task);
      const begun = task.name === "interpolate" || (groove.made?.task === task.name && groove.takes.length > 0 && groove.made.from === groove.source);
      if (task.quick && begun && !isMade()) void run({ auto: true });
    }, 350);
  }

  return {
    get state() { return state; },
    run, follow, isMade, wanted,
    cancel() {
      running?.abort();
      running = null;
      become({ busy: false, error: null });
      shell.announce("Cancelled");
    },
    /** @param {() => void} listener */
    on(listener) { listeners.add(listener); },
  };
}

/** @typedef {ReturnType<typeof createRunner>} Runner */
