// @ts-check
/** The beat in numbers: voice by voice, source and take beside each other. */

import { h, replace } from "../../dom.js";
import { laneLabel, lanesOf, shiftWords, summary } from "./feel.js";

/** @typedef {import("../../types.js").Beat} Beat */

/**
 * @param {HTMLElement} place
 * @param {Beat | null} source
 * @param {Beat | null} take
 */
export function paintTable(place, source, take) {
  const beats = /** @type {[string, Beat][]} */ ([["Source", source], ["Take", take]].filter(([, beat]) => beat));
  const rows = beats.map(([, beat]) => new Map(summary(beat).map((row) => [row.lane, row])));
  const columns = ["hits", "timing", "spread", "velocity"];
  replace(place, h("table", {},
    h("caption", { class: "visually-hidden" }, "Hits, mean timing, spread of timing and velocities of each voice"),
    h("thead", {},
      beats.length > 1 ? h("tr", {}, h("td", {}), beats.map(([name]) => h("th", { scope: "colgroup", colspan: columns.length }, name))) : null,
      h("tr", {}, h("th", { scope: "col" }, "Voice"), beats.flatMap(() => columns.map((column) => h("th", { scope: "col" }, column))))),
    h("tbody", {}, lanesOf(beats.map(([, beat]) => beat)).map((lane) => h("tr", {},
      h("th", { scope: "row" }, laneLabel(lane)),
      rows.flatMap((summaries) => {
        const row = summaries.get(lane);
        const cells = row ? [row.hits, shiftWords(row.shiftMs), `± ${row.spreadMs.toFixed(1)} ms`, row.softest === row.loudest ? row.softest : `${row.softest}–${row.loudest}`] : ["–", "–", "–", "–"];
        return cells.map((cell) => h("td", { class: "number" }, cell));
      }))))));
}
