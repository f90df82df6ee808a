// @ts-check
/** What the server tells by itself: events of a session, progress of a job. */
/** @import {JobEvent, SessionEvent} from "./types.js" */
/** @import {Requests} from "./requests.js" */
import { ApiError } from "./requests.js";

const KINDS = ["message", "changed", "progress", "done", "failed"];
const POLL_MS = 400;
const AGAIN_MS = [500, 1_000, 2_000, 5_000];
const POLLS_UNREACHABLE = 20;

/**
 * @param {EventSource} source
 * @param {(event: any) => void} listener
 */
function listen(source, listener) {
  /** @param {Event} event */
  const read = (event) => {
    if (event instanceof MessageEvent) listener(JSON.parse(event.data));
  };
  for (const kind of KINDS) source.addEventListener(kind, read);
}

/**
 * Calls `onEvent` whenever the session changed, until the function that is returned is called. It connects again by
 * itself. A page that nobody sees lets go of its connection (a browser has six for one server), and asks anew when it
 * is seen: then, as after every gap, `onState` hears "online", and what was missed is to be read again.
 * @param {Requests} requests
 * @param {string} sid
 * @param {(event: SessionEvent) => void} onEvent
 * @param {(state: "online" | "offline") => void} [onState]
 * @returns {() => void}
 */
export function sessionEvents(requests, sid, onEvent, onState = () => {}) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let failures = 0;

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  function open() {
    close();
    if (document.hidden) return;
    const opened = new EventSource(requests.url(`/api/sessions/${encodeURIComponent(sid)}/events`));
    source = opened;
    opened.addEventListener("open", () => {
      failures = 0;
      requests.noteReachable(true);
      onState("online");
    });
    listen(opened, onEvent);
    opened.addEventListener("error", () => {
      if (source !== opened) return;
      close();
      onState("offline");
      timer = setTimeout(open, AGAIN_MS[Math.min(failures++, AGAIN_MS.length - 1)]);
    });
  }
  const seen = () => (document.hidden ? close() : source ?? open());
  const off = requests.onConnection((state) => {
    if (state === "back" && source?.readyState !== EventSource.OPEN) open();
  });
  document.addEventListener("visibilitychange", seen);
  open();
  return () => {
    off();
    document.removeEventListener("visibilitychange", seen);
    close();
  };
}

/**
 * Returns a job's result when it is done. Progress comes as events; where they break off, by asking.
 * @param {Requests} requests
 * @param {string} id
 * @param {{onProgress?: (done: number, total: number) => void, signal?: AbortSignal}} [options]  aborting cancels it
 * @returns {Promise<any>}
 */
export function followJob(requests, id, { onProgress, signal } = {}) {
  const path = `/api/jobs/${encodeURIComponent(id)}`;
  return new Promise((resolve, reject) => {
    /** @type {EventSource | null} */
    let source = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let ended = false;
    let unreachable = 0;

    /** @param {() => void} settle */
    function end(settle) {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      source?.close();
      signal?.removeEventListener("abort", cancel);
      settle();
    }
    function cancel() {
      requests.ask(path, { method: "DELETE" }).catch(() => {}); // Gone already: there is nothing left to cancel.
      end(() => reject(signal?.reason ?? new DOMException("cancelled", "AbortError")));
    }
    /** @param {JobEvent} event */
    function heed(event) {
      if (event.kind === "progress") onProgress?.(event.done ?? 0, event.total ?? 0);
      if (event.kind === "done") end(() => resolve(event.result));
      if (event.kind === "failed") {
        const { kind = "Unknown", message = "The work failed." } = event.error ?? {};
        end(() => reject(new ApiError(500, kind, message)));
      }
    }
    async function poll() {
      try {
        const told = await requests.ask(path);
        unreachable = 0;
        if (ended) return;
        heed({ ...told, kind: told.state === "done" || told.state === "failed" ? told.state : "progress" });
      } catch (error) {
        if (error instanceof ApiError && error.status === 0 && ++unreachable < POLLS_UNREACHABLE) {
          // It may come back, and know the job or say that it does not.
        } else if (error instanceof ApiError && error.status === 404) {
          const lost = "The studio was started anew and no longer knows this work. Please ask for it again.";
          end(() => reject(new ApiError(404, "NotFound", lost)));
        } else {
          end(() => reject(error));
        }
      }
      if (!ended) timer = setTimeout(poll, POLL_MS);
    }

    if (signal?.aborted) return cancel();
    signal?.addEventListener("abort", cancel);
    if (typeof EventSource === "undefined") return void poll();
    source = new EventSource(requests.url(`${path}/events`));
    listen(source, heed);
    source.addEventListener("error", () => {
      if (ended || !source) return;
      source.close();
      source = null;
      void poll();
    });
  });
}
