// @ts-check
/**
 * Which hit comes when: a timeline that goes round from an origin in frames, and the next one that takes over at a
 * step. Nothing here knows sound or clocks; every onset is computed from the origin, so that nothing drifts.
 */
/** @import {Hit, Timeline} from "./timeline.js" */
import { stepAt } from "./timeline.js";

/**
 * @template P
 * @typedef {object} Segment  a timeline from one step on to another
 * @property {Timeline} timeline
 * @property {P} payload
 * @property {number} origin  frame at which its round 0 begins
 * @property {number} from  first step, counted through all rounds
 * @property {number} to  the step at which the next segment takes over
 * @property {number} round  of the next hit
 * @property {number} index  of the next hit
 */

/**
 * @template P
 * @typedef {object} Sequence
 * @property {(timeline: Timeline, payload: P, frame: number) => void} start  its first sound comes at `frame`
 * @property {(timeline: Timeline, payload: P, now: number, margin: number) => void} swap  takes over at the next step
 *   that lies `margin` ahead of `now`; every hit belongs to one step and is heard once
 * @property {(now: number, horizon: number) => void} advance  emits what comes before `horizon`
 * @property {() => void} stop
 * @property {boolean} running
 * @property {(frame: number) => {segment: Segment<P>, step: number, frame: number} | null} at  where `frame` lies: `step`
 *   and `frame` of its round
 * @property {() => Segment<P> | null} latest
 */

const LATEST_SECONDS = 0.05;

/**
 * @template P
 * @template H
 * @param {{emit: (hit: Hit, frame: number, round: number, segment: Segment<P>) => H | null, cancel: (handle: H) => void}} hooks
 * @returns {Sequence<P>}
 */
export function createSequence({ emit, cancel }) {
  /** @type {Segment<P>[]} */
  let segments = [];
  /** @type {{frame: number, step: number, segment: Segment<P>, handle: H}[]} */
  let ahead = [];

  /**
   * @param {Pick<Segment<P>, "timeline" | "origin">} segment
   * @param {number} step  counted through all rounds
   */
  function frameOfStep({ timeline, origin }, step) {
    const round = Math.floor(step / timeline.steps);
    return origin + round * timeline.frames + timeline.stepFrames[step - round * timeline.steps];
  }

  /**
   * @param {Timeline} timeline
   * @param {P} payload
   * @param {number} origin
   * @param {number} from
   * @returns {Segment<P>}
   */
  function segmentOf(timeline, payload, origin, from) {
    return { timeline, payload, origin, from, to: Infinity, round: Math.floor(from / timeline.steps) - 1, index: 0 };
  }

  /** @param {(entry: {step: number, segment: Segment<P>}) => boolean} gone */
  function drop(gone) {
    for (const entry of ahead) if (gone(entry)) cancel(entry.handle);
    ahead = ahead.filter((entry) => !gone(entry));
  }

  /**
   * @param {Segment<P>} segment
   * @param {number} now
   * @param {number} horizon
   */
  function advanceOne(segment, now, horizon) {
    const { timeline, origin } = segment;
    const { hits, frames, steps } = timeline;
    const end = segment.to === Infinity ? Infinity : frameOfStep(segment, segment.to) + frames;
    while (hits.length) {
      const hit = hits[segment.index];
      const frame = origin + segment.round * frames + hit.at;
      if (frame >= horizon || frame >= end) return;
      const step = segment.round * steps + hit.step;
      // What is much too late, since the page was held up, would only come as a burst.
      if (step >= segment.from && step < segment.to && frame >= now - LATEST_SECONDS * timeline.rate) {
        const handle = emit(hit, frame, segment.round, segment);
        if (handle !== null) ahead.push({ frame, step, segment, handle });
      }
      if (++segment.index === hits.length) {
        segment.index = 0;
        segment.round++;
      }
    }
  }

  /**
   * How far ahead of its step a hit may sound, in frames: a step that another timeline takes over must not have begun.
   * @param {Timeline} timeline
   */
  function earliness(timeline) {
    const whole = { timeline, origin: 0 };
    return timeline.hits.reduce((most, hit) => Math.max(most, frameOfStep(whole, hit.step) - hit.at), 0);
  }

  return {
    start(timeline, payload, frame) {
      const early = timeline.hits.filter((hit) => hit.kind === "hit" && hit.step >= timeline.steps);
      const first = Math.min(0, ...early.map((hit) => hit.at - timeline.frames));
      segments = [segmentOf(timeline, payload, frame - first, 0)];
      ahead = [];
    },
    swap(timeline, payload, now, margin) {
      const last = segments.at(-1);
      if (!last) throw new Error("swap must follow start; nothing plays");
      const soonest = now + margin + Math.max(earliness(last.timeline), earliness(timeline));
      const waits = segments.length > 1 && frameOfStep(last, last.from) >= soonest;
      if (waits) {
        segments.pop();
        drop((entry) => entry.segment === last);
      }
      const base = /** @type {Segment<P>} */ (segments.at(-1));
      if (!waits) {
        const steps = base.timeline.steps;
        let step = Math.max(base.from, Math.floor((now - base.origin) / base.timeline.frames) * steps);
        while (frameOfStep(base, step) < soonest) step++;
        base.to = step;
      }
      const boundary = frameOfStep(base, base.to);
      drop((entry) => entry.segment === base && entry.step >= base.to);
      const from = ((base.to % base.timeline.steps) + timeline.steps) % timeline.steps;
      segments.push(segmentOf(timeline, payload, boundary - timeline.stepFrames[from], from));
    },
    advance(now, horizon) {
      for (const segment of segments) advanceOne(segment, now, horizon);
      ahead = ahead.filter((entry) => entry.frame >= now);
      segments = segments.filter((one, i) =>
        i === segments.length - 1 || frameOfStep(one, one.to) + one.timeline.frames >= now);
    },
    stop() {
      segments = [];
      ahead = [];
    },
    get running() {
      return segments.length > 0;
    },
    at(frame) {
      const segment = segments.filter((one) => frame >= frameOfStep(one, one.from)).at(-1);
      if (!segment) return null;
      const { timeline, origin } = segment;
      const within = (((frame - origin) % timeline.frames) + timeline.frames) % timeline.frames;
      return { segment, step: stepAt(timeline.stepFrames, within), frame: within };
    },
    latest: () => segments.at(-1) ?? null,
  };
}
