// @ts-check
/** Which shot of a kit a hit sounds with, and how loud: the renderer's rule, from what GET /api/kits says. */
/** @import {Kit, KitSettings} from "../types.js" */
/** @import {Api} from "../api.js" */
/** @import {Hit, Timeline} from "./timeline.js" */

/**
 * @typedef {object} KitShots
 * @property {(hit: Hit, round: number, timeline: Timeline) => string} url
 * @property {(hit: Hit) => string} soundOf  its voice, or which articulation of it
 * @property {(hit: Hit) => number} gain  without level and pan, which tracks have
 * @property {(voice: string) => {level: number, pan: number}} place
 * @property {(timeline: Timeline, rounds: number) => string[]} urls  of a timeline's rounds, in the order of need
 * @property {(hit: Hit) => string[]} instead  what may sound where the shot is not here yet
 */

/**
 * @param {{kit: Kit, settings: KitSettings, voices: string[], api: Pick<Api, "shotUrl">, rate: number}} options
 * @returns {KitShots}
 */
export function createKitShots({ kit, settings, voices, api, rate }) {
  const rules = new Map(kit.voices.map((one) => [one.voice, one]));

  /** @param {Hit} hit */
  function layerOf(hit) {
    const velocity = Math.round(hit.velocity * 127);
    let layer = 0;
    while (layer + 1 < kit.layer_from.length && kit.layer_from[layer + 1] <= velocity) layer++;
    return layer;
  }

  /** @param {Hit} hit */
  function articulation({ track, pitch }) {
    return rules.get(voices[track])?.articulations.some((one) => one.pitch === pitch) ? pitch : null;
  }

  /**
   * @param {Hit} hit
   * @param {number} layer
   * @param {number} take
   */
  function address(hit, layer, take) {
    const voice = voices[hit.track];
    const own = settings.voices[voice] ?? {};
    return api.shotUrl(kit.name, {
      voice,
      layer: own.sample ? 0 : layer,
      take: own.sample ? 0 : take,
      rate,
      pitch: own.sample ? null : articulation(hit),
      tune: own.tune || undefined,
      decay: own.decay === 1 ? undefined : own.decay,
      mutation: own.sample ? null : own.mutation,
      sample: own.sample,
    });
  }

  /**
   * @param {Hit} hit
   * @param {number} round
   * @param {number} count  hits of this voice in a round
   */
  function takeOf(hit, round, count) {
    const order = kit.take_order[voices[hit.track]] ?? "0";
    return Number(order[(Math.max(0, round) * count + hit.ordinal) % order.length]);
  }

  return {
    url: (hit, round, { counts }) => address(hit, layerOf(hit), takeOf(hit, round, counts[hit.track])),
    soundOf: (hit) => `${hit.track} ${articulation(hit)}`,
    gain(hit) {
      const rule = rules.get(voices[hit.track]);
      const dynamics = rule?.articulations.find((one) => one.pitch === hit.pitch)?.dynamics ?? rule?.dynamics ?? 1;
      return hit.velocity ** dynamics / kit.shot_gain;
    },
    place(voice) {
      const own = settings.voices[voice] ?? {};
      return { level: 10 ** ((own.level_db ?? 0) / 20), pan: own.pan ?? 0 };
    },
    urls(timeline, rounds) {
      const { counts } = timeline;
      const hits = timeline.hits.filter((hit) => hit.kind === "hit");
      const each = Array.from({ length: rounds }, (_, round) =>
        hits.map((hit) => address(hit, layerOf(hit), takeOf(hit, round, counts[hit.track]))));
      return [...new Set(each.flat())];
    },
    instead(hit) {
      const layer = layerOf(hit);
      const layers = Array.from({ length: kit.layers }, (_, i) => i).sort((a, b) => Math.abs(a - layer) - Math.abs(b - layer));
      return layers.flatMap((one) => Array.from({ length: kit.takes }, (_, take) => address(hit, one, take)));
    },
  };
}
