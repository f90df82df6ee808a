// @ts-check
/** Choosing a beat: a file by drop or dialog, a demo, what is on the page already; and opening files safely. */

import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { glyph } from "./glyphs.js";
import { sayIn } from "./share.js";

/** @typedef {import("../../types.js").Beat} Beat */

const MIDI_TYPES = ".mid,.midi,.smf,.kar,.rmi,audio/midi,audio/x-midi";

/**
 * @param {{api: any, meta: any}} parts
 * @param {File} file
 * @param {"drums" | "rhythm"} [as]
 * @returns {Promise<Beat>}
 */
export async function openMidi({ api, meta }, file, as = "drums") {
  const most = meta?.limits?.midi_bytes ?? 5 * 1024 * 1024;
  if (file.size > most) {
    throw new Error(`A MIDI file may have at most ${Math.round(most / 1024 / 1024)} MiB; ${file.name} has ${Math.ceil(file.size / 1024 / 1024)}. Is it a recording?`);
  }
  return api.uploadBeat(file, { name: file.name.replace(/\.(midi?|smf|kar|rmi)$/i, "").slice(0, 120) || "Beat", as });
}

/**
 * A button that opens the file dialog.
 * @param {string} words
 * @param {(file: File) => void} onFile
 * @param {string} [kind]  More classes.
 */
export function fileButton(words, onFile, kind = "") {
  const input = h("input", {
    type: "file", accept: MIDI_TYPES, hidden: true, tabindex: "-1", "aria-hidden": "true",
    onchange: () => {
      const file = input.files?.[0];
      if (file) onFile(file);
      input.value = "";
    },
  });
  return h("span", { class: "file-button" }, input, h("button", { type: "button", class: kind, onclick: () => input.click() }, glyph("folder"), words));
}

/**
 * Files dropped on `place`; while one hovers, `place` has the class "drop-here".
 * @param {HTMLElement} place
 * @param {(file: File) => void} onFile
 */
export function acceptDrop(place, onFile) {
  let depth = 0;
  const isFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  place.addEventListener("dragenter", (event) => {
    if (!isFile(event)) return;
    depth++;
    place.classList.add("drop-here");
  });
  place.addEventListener("dragleave", (event) => {
    if (isFile(event) && --depth <= 0) {
      depth = 0;
      place.classList.remove("drop-here");
    }
  });
  place.addEventListener("dragover", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  place.addEventListener("drop", (event) => {
    if (!isFile(event)) return;
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    place.classList.remove("drop-here");
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  });
}

/**
 * Asks for a beat.
 * @param {object} what
 * @param {any} what.api
 * @param {any} what.meta
 * @param {any} what.shell
 * @param {string} what.title
 * @param {{beat: Beat, words: string}[]} what.here  Beats that are on the page.
 * @param {(beat: Beat | null) => void} what.onBeat   Null where the place is to be emptied.
 * @param {boolean} [what.canEmpty]
 */
export function chooseBeat({ api, meta, shell, title, here, onBeat, canEmpty = false }) {
  /** @param {() => Promise<Beat>} get */
  const take = async (get) => {
    try {
      onBeat(await get());
      dialog.close();
    } catch (error) {
      sayIn(dialog, error);
    }
  };
  const demos = h("div", { class: "row" }, h("span", { class: "muted" }, "Loading …"));
  const drop = h("div", { class: "drop-small" }, h("span", {}, "Drop a MIDI file here, or"), fileButton("Choose a file", (file) => void take(() => openMidi({ api, meta }, file))));
  acceptDrop(drop, (file) => void take(() => openMidi({ api, meta }, file)));
  const dialog = openDialog(title, [
    here.length ? h("section", { class: "stack" }, h("h3", {}, "On this page"), h("div", { class: "row" }, here.map(({ beat, words }) =>
      h("button", { type: "button", onclick: () => void take(async () => beat) }, glyph("grid"), words)))) : null,
    h("section", { class: "stack" }, h("h3", {}, "Demo beats"), demos),
    drop,
  ], canEmpty ? [h("button", { type: "button", onclick: () => { onBeat(null); dialog.close(); } }, glyph("close"), "Empty this corner")] : []);
  api.demos().then((/** @type {{name: string, about: string, kind: string}[]} */ known) => replace(demos, known.filter(({ kind }) => kind === "drums").map(({ name, about }) =>
    h("button", { type: "button", title: about, onclick: () => void take(() => api.demoBeat(name)) }, titled(name))))).catch(shell.fail);
}

/** @param {string} name */
export function titled(name) {
  return name ? name[0].toUpperCase() + name.slice(1).replace(/_/g, " ") : name;
}
