// @ts-check
/** What the server knows of a loop beside the loop: names, roles, gain, peaks; kept by what is heard. */

/**
 * @import {Described, Loop, Proposal} from "../../types.js"
 * @import {Api} from "../../api.js"
 */
import { textOf } from "./pattern.js";

const KEPT = 400;
const SOON_MS = 140;

/**
 * @param {{api: Pick<Api, "describeLoop">, fail: (error: unknown) => void, onLook: (loop: Loop) => void}} parts
 */
export function createLooks({ api, fail, onLook }) {
  /** @type {Map<string, Described>} */
  const looks = new Map();
  /** @type {Map<string, Proposal>} */
  const owners = new Map();
  let timer = 0;

  /**
   * @param {Loop} loop
   * @param {Described} look
   */
  function keep(loop, { key, names, roles, gain, peaks }) {
    looks.set(textOf(loop), { key, names, roles, gain, peaks });
    forget(looks);
  }

  return {
    keep,
    /** @type {(loop: Loop) => Described | null} */
    of: (loop) => looks.get(textOf(loop)) ?? null,
    /**
     * Asks the server for what is not known of `loop`, once editing pauses.
     * @param {Loop} loop
     * @param {string | null} sid
     */
    ask(loop, sid) {
      window.clearTimeout(timer);
      if (looks.has(textOf(loop))) return;
      timer = window.setTimeout(() => {
        api.describeLoop(loop, sid).then((look) => {
          keep(loop, look);
          onLook(loop);
        }, fail);
      }, SOON_MS);
    },
    /** @type {(loop: Loop, proposal: Proposal) => void} */
    own(loop, proposal) {
      owners.set(textOf(loop), proposal);
      forget(owners);
    },
    /**
     * Finds the owners of loops in steps that were kept over a reload: the first edit of a loop begins with the loop itself,
     * each further one with what the one before it left.
     * @param {{before: Loop | null, after: Loop | null}[]} steps
     * @param {Proposal[]} proposals
     */
    adopt(steps, proposals) {
      const known = new Map(steps.length ? proposals.map((proposal) => [textOf(proposal.loop), proposal]) : []);
      for (const { before, after } of steps) {
        const owner = before && (known.get(textOf(before)) ?? owners.get(textOf(before)));
        if (!owner) continue;
        for (const loop of [before, after]) if (loop) owners.set(textOf(loop), owner);
      }
    },
    /** @type {(loop: Loop) => Proposal | null} the proposal under which `loop` was seen */
    ownerOf: (loop) => owners.get(textOf(loop)) ?? null,
  };
}

/** @param {Map<string, unknown>} map */
function forget(map) {
  if (map.size > KEPT) map.delete(/** @type {string} */ (map.keys().next().value));
}
