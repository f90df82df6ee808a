// @ts-check
/** The sound of the page: what plays, where it stands, and what may be changed while it plays. */
/** @import {Amounts, Beat, KitSettings, Loop, Sound} from "../types.js" */
/** @import {Api} from "../api.js" */
/** @import {Midi} from "./midi.js" */

/**
 * @typedef {{loop: Loop, gain: number, key?: string, roles?: string[]}} LoopLike  a proposal, or what is like one
 * @typedef {{step: number, fraction: number, seconds: number}} Position  index of the step; 0…1 of the bar or beat;
 *   seconds in it
 * @typedef {{what: "loop", loop: LoopLike, session?: string | null}} PlayLoop
 * @typedef {{what: "beat", beat: Beat, from?: Beat | null, amounts?: Amounts | null, kit?: KitSettings, tempo_bpm?: number}} PlayBeat  `from`
 *   and `amounts`: what is heard lies between `from` and `beat`
 * @typedef {{playing: boolean, what: "loop" | "beat" | null, loading: boolean, error: string | null}} AudioState
 *
 * @typedef {object} Audio
 * @property {() => Promise<boolean>} unlock  to be called in a gesture; whether sound can run
 * @property {(loop: LoopLike, options?: {session?: string | null}) => Promise<void>} playLoop
 * @property {(beat: Beat, options: {kit: KitSettings, amounts?: Amounts | null, from?: Beat | null}) => Promise<void>} playBeat
 * @property {(next: PlayLoop | PlayBeat) => Promise<void>} swap  without a gap, at the next step, in the same phase; plays if nothing does
 * @property {(amounts: Amounts) => void} setAmounts  of the beat that plays with `from`, at once
 * @property {(kit: KitSettings) => Promise<void>} setKit  levels and pans at once, sounds as soon as they are here
 * @property {(loop: LoopLike, options?: {session?: string | null}) => Promise<void>} prefetch  has its sounds decoded before they are needed
 * @property {(beat: Beat, kit: KitSettings) => Promise<void>} prefetchBeat
 * @property {() => void} stop
 * @property {boolean} playing
 * @property {AudioState} state
 * @property {() => Position | null} position  of what is heard now; null while nothing plays
 * @property {(what: string | Sound, options?: {session?: string | null, gain?: number}) => Promise<void>} preview  plays a URL or a sound once
 * @property {(voice: string, options: {kit: KitSettings, velocity?: number, pitch?: number}) => Promise<void>} strike  one hit of a kit
 * @property {(volume: number) => void} setVolume  0…1
 * @property {(on: boolean) => void} setClick
 * @property {(row: number, options: {muted?: boolean, solo?: boolean}) => void} setRow  of the loop that plays
 * @property {{(name: "step", listener: (step: number) => void): () => void,
 *   (name: "state", listener: (state: AudioState) => void): () => void}} on
 * @property {(options: {bpm: number, metre?: [number, number], countIn?: number, bars?: number}) => Promise<{downbeat: number, end: number}>} startClick
 *   a click alone, `countIn` bars and then `bars` of it: when the downbeat and the end are heard, ms as of performance.now()
 * @property {(midi: Midi | null, options?: {notes?: boolean, clock?: boolean}) => void} useMidi  sends what plays there
 * @property {(loop: Loop, gain: number, options?: {bars?: number, rate?: number, session?: string | null}) => Promise<Float32Array>} renderLoopOffline
 */

/**
 * @param {{api: Api, context?: AudioContext, midi?: Midi | null}} options
 * @returns {Audio}
 */
export function createAudio(options) {
  void options;
  const nothing = () => {};
  const later = async () => {};
  return {
    unlock: async () => false, playLoop: later, playBeat: later, swap: later, setAmounts: nothing, setKit: later,
    prefetch: later, prefetchBeat: later, stop: nothing, playing: false,
    state: { playing: false, what: null, loading: false, error: null }, position: () => null, preview: later,
    strike: later, setVolume: nothing, setClick: nothing, setRow: nothing, on: () => nothing,
    startClick: async () => ({ downbeat: 0, end: 0 }), useMidi: nothing, renderLoopOffline: async () => new Float32Array(0),
  };
}
