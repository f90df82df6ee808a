// @ts-check
/** The loop, big: waveform over its steps, a pad for each sound, and what can be done with it. */

/**
 * @import {Loop, Parts} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 * @import {StepGrid} from "./step_grid.js"
 * @import {WaveView} from "./wave_view.js"
 */
import { h, replace } from "../../dom.js";
import { icon } from "../icons.js";
import { hearAll, mixButtons } from "../mix.js";
import { iconButton } from "./fields.js";
import { isEdited, moodOf } from "./heard.js";
import { createInspector } from "./inspector.js";
import { withCell } from "./pattern.js";
import "./step_grid.js";
import { loopTools } from "./tools.js";
import "./wave_view.js";

const MOOD_WORDS = { liked: "liked", disliked: "disliked", skipped: "skipped", open: "" };
const MOOD_ICONS = { liked: "liked", disliked: "dislike", skipped: "skip", open: "question" };

/**
 * @param {Parts & {shell: Shell, conductor: Conductor}} parts
 * @returns {{element: HTMLElement, start: () => void, stop: () => void}}
 */
export function createLoopView(parts) {
  const { store, audio, shell, conductor } = parts;
  const wave = /** @type {WaveView} */ (h("wave-view"));
  const grid = /** @type {StepGrid} */ (h("step-grid"));
  /** @type {{name: HTMLElement, role: HTMLElement, pad: HTMLElement, lock: HTMLElement, swap: HTMLElement, mutate: HTMLElement, mix: import("../mix.js").MixButtons}[]} */
  let heads = [];
  /** @type {string[]} */
  let titles = [];
  const inspector = createInspector(parts);
  const tools = loopTools(parts);
  const title = h("h2", { class: "loop-title", id: "loop-title" });
  const badges = h("div", { class: "row badges" });
  const all = hearAll({ store, place: "loop", announce: shell.announce });
  const back = h("button", { type: "button", class: "chip", onclick: () => conductor.backToCurrent() }, icon("skip"), h("span", {}, "Back to the new loop"));
  const stage = h("section", { class: "loop-stage", "aria-labelledby": "loop-title" },
    h("div", { class: "stage-head" }, h("div", { class: "row" }, title, badges, all.element, back), tools.element),
    h("p", { class: "stage-waiting" }, h("span", { class: "pulse", "aria-hidden": "true" }, "( ● )"), "The first loop is being made …"),
    h("div", { class: "stage-wave" }, inspector.pace, wave),
    grid,
    inspector.element);

  /** @returns {Loop | null} */
  const loopNow = () => store.get("explore.loop");

  /** @param {number} row */
  function makeHead(row) {
    const name = h("span", { class: "pad-name" });
    const role = h("span", { class: "pad-role" });
    const pad = h("button", { type: "button", class: "pad", onclick: () => hear(row) }, h("span", { class: "lamp", "aria-hidden": "true" }), h("span", { class: "pad-words" }, role, name));
    const swap = iconButton("", "swap", () => void conductor.changeRow(row, "swap", `another sound for ${titles[row]}`).catch(shell.fail));
    const mutate = iconButton("", "mutate", () => void conductor.changeRow(row, "mutate", `${titles[row]} varied`).catch(shell.fail));
    const lock = iconButton("", "unlock", () => toggleLock(row));
    const mix = mixButtons({ store, place: "loop" });
    grid.heads[row].append(pad, mix.element, swap, mutate, lock);
    return { name, role, pad, lock, swap, mutate, mix };
  }

  /** @param {number} row */
  function hear(row) {
    const loop = loopNow();
    if (loop) void audio.preview(loop.sounds[row], { session: store.get("explore.session") }).catch(shell.fail);
  }

  /** @param {number} row */
  function toggleLock(row) {
    const locked = new Set(store.get("explore.controls.locked_rows") ?? []);
    if (!locked.delete(row)) locked.add(row);
    store.set("explore.controls.locked_rows", [...locked].sort(), { undoable: true, label: `${titles[row]} ${locked.has(row) ? "kept" : "free"}` });
    shell.announce(locked.has(row) ? `${titles[row]} stays in the next loop.` : `${titles[row]} may change.`);
  }

  function paintLocks() {
    const locked = store.get("explore.controls.locked_rows") ?? [];
    heads.forEach(({ lock }, row) => {
      const on = locked.includes(row);
      lock.setAttribute("aria-pressed", String(on));
      lock.setAttribute("aria-label", `Keep ${titles[row]} in the next loop`);
      lock.title = on ? "Stays in the next loop" : "Keep this row in the next loop";
      replace(lock, icon(on ? "lock" : "unlock"));
    });
  }

  function paintMix() {
    const hushed = all.paint(titles);
    heads.forEach(({ mix }, row) => mix.paint(titles[row], titles[row], "the loop"));
    grid.hush(titles.map((title) => hushed.includes(title)));
    audio.setHushed("loop", hushed);
  }

  function paintLoop() {
    const loop = loopNow();
    const look = conductor.look();
    stage.toggleAttribute("data-empty", !loop);
    if (!loop || !look) return;
    titles = conductor.titles();
    if (grid.show(loop, titles)) heads = loop.rows.map((_text, row) => makeHead(row));
    heads.forEach(({ name, role, pad, swap, mutate }, row) => {
      role.textContent = titles[row];
      name.textContent = look.names[row] ?? "";
      pad.setAttribute("aria-label", `Hear ${titles[row]}, ${look.names[row] ?? ""}`);
      for (const [button, words] of /** @type {[HTMLElement, string][]} */ ([[swap, `Another sound for ${titles[row]}`], [mutate, `Vary the sound of ${titles[row]}`]])) {
        button.setAttribute("aria-label", words);
        button.title = words;
      }
    });
    wave.show(look.peaks);
    paintLocks();
    paintMix();
    inspector.paint(loop, titles);
  }

  function paintTitle() {
    const proposal = conductor.shown();
    const edited = store.get("explore.edited");
    if (!proposal) return replace(title, "A session begins …");
    const mood = edited ? "open" : moodOf(proposal);
    stage.dataset.mood = mood;
    replace(title, h("span", { class: "paren", "aria-hidden": "true" }, "("), conductor.heard.title(proposal.id), h("span", { class: "paren", "aria-hidden": "true" }, ")"));
    replace(badges,
      mood === "open" ? null : h("span", { class: `badge ${mood}` }, icon(MOOD_ICONS[mood]), MOOD_WORDS[mood]),
      edited ? h("span", { class: "badge edited" }, icon("pencil"), "edited") : null,
      !edited && isEdited(proposal) ? h("span", { class: "badge" }, icon("pencil"), "your edit") : null);
    const current = conductor.current();
    back.hidden = !current || current.id === proposal.id;
    tools.paint();
  }

  grid.addEventListener("cell", (event) => {
    const { row, step, change, label } = /** @type {CustomEvent} */ (event).detail;
    const loop = loopNow();
    if (!loop) return;
    conductor.edit(withCell(loop, row, step, change), label.startsWith("cell") ? `${titles[row]}, step ${step + 1}` : `${label.split(" ")[0]} of ${titles[row]}, step ${step + 1}`);
    if (change.on && change.velocity === undefined && !audio.playing) hear(row);
  });
  grid.addEventListener("select", (event) => {
    const { row, step } = /** @type {CustomEvent} */ (event).detail;
    inspector.select(row, step);
  });
  conductor.on("shown", () => { paintTitle(); paintLoop(); });
  conductor.on("look", () => { paintTitle(); paintLoop(); });
  conductor.on("answered", paintTitle);
  store.on("explore.edited", paintTitle);
  store.on("explore.controls.locked_rows", paintLocks);
  store.on("play.mix.loop", paintMix);

  // The playhead follows the sound, not the clock of the page.
  let frame = 0;
  function follow() {
    frame = requestAnimationFrame(follow);
    const loop = loopNow();
    const position = audio.playing && audio.state.what === "loop" ? audio.position() : null;
    wave.at(position && loop ? position.fraction : null);
    grid.playAt(position ? position.step : null);
  }

  paintTitle();
  paintLoop();
  return {
    element: stage,
    start() { if (!frame) follow(); },
    stop() {
      cancelAnimationFrame(frame);
      frame = 0;
    },
  };
}
