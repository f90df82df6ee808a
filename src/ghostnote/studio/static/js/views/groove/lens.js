// @ts-check
/**
 * <feel-lens>: a piano roll by voice, in which one sees how a beat is played: each hit's shift from its grid line,
 * enlarged, and its velocity as size; the other beat as rings behind. Hits can be walked through by keyboard.
 *
 * Fires `lens-lock` {lane}, `lens-hear` {hit}, `lens-view` {first}, `lens-bars` {bars} for those chosen on the ruler.
 */

import { h, replace } from "../../dom.js";
import { icon } from "../icons.js";
import { hitWords, hitsInBarsOf, hitsOf, laneLabel, shiftWords } from "./feel.js";
import { followRuler } from "./ruler.js";
import { RULER, drawGhosts, drawGround, drawHits, drawHushed, drawMoving, inkOf, layOut, scaled, spotOf } from "./lens-draw.js";

/** @typedef {import("../../types.js").Beat} Beat */
/** @typedef {import("./feel.js").Hit} Hit */

/**
 * @typedef {object} Shown
 * @property {Beat} beat               What is heard.
 * @property {Beat | null} ghost       What it is compared with.
 * @property {boolean} same            Whether both hold the same notes in the same order.
 * @property {string[]} lanes
 * @property {string[]} locks
 * @property {string[]} hushed        Lanes that are not heard.
 * @property {[number, number] | null} bars  What tasks may change, from 1.
 * @property {boolean} choosesBars     Whether the task can be kept to some bars.
 * @property {{first: number, bars: number, magnify: number}} view  `first` from 0.
 */

const GLIDE_MS = 170;

export class FeelLens extends HTMLElement {
  constructor() {
    super();
    /** @type {Shown | null} */
    this.shown = null;
    /** @type {Hit[]} */
    this.hits = [];
    /** @type {Hit[]} */
    this.ghosts = [];
    /** @type {{shiftMs: number, velocity: number}[] | null} Where hits glide from. */
    this.glideFromHits = null;
    this.glideFrom = 0;
    this.headsKey = "";
    this.cursor = -1;
    /** @type {[number, number] | null} Bars over which the pointer is being dragged. */
    this.dragged = null;
    /** @type {(lane: string) => HTMLElement | null} What else stands at the head of a lane. */
    this.beside = () => null;
    /** @type {number | null} */
    this.seconds = null;
    this.heads = h("div", { class: "lens-heads" });
    this.corner = h("div", { class: "lens-corner" });
    this.still = h("canvas", { class: "lens-still", "aria-hidden": "true" });
    this.moving = h("canvas", { class: "lens-moving", "aria-hidden": "true" });
    this.options = h("div", { class: "lens-options", role: "presentation" });
    this.tip = h("div", { class: "lens-tip", "aria-hidden": "true", hidden: true });
    this.roll = h("div", { class: "lens-roll", tabindex: "0", role: "listbox" }, this.still, this.moving, this.options, this.tip);
  }

  connectedCallback() {
    if (this.roll.isConnected) return;
    this.append(this.corner, this.heads, this.roll);
    followRuler(this.roll, {
      look: () => (this.shown?.choosesBars && this.geometry ? { ...this.shown, geometry: this.geometry } : null),
      preview: (bars) => {
        this.dragged = bars;
        this.paint();
      },
      choose: (bars) => this.dispatchEvent(new CustomEvent("lens-bars", { detail: { bars } })),
    });
    this.roll.addEventListener("keydown", (event) => this.onKey(event));
    this.roll.addEventListener("focus", () => {
      if (this.cursor < 0 || !this.inView(this.hits[this.cursor])) this.moveTo(this.firstInView());
      else this.paintCursor();
    });
    this.roll.addEventListener("blur", () => this.tip.hidden = true);
    this.roll.addEventListener("pointermove", (event) => this.onPointer(event));
    this.roll.addEventListener("pointerleave", () => {
      if (document.activeElement !== this.roll) this.tip.hidden = true;
    });
    this.roll.addEventListener("pointerdown", (event) => {
      const hit = this.dragged ? null : this.hitAt(event);
      if (!hit) return;
      this.cursor = hit.index;
      this.paintCursor();
      this.dispatchEvent(new CustomEvent("lens-hear", { detail: { hit } }));
    });
    this.resizing = new ResizeObserver(() => this.paint());
    this.resizing.observe(this.roll);
    this.themes = new MutationObserver(() => this.paint());
    this.themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  }

  disconnectedCallback() {
    this.resizing?.disconnect();
    this.themes?.disconnect();
  }

  /** @param {Shown} shown */
  show(shown) {
    const last = this.shown;
    const hits = hitsOf(shown.beat);
    const glides = last && this.hits.length === hits.length && last.beat !== shown.beat
      && hits.every((hit, i) => hit.lane === this.hits[i].lane) && !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.glideFromHits = glides && (shown.same || last.same) ? this.hits.map(({ shiftMs, velocity }) => ({ shiftMs, velocity })) : null;
    this.glideFrom = performance.now();
    this.shown = shown;
    this.hits = hits;
    this.ghosts = shown.ghost ? hitsInBarsOf(shown.ghost, shown.beat) : [];
    if (this.cursor >= hits.length) this.cursor = -1;
    this.paintHeads();
    this.listOptions();
    this.paint();
  }

  /** @param {number | null} seconds  Where the sound is. */
  playhead(seconds) {
    this.seconds = seconds;
    if (!this.geometry || !this.shown) return;
    const draw = scaled(this.moving, this.geometry.width, this.geometry.height);
    if (draw) drawMoving(draw, this.geometry, seconds, this.struck ?? [], this.ink ?? inkOf(this));
  }

  paintHeads() {
    const { lanes, locks, hushed } = /** @type {Shown} */ (this.shown);
    this.style.setProperty("--lanes", String(lanes.length));
    const drawn = lanes.map((lane) => {
      const own = this.hits.filter((hit) => hit.lane === lane);
      const mean = own.length ? own.reduce((sum, hit) => sum + hit.shiftMs, 0) / own.length : null;
      return { lane, locked: locks.includes(lane), silent: hushed.includes(lane), words: mean === null ? "silent" : shiftWords(mean) };
    });
    const key = JSON.stringify(drawn);
    if (key === this.headsKey) return;
    this.headsKey = key;
    const focused = this.heads.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    replace(this.heads, drawn.map(({ lane, locked, silent, words }) => h("div", { class: "lane-head", "data-hushed": silent },
      h("span", { class: "lane-name" }, laneLabel(lane), h("span", { class: "lane-shift number" }, words)),
      this.beside(lane),
      lane === "other" || lane === "rhythm" ? null : h("button", {
        type: "button", class: "quiet icon-only lane-lock", "aria-pressed": String(locked), "aria-label": `Lock ${laneLabel(lane)}`, "data-lane": lane,
        title: locked ? "Locked: tasks leave this voice as it is" : "Lock: keep this voice as it is",
        onclick: () => this.dispatchEvent(new CustomEvent("lens-lock", { detail: { lane } })),
      }, icon(locked ? "lock" : "unlock")))));
    if (focused?.isConnected) focused.focus();
    else if (focused) /** @type {HTMLElement | null} */ (this.heads.querySelector(`[data-lane="${focused.getAttribute("data-lane")}"]`))?.focus();
  }

  paint() {
    const shown = this.shown;
    const width = this.roll.clientWidth;
    const height = this.roll.clientHeight;
    if (!shown || !width || !height) return;
    this.ink = inkOf(this);
    const geometry = layOut(shown.beat, shown.view, shown.lanes.length, width, height);
    this.geometry = geometry;
    const draw = scaled(this.still, width, height);
    if (!draw) return;
    const glide = this.glideFromHits ? Math.min(1, (performance.now() - this.glideFrom) / GLIDE_MS) : 1;
    const eased = 1 - (1 - glide) ** 3;
    const spotAt = (/** @type {Hit} */ hit) => {
      const from = this.glideFromHits?.[hit.index];
      const now = from && eased < 1 ? {
        ...hit,
        shiftMs: from.shiftMs + eased * (hit.shiftMs - from.shiftMs),
        velocity: from.velocity + eased * (hit.velocity - from.velocity),
      } : hit;
      return spotOf(geometry, shown.beat, now, shown.lanes.indexOf(hit.lane));
    };
    drawGround(draw, geometry, shown.beat, this.dragged ? { ...shown, bars: this.dragged } : shown, this.ink);
    const ghost = shown.ghost;
    if (ghost) {
      const { first, bars } = shown.view;
      const isSeen = (/** @type {Hit} */ hit) => ghost.grid.bars[hit.step] >= first && ghost.grid.bars[hit.step] < Math.min(first + bars, shown.beat.bars);
      drawGhosts(draw, this.ghosts.filter((hit) => isSeen(hit) && shown.lanes.includes(hit.lane)).map((hit) =>
        spotOf(geometry, ghost, hit, shown.lanes.indexOf(hit.lane))), this.ink);
    }
    const seen = this.hits.filter((hit) => this.inView(hit)).map((hit) => ({ seconds: hit.seconds, index: hit.index, spot: spotAt(hit) }));
    drawHits(draw, seen.map(({ spot }) => spot), this.ink);
    drawHushed(draw, geometry, shown, this.ink);
    this.struck = seen;
    this.playhead(this.seconds);
    if (document.activeElement === this.roll) this.paintCursor();
    else if (!this.roll.matches(":hover")) this.tip.hidden = true;
    if (eased < 1) requestAnimationFrame(() => this.paint());
    else this.glideFromHits = null;
  }

  /** @param {Hit | undefined} hit */
  inView(hit) {
    if (!hit || !this.shown) return false;
    const { first, bars } = this.shown.view;
    const bar = this.shown.beat.grid.bars[hit.step] ?? 0;
    return bar >= first && bar < first + bars;
  }

  /** @returns {Hit[]} As they are walked through: in time, from the top down. */
  ordered() {
    const { lanes, beat } = /** @type {Shown} */ (this.shown);
    return [...this.hits].sort((a, b) => beat.grid.seconds[a.step] - beat.grid.seconds[b.step] || lanes.indexOf(a.lane) - lanes.indexOf(b.lane) || a.seconds - b.seconds);
  }

  firstInView() {
    return this.ordered().find((hit) => this.inView(hit));
  }

  /** The hits in view as options of the list, so that assistive technology can name the one under the cursor. */
  listOptions() {
    const shown = /** @type {Shown} */ (this.shown);
    const seen = this.ordered().filter((hit) => this.inView(hit));
    const { first, bars } = shown.view;
    this.roll.setAttribute("role", seen.length ? "listbox" : "img");
    const range = bars === 1 ? `bar ${first + 1}` : `bars ${first + 1} to ${first + bars}`;
    this.roll.setAttribute("aria-label", `Hits of ${shown.beat.name}, ${range}: ${seen.length}. Arrow keys walk from hit to hit, Enter plays one.`);
    replace(this.options, seen.map((hit) => h("span", {
      role: "option", id: `lens-hit-${hit.index}`, "aria-selected": String(hit.index === this.cursor),
      "aria-label": hitWords(shown.beat, hit, this.beforeOf(hit)),
    })));
    this.point();
  }

  /** @param {Hit} hit */
  beforeOf(hit) {
    return this.shown?.same ? this.ghosts[hit.index] ?? null : null;
  }

  point() {
    const hit = this.hits[this.cursor];
    if (hit && this.inView(hit)) this.roll.setAttribute("aria-activedescendant", `lens-hit-${hit.index}`);
    else this.roll.removeAttribute("aria-activedescendant");
    for (const option of this.options.children) option.setAttribute("aria-selected", String(option.id === `lens-hit-${this.cursor}`));
  }

  /** @param {Hit | undefined} hit */
  moveTo(hit) {
    if (!hit || !this.shown) return;
    this.cursor = hit.index;
    if (!this.inView(hit)) {
      const first = this.shown.beat.grid.bars[hit.step] ?? 0;
      this.dispatchEvent(new CustomEvent("lens-view", { detail: { first } }));
    }
    this.paintCursor();
  }

  paintCursor() {
    this.point();
    const hit = this.hits[this.cursor];
    if (hit && this.inView(hit)) this.showTip(hit, document.activeElement === this.roll);
    else this.tip.hidden = true;
  }

  /**
   * @param {Hit} hit
   * @param {boolean} ringed
   */
  showTip(hit, ringed) {
    const { geometry, shown } = this;
    if (!geometry || !shown) return;
    const spot = spotOf(geometry, shown.beat, hit, shown.lanes.indexOf(hit.lane));
    const before = this.beforeOf(hit);
    const was = before && before.velocity !== hit.velocity ? ` (was ${before.velocity})` : "";
    replace(this.tip, h("strong", {}, shiftWords(hit.shiftMs)), ` ${laneLabel(hit.lane)} · velocity ${hit.velocity}${was}`);
    this.tip.hidden = false;
    this.tip.classList.toggle("ringed", ringed);
    this.tip.style.setProperty("--x", `${spot.x}px`);
    this.tip.style.setProperty("--y", `${spot.y}px`);
    this.tip.style.setProperty("--r", `${spot.radius}px`);
    const half = this.tip.offsetWidth / 2 + 6;
    this.tip.style.setProperty("--shift", `${Math.max(half - spot.x, Math.min(0, geometry.width - half - spot.x))}px`);
    this.tip.classList.toggle("below", spot.y - spot.radius < RULER + 40);
  }

  /**
   * @param {PointerEvent} event
   * @returns {Hit | null}
   */
  hitAt(event) {
    const { geometry, shown } = this;
    if (!geometry || !shown) return null;
    const box = this.roll.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    let distance = 16;
    for (const { index, spot } of this.struck ?? []) {
      const away = Math.hypot(spot.x - x, spot.y - y) - spot.radius;
      if (away < distance) [best, distance] = [this.hits[index], away];
    }
    return best;
  }

  /** @param {PointerEvent} event */
  onPointer(event) {
    const hit = this.hitAt(event);
    if (hit) this.showTip(hit, false);
    else if (document.activeElement !== this.roll) this.tip.hidden = true;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.shown) return;
    const order = this.ordered();
    const at = order.findIndex((hit) => hit.index === this.cursor);
    const now = order[at];
    /** @type {Record<string, () => Hit | undefined>} */
    const moves = {
      ArrowRight: () => order[Math.min(order.length - 1, at + 1)],
      ArrowLeft: () => order[Math.max(0, at - 1)],
      ArrowDown: () => this.nearest(now, 1),
      ArrowUp: () => this.nearest(now, -1),
      Home: () => order[0],
      End: () => order[order.length - 1],
    };
    if (event.key === "Enter" && now) this.dispatchEvent(new CustomEvent("lens-hear", { detail: { hit: now } }));
    else if (moves[event.key]) this.moveTo(moves[event.key]());
    else return;
    event.preventDefault();
  }

  /**
   * The hit closest in time in the next lane above or below that has one.
   * @param {Hit | undefined} from
   * @param {1 | -1} way
   */
  nearest(from, way) {
    const { lanes } = /** @type {Shown} */ (this.shown);
    if (!from) return this.firstInView();
    for (let lane = lanes.indexOf(from.lane) + way; lane >= 0 && lane < lanes.length; lane += way) {
      const own = this.hits.filter((hit) => hit.lane === lanes[lane]);
      if (own.length) return own.reduce((a, b) => Math.abs(b.seconds - from.seconds) < Math.abs(a.seconds - from.seconds) ? b : a);
    }
    return from;
  }
}

if (!customElements.get("feel-lens")) customElements.define("feel-lens", FeelLens);
