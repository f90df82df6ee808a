// @ts-check
/** The shape of a one-shot: peaks of its samples, read from the WAV file itself and drawn on its pad. */

import { scaled } from "../groove/lens-draw.js";

const KEPT = 200;
/** @type {Map<string, Promise<number[]>>} */
const known = new Map();

/**
 * Peaks of a 16-bit or 32-bit float WAV file, loudest channel, 0…1.
 * @param {ArrayBuffer} file
 * @param {number} count
 * @param {number} seconds  How much of it.
 * @returns {number[]}
 */
export function peaksOfWav(file, count, seconds) {
  const view = new DataView(file);
  let at = 12;
  let [format, channels, rate, bits] = [1, 1, 44_100, 16];
  while (at + 8 <= view.byteLength) {
    const name = String.fromCharCode(...new Uint8Array(file, at, 4));
    const size = view.getUint32(at + 4, true);
    if (name === "fmt ") [format, channels, rate, bits] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true), view.getUint32(at + 12, true), view.getUint16(at + 22, true)];
    if (name === "data") {
      const bytes = bits / 8;
      const values = Math.floor(Math.min(size, view.byteLength - at - 8) / bytes);
      const read = format === 3 ? (/** @type {number} */ i) => view.getFloat32(at + 8 + i * 4, true) : (/** @type {number} */ i) => view.getInt16(at + 8 + i * 2, true) / 32_768;
      const peaks = new Array(count).fill(0);
      const shown = Math.max(1, Math.round(seconds * rate) * channels);
      for (let i = 0; i < Math.min(values, shown); i++) {
        const place = Math.min(count - 1, Math.floor(i / shown * count));
        peaks[place] = Math.max(peaks[place], Math.abs(read(i)));
      }
      return peaks;
    }
    at += 8 + size + size % 2;
  }
  return new Array(count).fill(0);
}

/**
 * @param {string} url
 * @returns {Promise<number[]>}
 */
export function peaksAt(url) {
  let found = known.get(url);
  if (!found) {
    found = fetch(url).then(async (answer) => {
      if (!answer.ok) throw new Error("The sound could not be loaded.");
      return peaksOfWav(await answer.arrayBuffer(), 48, 0.6);
    });
    found.catch(() => known.delete(url));
    known.set(url, found);
    if (known.size > KEPT) known.delete(/** @type {string} */ (known.keys().next().value));
  }
  return found;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number[]} peaks
 */
export function drawPeaks(canvas, peaks) {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  const draw = width && height ? scaled(canvas, width, height) : null;
  if (!draw) return;
  draw.clearRect(0, 0, width, height);
  draw.fillStyle = getComputedStyle(canvas).color;
  const most = Math.max(0.02, ...peaks);
  const each = width / peaks.length;
  peaks.forEach((peak, i) => {
    const tall = Math.max(1.5, (peak / most) ** 0.7 * height);
    draw.beginPath();
    draw.roundRect(i * each + each * 0.15, (height - tall) / 2, Math.max(1, each * 0.7), tall, each * 0.35);
    draw.fill();
  });
}
