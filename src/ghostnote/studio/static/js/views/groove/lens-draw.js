// @ts-check
/** How the lens is drawn: geometry, the still picture, and what moves over it. */

import { barSpan, placeOf, stepSeconds } from "./feel.js";

/** @typedef {import("../../types.js").Beat} Beat */
/** @typedef {import("./feel.js").Hit} Hit */

/**
 * @typedef {object} Geometry
 * @property {number} width
 * @property {number} height
 * @property {number} laneHeight
 * @property {number} from      Seconds at the left.
 * @property {number} until     Seconds at the right.
 * @property {number} perSecond Pixels.
 * @property {number} magnify   How many times larger than true a shift is drawn.
 * @property {(seconds: number) => number} x
 * @property {(x: number) => number} secondsAt  Its inverse.
 * @property {(lane: number) => number} y  Middle of a lane.
 */

/** @typedef {{x: number, y: number, gridX: number, radius: number, shiftMs: number}} Spot */
/** @typedef {Record<"well" | "line" | "edge" | "text" | "muted" | "late" | "early" | "ghost" | "playhead" | "focus" | "surface", string>} Ink */

export const RULER = 24;
const MARGIN = 16;
const ON_GRID_MS = 0.75;

/**
 * @param {Element} element
 * @returns {Ink}
 */
export function inkOf(element) {
  const style = getComputedStyle(element);
  const of = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    well: of("--well"), line: of("--line"), edge: of("--edge"), text: of("--text"), muted: of("--muted"), late: of("--hit"),
    early: of("--cool"), ghost: of("--ghost"), playhead: of("--playhead"), focus: of("--focus"), surface: of("--surface"),
  };
}

/**
 * @param {Beat} beat
 * @param {{first: number, bars: number, magnify: number}} view  `first` from 0
 * @param {number} lanes
 * @param {number} width
 * @param {number} height
 * @returns {Geometry}
 */
export function layOut(beat, view, lanes, width, height) {
  const from = barSpan(beat, view.first)[0];
  const until = Math.max(barSpan(beat, view.first + view.bars - 1)[1], from + 0.01);
  const perSecond = (width - 2 * MARGIN) / (until - from);
  const laneHeight = (height - RULER) / Math.max(1, lanes);
  return {
    width, height, laneHeight, from, until, perSecond, magnify: view.magnify,
    x: (seconds) => MARGIN + (seconds - from) * perSecond,
    secondsAt: (x) => from + (x - MARGIN) / perSecond,
    y: (lane) => RULER + (lane + 0.5) * laneHeight,
  };
}

/**
 * Where a hit is drawn: its shift enlarged, but never past the middle between two steps.
 * @param {Geometry} geometry
 * @param {Beat} beat
 * @param {{step: number, shiftMs: number, velocity: number, gridSeconds?: number}} hit  gridSeconds: of its grid line,
 *   where that is not the beat's
 * @param {number} lane
 * @returns {Spot}
 */
export function spotOf(geometry, beat, hit, lane) {
  const gridX = geometry.x(hit.gridSeconds ?? beat.grid.seconds[hit.step] ?? 0);
  const step = stepSeconds(beat, hit.step) * geometry.perSecond;
  const most = 0.5 * step;
  const shift = hit.shiftMs / 1000 * geometry.perSecond * geometry.magnify;
  const largest = Math.max(4, Math.min(geometry.laneHeight * 0.42, 14, 0.62 * step));
  return {
    x: gridX + (most > 0 ? most * Math.tanh(shift / most) : 0),
    y: geometry.y(lane),
    gridX,
    radius: largest * (0.25 + 0.75 * hit.velocity / 127),
    shiftMs: hit.shiftMs,
  };
}

/**
 * @param {CanvasRenderingContext2D} draw
 * @param {Geometry} geometry
 * @param {Beat} beat
 * @param {{lanes: string[], locks: string[], bars: [number, number] | null}} what  `bars` from 1, both included
 * @param {Ink} ink
 */
export function drawGround(draw, geometry, beat, { lanes, locks, bars }, ink) {
  const { width, height, laneHeight } = geometry;
  draw.clearRect(0, 0, width, height);
  lanes.forEach((lane, i) => {
    draw.fillStyle = ink.text;
    draw.globalAlpha = i % 2 ? 0.015 : 0.045;
    draw.fillRect(0, RULER + i * laneHeight, width, laneHeight);
    draw.globalAlpha = 1;
    if (locks.includes(lane)) hatch(draw, 0, RULER + i * laneHeight, width, laneHeight, ink.edge);
  });
  draw.font = `600 12px ${getComputedStyle(draw.canvas).fontFamily}`;
  draw.textBaseline = "middle";
  beat.grid.seconds.forEach((seconds, step) => {
    if (seconds < geometry.from - 1e-6 || seconds > geometry.until - 1e-6) return;
    const place = placeOf(beat, step);
    const x = Math.round(geometry.x(seconds)) + 0.5;
    const isBar = place.beat === 1 && place.part === 0;
    const isBeat = place.part === 0;
    draw.strokeStyle = isBar ? ink.edge : ink.line;
    draw.globalAlpha = isBar ? 0.9 : isBeat ? 0.95 : 0.45;
    draw.lineWidth = 1;
    draw.beginPath();
    draw.moveTo(x, isBar ? 4 : isBeat ? 14 : RULER);
    draw.lineTo(x, height);
    draw.stroke();
    draw.globalAlpha = 1;
    if (isBar || (isBeat && geometry.perSecond * stepSeconds(beat, step) > 9)) {
      draw.fillStyle = isBar ? ink.text : ink.muted;
      draw.fillText(isBar ? String(place.bar) : `${place.bar}.${place.beat}`, x + 4, 12);
    }
  });
  if (!bars) return;
  draw.fillStyle = ink.surface;
  draw.globalAlpha = 0.72;
  const left = geometry.x(barSpan(beat, bars[0] - 1)[0]) - MARGIN / 2;
  const right = geometry.x(barSpan(beat, bars[1] - 1)[1]) - MARGIN / 2;
  if (left > 0) draw.fillRect(0, RULER, Math.min(width, left), height);
  if (right < width) draw.fillRect(Math.max(0, right), RULER, width, height);
  draw.globalAlpha = 1;
  draw.fillStyle = ink.late;
  draw.fillRect(Math.max(0, left), RULER - 4, Math.min(width, right) - Math.max(0, left), 4);
}

/**
 * @param {CanvasRenderingContext2D} draw
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 * @param {string} colour
 */
function hatch(draw, x, y, width, height, colour) {
  draw.save();
  draw.beginPath();
  draw.rect(x, y, width, height);
  draw.clip();
  draw.strokeStyle = colour;
  draw.globalAlpha = 0.28;
  draw.beginPath();
  for (let at = x - height; at < x + width; at += 9) {
    draw.moveTo(at, y + height);
    draw.lineTo(at + height, y);
  }
  draw.stroke();
  draw.restore();
}

/**
 * @param {CanvasRenderingContext2D} draw
 * @param {Spot[]} spots
 * @param {Ink} ink
 */
export function drawGhosts(draw, spots, ink) {
  draw.strokeStyle = ink.ghost;
  draw.lineWidth = 1.5;
  for (const spot of spots) {
    draw.beginPath();
    draw.arc(spot.x, spot.y, Math.max(2, spot.radius), 0, 2 * Math.PI);
    draw.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} draw
 * @param {Spot[]} spots
 * @param {Ink} ink
 */
export function drawHits(draw, spots, ink) {
  for (const spot of spots) {
    const colour = Math.abs(spot.shiftMs) < ON_GRID_MS ? ink.text : spot.shiftMs > 0 ? ink.late : ink.early;
    draw.strokeStyle = colour;
    draw.lineWidth = 2;
    draw.globalAlpha = 0.8;
    draw.beginPath();
    draw.moveTo(spot.gridX, spot.y - 4);
    draw.lineTo(spot.gridX, spot.y + 4);
    draw.moveTo(spot.gridX, spot.y);
    draw.lineTo(spot.x, spot.y);
    draw.stroke();
    draw.globalAlpha = 1;
    draw.fillStyle = colour;
    draw.beginPath();
    draw.arc(spot.x, spot.y, spot.radius, 0, 2 * Math.PI);
    draw.fill();
  }
}

/**
 * Lanes that are not heard step back.
 * @param {CanvasRenderingContext2D} draw
 * @param {Geometry} geometry
 * @param {{lanes: string[], hushed: string[]}} what
 * @param {Ink} ink
 */
export function drawHushed(draw, { width, laneHeight }, { lanes, hushed }, ink) {
  draw.fillStyle = ink.well;
  draw.globalAlpha = 0.7;
  lanes.forEach((lane, i) => {
    if (hushed.includes(lane)) draw.fillRect(0, RULER + i * laneHeight, width, laneHeight);
  });
  draw.globalAlpha = 1;
}

/**
 * What moves: the playhead, and the hits that it has just struck.
 * @param {CanvasRenderingContext2D} draw
 * @param {Geometry} geometry
 * @param {number | null} seconds
 * @param {{seconds: number, spot: Spot}[]} hits
 * @param {Ink} ink
 */
export function drawMoving(draw, geometry, seconds, hits, ink) {
  draw.clearRect(0, 0, geometry.width, geometry.height);
  if (seconds === null || seconds < geometry.from || seconds > geometry.until) return;
  const x = geometry.x(seconds);
  for (const { seconds: struck, spot } of hits) {
    const age = seconds - struck;
    if (age < 0 || age > 0.28) continue;
    const fade = 1 - age / 0.28;
    draw.strokeStyle = ink.playhead;
    draw.globalAlpha = 0.9 * fade;
    draw.lineWidth = 2.5;
    draw.beginPath();
    draw.arc(spot.x, spot.y, spot.radius + 2 + 6 * (1 - fade), 0, 2 * Math.PI);
    draw.stroke();
  }
  draw.globalAlpha = 0.14;
  draw.fillStyle = ink.playhead;
  draw.fillRect(x - 10, 0, 10, geometry.height);
  draw.globalAlpha = 1;
  draw.fillRect(x - 1, 0, 2, geometry.height);
}

/**
 * A beat in a few square centimetres: for takes and the corners of the pad.
 * @param {HTMLCanvasElement} canvas
 * @param {Beat} beat
 * @param {string[]} lanes
 * @param {Hit[]} hits
 */
export function drawSmall(canvas, beat, lanes, hits) {
  const width = canvas.clientWidth || 120;
  const height = canvas.clientHeight || 36;
  const draw = scaled(canvas, width, height);
  if (!draw) return;
  const ink = inkOf(canvas);
  const bars = Math.min(beat.bars, 2);
  const until = barSpan(beat, bars - 1)[1];
  const row = height / lanes.length;
  draw.clearRect(0, 0, width, height);
  for (const hit of hits) {
    const lane = lanes.indexOf(hit.lane);
    if (hit.seconds >= until || lane < 0) continue;
    const x = 3 + hit.seconds / until * (width - 6);
    draw.globalAlpha = 0.35 + 0.65 * hit.velocity / 127;
    draw.fillStyle = Math.abs(hit.shiftMs) < ON_GRID_MS ? ink.text : hit.shiftMs > 0 ? ink.late : ink.early;
    const size = Math.max(1.6, Math.min(row, 6) * (0.35 + 0.65 * hit.velocity / 127));
    draw.fillRect(x - size / 2, (lane + 0.5) * row - size / 2, size, size);
  }
  draw.globalAlpha = 1;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 * @returns {CanvasRenderingContext2D | null}
 */
export function scaled(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const draw = canvas.getContext("2d");
  draw?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return draw;
}
