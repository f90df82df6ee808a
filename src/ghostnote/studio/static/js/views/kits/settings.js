// @ts-check
/** What a person set on a kit: pure functions over KitSettings. What is as the kit has it is left out. */

/** @typedef {import("../../types.js").KitSettings} KitSettings */
/** @typedef {import("../../types.js").VoiceSettings} VoiceSettings */

/** @type {Required<VoiceSettings>} */
export const PLAIN = { tune: 0, decay: 1, level_db: 0, pan: 0, sample: null, mutation: null };

/**
 * @param {KitSettings} kit
 * @param {string} voice
 * @returns {Required<VoiceSettings>}
 */
export function voiceOf(kit, voice) {
  return { ...PLAIN, ...kit.voices[voice] };
}

/**
 * @param {KitSettings} kit
 * @param {string} voice
 * @param {VoiceSettings} change
 * @returns {KitSettings}
 */
export function withVoice(kit, voice, change) {
  const all = Object.entries({ ...kit.voices[voice], ...change });
  const own = Object.fromEntries(all.filter(([name, value]) => value !== PLAIN[/** @type {keyof VoiceSettings} */ (name)]));
  const { [voice]: _before, ...rest } = kit.voices;
  return { ...kit, voices: Object.keys(own).length ? { ...rest, [voice]: own } : rest };
}

/**
 * The same kit without what only says what the kit has anyway, as settings that the server kept do.
 * @param {KitSettings} kit
 * @returns {KitSettings}
 */
export function pruned(kit) {
  return Object.keys(kit.voices).sort().reduce((made, voice) => withVoice(made, voice, kit.voices[voice]), /** @type {KitSettings} */ ({ name: kit.name, voices: {} }));
}

/**
 * @param {KitSettings} first
 * @param {KitSettings} second
 */
export function isSameKit(first, second) {
  const text = (/** @type {KitSettings} */ kit) => JSON.stringify(Object.entries(pruned(kit).voices).map(([voice, own]) => [voice, Object.entries(own).sort()]));
  return first.name === second.name && text(first) === text(second);
}

/**
 * @param {KitSettings} kit
 * @param {string} voice
 */
export function isPlain(kit, voice) {
  return !Object.keys(kit.voices[voice] ?? {}).length;
}

/**
 * The address of a hard hit of a voice, as it is drawn on its pad.
 * @param {any} api
 * @param {import("../../types.js").Kit | null} described
 * @param {KitSettings} kit
 * @param {string} voice
 */
export function pictureUrl(api, described, kit, voice) {
  const { tune, decay, sample, mutation } = voiceOf(kit, voice);
  return api.shotUrl(kit.name, {
    voice, layer: sample ? 0 : (described?.layers ?? 1) - 1, take: 0, rate: 44_100,
    tune: tune || undefined, decay: decay === 1 ? undefined : decay, mutation: sample ? null : mutation, sample,
  });
}

/** @param {number} value */
export const semitones = (value) => value === 0 ? "as it is" : `${value > 0 ? "+" : "−"}${Math.abs(value)} st`;
/** @param {number} value */
export const decibels = (value) => `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value)} dB`;
/** @param {number} value */
export const side = (value) => value === 0 ? "centre" : `${Math.round(Math.abs(value) * 100)} ${value < 0 ? "left" : "right"}`;
