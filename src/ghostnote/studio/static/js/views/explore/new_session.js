// @ts-check
/** A new session: what its loops are made of, in plain words; from what one likes already; with one's own sounds. */

/**
 * @import {Parts} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 */
import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { icon } from "../icons.js";
import { dropZone } from "./drop_zone.js";
import { slider } from "./fields.js";

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
export async function newSessionDialog({ api, meta, shell, conductor }) {
  const settings = { musical: 0.5, density: 0.5 };
  const name = h("input", { type: "text", id: "new-name", maxlength: 100, placeholder: "Evening session", autocomplete: "off" });
  const musical = slider({ label: "Loops are drawn from", min: 0, max: 1, step: 0.05, ends: ["anything goes", "as drummers play"], say: (value) => `${Math.round(value * 100)} % musical`, change: (value) => { settings.musical = value; } });
  const density = slider({ label: "Where anything goes, steps are hit", min: 0, max: 1, step: 0.05, ends: ["seldom", "often"], say: (value) => `${Math.round(value * 100)} %`, change: (value) => { settings.density = value; } });
  musical.set(settings.musical);
  density.set(settings.density);
  const rows = select("new-rows", [2, 3, 4, 5, 6, 7, 8].map((count) => [count, `${count} sounds`]), 4);
  const steps = select("new-steps", [[8, "8 steps: half a bar"], [12, "12 steps: three beats"], [16, "16 steps: a bar of 4/4"], [20, "20 steps: five beats"], [24, "24 steps: six beats"], [32, "32 steps: two bars"]], 16);
  const slow = h("input", { type: "number", id: "new-slow", min: 60, max: 200, value: 90 });
  const fast = h("input", { type: "number", id: "new-fast", min: 60, max: 200, value: 140 });
  const style = select("new-style", [["", "any style"], ...(meta?.styles ?? []).map((/** @type {string} */ one) => [one, one.replaceAll("_", " ")])], "");
  const swing = select("new-swing", [["", "as it comes"], ["0", "straight"], ["0.17", "light swing"], ["0.333", "triplet swing"]], "");
  const four = h("input", { type: "checkbox" });
  const seed = h("input", { type: "number", id: "new-seed", min: 0, step: 1, value: Math.floor(Math.random() * 1e6) });
  const likes = dropZone({ label: "Loops you like", symbol: "liked", hint: "Drop audio files or folders: the studio begins with your taste." });
  const dislikes = dropZone({ label: "Loops you dislike", symbol: "dislike", hint: "Just as telling." });
  const own = dropZone({ label: "Your own sounds", symbol: "folder", hint: "One-shots, up to 20 MB each: they join the pool of sounds." });
  const beats = dropZone({ label: "Your own beats", symbol: "folder", kind: "MIDI", hint: "MIDI files of drums: half of what is musical comes from their bars." });
  const libraries = h("div", { class: "stack" });
  /** @type {Map<string, HTMLInputElement>} */
  const chosen = new Map();
  const progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Listening to your files" });
  const told = h("p", { class: "hint", role: "status" });
  const go = h("button", { type: "button", class: "primary large", onclick: () => void begin() }, icon("plus"), h("span", {}, "Begin"));

  const dialog = openDialog("New session", [
    field(name, "Name"),
    h("section", { class: "stack" }, musical.element, density.element,
      h("div", { class: "two" }, field(rows, "Rows"), field(steps, "Length"), field(slow, "Slowest tempo (bpm)"), field(fast, "Fastest tempo (bpm)"), field(style, "Style of what is musical"), field(swing, "Swing")),
      h("label", { class: "check" }, four, h("span", {}, "Four on the floor: a kick on every beat"))),
    h("section", { class: "stack" }, h("h3", {}, "Start from what you know"), h("div", { class: "two" }, likes.element, dislikes.element)),
    h("details", {}, h("summary", {}, icon("chevron"), "Your own sounds and beats"), h("div", { class: "stack" }, own.element, libraries, beats.element)),
    h("details", {}, h("summary", {}, icon("chevron"), "To the letter"), field(seed, "Seed: the same seed and the same answers give the same loops")),
    progress, told,
  ], [go]);
  listLibraries().catch(shell.fail);

  async function listLibraries() {
    const { found = [], folders = [] } = await api.sounds();
    replace(libraries, ...[...folders, ...found].map((/** @type {any} */ library) => {
      const id = String(library.id ?? library.name ?? library);
      const box = h("input", { type: "checkbox" });
      chosen.set(id, box);
      return h("label", { class: "check" }, box, h("span", {}, `${library.name ?? id}${library.count ?? library.sounds ? ` (${library.count ?? library.sounds} sounds)` : ""}`));
    }));
  }

  /** Sends the files one by one, so that a broken one is named and the others count. */
  async function send() {
    /** @type {string[]} */
    const kept = [];
    /** @type {{file: File, side: "like" | "dislike" | "sample" | "beat"}[]} */
    const jobs = [
      ...likes.files().map((file) => ({ file, side: /** @type {const} */ ("like") })),
      ...dislikes.files().map((file) => ({ file, side: /** @type {const} */ ("dislike") })),
      ...own.files().map((file) => ({ file, side: /** @type {const} */ ("sample") })),
      ...beats.files().map((file) => ({ file, side: /** @type {const} */ ("beat") })),
    ];
    if (!jobs.length) return { warm: undefined, samples: false, beats: kept };
    progress.hidden = false;
    const warm = jobs.some(({ side }) => side === "like" || side === "dislike") ? (await api.createWarmStart()).id : undefined;
    const refused = [];
    for (const [place, { file, side }] of jobs.entries()) {
      told.textContent = `Listening to ${file.name} …`;
      progress.value = place / jobs.length;
      try {
        if (side === "beat") kept.push((await api.uploadBeat(file, { name: file.name, as: "drums" })).id);
        else if (side === "sample") await api.uploadSample(file, file.name);
        else if (warm) await api.addWarmStart(warm, side, file, file.name);
      } catch (error) {
        refused.push(`${file.name}: ${error instanceof Error ? error.message : "could not be read"}`);
      }
    }
    if (refused.length) shell.toast(`${refused.length} of ${jobs.length} files could not be used. ${refused[0]}`, { kind: "error" });
    if (refused.length === jobs.length) throw new Error("None of the files could be read.");
    return { warm, samples: own.files().length > 0, beats: [...new Set(kept)] };
  }

  async function begin() {
    go.disabled = true;
    try {
      const { warm, samples, beats: own } = await send();
      const sounds = [...chosen].filter(([, box]) => box.checked).map(([id]) => id);
      if (samples && !sounds.includes("samples")) sounds.push("samples");
      const session = await api.createSession({
        name: name.value.trim() || undefined,
        settings: {
          musical: settings.musical, density: settings.density, rows: Number(rows.value), steps: Number(steps.value),
          tempo_bpm: [Math.min(Number(slow.value), Number(fast.value)), Math.max(Number(slow.value), Number(fast.value))],
          style: style.value || null, four_on_the_floor: four.checked, seed: Number(seed.value) || 0,
          ...(swing.value && { swing: [Number(swing.value), Number(swing.value)] }),
        },
        ...(sounds.length && { sounds }), ...(own.length && { beats: own }), ...(warm && { warm_start: warm }),
      });
      dialog.close();
      await conductor.openSession(session, { musical: settings.musical, density: settings.density, four_on_the_floor: four.checked, tempo_bpm: [Number(slow.value), Number(fast.value)] });
      shell.toast(`“${session.name}” has begun.`);
    } catch (error) {
      shell.fail(error);
      told.textContent = error instanceof Error ? error.message : "";
      go.disabled = false;
      progress.hidden = true;
    }
  }
}

/**
 * @param {string} id
 * @param {any[][]} options
 * @param {string | number} value
 */
function select(id, options, value) {
  return h("select", { id }, ...options.map(([one, words]) => h("option", { value: one, selected: one === value }, words)));
}

/**
 * @param {HTMLElement} input
 * @param {string} label
 */
function field(input, label) {
  return h("div", { class: "field" }, h("label", { for: input.id }, label), input);
}
