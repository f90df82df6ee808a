// @ts-check
/** What is heard on the explore page: the loop that is shown, or for a moment another; and for how long. */

/**
 * @import {Loop, Proposal} from "../../types.js"
 * @import {Audio, LoopLike} from "../../audio/player.js"
 */

/**
 * @param {{audio: Audio, session: () => string, loop: () => LoopLike | null, shown: () => Proposal | null, fail: (error: unknown) => void}} parts
 */
export function createListening({ audio, session, loop, shown, fail }) {
  let began = 0;
  let heardMs = 0;
  /** @type {Proposal["id"] | null} */
  let heardId = null;
  let auditioning = false;
  let stopAfter = false;
  let wanted = false;

  const isLoop = () => audio.playing && audio.state.what === "loop";

  function count() {
    const now = performance.now();
    const id = shown()?.id ?? null;
    if (began) heardMs += now - began;
    if (id !== heardId) [heardId, heardMs] = [id, 0];
    began = isLoop() && !auditioning ? now : 0;
  }
  audio.on("state", count);

  function begin() {
    const now = loop();
    auditioning = false;
    wanted = !now;
    if (now) audio.playLoop(now, { session: session() }).catch(fail);
  }

  return {
    isLoop,
    begin,
    /** Play was pressed before there was a loop: now there is one. */
    arrived() {
      if (wanted) begin();
    },
    /** Brings what is heard to what is shown, without a gap. */
    refresh() {
      count();
      const now = loop();
      if (!now || !isLoop() || auditioning) return;
      audio.swap({ what: "loop", loop: now, session: session() }).catch(fail);
    },
    /** @type {() => number} how long the shown loop was heard */
    seconds() {
      count();
      return Math.round(heardMs / 100) / 10;
    },
    /**
     * Plays another loop for a moment, in full, whatever is muted; null goes back to what is shown, or to silence.
     * @param {{loop: Loop, gain: number} | null} other
     */
    audition(other) {
      if (!other) {
        if (!auditioning) return;
        auditioning = false;
        if (stopAfter) audio.stop();
        else this.refresh();
        return;
      }
      if (!auditioning) stopAfter = !isLoop();
      auditioning = true;
      count();
      audio.swap({ what: "loop", loop: other, session: session() }).catch(fail);
    },
  };
}
