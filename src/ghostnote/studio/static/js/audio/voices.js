// @ts-check
/** Sounds that were started: each may be cancelled, choked or faded out. */

/**
 * @typedef {object} Voice
 * @property {AudioBufferSourceNode} source
 * @property {GainNode} gain
 * @property {number} level
 * @property {number} start  seconds of audio time
 * @property {string} group  such as "open_hihat"
 * @property {number} chokedAt  Infinity where nothing does
 * @property {Voice[]} chokes  what this one cut off
 *
 * @typedef {object} Voices
 * @property {(buffer: AudioBuffer, output: AudioNode, options: {frame: number, level: number, group?: string}) => Voice} play
 * @property {(by: Voice, rule: {group: string, seconds: number, sameStroke: number}) => void} choke  cuts off what of
 *   `group` began some time before `by`
 * @property {(voice: Voice) => void} cancel  one that has not begun
 * @property {() => void} fade  ends all that sounds or waits, but not the click that stands alone, without a click
 * @property {(voice: Voice) => void} fadeOne
 * @property {(group: string) => void} cancelGroup
 * @property {number} count
 */

const FADE_SECONDS = 0.004;

/**
 * The fade of a choked sound, as the renderer has it: half a cosine.
 * @param {number} level
 * @param {number} points
 */
function closing(level, points) {
  return Float32Array.from({ length: points }, (_, i) => level * (0.5 + 0.5 * Math.cos((Math.PI * i) / (points - 1))));
}

/**
 * @param {BaseAudioContext} context
 * @returns {Voices}
 */
export function createVoices(context) {
  /** @type {Set<Voice>} */
  const active = new Set();

  /** @param {Voice} voice */
  function end(voice) {
    active.delete(voice);
    voice.source.disconnect();
    voice.gain.disconnect();
  }

  /** @type {Voices} */
  const voices = {
    play(buffer, output, { frame, level, group = "" }) {
      const source = context.createBufferSource();
      source.buffer = buffer;
      const gain = context.createGain();
      gain.gain.value = level;
      source.connect(gain).connect(output);
      const start = frame / context.sampleRate;
      source.start(start);
      /** @type {Voice} */
      const voice = { source, gain, level, start, group, chokedAt: Infinity, chokes: [] };
      active.add(voice);
      source.onended = () => end(voice);
      return voice;
    },
    choke(by, { group, seconds, sameStroke }) {
      for (const voice of active) {
        if (voice.group !== group || voice.start + sameStroke >= by.start || voice.chokedAt <= by.start) continue;
        if (voice.chokedAt !== Infinity) voice.gain.gain.cancelScheduledValues(voice.chokedAt);
        voice.chokedAt = by.start;
        voice.gain.gain.setValueCurveAtTime(closing(voice.level, Math.round(seconds * context.sampleRate)), by.start, seconds);
        voice.source.stop(by.start + seconds);
        by.chokes.push(voice);
      }
    },
    cancel(voice) {
      voice.source.onended = null;
      voice.source.stop();
      end(voice);
      for (const other of voice.chokes) {
        if (other.chokedAt !== voice.start || !active.has(other)) continue;
        other.chokedAt = Infinity;
        other.gain.gain.cancelScheduledValues(voice.start);
        other.source.stop(other.start + (other.source.buffer?.duration ?? 0) + 1);
      }
    },
    fade() {
      for (const voice of [...active]) if (voice.group !== "click alone") voices.fadeOne(voice);
    },
    fadeOne(voice) {
      if (!active.has(voice)) return;
      const now = context.currentTime;
      if (voice.start > now) {
        voices.cancel(voice);
        return;
      }
      voice.gain.gain.cancelScheduledValues(now);
      voice.gain.gain.setTargetAtTime(0, now, FADE_SECONDS);
      voice.source.stop(now + 8 * FADE_SECONDS);
    },
    cancelGroup(group) {
      for (const voice of [...active]) if (voice.group === group) voices.fadeOne(voice);
    },
    get count() {
      return active.size;
    },
  };
  return voices;
}
