// @ts-check
/**
 * Ratings, skips and undos on their way to the server: kept in the browser until they are acknowledged, sent in order.
 *
 * Exactly once in effect: each has a key, which the server remembers, so that sending it again changes nothing. Each
 * lies in the storage under a name of its own, so that two tabs never overwrite each other's; one tab at a time sends.
 */
/** @import {Answered, Loop, Proposal, Undone} from "./types.js" */
/** @import {Api} from "./api.js" */
import { newKey } from "./ids.js";

/**
 * @typedef {object} Entry
 * @property {string} key
 * @property {number} order
 * @property {"rate" | "skip" | "undo"} kind
 * @property {string} sid
 * @property {Proposal["id"] | null} pid
 * @property {Loop} [loop]  to be added to the session first, where there is no `pid` yet; adding it again changes nothing
 * @property {{liked?: boolean, heard_seconds?: number}} body
 *
 * @typedef {{name: "sending" | "waiting", entry: Entry} | {name: "acknowledged", entry: Entry, answer: any}
 *   | {name: "refused", entry: Entry, error: {status: number, kind: string, message: string}}} OutboxEvent
 *
 * @typedef {object} Outbox
 * @property {(sid: string, pid: Proposal["id"], liked: boolean, heardSeconds?: number) => Promise<Answered>} rate
 *   resolves once the server has it, which may be after it was gone and came back
 * @property {(sid: string, pid: Proposal["id"]) => Promise<Answered>} skip
 * @property {(sid: string, loop: Loop, liked: boolean | null, heardSeconds?: number) => Promise<Answered>} answerLoop
 *   of a loop that the session does not have yet; null skips it
 * @property {(sid: string) => Promise<Undone>} undo
 * @property {(sid?: string) => Entry[]} pending  in order, those of other tabs too
 * @property {(listener: (event: OutboxEvent) => void) => () => void} on
 * @property {() => Promise<void>} flush  sends what waits now; returns when nothing waits or the server can not be reached
 * @property {() => void} close
 */

const PREFIX = "ghostnote-outbox:";
const REFUSED = "ghostnote-outbox-refused:";
const AGAIN_MS = [300, 600, 1_200, 2_500, 5_000];
const REFUSED_KEPT = 20;
const PATIENCE_MS = 20_000; // then it is asked again, under the same key
// What may succeed later: not signed in, time-out, too many, server down, disk full. All else is an answer.
const LATER = new Set([0, 401, 408, 425, 429]);

/**
 * @param {object} options
 * @param {Pick<Api, "rate" | "skip" | "undo" | "addLoop"> & Partial<Pick<Api, "onConnection">>} options.api
 * @param {Storage} options.storage
 * @param {LockManager | null} [options.locks]
 * @param {(ms: number) => Promise<void>} [options.pause]
 * @returns {Outbox}
 */
export function createOutbox({ api, storage, locks = navigator.locks ?? null, pause = rest }) {
  /** @type {Map<string, {resolve: (answer: any) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();
  /** @type {Set<(event: OutboxEvent) => void>} */
  const listeners = new Set();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("ghostnote-outbox");
  /** @type {Map<string, Entry>} What the storage has no room for is kept here alone. */
  const unkept = new Map();
  /** @type {Promise<void> | null} */
  let running = null;
  let closed = false;
  let failures = 0;
  let wake = () => {};

  /** @param {OutboxEvent} event */
  function tell(event) {
    for (const listener of [...listeners]) listener(event);
  }

  /** @returns {Entry[]} */
  function entries() {
    const found = new Map(unkept);
    for (let i = 0; i < storage.length; i++) {
      const name = storage.key(i);
      if (!name?.startsWith(PREFIX)) continue;
      const entry = readEntry(storage.getItem(name));
      if (entry) found.set(entry.key, entry);
    }
    return [...found.values()].sort((a, b) => a.order - b.order || (a.key < b.key ? -1 : 1));
  }

  /**
   * @param {Entry["kind"]} kind
   * @param {string} sid
   * @param {Entry["pid"]} pid
   * @param {Entry["body"]} body
   * @param {Loop} [loop]
   */
  function put(kind, sid, pid, body, loop) {
    // After all that wait, also where the clock was set back.
    const order = Math.max(Date.now(), 1 + Math.max(0, ...entries().map((entry) => entry.order)));
    const entry = { key: newKey(), order, kind, sid, pid, body, ...(loop && { loop }) };
    try {
      storage.setItem(PREFIX + entry.key, JSON.stringify(entry));
    } catch {
      unkept.set(entry.key, entry);
    }
    const answered = new Promise((resolve, reject) => waiting.set(entry.key, { resolve, reject }));
    tell({ name: "waiting", entry });
    void flush();
    return answered;
  }

  /** @param {Entry} entry */
  async function send({ kind, sid, pid, loop, body, key }) {
    if (kind === "undo") return api.undo(sid, { key });
    const of = loop ? (await api.addLoop(sid, loop)).id : pid ?? "";
    if (kind === "skip") return api.skip(sid, of, { key });
    return api.rate(sid, of, { ...body, liked: body.liked === true, key });
  }

  /** @param {{entry: Entry, answer?: any, error?: any}} outcome */
  function settle({ entry, answer, error }) {
    const waiter = waiting.get(entry.key);
    waiting.delete(entry.key);
    if (error) {
      waiter?.reject(Object.assign(new Error(error.message), error));
      tell({ name: "refused", entry, error });
    } else {
      waiter?.resolve(answer);
      tell({ name: "acknowledged", entry, answer });
    }
  }

  /** @param {{entry: Entry, answer?: any, error?: any}} outcome */
  function finish(outcome) {
    const { entry, error } = outcome;
    if (error) keepRefused(storage, entry, error);
    storage.removeItem(PREFIX + entry.key);
    unkept.delete(entry.key);
    channel?.postMessage(outcome);
    settle(outcome);
  }

  /** Sends the first of what waits, until nothing does. Returns false where it is to be tried again later. */
  async function sendAll() {
    for (;;) {
      const entry = closed ? undefined : entries()[0];
      if (!entry) return true;
      tell({ name: "sending", entry });
      try {
        const answer = await inTime(send(entry));
        failures = 0;
        finish({ entry, answer });
      } catch (error) {
        const told = describe(error);
        if (LATER.has(told.status) || told.status >= 500) return false;
        failures = 0;
        finish({ entry, error: told });
      }
    }
  }

  async function once() {
    return locks ? locks.request("ghostnote-outbox", sendAll) : sendAll();
  }

  async function run() {
    while (!closed && !(await once())) {
      const wait = AGAIN_MS[Math.min(failures++, AGAIN_MS.length - 1)];
      await Promise.race([pause(wait), /** @type {Promise<void>} */ (new Promise((resolve) => (wake = resolve)))]);
    }
  }

  /** @returns {Promise<void>} */
  function flush() {
    running ??= run().finally(() => {
      running = null;
      if (!closed && entries().length) void flush();
    });
    return running;
  }

  if (channel) channel.onmessage = ({ data }) => settle(data);
  const off = api.onConnection?.((state) => {
    if (state !== "back") return;
    failures = 0;
    wake();
  });
  if (entries().length) void flush();

  return {
    rate: (sid, pid, liked, heardSeconds) => put("rate", sid, pid, rated(liked, heardSeconds)),
    answerLoop: (sid, loop, liked, heardSeconds) =>
      liked === null ? put("skip", sid, null, {}, loop) : put("rate", sid, null, rated(liked, heardSeconds), loop),
    skip: (sid, pid) => put("skip", sid, pid, {}),
    undo: (sid) => put("undo", sid, null, {}),
    pending: (sid) => entries().filter((entry) => sid === undefined || entry.sid === sid),
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    flush,
    close() {
      closed = true;
      off?.();
      channel?.close();
    },
  };
}

/**
 * @param {boolean} liked
 * @param {number} [heardSeconds]
 */
function rated(liked, heardSeconds) {
  return { liked, ...(heardSeconds !== undefined && { heard_seconds: heardSeconds }) };
}

/**
 * @template T
 * @param {Promise<T>} answer
 * @returns {Promise<T>}
 */
function inTime(answer) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = /** @type {Promise<never>} */ (new Promise((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error("no answer in time"), { status: 0 })), PATIENCE_MS);
  }));
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** @param {number} ms */
function rest(ms) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => setTimeout(resolve, ms)));
}

/**
 * @param {string | null} text
 * @returns {Entry | null}
 */
function readEntry(text) {
  try {
    const entry = JSON.parse(text ?? "null");
    const whole = entry && ["rate", "skip", "undo"].includes(entry.kind) && typeof entry.sid === "string" &&
      /^[0-9a-f]{32}$/.test(entry.key) && Number.isFinite(entry.order);
    return whole ? { ...entry, body: entry.body ?? {} } : null;
  } catch {
    return null; // Damaged: left where it is, for somebody to look at.
  }
}

/**
 * @param {any} error
 * @returns {{status: number, kind: string, message: string}}
 */
function describe(error) {
  const status = typeof error?.status === "number" ? error.status : 0;
  return { status, kind: String(error?.kind ?? "Unknown"), message: String(error?.message ?? error) };
}

/**
 * @param {Storage} storage
 * @param {Entry} entry
 * @param {object} error
 */
function keepRefused(storage, entry, error) {
  const names = [];
  for (let i = 0; i < storage.length; i++) names.push(storage.key(i) ?? "");
  const old = names.filter((name) => name.startsWith(REFUSED)).sort();
  for (const name of old.slice(0, Math.max(0, old.length + 1 - REFUSED_KEPT))) storage.removeItem(name);
  try {
    storage.setItem(`${REFUSED}${String(entry.order).padStart(16, "0")}:${entry.key}`, JSON.stringify({ entry, error }));
  } catch {
    // No room: the page has been told, which is what counts.
  }
}
