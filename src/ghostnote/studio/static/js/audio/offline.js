// @ts-check
/** Bars of a loop as samples, by the same timeline and nodes as what is played. */
/** @import {Loop} from "../types.js" */
import { createSequence } from "./sequence.js";
import { loopTimeline } from "./timeline.js";
import { createVoices } from "./voices.js";

/**
 * Returns `bars` bars in mono; the second is steady, with the tails of all that came before it, however long they are.
 * @param {Loop} loop
 * @param {number} gain  of a hit of velocity 1
 * @param {(AudioBuffer | null)[]} buffers  of each row
 * @param {{bars?: number, rate: number}} options
 */
export async function renderOffline(loop, gain, buffers, { bars = 2, rate }) {
  const timeline = loopTimeline(loop, rate);
  const longest = Math.max(0, ...buffers.map((buffer) => buffer?.length ?? 0));
  const before = Math.max(0, Math.ceil(longest / timeline.frames) - 1) * timeline.frames;
  const frames = before + bars * timeline.frames;
  const context = new OfflineAudioContext(1, frames, rate);
  const voices = createVoices(context);
  /** @type {import("./sequence.js").Sequence<null>} */
  const sequence = createSequence({
    emit(hit, frame) {
      const buffer = hit.kind === "hit" ? buffers[hit.track] : null;
      if (buffer && frame >= 0) voices.play(buffer, context.destination, { frame, level: gain * hit.velocity });
      return null;
    },
    cancel() {},
  });
  const early = timeline.hits.filter((hit) => hit.kind === "hit" && hit.step >= timeline.steps);
  sequence.start(timeline, null, Math.min(0, ...early.map((hit) => hit.at - timeline.frames)));
  sequence.advance(0, frames);
  const rendered = await context.startRendering();
  return rendered.getChannelData(0).slice(before);
}
