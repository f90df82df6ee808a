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
const SAFE = "Sessions, answers, beats and kits are kept by the studio all the same.";
const SET_ASIDE = 3;

/**
 * @param {object} options
 * @param {Storage | null} options.storage
 * @param {string} options.key
 * @param {number} options.version
 * @param {number} [options.soonMs]
 * @param {boolean} [options.setsAside]  what can not be read; else it is dropped
 * @param {() => void} [options.onTrouble]  something is wrong, or is well again
 * @returns {Keeper}
 */
export function createKeeper({ storage, key, version, soonMs = SOON_MS, setsAside = true, onTrouble = () => {} }) {
  /** @type {(() => any) | null} */
  let waiting = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {string | null} */
  let trouble = null;
  let unwritten = false;

  /** @param {string | null} text */
  function tell(text) {
    if (text === trouble) return;
    trouble = text;
    onTrouble();
  }

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (!waiting || !storage) return;
    const value = waiting();
    waiting = null;
    try {
      storage.setItem(key, JSON.stringify({ version, value }));
      if (unwritten) tell(null);
      unwritten = false;
    } catch (error) {
      unwritten = true;
      tell(notKept(error));
    }
  }

  function read() {
    /** @type {string | null} */
    let text = null;
    try {
      text = storage?.getItem(key) ?? null;
    } catch (error) {
      tell(notKept(error));
    }
    if (text === null || !storage) return null;
    const kept = parsed(text);
    if (kept && kept.version === version && typeof kept.value === "object" && kept.value !== null) return kept.value;
    if (!setsAside) return null;
    const aside = setAside(storage, key, text);
    const why = kept && kept.version > version ? "is from a newer Ghostnote" : "is damaged";
    tell(`What this page had kept (settings, keys, what lay on the groove page) ${why}: it begins anew, so set them again. ${SAFE} The old text is set aside in this browser's storage as ${aside}.`);
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
      timer ??= setTimeout(flush, soonMs);
    },
    flush,
    trouble: () => trouble,
  };
}

/** The storage of the browser; null where it is forbidden. */
export function openStorage() {
  try {
    localStorage.getItem("ghostnote-state");
    return localStorage;
  } catch {
    return null;
  }
}

/** @returns {Storage} one that lasts as long as the page */
export function pageStorage() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    get length() { return items.size; },
    key: (place) => [...items.keys()][place] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, text) => void items.set(name, text),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
  };
}

/**
 * What is lost, and what to do.
 * @param {unknown} error  null where there is no storage at all
 */
export function notKept(error) {
  const full = error instanceof DOMException && error.name === "QuotaExceededError";
  const why = full ? "The browser's storage is full" : "The browser does not let this page store anything";
  const what = full ? "Delete other data of sites in the browser's settings, then go on" : "Allow data of this site in the browser's settings, then load the page anew";
  return `${why}: settings, edits that are not rated yet, takes and undo steps are lost when the page is closed. ${what}. ${SAFE}`;
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
