// @ts-check
/** MIDI in and out, where the browser has it. */

/**
 * @typedef {{id: string, name: string}} Port
 * @typedef {{pitch: number, velocity: number, timeStamp: number, port: string}} MidiHit  velocity 0…1; time as of
 *   `performance.now()`
 *
 * @typedef {object} Midi
 * @property {boolean} supported
 * @property {() => Promise<boolean>} request  asks the person; false where they, or the browser, say no
 * @property {boolean} ready  whether there is access
 * @property {() => Port[]} inputs
 * @property {() => Port[]} outputs
 * @property {(id: string | null) => void} listenTo  an input, or all for null
 * @property {(id: string | null) => void} sendTo  an output, or none for null
 * @property {(listener: (hit: MidiHit) => void) => () => void} onHit
 * @property {(listener: () => void) => () => void} onPorts
 * @property {(pitch: number, velocity: number, atMs?: number, lengthMs?: number) => void} sendNote  velocity 0…1
 * @property {(atMs?: number) => void} sendStart
 * @property {(atMs?: number) => void} sendTick  24 a quarter note
 * @property {(atMs?: number) => void} sendStop
 */

const [TICK, START, STOP] = [0xf8, 0xfa, 0xfc];
const NOTE_ON = 0x90;
const NOTE_OFF = 0x80;
const DRUMS = 9; // the tenth channel

/**
 * @param {object} [options]
 * @param {(() => Promise<MIDIAccess>) | null} [options.requestAccess]
 * @param {() => number} [options.now]  ms
 * @param {number} [options.channel]  0…15
 * @returns {Midi}
 */
export function createMidi({
  requestAccess = accessOf(),
  now = () => performance.now(),
  channel = DRUMS,
} = {}) {
  /** @type {MIDIAccess | null} */
  let access = null;
  /** @type {string | null} */
  let from = null;
  /** @type {string | null} */
  let to = null;
  /** @type {Set<(hit: MidiHit) => void>} */
  const onHit = new Set();
  /** @type {Set<() => void>} */
  const onPorts = new Set();

  /** @param {MIDIMessageEvent} event */
  function heed(event) {
    const port = /** @type {MIDIPort | null} */ (event.target);
    const [status = 0, pitch = 0, velocity = 0] = event.data ?? [];
    if ((status & 0xf0) !== NOTE_ON || velocity === 0 || !port || (from !== null && port.id !== from)) return;
    const hit = { pitch, velocity: velocity / 127, timeStamp: event.timeStamp || now(), port: port.id };
    for (const listener of [...onHit]) listener(hit);
  }

  function attach() {
    access?.inputs.forEach((input) => {
      input.onmidimessage = heed;
    });
  }

  /**
   * @param {number[]} bytes
   * @param {number} [atMs]
   */
  function send(bytes, atMs) {
    const output = to === null ? undefined : access?.outputs.get(to);
    if (output?.state === "connected") output.send(bytes, atMs);
  }

  /** @param {Map<string, MIDIPort> | ReadonlyMap<string, MIDIPort> | MIDIInputMap | MIDIOutputMap | undefined} ports */
  function list(ports) {
    /** @type {Port[]} */
    const found = [];
    ports?.forEach((/** @type {MIDIPort} */ port) => {
      if (port.state === "connected") found.push({ id: port.id, name: port.name ?? "MIDI" });
    });
    return found;
  }

  /**
   * @template T
   * @param {Set<T>} set
   * @param {T} listener
   */
  function join(set, listener) {
    set.add(listener);
    return () => void set.delete(listener);
  }

  return {
    supported: requestAccess !== null,
    async request() {
      if (!requestAccess) return false;
      try {
        access ??= await requestAccess();
      } catch {
        return false; // The person, or the browser's policy, said no: the page goes on without.
      }
      access.onstatechange = () => {
        attach();
        for (const listener of [...onPorts]) listener();
      };
      attach();
      return true;
    },
    get ready() {
      return access !== null;
    },
    inputs: () => list(access?.inputs),
    outputs: () => list(access?.outputs),
    listenTo(id) {
      from = id;
    },
    sendTo(id) {
      to = id;
    },
    onHit: (listener) => join(onHit, listener),
    onPorts: (listener) => join(onPorts, listener),
    sendNote(pitch, velocity, atMs = now(), lengthMs = 60) {
      send([NOTE_ON | channel, pitch, Math.min(127, Math.max(1, Math.round(velocity * 127)))], atMs);
      send([NOTE_OFF | channel, pitch, 0], atMs + lengthMs);
    },
    sendStart: (atMs) => send([START], atMs),
    sendTick: (atMs) => send([TICK], atMs),
    sendStop: (atMs) => send([STOP], atMs),
  };
}

function accessOf() {
  const ask = globalThis.navigator?.requestMIDIAccess;
  return ask ? () => ask.call(navigator, { sysex: false }) : null;
}
