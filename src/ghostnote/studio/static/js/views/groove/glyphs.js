// @ts-check
/** Icons of the groove and kits pages, in the hand of views/icons.js; those that it has are taken from there. */

import { svg } from "../../dom.js";
import { icon } from "../icons.js";

/** @type {Record<string, string>} Strokes; what comes after `|` is filled. */
const SHAPES = {
  drumify: "M4 9.5c0-2 3.6-3.5 8-3.5s8 1.5 8 3.5-3.6 3.5-8 3.5-8-1.5-8-3.5ZM4 9.5v6c0 2 3.6 3.5 8 3.5s8-1.5 8-3.5v-6M14 8l6.5-5",
  infill: "M4.5 7h15M4.5 17h15M4.5 12h3M16.5 12h3|M9.5 10h5v4h-5Z",
  transfer: "M4 8c2.5-3.5 5-3.5 7.5 0s5 3.5 8.5 0M4 16c2.5-3.5 5-3.5 7.5 0s5 3.5 8.5 0M12 10v3.5",
  vary: "M4 12h4c4 0 4-5.5 8-5.5h4M8 12c4 0 4 5.5 8 5.5h4M17.5 4l2.5 2.5L17.5 9M17.5 15l2.5 2.5-2.5 2.5",
  continue: "M4 12h9M10 8l4 4-4 4|M16.5 10.7a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6ZM20.5 10.7a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6Z",
  generate: "M12 4v5M12 15v5M4 12h5M15 12h5M6.5 6.5l3 3M14.5 14.5l3 3M17.5 6.5l-3 3M9.5 14.5l-3 3",
  interpolate: "M5 5h14v14H5ZM12 5v14M5 12h14|M14.5 7.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4Z",
  dice: "M5.5 5.5h13v13h-13Z|M9 8a1.2 1.2 0 1 1 0 2.4A1.2 1.2 0 0 1 9 8ZM15 13.6a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4ZM12 10.8a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.4Z",
  midi: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16ZM10.5 17.5h3|M7.5 11a1 1 0 1 1 0 2 1 1 0 0 1 0-2ZM9 8a1 1 0 1 1 0 2 1 1 0 0 1 0-2ZM12 6.7a1 1 0 1 1 0 2 1 1 0 0 1 0-2ZM15 8a1 1 0 1 1 0 2 1 1 0 0 1 0-2ZM16.5 11a1 1 0 1 1 0 2 1 1 0 0 1 0-2Z",
  grid: "M4.5 5.5h15v13h-15ZM9.5 5.5v13M14.5 5.5v13M4.5 12h15|M10.5 6.5h3v4.5h-3ZM5.5 13h3v4.5h-3Z",
  tap: "M9 12V6a1.8 1.8 0 0 1 3.6 0v5l4.4 1c1.3.3 2 1.3 1.8 2.6L18 20h-7.5l-4-5c-.8-1 .4-2.4 1.6-1.7ZM6 7.5A5 5 0 0 1 15.6 6",
  record: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16Z|M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z",
  wave: "M4 10.5v3M8 7v10M12 4.5v15M16 8v8M20 10.5v3",
  stems: "M4 7h16M4 12h16M4 17h16|M8 5h3v4H8ZM14 10h3v4h-3ZM6 15h3v4H6Z",
  minus: "M5.5 12h13",
  previous: "M14.5 6l-6 6 6 6",
  next: "M9.5 6l6 6-6 6",
  promote: "M12 19V6M6.5 11L12 5.5 17.5 11",
  save: "M5 5h11l3 3v11H5ZM8.5 5v4.5h6V5M8.5 19v-5.5h7V19",
  sound: "M5 14V10M9 17V7M13 14.5v-5M17 12.5v-1M20 12.2v-.4",
};

/**
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function glyph(name) {
  const shape = SHAPES[name];
  if (!shape) return icon(name);
  const [strokes, solid] = shape.split("|");
  return svg("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" },
    strokes ? svg("path", { d: strokes }) : null,
    solid ? svg("path", { d: solid, class: "solid" }) : null);
}
