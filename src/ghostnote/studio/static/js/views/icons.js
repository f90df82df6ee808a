// @ts-check
/** Icons of one hand: 24 units, one stroke; all of them decoration beside a word or inside a named button. */

import { svg } from "../dom.js";

export { svg as s } from "../dom.js";

/** @type {Record<string, string>} Strokes; what comes after `|` is filled. */
const SHAPES = {
  play: "|M8 5.2v13.6c0 .9 1 1.4 1.7.9l9.8-6.8c.6-.4.6-1.4 0-1.8L9.7 4.3C9 3.8 8 4.3 8 5.2Z",
  stop: "|M7.5 6h9A1.5 1.5 0 0 1 18 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 6 16.5v-9A1.5 1.5 0 0 1 7.5 6Z",
  volume: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5ZM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  metronome: "M9 4.500h6l3 15H6ZM7 14.500h10M12 14.500L18.500 6",
  like: "M12 19.5S4 14.8 4 9.3A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.3c0 5.5-8 10.2-8 10.2Z",
  liked: "|M12 19.9S3.6 15 3.6 9.3A4.7 4.7 0 0 1 12 6.5a4.7 4.7 0 0 1 8.4 2.8C20.4 15 12 19.9 12 19.900Z",
  dislike: "M6.5 6.500l11 11M17.5 6.500l-11 11",
  skip: "M6 6.500l6 5.5-6 5.500M13 6.500l6 5.5-6 5.5",
  undo: "M8.5 6.500L4.5 10.500l4 4M5 10.500h9a5 5 0 0 1 0 10h-3",
  redo: "M15.5 6.500l4 4-4 4M19 10.500h-9a5 5 0 0 0 0 10h3",
  ear: "M7 10a5 5 0 0 1 10 0c0 3.5-3 4-3 7a2.8 2.8 0 0 1-5.2 1.500M9.8 10.500a2.3 2.3 0 0 1 4.5-.5c.2 1.8-1.8 2-1.8 3.6",
  swap: "M4 8.500h13l-3-3.500M20 15.500H7l3 3.5",
  mutate: "M5 19L16 8M14.5 4.500v3M13 6h3M19.5 9.500v3M18 11h3M19 3.800v1.400M6.5 6.500v3M5 8h3",
  lock: "M7 11V8.500a5 5 0 0 1 10 0V11M6 11h12v8.500H6ZM12 14.500v2",
  unlock: "M7 11V8.500a5 5 0 0 1 9.6-2M6 11h12v8.500H6ZM12 14.500v2",
  reset: "M5 12a7 7 0 1 0 2.2-5.100M5 4.500v4h4",
  human: "M12 4.200a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.400ZM5 20c.4-4 3.2-6.4 7-6.400s6.6 2.4 7 6.4",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300L11.8 6.500M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1.2-1.2",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.500M5 19.500h14",
  help: "M9 9.200a3 3 0 1 1 4.6 2.500c-1 .7-1.6 1.3-1.6 2.6|M12 16.700a1.2 1.2 0 1 1 0 2.4 1.2 1.2 0 0 1 0-2.400Z",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4",
  moon: "M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10Z",
  auto: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16Z|M12 5v14a7 7 0 0 0 0-14Z",
  close: "M6.5 6.500l11 11M17.5 6.500l-11 11",
  more: "|M5 10.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM12 10.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM19 10.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z",
  plus: "M12 5.500v13M5.5 12h13",
  pencil: "M5 19l.8-3.800L16 5l3 3L8.8 18.200ZM14 7l3 3",
  folder: "M4 18.500v-12h5.500l2 2.500H20v9.500Z",
  drag: "|M9 5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM15 5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM9 10.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM15 10.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM9 16a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3ZM15 16a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z",
  question: "M8 5C4.8 9.5 4.8 14.5 8 19M16 5c3.2 4.5 3.2 9.5 0 14",
  warning: "M12 4.500L21 19.500H3ZM12 10v4.5|M12 16a1 1 0 1 1 0 2 1 1 0 0 1 0-2Z",
  check: "M5 12.500l4.5 4.500L19 7.5",
  chevron: "M7 10l5 5 5-5",
  critic: "M3.5 12S7 6.5 12 6.5 20.5 12 20.5 12 17 17.5 12 17.5 3.5 12 3.5 12ZM12 9.500a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z",
  star: "M12 4.500l2.3 4.9 5.2.7-3.8 3.7.9 5.300L12 16.500l-4.6 2.6.9-5.3-3.8-3.7 5.2-.7Z",
};

/**
 * An icon by name; hidden from assistive technology, since a word always stands by it.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const [strokes, solid] = (SHAPES[name] ?? SHAPES.question).split("|");
  return svg("svg", { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" },
    strokes ? svg("path", { d: strokes }) : null,
    solid ? svg("path", { d: solid, class: "solid" }) : null);
}
