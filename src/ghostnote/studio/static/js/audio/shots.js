// @ts-check
/** Sounds by address: fetched and decoded once, at the rate at which they are played, the longest unused let go. */

/**
 * @typedef {object} Shots
 * @property {(url: string, rate: number) => Promise<AudioBuffer>} load
 * @property {(url: string) => AudioBuffer | null} peek  what is here already
 * @property {(urls: Iterable<string>, rate: number) => Promise<string[]>} loadAll  what went wrong
 * @property {(urls: string[], rate: number) => void} loadLater  when nothing else is asked for, in this order; in place
 *   of what was to be loaded later before
 */

const MOST_BYTES = 192 * 1024 * 1024;
const AT_ONCE = 4;
const LATER_AT_ONCE = 2;

/**
 * @param {{fetch?: typeof globalThis.fetch, decode?: (bytes: ArrayBuffer, rate: number) => Promise<AudioBuffer>, mostBytes?: number}} [options]
 * @returns {Shots}
 */
export function createShots({ fetch = globalThis.fetch.bind(globalThis), decode = decodeAt, mostBytes = MOST_BYTES } = {}) {
  /** @type {Map<string, AudioBuffer>} In the order of their last use. */
  const kept = new Map();
  /** @type {Map<string, Promise<AudioBuffer>>} */
  const coming = new Map();
  /** @type {(() => void)[]} */
  const queue = [];
  /** @type {{urls: string[], rate: number}} */
  let later = { urls: [], rate: 0 };
  let running = 0;
  let bytes = 0;

  /** @param {string} url */
  function peek(url) {
    const buffer = kept.get(url);
    if (!buffer) return null;
    kept.delete(url);
    kept.set(url, buffer);
    return buffer;
  }

  /**
   * @param {string} url
   * @param {AudioBuffer} buffer
   */
  function keep(url, buffer) {
    kept.set(url, buffer);
    bytes += sizeOf(buffer);
    for (const [old, one] of kept) {
      if (bytes <= mostBytes || old === url) break;
      kept.delete(old);
      bytes -= sizeOf(one);
    }
  }

  /** Gives the free places away: to what is waited for first. */
  function goOn() {
    while (queue.length && running < AT_ONCE) {
      running++;
      queue.shift()?.();
    }
    while (running < LATER_AT_ONCE && later.urls.length) {
      const url = /** @type {string} */ (later.urls.shift());
      if (!kept.has(url)) load(url, later.rate).catch(() => {}); // Asked for again when it is needed.
    }
  }

  /**
   * @param {string} url
   * @param {number} rate
   */
  async function bring(url, rate) {
    await /** @type {Promise<void>} */ (new Promise((resolve) => {
      queue.push(resolve);
      goOn();
    }));
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`A sound could not be loaded: the studio answered ${response.status}.`);
      const buffer = await decode(await response.arrayBuffer(), rate);
      keep(url, buffer);
      return buffer;
    } finally {
      running--;
      coming.delete(url);
      goOn();
    }
  }

  /**
   * @param {string} url
   * @param {number} rate
   */
  function load(url, rate) {
    const here = peek(url);
    if (here) return Promise.resolve(here);
    let one = coming.get(url);
    if (!one) {
      one = bring(url, rate);
      coming.set(url, one);
    }
    return one;
  }

  return {
    load,
    peek,
    async loadAll(urls, rate) {
      const wanted = [...new Set(urls)];
      const told = await Promise.allSettled(wanted.map((url) => load(url, rate)));
      return told.flatMap((one) => (one.status === "rejected" ? [String(one.reason?.message ?? one.reason)] : []));
    },
    loadLater(urls, rate) {
      later = { urls: urls.filter((url) => !kept.has(url) && !coming.has(url)), rate };
      goOn();
    },
  };
}

/** @param {AudioBuffer} buffer */
function sizeOf(buffer) {
  return buffer.length * buffer.numberOfChannels * 4;
}

/**
 * @param {ArrayBuffer} bytes
 * @param {number} rate
 */
function decodeAt(bytes, rate) {
  return new OfflineAudioContext(1, 1, rate).decodeAudioData(bytes);
}
