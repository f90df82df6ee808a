// @ts-check
/** The taste map and the learning curve, read again when answers have come. */

/**
 * @import {Parts} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 * @import {TasteMap} from "./taste_map.js"
 */
import { h, replace } from "../../dom.js";
import { icon } from "../icons.js";
import { learningFigure } from "./learning.js";
import "./taste_map.js";

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
export function createInsights({ api, audio, shell, conductor }) {
  /** @type {import("../../types.js").TasteMap} */
  let taste = { loops: [], sounds: [] };
  /** @type {"loops" | "sounds"} */
  let what = "loops";
  const map = /** @type {TasteMap} */ (h("taste-map", { role: "group", "aria-label": "Map of your taste" }));
  const empty = h("p", { class: "empty" }, "After a few answers, what the critic hears alike lies close together here.");
  const curve = h("div", {});
  const chips = /** @type {const} */ ([["loops", "Loops"], ["sounds", "Sounds"]]).map(([name, words]) => ({
    name, chip: h("button", { type: "button", class: "chip", onclick: () => { what = name; paint(); } }, words),
  }));

  function paint() {
    for (const { name, chip } of chips) chip.setAttribute("aria-pressed", String(name === what));
    map.show(taste, what, (id) => conductor.heard.title(id));
    empty.hidden = taste[what].length > 0;
    map.hidden = !empty.hidden;
  }
  map.addEventListener("audition", (event) => {
    const { kind, item } = /** @type {CustomEvent} */ (event).detail;
    if (kind === "loop") conductor.listening.audition(item && conductor.heard.get(item.id));
    else if (item) void audio.preview(item.sound, { session: conductor.session()?.id ?? null }).catch(shell.fail);
  });
  map.addEventListener("open", (event) => {
    const { kind, item } = /** @type {CustomEvent} */ (event).detail;
    if (kind === "loop") conductor.open(item.id);
    else void audio.preview(item.sound, { session: conductor.session()?.id ?? null }).catch(shell.fail);
  });

  async function refresh() {
    const sid = conductor.session()?.id;
    if (!sid) return;
    const rated = (conductor.session()?.counts.liked ?? 0) + (conductor.session()?.counts.disliked ?? 0);
    const [now, learning] = await Promise.all([rated > 1 ? api.map(sid) : { loops: [], sounds: [] }, api.learning(sid)]);
    taste = now;
    paint();
    replace(curve, learningFigure(learning.points, rated));
  }
  paint();

  return {
    refresh,
    map: h("section", { class: "card taste", "aria-labelledby": "taste-title" },
      h("div", { class: "spread" }, h("h2", { id: "taste-title" }, "Map of your taste"), h("div", { class: "row", role: "group", "aria-label": "Show on the map" }, ...chips.map(({ chip }) => chip))),
      empty, map,
      h("p", { class: "chart-legend small" }, h("span", {}, icon("liked"), "liked"), h("span", {}, icon("dislike"), "disliked"), h("span", { class: "muted" }, "hover or move with arrow keys to hear"))),
    curve: h("section", { class: "card learning", "aria-labelledby": "learning-title" }, h("h2", { id: "learning-title" }, "Learning so far"), curve),
  };
}
