// @ts-check
/** A place where files and folders of one kind, sound or MIDI, are dropped or chosen. */

import { h } from "../../dom.js";
import { icon } from "../icons.js";

const KINDS = {
  audio: { suffix: /\.(wav|flac|ogg|mp3|aif|aiff)$/i, accept: "audio/*,.wav,.flac,.ogg,.mp3,.aif,.aiff" },
  MIDI: { suffix: /\.(mid|midi|smf)$/i, accept: "audio/midi,.mid,.midi,.smf" },
};
const MOST = 500;

/**
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.symbol
 * @param {string} options.hint
 * @param {keyof typeof KINDS} [options.kind]
 * @param {(files: File[]) => void} [options.change]
 * @returns {{element: HTMLElement, files: () => File[]}}
 */
export function dropZone({ label, symbol, hint, kind = "audio", change = () => {} }) {
  /** @type {File[]} */
  let files = [];
  const { suffix, accept } = KINDS[kind];
  const told = h("p", { class: "hint", role: "status" }, hint);
  const one = h("input", { type: "file", multiple: true, accept, class: "visually-hidden", tabindex: -1, "aria-label": `${label}: files`, onchange: () => take([...(one.files ?? [])]) });
  const folder = h("input", { type: "file", webkitdirectory: true, multiple: true, class: "visually-hidden", tabindex: -1, "aria-label": `${label}: folder`, onchange: () => take([...(folder.files ?? [])]) });

  /** @param {File[]} given */
  function take(given) {
    const known = new Set(files.map((file) => `${file.name} ${file.size}`));
    files = [...files, ...given.filter((file) => suffix.test(file.name) && !known.has(`${file.name} ${file.size}`))].slice(0, MOST);
    told.textContent = files.length ? `${files.length} ${files.length === 1 ? "file" : "files"}: ${files.slice(0, 3).map((file) => file.name).join(", ")}${files.length > 3 ? " …" : ""}` : `No ${kind} file among these.`;
    change(files);
  }

  const element = h("div", {
    class: "drop-zone", role: "group", "aria-label": label,
    ondragover: (/** @type {DragEvent} */ event) => { event.preventDefault(); element.classList.add("over"); },
    ondragleave: () => element.classList.remove("over"),
    ondrop: (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      element.classList.remove("over");
      void dropped(event.dataTransfer).then(take);
    },
  },
  h("p", { class: "drop-label" }, icon(symbol), h("span", {}, label)), told,
  h("div", { class: "row" },
    h("button", { type: "button", class: "chip", "aria-label": `${label}: choose files`, onclick: () => one.click() }, "Files …"),
    h("button", { type: "button", class: "chip", "aria-label": `${label}: choose a folder`, onclick: () => folder.click() }, "Folder …")),
  one, folder);
  return { element, files: () => files };
}

/**
 * @param {DataTransfer | null} data
 * @returns {Promise<File[]>} What was dropped, folders opened.
 */
async function dropped(data) {
  if (!data) return [];
  const entries = [...data.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry !== null && entry !== undefined);
  if (!entries.length) return [...data.files];
  const lists = await Promise.all(entries.map((entry) => filesOf(entry)));
  return lists.flat();
}

/**
 * @param {any} entry
 * @returns {Promise<File[]>}
 */
async function filesOf(entry) {
  if (entry.isFile) return [await new Promise((resolve, reject) => { entry.file(resolve, reject); })];
  const reader = entry.createReader();
  /** @type {any[]} */
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!some.length || found.length >= MOST) break;
    found.push(...some);
  }
  const lists = await Promise.all(found.map((child) => filesOf(child)));
  return lists.flat().slice(0, MOST);
}
