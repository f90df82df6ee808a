// @ts-check
/** How well proposals hit: the share liked of the last ten, and what the critic expected; a drawing with its words. */

import { h, svg } from "../../dom.js";

/** @typedef {import("../../types.js").Learning["points"]} Points */

const WIDE = 320;
const HIGH = 120;
const LEAST = 5;

/**
 * @param {Points} points
 * @param {number} rated  How many loops were rated.
 * @returns {HTMLElement}
 */
export function learningFigure(points, rated) {
  if (points.length < LEAST) {
    const missing = Math.max(1, LEAST - rated);
    return h("p", { class: "empty" }, `Rate ${missing} more ${missing === 1 ? "loop" : "loops"}, and a curve begins here: how often the studio hits your taste.`);
  }
  const last = points[points.length - 1].ratings;
  const first = points[0].ratings;
  const x = (/** @type {number} */ ratings) => ((ratings - first) / Math.max(1, last - first)) * WIDE;
  const y = (/** @type {number} */ share) => HIGH - share * HIGH;
  const line = (/** @type {[number, number][]} */ places) => `M${places.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join("L")}`;
  const liked = points.map((point) => /** @type {[number, number]} */ ([x(point.ratings), y(point.theta)]));
  const expected = points.flatMap((point) => (point.expected === null ? [] : [/** @type {[number, number]} */ ([x(point.ratings), y(point.expected)])]));
  const drawing = svg("svg", { viewBox: `-2 -6 ${WIDE + 4} ${HIGH + 12}`, class: "curve", role: "img", "aria-label": words(points) },
    ...[0, 0.5, 1].map((share) => svg("line", { x1: 0, x2: WIDE, y1: y(share), y2: y(share), class: "rule" })),
    svg("path", { d: `${line(liked)}L${WIDE},${HIGH}L0,${HIGH}Z`, class: "area" }),
    expected.length > 1 ? svg("path", { d: line(expected), class: "expected" }) : null,
    svg("path", { d: line(liked), class: "liked" }),
    svg("circle", { cx: liked[liked.length - 1][0] - 2, cy: liked[liked.length - 1][1], r: 4, class: "dot" }));
  return h("figure", { class: "stack" },
    drawing,
    h("figcaption", { class: "small" },
      h("p", { class: "chart-legend" }, h("span", { class: "key-liked" }, "liked of the last ten"), expected.length > 1 ? h("span", { class: "key-expected" }, "what the critic expected") : null),
      h("p", { class: "muted", "aria-hidden": "true" }, words(points))));
}

/**
 * @param {Points} points
 * @returns {string} The curve in words.
 */
export function words(points) {
  const now = points[points.length - 1];
  const then = points[Math.min(points.length - 1, 9)];
  const percent = (/** @type {number} */ share) => `${Math.round(share * 100)} %`;
  const began = now.ratings > 15 ? ` In the first ten it was ${percent(then.theta)}.` : "";
  return `After ${now.ratings} ratings you like ${percent(now.theta)} of the latest loops.${began}`;
}
