// @ts-check
/** Requests to the server: errors with kind and message, and whether it is there at all. */
/** @import {Connection} from "./types.js" */

export class ApiError extends Error {
  /**
   * @param {number} status  0 where the server could not be reached
   * @param {string} kind
   * @param {string} message
   */
  constructor(status, kind, message) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.kind = kind;
  }
}

/**
 * @typedef {object} Asked
 * @property {string} [method]
 * @property {unknown} [json]
 * @property {BodyInit} [raw]
 * @property {Record<string, string | number | boolean | null | undefined>} [query]
 * @property {AbortSignal} [signal]
 *
 * @typedef {object} Requests
 * @property {(path: string, asked?: Asked) => Promise<any>} ask  the answer's JSON, null for none
 * @property {(path: string, query?: Asked["query"]) => string} url
 * @property {() => Connection} connection
 * @property {(listener: (state: Connection) => void) => () => void} onConnection
 * @property {(reachable: boolean) => void} noteReachable
 */

const BACK_MS = 4_000;
const KNOCK_MS = [500, 1_000, 2_000, 3_000];

/**
 * @param {{base: string, fetch: typeof globalThis.fetch}} options
 * @returns {Requests}
 */
export function createRequests({ base, fetch }) {
  /** @type {Connection} */
  let state = "online";
  /** @type {Set<(state: Connection) => void>} */
  const listeners = new Set();
  let knocks = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {Connection} next */
  function become(next) {
    if (next === state) return;
    state = next;
    for (const listener of [...listeners]) listener(state);
  }

  /** @param {boolean} reachable */
  function noteReachable(reachable) {
    if (reachable && state === "offline") {
      clearTimeout(timer);
      knocks = 0;
      become("back");
      timer = setTimeout(() => state === "back" && become("online"), BACK_MS);
    } else if (!reachable && state !== "offline") {
      clearTimeout(timer);
      become("offline");
      knock();
    }
  }

  /** Asks again and again, ever more seldom, until somebody answers. */
  function knock() {
    timer = setTimeout(() => {
      fetch(url("/api/meta"), { cache: "no-store" }).then(
        () => noteReachable(true),
        () => state === "offline" && knock(),
      );
    }, KNOCK_MS[Math.min(knocks++, KNOCK_MS.length - 1)]);
  }

  /**
   * @param {string} path
   * @param {Asked["query"]} [query]
   */
  function url(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return base + path + (text ? `?${text}` : "");
  }

  /**
   * @param {string} path
   * @param {Asked} [asked]
   */
  async function ask(path, { method, json, raw, query, signal } = {}) {
    /** @type {RequestInit} */
    const request = { method: method ?? (json === undefined && raw === undefined ? "GET" : "POST") };
    if (signal) request.signal = signal;
    if (json !== undefined) {
      request.body = JSON.stringify(json);
      request.headers = { "Content-Type": "application/json" };
    } else if (raw !== undefined) {
      request.body = raw;
      request.headers = { "Content-Type": "application/octet-stream" };
    }
    /** @type {Response} */
    let response;
    try {
      response = await fetch(url(path, query), request);
    } catch (error) {
      if (signal?.aborted) throw error;
      noteReachable(false);
      throw new ApiError(0, "Unreachable", "The studio does not answer. Is it still running in its terminal?");
    }
    noteReachable(true);
    if (!response.ok) throw await errorOf(response);
    if (response.status === 204) return null;
    try {
      return await response.json();
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0, "Unreachable", "The studio's answer broke off. Is it still running in its terminal?");
    }
  }

  return {
    ask,
    url,
    connection: () => state,
    onConnection(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    noteReachable,
  };
}

/** @param {Response} response */
async function errorOf(response) {
  /** @type {any} */
  let told = null;
  try {
    told = (await response.json())?.error;
  } catch {
    // Not from our routes: the status says what there is to say.
  }
  const kind = typeof told?.kind === "string" ? told.kind : "Unknown";
  const message = typeof told?.message === "string" ? told.message : `The studio answered ${response.status}.`;
  return new ApiError(response.status, kind, message);
}
