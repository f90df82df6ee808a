// @ts-check
/** What is heard on the groove page: source, take, blend or a point of the pad; and playing it, in phase. */

import { blend, isSameScore, takesAll, withLocks } from "./blend.js";
import { padIndex } from "./pad.js";

/** @typedef {import("../../types.js").Beat} Beat */
/** @typedef {{beat: Beat | null, ghost: Beat | null, from: Beat | null, same: boolean}} Heard */

const PREFETCH_MS = 300;

/**
 * @param {object} parts
 * @param {any} parts.store
 * @param {any} parts.api
 * @param {any} parts.audio
 * @param {any} parts.shell
 * @param {(id: string | null | undefined) => Beat | null} parts.beatOf
 */
export function createHearing({ store, api, audio, shell, beatOf }) {
  const groove = () => store.get("groove");

  /** @type {{from: Beat, to: Beat, amounts: object, locks: object, beat: Beat} | null} The last blend: frames ask for it again and again. */
  let last = null;
  /**
   * @param {Beat} from
   * @param {Beat} to
   * @param {any} amounts
   * @param {string[]} locks
   */
  function blended(from, to, amounts, locks) {
    if (!last || last.from !== from || last.to !== to || last.amounts !== amounts || last.locks !== locks) last = { from, to, amounts, locks, beat: blend(from, to, amounts, locks) };
    return last.beat;
  }

  /** @returns {Heard} */
  function heard() {
    const state = groove();
    const source = beatOf(state.source);
    const b = state.task === "interpolate" ? beatOf(state.padGrid?.ids[padIndex(state.padGrid, state.padAt)]) : beatOf(state.takes[state.take]);
    const from = state.task === "interpolate" ? null : beatOf(state.made?.from);
    const same = !!b && isSameScore(from, b);
    const performed = b && from && same ? blended(from, b, state.amounts, state.locks) : b;
    if (state.listen === "a" || !b) return { beat: source ?? b, ghost: source && performed && source !== performed ? performed : null, from: null, same: same && source === from };
    return { beat: performed, ghost: from ?? source, from: same ? from : null, same };
  }
  const heardKey = () => {
    const { takes, take, source, listen, amounts, locks, padAt, padGrid, task } = groove();
    return JSON.stringify([source, takes[take], listen, amounts, locks, task === "interpolate" ? [padAt, padGrid?.body] : null]);
  };
  /** What is heard, as a beat that the server knows. */
  async function durable() {
    const { beat, from, same } = heard();
    const state = groove();
    const take = beatOf(state.takes[state.take]);
    if (!beat) return null;
    if (state.listen === "a" || !from || !same || !take || takesAll(state.amounts, state.locks, take)) return beat;
    return api.blend({ from: from.id, to: take.id, ...withLocks(state.amounts, state.locks) });
  }

  let playingKey = "";
  let playingAmounts = "";
  /** What is heard in the words of the audio layer: the take with what it came from, so that amounts are live. */
  function playable() {
    const { beat, from } = heard();
    if (!beat) return null;
    const state = groove();
    const take = from && beatOf(state.takes[state.take]);
    return { ...(take ? { beat: take, from, amounts: withLocks(state.amounts, state.locks) } : { beat, from: null, amounts: null }), kit: store.get("kit") };
  }
  /** @param {{beat: Beat, from: Beat | null}} what */
  const keyOf = ({ beat, from }) => `${beat.id} ${from?.id ?? ""}`;
  function play() {
    const what = playable();
    if (!what) {
      shell.announce("There is no beat yet");
      return;
    }
    const { beat, ...options } = what;
    playingKey = keyOf(what);
    playingAmounts = JSON.stringify(what.amounts);
    audio.playBeat(beat, options).catch(shell.fail);
  }
  let prefetched = "";
  let prefetching = 0;
  /** Has the sounds ready before anybody presses Play. */
  function prefetch() {
    const what = playable();
    const key = what ? `${keyOf(what)} ${JSON.stringify(what.kit)}` : "";
    if (!what || key === prefetched) return;
    prefetched = key;
    window.clearTimeout(prefetching);
    prefetching = window.setTimeout(() => audio.prefetchBeat(what.beat, what.kit).catch(() => { prefetched = ""; }), PREFETCH_MS);
  }
  function followSound() {
    if (!audio.playing) prefetch();
    if (!audio.playing || audio.state.what !== "beat") return;
    const what = playable();
    if (!what) return;
    const amounts = JSON.stringify(what.amounts);
    if (keyOf(what) !== playingKey) audio.swap({ what: "beat", ...what }).catch(shell.fail);
    else if (what.amounts && amounts !== playingAmounts) audio.setAmounts(what.amounts);
    playingKey = keyOf(what);
    playingAmounts = amounts;
  }

  return { heard, heardKey, durable, play, followSound };
}
