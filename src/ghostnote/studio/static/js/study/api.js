// @ts-check
/** Requests of a study's pages, and the one answer that may wait in this browser for the server to come back. */
/** @import {Progress, Result, Told} from "./types.js" */
/** @import {Requests} from "../requests.js" */

import { newKey } from "../ids.js";

/**
 * @typedef {object} Waiting
 * @property {string} mark  whose it is: two people may share a browser, one after the other
 * @property {string} trial
 * @property {Record<string, any>} answer
 * @property {Record<string, any>} times
 * @property {string} key  under which the server knows it again
 *
 * @typedef {object} StudyApi
 * @property {() => Promise<Told>} step  asks until what comes next is there
 * @property {(trial: string, kind: "shown" | "left" | "returned" | "sound_check") => void} note
 * @property {(mark: string, trial: string, answer: Record<string, any>, times: Record<string, any>) => Promise<void>} answer
 *   resolves once the server has it on disk, which may be after it was gone and came back
 * @property {(mark: string) => Promise<void>} sendWaiting  sends what an earlier page left behind
 * @property {(trial: string, which: number) => Promise<ArrayBuffer>} sound
 * @property {() => Promise<Result>} result
 * @property {() => Promise<{link: string}>} link
 * @property {(token: string) => Promise<void>} join
 * @property {() => Promise<{title: string}>} meta
 * @property {() => Promise<Progress>} progress
 * @property {() => Promise<{link: string}>} invite
 */

const NAME = "ghostnote-study-answer";
const AGAIN_MS = [300, 600, 1_200, 2_500, 5_000];
// What may succeed later: time-out, too many, server down, disk full. All else is an answer.
const LATER = new Set([0, 408, 425, 429]);

/**
 * @param {object} options
 * @param {Requests} options.requests
 * @param {Storage} options.storage
 * @param {(ms: number) => Promise<void>} [options.pause]
 * @returns {StudyApi}
 */
export function createStudyApi({ requests, storage, pause = rest }) {
  const { ask, url } = requests;

  /**
   * Tries until there is an answer; errors that are answers are thrown.
   * @template T
   * @param {() => Promise<T>} attempt
   * @returns {Promise<T>}
   */
  async function patiently(attempt) {
    for (let failures = 0; ; failures++) {
      try {
        return await attempt();
      } catch (error) {
        const status = /** @type {any} */ (error)?.status ?? -1;
        if (!LATER.has(status) && status < 500) throw error;
        await pause(AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
      }
    }
  }

  /** @param {Waiting} waiting */
  async function send({ trial, answer, key, times }) {
    try {
      await patiently(() => ask("/api/study/answers", { json: { trial, answer, key, times } }));
    } finally {
      storage.removeItem(NAME);
    }
  }

  return {
    async step() {
      for (;;) {
        const told = await patiently(() => ask("/api/study/step"));
        if (!told.waiting) return told;
      }
    },
    note(trial, kind) {
      // Not worth to be waited for: what counts is answered, and durable.
      ask("/api/study/events", { json: { trial, kind } }).catch(() => undefined);
    },
    async answer(mark, trial, answer, times) {
      const waiting = { mark, trial, answer, times, key: newKey() };
      try {
        storage.setItem(NAME, JSON.stringify(waiting));
      } catch {
        // No room: the page itself keeps it while it is open.
      }
      await send(waiting);
    },
    async sendWaiting(mark) {
      const waiting = readWaiting(storage.getItem(NAME));
      if (!waiting || waiting.mark !== mark) return;
      await send(waiting).catch(() => undefined); // Refused: it was answered before, and the step says where we are.
    },
    sound: (trial, which) =>
      patiently(async () => {
        const path = `/api/study/sounds/${encodeURIComponent(trial)}/${which}`;
        const response = await fetch(url(path)).catch(() => null);
        requests.noteReachable(response !== null);
        if (!response?.ok) throw Object.assign(new Error("the sound did not come"), { status: response?.status ?? 0 });
        return response.arrayBuffer();
      }),
    result: () => patiently(() => ask("/api/study/result")),
    link: () => ask("/api/study/link"),
    join: (token) => ask("/api/join", { json: { token } }),
    meta: () => patiently(() => ask("/api/meta")),
    progress: () => ask("/api/operator/progress"),
    invite: () => ask("/api/operator/participants", { json: {} }),
  };
}

/** @param {number} ms */
function rest(ms) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => setTimeout(resolve, ms)));
}

/**
 * @param {string | null} text
 * @returns {Waiting | null}
 */
function readWaiting(text) {
  try {
    const kept = JSON.parse(text ?? "null");
    return kept && typeof kept.mark === "string" && typeof kept.trial === "string" && /^[0-9a-f]{32}$/.test(kept.key)
      ? kept
      : null;
  } catch {
    return null;
  }
}
