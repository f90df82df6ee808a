// @ts-check
/** Every route of the server as a function. */
/**
 * @import {Answered, Amounts, Beat, ChangedLoop, Connection, Controls, Described, Kit, KitSettings, Learning,
 *   Loop, Meta, Proposal, ProposalKind, ProposalPage, Sample, Session, SessionEvent, SessionSettings, Sound, Sounds,
 *   Taps, Task, TasteMap, Undone} from "./types.js"
 */
import { encodeBase64Url } from "./base64url.js";
import { followJob, sessionEvents } from "./events.js";
import { createRequests } from "./requests.js";

export { ApiError } from "./requests.js";

/** @typedef {{onProgress?: (done: number, total: number) => void, signal?: AbortSignal}} Following */
/** @typedef {ReturnType<typeof createApi>} Api */
/** @typedef {{id: string, title: string} & KitSettings} OwnKit */

const BEATS_KEPT = 300;
const id = encodeURIComponent;

/** @param {{base?: string, fetch?: typeof globalThis.fetch}} [options] */
export function createApi({ base = "", fetch = globalThis.fetch.bind(globalThis) } = {}) {
  const requests = createRequests({ base, fetch });
  const { ask, url } = requests;
  /** @type {Map<string, Beat>} Beats never change, so that one that is here need not be asked for. */
  const beats = new Map();
  /** @type {Promise<Kit[]> | null} */
  let kits = null;

  /** @param {string} sid */
  const session = (sid) => `/api/sessions/${id(sid)}`;

  /** @param {Beat} beat */
  function keep(beat) {
    beats.delete(beat.id);
    beats.set(beat.id, beat);
    if (beats.size > BEATS_KEPT) beats.delete(/** @type {string} */ (beats.keys().next().value));
    return beat;
  }
  /**
   * @param {string} path
   * @param {object} body
   * @param {Following} [following]
   */
  async function work(path, body, following = {}) {
    const begun = await ask(path, { json: body, signal: following.signal });
    return followJob(requests, begun.job, following);
  }

  return {
    connection: requests.connection,
    /** @type {(listener: (state: Connection) => void) => () => void} */
    onConnection: requests.onConnection,
    /** @returns {Promise<Meta>} */
    meta: () => ask("/api/meta"),

    // Explore
    /** @returns {Promise<Session[]>} */
    sessions: () => ask("/api/sessions"),
    /**
     * @param {{name?: string, settings?: SessionSettings, sounds?: string[], warm_start?: string}} [body]
     * @returns {Promise<Session>}
     */
    createSession: (body = {}) => ask("/api/sessions", { json: body }),
    /** @type {(sid: string) => Promise<Session>} */
    session: (sid) => ask(session(sid)),
    /** @type {(sid: string, name: string) => Promise<Session>} */
    renameSession: (sid, name) => ask(session(sid), { method: "PATCH", json: { name } }),
    /** @param {string} sid */
    sessionFileUrl: (sid) => url(`${session(sid)}/file`),
    /** @type {(file: Blob, name?: string) => Promise<Session>} */
    importSession: (file, name) => ask("/api/sessions/import", { raw: file, query: { name } }),
    /** @type {(sid: string, controls?: Controls, options?: {fresh?: boolean, signal?: AbortSignal}) => Promise<Proposal>} */
    next: (sid, controls, { fresh, signal } = {}) =>
      ask(`${session(sid)}/next`, { json: { ...(controls && { controls }), ...(fresh && { fresh }) }, signal }),
    /** @type {(sid: string, pid: Proposal["id"], body: {liked: boolean, key: string, heard_seconds?: number}) => Promise<Answered>} */
    rate: (sid, pid, body) => ask(`${session(sid)}/proposals/${id(pid)}/rating`, { json: body }),
    /** @type {(sid: string, pid: Proposal["id"], body: {key: string}) => Promise<Answered>} */
    skip: (sid, pid, body) => ask(`${session(sid)}/proposals/${id(pid)}/skip`, { json: body }),
    /** @type {(sid: string, body: {key: string}) => Promise<Undone>} */
    undo: (sid, body) => ask(`${session(sid)}/undo`, { json: body }),
    /** @type {(sid: string, loop: Loop) => Promise<Proposal>} */
    addLoop: (sid, loop) => ask(`${session(sid)}/loops`, { json: { loop } }),
    /** @type {(sid: string, query?: {after?: number, limit?: number, kind?: ProposalKind}) => Promise<ProposalPage>} */
    proposals: (sid, query = {}) => ask(`${session(sid)}/proposals`, { query }),
    /** @type {(sid: string, pid: Proposal["id"]) => Promise<Proposal>} */
    proposal: (sid, pid) => ask(`${session(sid)}/proposals/${id(pid)}`),
    /** @type {(sid: string, count?: number) => Promise<Proposal[]>} */
    best: (sid, count = 10) => ask(`${session(sid)}/best`, { query: { count } }),
    /** @type {(sid: string) => Promise<TasteMap>} */
    map: (sid) => ask(`${session(sid)}/map`),
    /** @type {(sid: string) => Promise<Learning>} */
    learning: (sid) => ask(`${session(sid)}/learning`),
    /** @type {(sid: string, onEvent: (event: SessionEvent) => void, onState?: (state: "online" | "offline") => void) => () => void} */
    sessionEvents: (sid, onEvent, onState) => sessionEvents(requests, sid, onEvent, onState),
    /** @type {(sid: string, body: object, following?: Following) => Promise<{download: string}>} */
    exportLoops: (sid, body, following) => work(`${session(sid)}/export`, body, following),
    /** @type {(loop: Loop, sid?: string | null) => Promise<Described>} */
    describeLoop: (loop, sid) => ask("/api/loops/describe", { json: { loop, ...(sid && { session: sid }) } }),
    /**
     * @param {{loop: Loop, row: number, change: "swap" | "mutate" | "cells", amount?: number, seed?: number, session?: string | null}} body
     * @returns {Promise<ChangedLoop>}
     */
    changeLoop: (body) => ask("/api/loops/change", { json: body }),
    /** @type {(sound: Sound, rate: number, sid?: string | null) => string} */
    soundUrl: (sound, rate, sid) => url("/api/sounds/audio", { sound: encodeBase64Url(sound), rate, session: sid }),
    /** @type {(loop: Loop, rate: number, repeats?: number, sid?: string | null) => string} */
    loopUrl: (loop, rate, repeats = 1, sid = null) =>
      url("/api/loops/audio", { loop: encodeBase64Url(loop), rate, repeats, session: sid }),
    /** @returns {Promise<Sounds>} */
    sounds: () => ask("/api/sounds"),
    /** @type {(file: Blob, name: string) => Promise<Sample>} */
    uploadSample: (file, name) => ask("/api/sounds/samples", { raw: file, query: { name } }),
    /** @returns {Promise<{id: string}>} */
    createWarmStart: () => ask("/api/warm-starts", { json: {} }),
    /** @type {(wid: string, side: "like" | "dislike", file: Blob, name: string) => Promise<any>} */
    addWarmStart: (wid, side, file, name) => ask(`/api/warm-starts/${id(wid)}/${side}`, { raw: file, query: { name } }),

    // Groove
    /** @type {(file: Blob, options?: {name?: string, as?: Beat["kind"]}) => Promise<Beat>} */
    uploadBeat: async (file, { name, as } = {}) => keep(await ask("/api/beats", { raw: file, query: { name, as } })),
    /** @type {(body: object) => Promise<Beat>} */
    patternBeat: async (body) => keep(await ask("/api/beats/pattern", { json: body })),
    /** @type {(taps: Taps) => Promise<Beat>} */
    tapsBeat: async (taps) => keep(await ask("/api/beats/taps", { json: taps })),
    /** @type {(body: {loop: Loop, session?: string | null, repeats?: number}) => Promise<Beat>} */
    loopBeat: async (body) => keep(await ask("/api/beats/loop", { json: body })),
    /** @type {(bid: string, like?: string | null) => Promise<Beat>} `like`: in the order of that beat's notes */
    beat: async (bid, like) => beats.get(bid) ?? keep(await ask(`/api/beats/${id(bid)}`, { query: { like } })),
    /** @type {(bid: string) => Beat | null} what is here already */
    knownBeat: (bid) => beats.get(bid) ?? null,
    /** @type {(bid: string, options?: {map?: string, name?: string}) => string} */
    midiUrl: (bid, options = {}) => url(`/api/beats/${id(bid)}/midi`, options),
    /** @returns {Promise<{name: string, about: string}[]>} */
    demos: () => ask("/api/demos"),
    /** @type {(name: string) => Promise<Beat>} */
    demoBeat: async (name) => keep(await ask(`/api/demos/${id(name)}`, { method: "POST" })),
    /** @type {(name: Task, body: object, following?: Following) => Promise<Beat[]>} */
    task: async (name, body, following) => {
      const result = await work(`/api/tasks/${name}`, body, following);
      return result.beats.map(keep);
    },
    /** @type {(body: {from: string, to: string} & Partial<Amounts>) => Promise<Beat>} */
    blend: async (body) => keep(await ask("/api/beats/blend", { json: body })),
    /** @type {(bid: string, body: object, following?: Following) => Promise<{download: string}>} */
    renderBeat: (bid, body, following) => work(`/api/beats/${id(bid)}/render`, body, following),

    // Kits
    /** @returns {Promise<Kit[]>} */
    kits: () => (kits ??= ask("/api/kits").catch((error) => {
      kits = null;
      throw error;
    })),
    /** @returns {Promise<OwnKit[]>} */
    ownKits: () => ask("/api/kits/own"),
    /** @type {(kid: string, kit: {title?: string} & KitSettings) => Promise<OwnKit>} */
    keepKit: (kid, kit) => ask(`/api/kits/own/${id(kid)}`, { method: "PUT", json: kit }),
    /** @type {(kid: string) => Promise<any>} */
    dropKit: (kid) => ask(`/api/kits/own/${id(kid)}`, { method: "DELETE" }),
    /**
     * @param {string} kit
     * @param {{voice: string, layer: number, take: number, rate: number, pitch?: number | null, tune?: number,
     *   decay?: number, mutation?: number | null, sample?: Sound | null}} shot
     */
    shotUrl: (kit, { sample, ...shot }) =>
      url(`/api/kits/${id(kit)}/shot`, { ...shot, sample: sample ? encodeBase64Url(sample) : null }),
  };
}
