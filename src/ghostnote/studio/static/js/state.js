// @ts-check
/** What the page begins with. */
/** @import {State} from "./types.js" */

export const STATE_VERSION = 1;

/** @returns {State} */
export function initialState() {
  return {
    page: "explore",
    explore: {
      session: null,
      proposal: null,
      loop: null,
      edited: false,
      controls: {},
      revealed: false,
      filter: "all",
    },
    groove: {
      source: null,
      result: null,
      takes: [],
      take: 0,
      task: "humanize",
      parameters: {},
      amounts: { timing: 1, velocity: 1, voices: {} },
      locks: [],
      bars: null,
      seed: 0,
      pad: [],
      padAt: { x: 0.5, y: 0.5 },
      listen: "b",
    },
    kit: { name: "dry_acoustic", voices: {} },
    play: { playing: false, what: "loop", volume: 0.8, click: false, mix: { loop: { muted: [], solo: [] }, beat: { muted: [], solo: [] } } },
    preferences: {
      theme: "auto",
      keys: { like: "l", dislike: "d", skip: "s", undo: "u", play: " ", reveal: "r", ab: "b", help: "?" },
      latencyMs: 0,
      midiOut: null,
      midiIn: null,
      seenHints: [],
    },
  };
}
