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
 * @property {() => Port[]} inputs
 * @property {() => Port[]} outputs
 * @property {(id: string | null) => void} listenTo  an input, or all for null
 * @property {(id: string | null) => void} sendTo  an output, or none for null
 * @property {(listener: (hit: MidiHit) => void) => () => void} onHit
 * @property {(listener: () => void) => () => void} onPorts
 * @property {(pitch: number, velocity: number, atMs?: number, lengthMs?: number) => void} sendNote  velocity 0…1
 * @property {(bpm: number, options?: {atMs?: number, timeOf?: (seconds: number) => number}) => void} startClock
 * @property {(bpm: number) => void} setTempo
 * @property {() => void} stopClock
 */

/** @returns {Midi} */
export function createMidi() {
  const nothing = () => {};
  return {
    supported: false, request: async () => false, inputs: () => [], outputs: () => [], listenTo: nothing, sendTo: nothing,
    onHit: () => nothing, onPorts: () => nothing, sendNote: nothing, startClock: nothing, setTempo: nothing, stopClock: nothing,
  };
}
