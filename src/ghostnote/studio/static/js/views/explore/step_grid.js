// @ts-check
/**
 * <step-grid>: rows of sounds, steps as real buttons. It shows what it is given and tells what the user wants by events:
 * `cell` {row, step, change, label}, `select` {row, step}. One cell at a time is in the tab order; arrows move.
 */

import { h } from "../../dom.js";
import { STEPS_PER_BEAT, cellsOf } from "./pattern.js";

/** @typedef {import("../../types.js").Loop} Loop */

const DRAG_PIXELS = 5;
const HOLD_MS = 280;
const VELOCITY_STEP = 0.1;
const OFFSET_STEP = 0.05;

export class StepGrid extends HTMLElement {
  /** @type {Loop | null} */
  #loop = null;
  /** @type {string[]} */
  #titles = [];
  /** @type {HTMLButtonElement[][]} */
  #buttons = [];
  /** @type {HTMLElement[]} */
  #heads = [];
  #here = { row: 0, step: 0 };
  #now = -1;
  /** @type {{row: number, step: number, y: number, x: number, velocity: number, moved: boolean, held: boolean, timer: number} | null} */
  #drag = null;

  connectedCallback() {
    this.addEventListener("keydown", this.#onKey);
    this.addEventListener("pointerdown", this.#onDown);
    this.addEventListener("pointermove", this.#onMove);
    this.addEventListener("pointerup", this.#onUp);
    this.addEventListener("pointercancel", this.#onCancel);
    this.addEventListener("click", this.#onClick);
    this.addEventListener("focusin", this.#onFocus);
    // Only a drag that a held finger began keeps the page from scrolling.
    this.addEventListener("touchmove", (event) => { if (this.#drag?.held) event.preventDefault(); }, { passive: false });
  }

  /**
   * @param {Loop} loop
   * @param {string[]} titles  What rows are called.
   * @returns {boolean} Whether its rows were made anew: then `heads` are empty and wait for what stands before rows.
   */
  show(loop, titles) {
    const steps = loop.rows[0].length;
    const rebuilt = !this.#loop || this.#loop.rows.length !== loop.rows.length || this.#loop.rows[0].length !== steps;
    this.#loop = loop;
    this.#titles = titles;
    if (rebuilt) this.#build(steps);
    this.#paint();
    return rebuilt;
  }

  /** What stands before each row. */
  get heads() {
    return this.#heads;
  }

  /** @param {number} steps */
  #build(steps) {
    const loop = /** @type {Loop} */ (this.#loop);
    this.#here = { row: Math.min(this.#here.row, loop.rows.length - 1), step: Math.min(this.#here.step, steps - 1) };
    this.#heads = [];
    this.style.setProperty("--wide", String(Math.min(steps, 16)));
    this.style.setProperty("--narrow", String(Math.min(steps, 8)));
    this.#buttons = loop.rows.map(() => []);
    this.replaceChildren(...loop.rows.map((_text, row) => {
      const head = h("div", { class: "row-head" });
      this.#heads.push(head);
      const cells = Array.from({ length: steps }, (_unused, step) => {
        const button = /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "cell", "data-row": row, "data-step": step, tabindex: -1 }, h("span", { class: "fill" })));
        if (step % STEPS_PER_BEAT === 0) button.classList.add("beat");
        if (Math.floor(step / STEPS_PER_BEAT) % 2 === 0) button.classList.add("strong");
        this.#buttons[row].push(button);
        return button;
      });
      return h("div", { class: "grid-row", role: "group" }, head, h("div", { class: "cells" }, ...cells));
    }));
  }

  #paint() {
    const loop = /** @type {Loop} */ (this.#loop);
    cellsOf(loop).forEach((cells, row) => {
      this.children[row].setAttribute("aria-label", this.#titles[row]);
      cells.forEach((cell, step) => {
        const button = this.#buttons[row][step];
        button.classList.toggle("on", cell.on);
        button.setAttribute("aria-label", `${this.#titles[row]}, step ${step + 1}, ${cell.on ? "on" : "off"}`);
        const late = cell.offset + (step % 2 ? loop.swing : 0);
        button.style.setProperty("--velocity", String(cell.velocity));
        button.style.setProperty("--shift", String(late));
        if (cell.on) button.setAttribute("aria-description", describe(cell, late));
        else button.removeAttribute("aria-description");
        button.tabIndex = row === this.#here.row && step === this.#here.step ? 0 : -1;
      });
    });
  }

  /** @param {boolean[]} hushed  Which rows are not heard: they step back. */
  hush(hushed) {
    hushed.forEach((silent, row) => this.children[row]?.toggleAttribute("data-hushed", silent));
  }

  /** @param {number | null} step  The step that sounds now. */
  playAt(step) {
    if (this.#now === (step ?? -1)) return;
    for (const row of this.#buttons) row[this.#now]?.classList.remove("now");
    this.#now = step ?? -1;
    this.#buttons.forEach((row, place) => {
      row[this.#now]?.classList.add("now");
      if (row[this.#now]?.classList.contains("on") && !this.children[place].hasAttribute("data-hushed")) this.#flash(place);
    });
  }

  /** @param {number} row */
  #flash(row) {
    const pad = this.#heads[row].querySelector(".pad");
    pad?.classList.toggle("hit-a", !pad.classList.contains("hit-a"));
    pad?.classList.toggle("hit-b", !pad.classList.contains("hit-a"));
  }

  /**
   * @param {number} row
   * @param {number} step
   * @param {boolean} focus
   */
  #go(row, step, focus = true) {
    const button = this.#buttons[row]?.[step];
    if (!button) return;
    const before = this.#buttons[this.#here.row]?.[this.#here.step];
    if (before) before.tabIndex = -1;
    this.#here = { row, step };
    button.tabIndex = 0;
    if (focus) button.focus();
    this.#tell("select", { row, step });
  }

  /**
   * @param {string} name
   * @param {object} detail
   */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** @param {Event} event */
  #place(event) {
    const button = event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest(".cell")) : null;
    return button && { row: Number(button.dataset.row), step: Number(button.dataset.step) };
  }

  /** @param {{row: number, step: number}} place */
  #cell({ row, step }) {
    return cellsOf(/** @type {Loop} */ (this.#loop))[row][step];
  }

  /** @param {Event} event */
  #onFocus = (event) => {
    const place = this.#place(event);
    if (place) this.#go(place.row, place.step, false);
  };

  /** @param {KeyboardEvent} event */
  #onKey = (event) => {
    const place = this.#place(event);
    if (!place || event.ctrlKey || event.metaKey || event.altKey) return;
    const { row, step } = place;
    const last = this.#buttons[row].length - 1;
    const cell = this.#cell(place);
    const louder = (/** @type {number} */ by) => this.#tell("cell", { row, step, change: { on: true, velocity: cell.on ? cell.velocity + by : undefined }, label: `velocity ${row} ${step}` });
    const later = (/** @type {number} */ by) => cell.on && this.#tell("cell", { row, step, change: { offset: cell.offset + by }, label: `offset ${row} ${step}` });
    /** @type {Record<string, () => unknown>} */
    const plain = {
      ArrowLeft: () => this.#go(row, Math.max(0, step - 1)), ArrowRight: () => this.#go(row, Math.min(last, step + 1)),
      ArrowUp: () => this.#go(Math.max(0, row - 1), step), ArrowDown: () => this.#go(Math.min(this.#buttons.length - 1, row + 1), step),
      Home: () => this.#go(row, 0), End: () => this.#go(row, last),
      "+": () => louder(VELOCITY_STEP), "=": () => louder(VELOCITY_STEP), "-": () => louder(-VELOCITY_STEP),
    };
    /** @type {Record<string, () => unknown>} */
    const shifted = {
      ...plain,
      ArrowUp: () => louder(VELOCITY_STEP), ArrowDown: () => louder(-VELOCITY_STEP),
      ArrowLeft: () => later(-OFFSET_STEP), ArrowRight: () => later(OFFSET_STEP),
    };
    const act = (event.shiftKey ? shifted : plain)[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };

  /** @param {PointerEvent} event */
  #onDown = (event) => {
    const place = this.#place(event);
    if (!place || event.button !== 0) return;
    const cell = this.#cell(place);
    const mouse = event.pointerType === "mouse";
    this.#drag = {
      ...place, x: event.clientX, y: event.clientY, velocity: cell.on ? cell.velocity : 1, moved: false, held: mouse,
      timer: mouse ? 0 : window.setTimeout(() => { if (this.#drag) this.#drag.held = true; }, HOLD_MS),
    };
  };

  /** @param {PointerEvent} event */
  #onMove = (event) => {
    const drag = this.#drag;
    if (!drag) return;
    if (!event.buttons && event.pointerType === "mouse") { // it was let go outside
      this.#onCancel();
      return;
    }
    const up = drag.y - event.clientY;
    if (!drag.held) {
      if (Math.hypot(up, event.clientX - drag.x) > DRAG_PIXELS) this.#onCancel();
      return;
    }
    if (!drag.moved && Math.abs(up) < DRAG_PIXELS) return;
    const button = this.#buttons[drag.row][drag.step];
    if (!drag.moved) button.setPointerCapture(event.pointerId);
    drag.moved = true;
    const velocity = drag.velocity + up / Math.max(60, 1.6 * button.offsetHeight);
    this.#tell("cell", { row: drag.row, step: drag.step, change: { on: true, velocity: Math.min(1, velocity) }, label: `velocity ${drag.row} ${drag.step}` });
  };

  #onUp = () => {
    if (!this.#drag) return;
    window.clearTimeout(this.#drag.timer);
    // The click that follows a drag is part of it.
    if (this.#drag.moved) window.setTimeout(() => { this.#drag = null; }, 0);
    else this.#drag = null;
  };

  #onCancel = () => {
    if (this.#drag) window.clearTimeout(this.#drag.timer);
    this.#drag = null;
  };

  /** @param {MouseEvent} event */
  #onClick = (event) => {
    const place = this.#place(event);
    if (!place || this.#drag?.moved) return;
    this.#go(place.row, place.step, false);
    const on = !this.#cell(place).on;
    this.#tell("cell", { ...place, change: { on }, label: `cell ${place.row} ${place.step} ${on}` });
  };
}

/**
 * @param {import("./pattern.js").Cell} cell
 * @param {number} late  In steps, swing included.
 */
function describe(cell, late) {
  const share = Math.round(Math.abs(late) * 100);
  const timing = share ? `, ${share} percent of a step ${late > 0 ? "late" : "early"}` : "";
  return `velocity ${Math.round(cell.velocity * 100)} percent${timing}`;
}

customElements.define("step-grid", StepGrid);
