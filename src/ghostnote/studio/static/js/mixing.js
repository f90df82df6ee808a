// @ts-check
/**
 * Which voices are heard: muted ones are not, and beside soloed ones no others are. It is only about hearing: no loop and
 * no beat changes. Voices are known by name, so that what is muted stays muted in whatever plays next.
 */
/** @import {Mix} from "./types.js" */

/**
 * Returns the names that are not heard. A solo counts only where its voice is there: else all would be silent.
 * @param {string[]} names  of what plays
 * @param {Mix} mix
 * @returns {string[]}
 */
export function hushedOf(names, { muted, solo }) {
  const soloed = names.some((name) => solo.includes(name));
  return names.filter((name) => muted.includes(name) || (soloed && !solo.includes(name)));
}

/**
 * @param {Mix} mix
 * @param {"muted" | "solo"} list
 * @param {string} name
 * @returns {Mix} with `name` on the list, or off it where it was on
 */
export function toggled(mix, list, name) {
  const on = mix[list].includes(name);
  return { ...mix, [list]: on ? mix[list].filter((one) => one !== name) : [...mix[list], name] };
}

/**
 * @param {Mix} mix
 * @param {string[]} names
 * @returns {Mix} in which all of `names` are heard
 */
export function allHeard({ muted, solo }, names) {
  const others = (/** @type {string[]} */ list) => list.filter((name) => !names.includes(name));
  return { muted: others(muted), solo: others(solo) };
}
