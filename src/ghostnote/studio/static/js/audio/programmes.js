// @ts-check
/** What is to be played, ready to be: its timeline, and the sound, level and track of each hit. */
/** @import {Amounts, Beat, Kit, KitSettings, Sound} from "../types.js" */
/** @import {Api} from "../api.js" */
/** @import {LoopLike} from "./player.js" */
/** @import {Shots} from "./shots.js" */
/** @import {Hit, Timeline} from "./timeline.js" */
import { createKitShots } from "./kit_shots.js";
import { beatTimeline, loopTimeline } from "./timeline.js";

/**
 * @typedef {(track: string, level: number, pan: number) => void} Place
 *
 * @typedef {object} Programme
 * @property {"loop" | "beat"} what
 * @property {Timeline} timeline
 * @property {() => boolean} here  whether something sensible is decoded for each of its hits
 * @property {() => boolean} any
 * @property {() => Promise<string[]>} load  as much as it can begin with; what went wrong
 * @property {() => Promise<string[]>} loadWhole  what its first round needs
 * @property {(hit: Hit, round: number, timeline: Timeline) => AudioBuffer | null} buffer
 * @property {(hit: Hit) => number} level
 * @property {(hit: Hit) => string} track
 * @property {(hit: Hit) => string} group
 * @property {Kit["choke"] | null} choke
 * @property {(place: Place) => void} [settle]
 * @property {(kit: KitSettings, place: Place) => void} [settleWith]  levels and pans of another kit, at once
 * @property {(kit: KitSettings) => Promise<Programme>} [withKit]
 * @property {(amounts: Amounts) => Programme} [withAmounts]
 * @property {() => (AudioBuffer | null)[]} [rows]
 */

const ROUNDS_AHEAD = 3;

/**
 * The track of a loop's row: of its name, so that a row keeps its track when the next loop takes over.
 * @param {string | number} name
 */
export const rowTrack = (name) => `row ${name}`;

/** @param {{api: Pick<Api, "soundUrl" | "shotUrl" | "kits">, shots: Shots, rate: number}} options */
export function createProgrammes({ api, shots, rate }) {
  /**
   * @param {Sound} sound
   * @param {string | null} session
   */
  function soundUrl(sound, session) {
    // Ours are made from what they are; a recording is found through the session that has it.
    return api.soundUrl(sound, rate, sound.kind === "file" ? session : null);
  }

  /**
   * @param {{loop: LoopLike, session?: string | null}} options
   * @returns {Programme}
   */
  function ofLoop({ loop: { loop, gain, roles, names }, session = null }) {
    const urls = loop.sounds.map((sound) => soundUrl(sound, session));
    return {
      what: "loop",
      timeline: loopTimeline(loop, rate, roles),
      here: () => urls.every((url) => shots.peek(url)),
      any: () => urls.some((url) => shots.peek(url)),
      load: () => shots.loadAll(urls, rate),
      loadWhole: () => shots.loadAll(urls, rate),
      buffer: (hit) => shots.peek(urls[hit.track]),
      level: (hit) => gain * hit.velocity,
      track: (hit) => rowTrack(names?.[hit.track] ?? hit.track),
      group: () => "",
      choke: null,
      rows: () => urls.map((url) => shots.peek(url)),
    };
  }

  /** @param {string} name */
  async function kitOf(name) {
    const kits = await api.kits();
    const kit = kits.find((one) => one.name === name) ?? kits[0];
    if (!kit) throw new Error("The studio has no kit to play with.");
    return kit;
  }

  /**
   * @param {{beat: Beat, kit: KitSettings, from?: Beat | null, amounts?: Amounts | null}} options
   * @returns {Promise<Programme>}
   */
  async function ofBeat({ beat, kit: settings, from = null, amounts = null }) {
    return beatWith(await kitOf(settings.name), settings, beat, from, amounts);
  }

  /**
   * @param {Kit} kit
   * @param {KitSettings} settings
   * @param {Beat} beat
   * @param {Beat | null} from
   * @param {Amounts | null} amounts
   * @returns {Programme}
   */
  function beatWith(kit, settings, beat, from, amounts) {
    const voices = kit.voices.map((one) => one.voice);
    const timeline = beatTimeline(beat, rate, voices, from, amounts);
    const kitShots = createKitShots({ kit, settings, voices, api, rate });
    const samples = oneOfEach(timeline, kitShots.soundOf);
    const firstUrls = () => kitShots.urls(timeline, 1);
    const loadRest = () => shots.loadLater(kitShots.urls(timeline, ROUNDS_AHEAD), rate);
    /** @param {Hit} hit */
    const nearest = (hit) => kitShots.instead(hit).map(shots.peek).find((one) => one !== null) ?? null;
    return {
      what: "beat",
      timeline,
      here: () => samples.every(nearest),
      any: () => samples.length === 0 || samples.some(nearest),
      async load() {
        // One of each sound is soon here; other layers and takes come while it plays.
        const urls = samples.filter((hit) => !nearest(hit)).map((hit) => kitShots.url(hit, 0, timeline));
        const missing = await shots.loadAll(urls, rate);
        loadRest();
        return missing;
      },
      async loadWhole() {
        const missing = await shots.loadAll(firstUrls(), rate);
        loadRest();
        return missing;
      },
      buffer(hit, round, own) {
        const url = kitShots.url(hit, round, own);
        const here = shots.peek(url);
        if (here) return here;
        shots.load(url, rate).catch(() => {}); // For the next time; until then the nearest that is here.
        return nearest(hit);
      },
      level: kitShots.gain,
      track: (hit) => voices[hit.track],
      group: (hit) => voices[hit.track],
      choke: kit.choke,
      settle(place) {
        for (const voice of voices) {
          const { level, pan } = kitShots.place(voice);
          place(voice, level, pan);
        }
      },
      settleWith(other, place) {
        const places = createKitShots({ kit, settings: other, voices, api, rate });
        for (const voice of voices) {
          const { level, pan } = places.place(voice);
          place(voice, level, pan);
        }
      },
      withKit: async (other) => beatWith(await kitOf(other.name), other, beat, from, amounts),
      withAmounts: (other) => beatWith(kit, settings, beat, from, other),
    };
  }

  /**
   * @param {string} voice
   * @param {KitSettings} settings
   * @param {number} velocity
   * @param {number} pitch
   */
  async function shot(voice, settings, velocity, pitch) {
    const kit = await kitOf(settings.name);
    const kitShots = createKitShots({ kit, settings, voices: [voice], api, rate });
    /** @type {Hit} */
    const hit = { kind: "hit", at: 0, step: 0, track: 0, velocity, pitch, ordinal: 0 };
    const url = kitShots.instead(hit)[0];
    return { url, track: voice, gain: kitShots.gain(hit), ...kitShots.place(voice) };
  }

  return { ofLoop, ofBeat, shot, soundUrl };
}

/**
 * Returns of each voice, and each of its articulations, the loudest hit.
 * @param {Timeline} timeline
 * @param {(hit: Hit) => string} soundOf
 */
function oneOfEach(timeline, soundOf) {
  /** @type {Map<string, Hit>} */
  const found = new Map();
  for (const hit of timeline.hits) {
    if (hit.kind !== "hit") continue;
    const known = found.get(soundOf(hit));
    if (!known || hit.velocity > known.velocity) found.set(soundOf(hit), hit);
  }
  return [...found.values()];
}
