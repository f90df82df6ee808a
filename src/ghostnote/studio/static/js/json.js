// @ts-check
/** Reading and changing JSON values by dotted paths, without writing into what is there. */

/**
 * Returns a copy of `value`, which must be JSON: what can not be written can not be kept or undone.
 * @template T
 * @param {T} value
 * @param {string} path  for the error
 * @returns {T}
 */
export function checkJson(value, path) {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${path} must be a finite number; got ${value}`);
    return value;
  }
  if (Array.isArray(value)) return /** @type {T} */ (value.map((one, i) => checkJson(one, `${path}.${i}`)));
  if (isPlain(value)) {
    /** @type {Record<string, any>} */
    const copy = {};
    for (const [key, one] of Object.entries(value)) {
      if (key === "__proto__") throw new TypeError(`${path} must not have a key __proto__`);
      if (one !== undefined) copy[key] = checkJson(one, `${path}.${key}`);
    }
    return /** @type {T} */ (copy);
  }
  throw new TypeError(`${path} must be JSON (text, number, true, false, null, list, object); got ${typeof value}`);
}

/**
 * @param {any} value
 * @returns {value is Record<string, any>}
 */
export function isPlain(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

/**
 * @param {any} root
 * @param {string} path
 * @returns {any}  undefined where there is nothing
 */
export function valueAt(root, path) {
  if (path === "") return root;
  let value = root;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/**
 * Returns `root` with `value` at `path`; undefined takes the key away. What does not lie on the path is shared.
 * @template T
 * @param {T} root
 * @param {string} path
 * @param {any} value
 * @returns {T}
 */
export function withValue(root, path, value) {
  if (path === "") return value;
  const [key, ...rest] = path.split(".");
  if (key === "__proto__") throw new TypeError(`path must not go through __proto__; got ${path}`);
  /** @type {any} */
  const copy = Array.isArray(root) ? [...root] : isPlain(root) ? { ...root } : {};
  if (rest.length) copy[key] = withValue(copy[key] ?? {}, rest.join("."), value);
  else if (value === undefined && !Array.isArray(copy)) delete copy[key];
  else copy[key] = value;
  return copy;
}

/**
 * Returns what differs, as deep in as objects go; lists are taken whole.
 * @param {any} before
 * @param {any} after
 * @param {string} [path]
 * @returns {{path: string, before: any, after: any}[]}
 */
export function changesBetween(before, after, path = "") {
  const names = isPlain(before) && isPlain(after) ? new Set([...Object.keys(before), ...Object.keys(after)]) : null;
  // A key with a dot in it would be read as a path: such an object is taken whole.
  if (names && ![...names].some((name) => name.includes(".") || name === "")) {
    return [...names].flatMap((name) => changesBetween(before[name], after[name], path ? `${path}.${name}` : name));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

/**
 * Returns `kept` with what it lacks, or has as another type, taken from `initial`.
 * @template T
 * @param {T} initial
 * @param {any} kept
 * @returns {T}
 */
export function merged(initial, kept) {
  if (kept === undefined) return initial;
  if (initial === null || initial === undefined) return kept;
  if (isPlain(initial)) {
    if (!isPlain(kept)) return initial;
    /** @type {Record<string, any>} */
    const both = { ...kept };
    for (const [key, value] of Object.entries(initial)) both[key] = merged(value, kept[key]);
    return /** @type {T} */ (both);
  }
  if (Array.isArray(initial)) return Array.isArray(kept) ? /** @type {T} */ (kept) : initial;
  return typeof initial === typeof kept ? kept : initial;
}
