// @ts-check
/** <wave-view>: the steady bar as a mirrored silhouette, with a playhead; what was played is lit. */

import { h, svg } from "../../dom.js";

const HEIGHT = 100;

export class WaveView extends HTMLElement {
  /** @type {SVGRectElement | null} */
  #lit = null;
  #length = 256;
  /** @type {HTMLElement | null} */
  #head = null;

  /** @param {number[]} peaks  0…1, over the bar. */
  show(peaks) {
    this.#length = Math.max(peaks.length, 2);
    const lit = svg("rect", { x: 0, y: 0, width: 0, height: HEIGHT });
    const shape = silhouette(peaks);
    const head = h("span", { class: "playhead", hidden: true });
    const mask = `wave-${Math.random().toString(36).slice(2)}`;
    this.replaceChildren(
      svg("svg", { viewBox: `0 0 ${this.#length} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
        svg("clipPath", { id: mask }, lit),
        svg("path", { d: shape, class: "wave" }),
        svg("path", { d: shape, class: "wave played", "clip-path": `url(#${mask})` })),
      head);
    this.#lit = lit;
    this.#head = head;
  }

  /** @param {number | null} share  0…1 of the bar; null when nothing plays. */
  at(share) {
    this.#lit?.setAttribute("width", String((share ?? 0) * this.#length));
    if (!this.#head) return;
    this.#head.hidden = share === null;
    this.#head.style.setProperty("inset-inline-start", `${(share ?? 0) * 100}%`);
  }
}

/**
 * @param {number[]} peaks
 * @returns {string} A path, mirrored about the middle; quiet parts stay visible as a thread.
 */
export function silhouette(peaks) {
  const loudest = Math.max(...peaks, 1e-6);
  const middle = HEIGHT / 2;
  const heights = peaks.map((peak) => Math.max(0.8, Math.sqrt(peak / loudest) * (middle - 2)));
  const upper = heights.map((height, x) => `${x},${(middle - height).toFixed(1)}`);
  const lower = heights.map((height, x) => `${x},${(middle + height).toFixed(1)}`).reverse();
  return `M${upper.join("L")}L${lower.join("L")}Z`;
}

customElements.define("wave-view", WaveView);
