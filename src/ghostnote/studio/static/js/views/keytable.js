// @ts-check
/** Keys of the pages that are loaded when they are first shown: told in the help, and kept free, from the beginning. */

/** @typedef {{name: string, label: string, key: string, page: "groove" | "kits"}} DeclaredKey */

export const TAKES = 8;
export const PADS = 9;

/** @type {DeclaredKey[]} */
const GROOVE = [
  { name: "groove_a", label: "Hear the source (A)", key: "a", page: "groove" },
  { name: "groove_b", label: "Hear the take (B)", key: "b", page: "groove" },
  { name: "groove_run", label: "Play the task again, with other seeds", key: "n", page: "groove" },
  ...Array.from({ length: TAKES }, (_, i) => /** @type {DeclaredKey} */ ({ name: `groove_take_${i + 1}`, label: `Hear take ${i + 1}`, key: String(i + 1), page: "groove" })),
];

/** @type {DeclaredKey[]} */
const KITS = Array.from({ length: PADS }, (_, i) => ({ name: `kit_pad_${i + 1}`, label: `Play pad ${i + 1}`, key: String(i + 1), page: /** @type {const} */ ("kits") }));

export const DECLARED = [...GROOVE, ...KITS];

/**
 * @param {string} name
 * @param {() => void} run
 * @param {string} [label]  where the page knows a better one
 * @returns {import("./keys.js").KeyAction}
 */
export function keyOf(name, run, label) {
  const declared = DECLARED.find((one) => one.name === name);
  if (!declared) throw new Error(`key must be one of the table; got ${name}`);
  return { ...declared, label: label ?? declared.label, run };
}
