// @ts-check
/** The click: two short tones, made here. */

const SECONDS = 0.04;
const TONES_HZ = [1_000, 1_500];
const LEVEL = 0.35;

/**
 * Returns the clicks of a beat and of a bar's first beat.
 * @param {BaseAudioContext} context
 */
export function createClicks(context) {
  const frames = Math.round(SECONDS * context.sampleRate);
  return TONES_HZ.map((hertz) => {
    const buffer = context.createBuffer(1, frames, context.sampleRate);
    const samples = buffer.getChannelData(0);
    for (let i = 0; i < frames; i++) {
      const seconds = i / context.sampleRate;
      const rise = Math.min(1, seconds / 0.0005);
      samples[i] = LEVEL * rise * Math.exp(-seconds / 0.008) * Math.sin(2 * Math.PI * hertz * seconds);
    }
    return buffer;
  });
}
