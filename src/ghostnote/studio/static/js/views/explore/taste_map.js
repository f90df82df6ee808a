// @ts-check
/**
 * <taste-map>: loops and sounds as points in a plane, near where the critic hears them alike. Points are real buttons:
 * hover and focus play, a click opens. One is in the tab order; arrows go to the nearest in their direction.
 * Events: `audition` {kind, item} (item null when left), `open` {kind, item}.
 */

import { h } from "../../dom.js";
import { icon } from "../icons.js";

/** @typedef {import("../../types.js").TasteMap} Taste */
/** @typedef {{kind: "loop" | "sound", item: any, x: number, y: number, label: string, mood: string}} Point */

const MOODS = { liked: "liked", disliked: "disliked", open: "not rated" };
const ICONS = { liked: "liked", disliked: "dislike", open: "question" };

export class TasteMap extends HTMLElement {
  /** @type {{point: Point, button: HTMLButtonElement}[]} */
  #points = [];

  /**
   * @param {Taste} taste
   * @param {"loops" | "sounds"} what
   * @param {(id: any) => string} titleOf  What a loop is called.
   */
  show(taste, what, titleOf) {
    const focused = this.#points.find(({ button }) => button === document.activeElement)?.point;
    const points = what === "loops" ? taste.loops.map((loop) => loopPoint(loop, titleOf)) : taste.sounds.map(soundPoint);
    // A newer point lies above an older one.
    this.#points = points.map((point) => ({ point, button: this.#button(point) }));
    this.replaceChildren(...this.#points.map(({ button }) => button));
    const first = this.#points.find(({ point }) => focused && point.label === focused.label) ?? this.#points.at(-1);
    if (first) {
      first.button.tabIndex = 0;
      if (focused) first.button.focus({ preventScroll: true });
    }
  }

  /** @param {Point} point */
  #button(point) {
    const tell = (/** @type {string} */ name, /** @type {any} */ item) => this.dispatchEvent(new CustomEvent(name, { detail: { kind: point.kind, item } }));
    const button = /** @type {HTMLButtonElement} */ (h("button", {
      type: "button", class: `point ${point.kind} ${point.mood}`, tabindex: -1, "aria-label": point.label, title: point.label,
      style: { "--x": point.x, "--y": point.y },
      onpointerenter: (/** @type {PointerEvent} */ event) => { if (event.pointerType === "mouse") tell("audition", point.item); },
      onpointerleave: () => tell("audition", null),
      onfocus: () => { if (button.matches(":focus-visible")) tell("audition", point.item); },
      onblur: () => tell("audition", null),
      onclick: () => tell("open", point.item),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#move(event, point),
    }, icon(ICONS[/** @type {keyof typeof ICONS} */ (point.mood)])));
    return button;
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Point} from
   */
  #move(event, from) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[/** @type {keyof typeof ways} */ (event.key)];
    if (!way || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    let best = null;
    let nearest = Infinity;
    for (const entry of this.#points) {
      const [dx, dy] = [entry.point.x - from.x, entry.point.y - from.y];
      const along = dx * way[0] + dy * way[1];
      const across = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      if (along <= 1e-6) continue;
      const distance = along + 2 * across;
      if (distance < nearest) [best, nearest] = [entry, distance];
    }
    if (!best) return;
    for (const { button } of this.#points) button.tabIndex = -1;
    best.button.tabIndex = 0;
    best.button.focus();
  }
}

/**
 * @param {Taste["loops"][number]} loop
 * @param {(id: any) => string} titleOf
 * @returns {Point}
 */
function loopPoint(loop, titleOf) {
  const mood = loop.liked === null ? "open" : loop.liked ? "liked" : "disliked";
  return { kind: "loop", item: loop, x: loop.x, y: loop.y, mood, label: `${titleOf(loop.id)}, ${MOODS[mood]}` };
}

/**
 * @param {Taste["sounds"][number]} sound
 * @returns {Point}
 */
function soundPoint(sound) {
  const mood = sound.liked === null ? "open" : sound.liked >= 0.5 ? "liked" : "disliked";
  const told = sound.liked === null ? "not rated" : `in loops of which you liked ${Math.round(sound.liked * 100)} percent`;
  return { kind: "sound", item: sound, x: sound.x, y: sound.y, mood, label: `${sound.name}, ${told}` };
}

customElements.define("taste-map", TasteMap);
