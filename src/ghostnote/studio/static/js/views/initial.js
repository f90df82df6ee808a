// @ts-check
/** What the page begins with. */

/** The keys that there are at first; views add the names of their own. */
export const STANDARD_KEYS = { like: "l", dislike: "d", skip: "s", undo: "u", play: " " };

/** @returns {import("../types.js").State} */
export function initialState() {
  return {
    page: "explore",
    explore: {
      session: null,
      proposal: null,
      loop: null,
      edited: false,
      controls: { musical: 0.5, density: 0.5, tempo_bpm: [90, 140], four_on_the_floor: false, explore: 0.3, novelty: 0.5, target: "good", locked_rows: [] },
      revealed: false,
      filter: "all",
    },
    groove: {
      source: null, result: null, takes: [], take: 0, task: "humanize", parameters: {},
      amounts: { timing: 1, velocity: 1, voices: {} }, locks: [], bars: null, seed: 1, pad: [], padAt: { x: 0, y: 0 }, listen: "b",
    },
    kit: { name: "dry_acoustic", voices: {} },
    play: { playing: false, what: "loop", volume: 0.8, click: false },
    preferences: { theme: "auto", keys: { ...STANDARD_KEYS }, latencyMs: 0, midiOut: null, midiIn: null, seenHints: false },
  };
}
