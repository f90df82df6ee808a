// @ts-check
/** A loop in small: its pattern as dots, louder ones larger. */

/** @import {Loop} from "../../types.js" */
import { svg } from "../../dom.js";
import { cellsOf } from "./pattern.js";

const CELL = 6;

/**
 * @param {Loop} loop
 * @returns {SVGSVGElement}
 */
export function thumbnail(loop) {
  const cells = cellsOf(loop);
  const steps = cells[0].length;
  const rows = cells.length;
  const on = /** @type {string[]} */ ([]);
  const off = /** @type {string[]} */ ([]);
  cells.forEach((row, y) => row.forEach((cell, x) => {
    const size = cell.on ? 1.4 + 1.3 * cell.velocity : 0.55;
    const [cx, cy] = [x * CELL + CELL / 2, y * CELL + CELL / 2];
    (cell.on ? on : off).push(`M${(cx - size).toFixed(2)},${cy}a${size.toFixed(2)},${size.toFixed(2)} 0 1 0 ${(2 * size).toFixed(2)},0a${size.toFixed(2)},${size.toFixed(2)} 0 1 0 ${(-2 * size).toFixed(2)},0`);
  }));
  return svg("svg", { class: "thumbnail", viewBox: `0 0 ${steps * CELL} ${rows * CELL}`, "aria-hidden": "true", focusable: "false" },
    svg("path", { d: off.join(""), class: "off" }), svg("path", { d: on.join(""), class: "hits" }));
}
