// @ts-check
/** The sound of the page: what plays, where it stands, and what may be changed while it plays. */
/** @import {Amounts, Beat, KitSettings, Loop, Sound} from "../types.js" */
/** @import {Api} from "../api.js" */
/** @import {Midi} from "./midi.js" */
/** @import {Due} from "./midi_out.js" */
/** @import {Hit} from "./timeline.js" */
/** @import {Voice} from "./voices.js" */
/** @import {Segment, Sequence} from "./sequence.js" */
/** @import {Programme} from "./programmes.js" */
/** @import {TapRecorder, TapOptions} from "./taps.js" */
import { createClock, createTimes } from "./clock.js";
import { createClicks } from "./metronome.js";
import { createMidiOut } from "./midi_out.js";
import { createMixer } from "./mixer.js";
import { renderOffline } from "./offline.js";
import { createProgrammes, rowTrack } from "./programmes.js";
import { createSequence } from "./sequence.js";
import { createShots } from "./shots.js";
import { createTapRecorder } from "./taps.js";
import { createVoices } from "./voices.js";

/**
 * @typedef {{loop: Loop, gain: number, key?: string, roles?: string[], names?: string[]}} LoopLike  a proposal, or what
 *   is like one; by the names of its rows they can be hushed
 * @typedef {{step: number, fraction: number, seconds: number}} Position  index of the step; 0…1 of the bar or beat;
 *   seconds in it
 * @typedef {{what: "loop", loop: LoopLike, session?: string | null}} PlayLoop
 * @typedef {{what: "beat", beat: Beat, kit: KitSettings, from?: Beat | null, amounts?: Amounts | null}} PlayBeat
 *   `from` and `amounts`: what is heard lies between `from` and `beat`
 * @typedef {{playing: boolean, what: "loop" | "beat" | null, loading: boolean, error: string | null}} AudioState
 *
 * @typedef {object} Audio
 * @property {() => Promise<boolean>} unlock  to be called in a gesture; whether sound can run
 * @property {(loop: LoopLike, options?: {session?: string | null}) => Promise<void>} playLoop
 * @property {(beat: Beat, options: {kit: KitSettings, amounts?: Amounts | null, from?: Beat | null}) => Promise<void>} playBeat
 * @property {(next: PlayLoop | PlayBeat) => Promise<void>} swap  without a gap, at the next step, in the same phase;
 *   plays where nothing does
 * @property {(amounts: Amounts) => void} setAmounts  of the beat that plays with `from`, at once
 * @property {(kit: KitSettings) => Promise<void>} setKit  levels and pans at once, sounds as soon as they are here
 * @property {(loop: LoopLike, options?: {session?: string | null}) => Promise<void>} prefetch  has its sounds decoded
 *   before they are needed
 * @property {(beat: Beat, kit: KitSettings) => Promise<void>} prefetchBeat
 * @property {() => void} stop
 * @property {boolean} playing
 * @property {AudioState} state
 * @property {() => Position | null} position  of what is heard now; null while nothing plays
 * @property {(what: string | Sound, options?: {session?: string | null, gain?: number}) => Promise<void>} preview
 *   plays an address or a sound once; a second preview ends the first
 * @property {(voice: string, options: {kit: KitSettings, velocity?: number, pitch?: number}) => Promise<void>} strike
 *   one hit of a kit
 * @property {(volume: number) => void} setVolume  0…1
 * @property {(on: boolean) => void} setClick
 * @property {(what: "loop" | "beat", names: string[]) => void} setHushed  the named rows of loops, or voices of beats, are
 *   not heard, whatever plays, until others are named
 * @property {{(name: "step", listener: (step: number) => void): () => void,
 *   (name: "state", listener: (state: AudioState) => void): () => void}} on
 * @property {(options: {bpm: number, metre?: [number, number], countIn?: number, bars?: number}) =>
 *   Promise<{downbeat: number, end: number}>} startClick  a click alone, `countIn` bars and then `bars` of it: when the
 *   downbeat and the end are heard, in ms as of performance.now()
 * @property {() => void} stopClick
 * @property {(options: TapOptions) => TapRecorder} createTapRecorder
 * @property {(midi: Midi | null, options?: {notes?: boolean, clock?: boolean}) => void} useMidi  sends what plays there
 * @property {(loop: Loop, gain: number, options?: {bars?: number, rate?: number, session?: string | null}) =>
 *   Promise<Float32Array>} renderLoopOffline
 */

/** How far ahead of the audio clock the next sound may still be placed: the way to that thread on a busy machine. */
const LEAD_SECONDS = 0.01;
const UNLOCK_MS = 400;
const KIT_MS = 120;
const LOCKED = "The browser lets no sound begin yet: press a key or click.";

/**
 * @param {{api: Pick<Api, "soundUrl" | "shotUrl" | "kits">, context?: AudioContext, fetch?: typeof globalThis.fetch}} options
 * @returns {Audio}
 */
export function createAudio({ api, context: given, fetch }) {
  /** @type {ReturnType<typeof build> | null} */
  let built = null;
  const parts = () => (built ??= build(given ?? new AudioContext({ latencyHint: "interactive" })));
  const shots = createShots({ fetch });
  /** @type {Set<(state: AudioState) => void>} */
  const onState = new Set();
  /** @type {Set<(step: number) => void>} */
  const onStep = new Set();
  /** @type {AudioState} */
  let state = { playing: false, what: null, loading: false, error: null };
  let volume = 0.8;
  let click = false;
  let asked = 0;
  let kitAsked = 0;
  let toldStep = -1;
  /** @type {{loop: string[], beat: string[]}} Tracks that are not heard. */
  const hushed = { loop: [], beat: [] };
  const midiOut = createMidiOut();
  /** @type {Voice | null} */
  let previewed = null;

  /** @param {AudioContext} context */
  function build(context) {
    const rate = context.sampleRate;
    const mixer = createMixer(context);
    const voices = createVoices(context);
    const clicks = createClicks(context);
    const times = createTimes(context);
    const programmes = createProgrammes({ api, shots, rate });
    /** @type {Sequence<Programme>} */
    const sequence = createSequence({ emit, cancel });
    const frameNow = () => Math.round(context.currentTime * rate);
    const clock = createClock({ now: frameNow, rate, advance });
    mixer.setVolume(volume);
    mixer.track("click").set(click ? 1 : 0, 0);
    mixer.hush(new Set([...hushed.loop, ...hushed.beat]));

    /**
     * @param {number} now
     * @param {number} horizon
     * @param {number} sent
     */
    function advance(now, horizon, sent) {
      sequence.advance(now, horizon);
      midiOut.sendBefore(sent, (frame) => times.msAt(frame / rate));
      const at = sequence.at(Math.round(times.heardNow() * rate));
      if (at && at.step !== toldStep) {
        toldStep = at.step;
        for (const listener of [...onStep]) listener(at.step);
      }
    }

    /**
     * @param {Hit} hit
     * @param {number} frame
     * @param {number} round
     * @param {Segment<Programme>} segment
     * @returns {{voice: Voice | null, due: Due | null}}
     */
    function emit(hit, frame, round, segment) {
      if (hit.kind === "tick") return { voice: null, due: midiOut.add({ frame, hit, hushed: () => false }) };
      if (hit.kind === "click") {
        return { voice: voices.play(clicks[hit.track], mixer.track("click").input, { frame, level: 1 }), due: null };
      }
      const { payload } = segment;
      const isHushed = () => hushed[payload.what].includes(payload.track(hit));
      return { voice: sound(hit, frame, round, segment), due: midiOut.add({ frame, hit, hushed: isHushed }) };
    }

    /** @param {{voice: Voice | null, due: Due | null}} emitted */
    function cancel({ voice, due }) {
      if (voice) voices.cancel(voice);
      if (due) midiOut.drop(due);
    }

    /**
     * @param {Hit} hit
     * @param {number} frame
     * @param {number} round
     * @param {Segment<Programme>} segment
     * @returns {Voice | null}
     */
    function sound(hit, frame, round, { payload, timeline }) {
      const buffer = payload.buffer(hit, round, timeline);
      if (!buffer) return null;
      const group = payload.group(hit);
      const voice = voices.play(buffer, mixer.track(payload.track(hit)).input, { frame, level: payload.level(hit), group });
      if (payload.choke && group === payload.choke.closing) {
        const { choked, seconds, same_stroke_seconds: sameStroke } = payload.choke;
        voices.choke(voice, { group: choked, seconds, sameStroke });
      }
      return voice;
    }
    return { context, rate, mixer, voices, clicks, times, programmes, sequence, frameNow, clock };
  }

  /** @param {Partial<AudioState>} change */
  function become(change) {
    const next = { ...state, ...change };
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    for (const listener of [...onState]) listener(state);
  }

  async function unlock() {
    const { context } = parts();
    if (context.state !== "running") {
      // Outside a gesture this waits for one, however long; then the audio clock stands, and nothing is missed.
      const resumed = context.resume().then(() => become({ error: state.error === LOCKED ? null : state.error }), () => {});
      await Promise.race([resumed, new Promise((resolve) => setTimeout(resolve, UNLOCK_MS))]);
    }
    return context.state === "running";
  }

  /**
   * @param {PlayLoop | PlayBeat} next
   * @param {boolean} keepsPhase
   */
  async function play(next, keepsPhase) {
    const mine = ++asked;
    const { programmes, rate } = parts();
    void unlock().then((running) => {
      if (!running && mine === asked) become({ error: LOCKED });
    });
    const ready = next.what === "loop" ? programmes.ofLoop(next) : await programmes.ofBeat(next);
    if (!ready.here()) {
      become({ loading: true });
      const missing = await ready.load();
      if (mine !== asked) return;
      become({ loading: false, error: missing[0] ?? null });
      if (missing.length && !ready.any()) {
        stop();
        throw new Error(missing[0]);
      }
    } else {
      if (mine !== asked) return;
      become({ error: null, loading: false });
      void ready.load(); // What is better than what is here.
    }
    begin(ready, rate, keepsPhase);
  }

  /**
   * @param {Programme} programme
   * @param {number} rate
   * @param {boolean} keepsPhase
   */
  function begin(programme, rate, keepsPhase) {
    const { sequence, clock, voices, frameNow } = parts();
    programme.settle?.(place);
    const now = frameNow();
    // What was sent as MIDI stays: whatever comes next begins after it.
    const lead = Math.max(Math.ceil(LEAD_SECONDS * rate), midiOut.sentTo - now);
    if (keepsPhase && sequence.running) {
      sequence.swap(programme.timeline, programme, now, lead);
    } else {
      voices.fade();
      midiOut.stop();
      sequence.start(programme.timeline, programme, now + lead);
      toldStep = -1;
    }
    clock.start();
    clock.pump();
    become({ playing: true, what: programme.what });
  }

  /** @type {(track: string, level: number, pan: number) => void} */
  function place(track, level, pan) {
    parts().mixer.track(track).set(level, pan);
  }

  function stop() {
    asked++;
    if (built) {
      built.clock.stop();
      built.sequence.stop();
      built.voices.fade();
    }
    midiOut.stop();
    become({ playing: false, what: null, loading: false });
  }

  /** The programme that plays, or that is about to. */
  const current = () => built?.sequence.latest()?.payload ?? null;

  /** @param {Programme | null} programme */
  function goOnWith(programme) {
    if (programme && built?.sequence.running) begin(programme, built.rate, true);
  }

  /** @type {Audio} */
  const audio = {
    unlock,
    playLoop: (loop, { session = null } = {}) => play({ what: "loop", loop, session }, false),
    playBeat: (beat, options) => play({ what: "beat", beat, ...options }, false),
    swap: (next) => play(next, true),
    setAmounts: (amounts) => goOnWith(current()?.withAmounts?.(amounts) ?? null),
    async setKit(kit) {
      const mine = ++kitAsked;
      current()?.settleWith?.(kit, place);
      await new Promise((resolve) => setTimeout(resolve, KIT_MS));
      if (mine !== kitAsked) return; // Still being turned: the last is what counts.
      const next = await current()?.withKit?.(kit);
      if (!next) return;
      const missing = await next.load();
      if (mine !== kitAsked) return;
      become({ error: missing[0] ?? null });
      goOnWith((await current()?.withKit?.(kit)) ?? null); // It may be another beat by now.
    },
    async prefetch(loop, { session = null } = {}) {
      await parts().programmes.ofLoop({ loop, session }).loadWhole();
    },
    async prefetchBeat(beat, kit) {
      await (await parts().programmes.ofBeat({ beat, kit })).loadWhole();
    },
    stop,
    get playing() {
      return state.playing;
    },
    get state() {
      return state;
    },
    position() {
      if (!built || !state.playing) return null;
      const at = built.sequence.at(Math.round(built.times.heardNow() * built.rate));
      if (!at) return null;
      const { frames, rate } = at.segment.timeline;
      return { step: at.step, fraction: at.frame / frames, seconds: at.frame / rate };
    },
    async preview(what, { session = null, gain = 1 } = {}) {
      const { rate, voices, mixer, frameNow, programmes } = parts();
      void unlock();
      const buffer = await shots.load(typeof what === "string" ? what : programmes.soundUrl(what, session), rate);
      if (previewed) voices.fadeOne(previewed);
      previewed = voices.play(buffer, mixer.track("preview").input, { frame: frameNow() + 1, level: gain });
    },
    async strike(voice, { kit, velocity = 0.8, pitch = 0 }) {
      const { rate, voices, mixer, frameNow, programmes } = parts();
      void unlock();
      const shot = await programmes.shot(voice, kit, velocity, pitch);
      const buffer = await shots.load(shot.url, rate);
      const track = `strike ${shot.track}`; // what is struck by hand is heard, whatever is muted
      place(track, shot.level, shot.pan);
      voices.play(buffer, mixer.track(track).input, { frame: frameNow() + 1, level: shot.gain });
    },
    setVolume(value) {
      volume = value;
      built?.mixer.setVolume(value);
    },
    setClick(on) {
      click = on;
      if (built) place("click", on ? 1 : 0, 0);
    },
    setHushed(what, names) {
      hushed[what] = what === "loop" ? names.map(rowTrack) : [...names];
      built?.mixer.hush(new Set([...hushed.loop, ...hushed.beat]));
    },
    on(/** @type {string} */ name, /** @type {any} */ listener) {
      const set = name === "step" ? onStep : onState;
      set.add(listener);
      return () => set.delete(listener);
    },
    async startClick({ bpm, metre = [4, 4], countIn = 1, bars = 2 }) {
      const { rate, voices, mixer, clicks, frameNow, times } = parts();
      if (!(await unlock())) throw new Error(LOCKED);
      audio.stopClick();
      const beat = (60 / bpm) * (4 / metre[1]) * rate;
      const start = frameNow() + Math.ceil(LEAD_SECONDS * rate);
      for (let i = 0; i < (countIn + bars) * metre[0]; i++) {
        const options = { frame: start + Math.round(i * beat), level: 1, group: "click alone" };
        voices.play(clicks[i % metre[0] === 0 ? 1 : 0], mixer.track("click alone").input, options);
      }
      const bar = (beat * metre[0]) / rate;
      const downbeat = times.msAt(start / rate + countIn * bar);
      return { downbeat, end: downbeat + bars * bar * 1000 };
    },
    stopClick: () => built?.voices.cancelGroup("click alone"),
    createTapRecorder: (options) => createTapRecorder({ ...options, audio }),
    useMidi: (midi, { notes = true, clock = false } = {}) => midiOut.use(midi, { notes, clock }),
    async renderLoopOffline(loop, gain, { bars = 2, rate, session = null } = {}) {
      const hertz = rate ?? parts().rate;
      const programmes = createProgrammes({ api, shots, rate: hertz });
      const programme = programmes.ofLoop({ loop: { loop, gain }, session });
      const missing = await programme.load();
      if (missing.length) throw new Error(missing[0]);
      return renderOffline(loop, gain, programme.rows?.() ?? [], { bars, rate: hertz });
    },
  };
  return audio;
}
