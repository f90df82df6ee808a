// @ts-check
/** The pad between beats: four corners, and a point that is moved by hand or by arrow keys. */

import { h, replace } from "../../dom.js";
import { hitsOf, lanesOf } from "./feel.js";
import { glyph } from "./glyphs.js";
import { drawSmall } from "./lens-draw.js";

const CORNERS = ["Top left", "Top right", "Bottom left", "Bottom right"];

/**
 * Which of the beats on the pad's lattice the point lies on.
 * @param {{ids: string[], columns: number, rows: number}} grid
 * @param {{x: number, y: number}} at
 */
export function padIndex(grid, at) {
  const column = Math.round(at.x * (grid.columns - 1));
  const row = Math.round(at.y * (grid.rows - 1));
  return row * grid.columns + column;
}

/**
 * How much of each corner there is at a point, in their order.
 * @param {{x: number, y: number}} at
 */
export function shares({ x, y }) {
  return [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y];
}

/**
 * @param {object} parts
 * @param {any} parts.store
 * @param {(id: string | null) => any} parts.beatOf
 * @param {import("./run.js").Runner} parts.runner
 * @param {(corner: number) => void} parts.chooseCorner
 */
export function createPad({ store, beatOf, runner, chooseCorner }) {
  const buttons = CORNERS.map((_words, corner) => h("button", { type: "button", class: `pad-corner corner-${corner}`, onclick: () => chooseCorner(corner) }));
  const point = h("span", { class: "pad-point" });
  const note = h("span", { class: "pad-note" });
  const lattice = h("span", { class: "pad-lattice", "aria-hidden": "true" });
  const field = h("div", { class: "pad-field", role: "slider", tabindex: "0", "aria-label": "Point between the beats", "aria-valuemin": "0", "aria-valuemax": "100" }, lattice, point, note);
  const element = h("xy-pad", {}, buttons[0], buttons[1], field, buttons[2], buttons[3]);

  /**
   * @param {number} x
   * @param {number} y
   */
  function move(x, y) {
    const within = (/** @type {number} */ value) => Math.round(1000 * Math.min(1, Math.max(0, value))) / 1000;
    store.set("groove.padAt", { x: within(x), y: within(y) }, { undoable: true, label: "Pad" });
    if (store.get("groove.listen") !== "b") store.set("groove.listen", "b");
  }
  /** @param {PointerEvent} event */
  function follow(event) {
    const box = field.getBoundingClientRect();
    move((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  }
  field.addEventListener("pointerdown", (event) => {
    field.setPointerCapture(event.pointerId);
    follow(event);
  });
  field.addEventListener("pointermove", (event) => {
    if (field.hasPointerCapture(event.pointerId)) follow(event);
  });
  field.addEventListener("pointerup", () => store.endDrag());
  field.addEventListener("keydown", (event) => {
    const { x, y } = store.get("groove.padAt");
    const grid = store.get("groove.padGrid");
    const right = 1 / Math.max(1, (grid?.columns ?? 5) - 1);
    const down = 1 / Math.max(1, (grid?.rows ?? 5) - 1);
    /** @type {Record<string, [number, number]>} */
    const steps = { ArrowLeft: [-right, 0], ArrowRight: [right, 0], ArrowUp: [0, -down], ArrowDown: [0, down], Home: [-1, 0], End: [1, 0], PageUp: [0, -1], PageDown: [0, 1] };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(x + step[0], y + step[1]);
  });

  let built = "";
  function paint() {
    const groove = store.get("groove");
    const pad = groove.pad;
    const key = JSON.stringify(pad.map((/** @type {string | null} */ id) => beatOf(id)?.name ?? null));
    if (key !== built || !built) {
      built = key;
      buttons.forEach((button, corner) => {
        const beat = beatOf(pad[corner] ?? null);
        const canvas = beat ? h("canvas", { class: "corner-picture", "aria-hidden": "true" }) : null;
        replace(button, canvas, h("span", { class: "corner-name" }, beat ? beat.name : "Put a beat here"), beat ? null : glyph("plus"));
        button.setAttribute("aria-label", `${CORNERS[corner]}: ${beat ? beat.name : "empty. Put a beat here"}`);
        button.classList.toggle("filled", !!beat);
        if (canvas) requestAnimationFrame(() => drawSmall(canvas, beat, lanesOf([beat]), hitsOf(beat)));
      });
    }
    const { x, y } = groove.padAt;
    field.style.setProperty("--x", String(x));
    field.style.setProperty("--y", String(y));
    const grid = groove.padGrid;
    lattice.style.setProperty("--columns", String(Math.max(1, (grid?.columns ?? 5) - 1)));
    lattice.style.setProperty("--rows", String(Math.max(1, (grid?.rows ?? 5) - 1)));
    const given = pad.filter((/** @type {string | null} */ id) => id).length;
    const busy = runner.state.busy && runner.state.task === "interpolate";
    const ready = !!grid && given > 1 && !busy;
    field.classList.toggle("ready", ready);
    field.setAttribute("aria-disabled", String(!ready));
    note.textContent = ready ? "" : busy ? "Making the beats between …" : given < 2 ? "Two beats or more, and the pad comes alive" : "";
    field.setAttribute("aria-valuenow", String(Math.round(100 * x)));
    const parts = shares({ x, y }).map((share, i) => ({ share, name: beatOf(pad[i] ?? null)?.name })).filter(({ share, name }) => share > 0.005 && name);
    field.setAttribute("aria-valuetext", parts.length ? parts.map(({ share, name }) => `${Math.round(100 * share)} percent ${name}`).join(", ") : `${Math.round(100 * x)} percent right, ${Math.round(100 * y)} percent down`);
  }

  return { element, paint };
}
