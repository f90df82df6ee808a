// @ts-check
/** Keeps one JSON value in the browser's storage. What is damaged or from a newer version is set aside, not lost. */

/**
 * @typedef {object} Keeper
 * @property {() => any} read  what was kept; null for nothing
 * @property {(value: () => any) => void} write  soon
 * @property {() => void} flush  now
 * @property {() => string | null} trouble
 */

const SOON_MS = 300;
const SET_ASIDE = 3;

/**
 * @param {{storage: Storage | null, key: string, version: number}} options
 * @returns {Keeper}
 */
export function createKeeper({ storage, key, version }) {
  /** @type {(() => any) | null} */
  let waiting = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {string | null} */
  let trouble = null;

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (!waiting || !storage) return;
    const value = waiting();
    waiting = null;
    try {
      storage.setItem(key, JSON.stringify({ version, value }));
    } catch (error) {
      trouble = `The browser does not keep this page's settings: ${String(error)}`;
    }
  }

  function read() {
    /** @type {string | null} */
    let text = null;
    try {
      text = storage?.getItem(key) ?? null;
    } catch (error) {
      trouble = `The browser does not keep this page's settings: ${String(error)}`;
    }
    if (text === null || !storage) return null;
    const kept = parsed(text);
    if (kept && kept.version === version && typeof kept.value === "object" && kept.value !== null) return kept.value;
    const aside = setAside(storage, key, text);
    trouble = kept && kept.version > version
      ? `What was kept here is from a newer Ghostnote; it is set aside as ${aside}, and this page begins anew.`
      : `What was kept here is damaged; it is set aside as ${aside}, and this page begins anew.`;
    return null;
  }

  if (storage && typeof window !== "undefined") {
    window.addEventListener("pagehide", flush);
    document.addEventListener("visibilitychange", () => document.hidden && flush());
  }
  return {
    read,
    write(value) {
      waiting = value;
      timer ??= setTimeout(flush, SOON_MS);
    },
    flush,
    trouble: () => trouble,
  };
}

/**
 * @param {string} text
 * @returns {any}
 */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * @param {Storage} storage
 * @param {string} key
 * @param {string} text
 */
function setAside(storage, key, text) {
  const stamp = `${key}-damaged-${new Date().toISOString()}`;
  let aside = stamp;
  for (let i = 1; storage.getItem(aside) !== null; i++) aside = `${stamp}-${i}`;
  try {
    storage.setItem(aside, text);
  } catch {
    storage.removeItem(key); // No room for both: the copy counts more than the original's place.
    storage.setItem(aside, text);
  }
  storage.removeItem(key);
  const all = [];
  for (let i = 0; i < storage.length; i++) all.push(storage.key(i) ?? "");
  const old = all.filter((name) => name.startsWith(`${key}-damaged-`)).sort().slice(0, -SET_ASIDE);
  for (const name of old) storage.removeItem(name);
  return aside;
}
