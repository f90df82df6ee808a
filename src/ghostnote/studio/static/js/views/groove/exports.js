// @ts-check
/** What is heard, to take away: MIDI, mix, stems, a link, and live through Web MIDI. */

import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { glyph } from "./glyphs.js";
import { beatLink } from "./share.js";

const SETTLE_MS = 500;

/**
 * @param {object} parts
 * @param {any} parts.store
 * @param {any} parts.api
 * @param {any} parts.audio
 * @param {any} parts.midi
 * @param {any} parts.meta
 * @param {any} parts.shell
 * @param {() => Promise<any>} parts.durable  What is heard as a beat that the server knows; null where there is nothing.
 * @param {() => string} parts.heardKey       Changes when what is heard changes.
 */
export function createExports({ store, api, audio, midi, meta, shell, durable, heardKey }) {
  let ready = "";
  let timer = 0;
  const maps = meta?.drum_maps ?? ["general_midi"];
  const map = () => store.get("groove.map") ?? maps[0];
  const fileName = (/** @type {string} */ name, /** @type {string} */ ending) => `${name.replace(/[^\p{L}\p{N} ,._-]+/gu, "").replace(/\s+/g, " ").trim().slice(0, 60) || "beat"}.${ending}`;

  const mapChoice = h("select", { "aria-label": "Drum map of the MIDI file", title: "Which note stands for which voice", onchange: () => store.set("groove.map", mapChoice.value) },
    maps.map((/** @type {string} */ name) => h("option", { value: name }, name === "general_midi" ? "General MIDI" : name.replace(/_/g, " ").replace(/^./, (letter) => letter.toUpperCase()))));
  const midiLink = h("a", { class: "button large take-midi", draggable: "true", title: "Click to save, or drag it into your DAW" }, glyph("midi"), h("span", {}, "MIDI"), glyph("drag"));
  midiLink.addEventListener("click", async (event) => {
    if (ready === keyNow()) return;
    event.preventDefault();
    if (await prepare()) midiLink.click();
  });
  midiLink.addEventListener("dragstart", (event) => {
    if (ready !== keyNow() || !event.dataTransfer) {
      event.preventDefault();
      shell.toast("One moment: the file is being written. Drag again.");
      void prepare();
      return;
    }
    const url = new URL(midiLink.href, location.href).href;
    event.dataTransfer.setData("DownloadURL", `audio/midi:${midiLink.download}:${url}`);
    event.dataTransfer.setData("text/uri-list", url);
    event.dataTransfer.effectAllowed = "copy";
  });

  /** @type {Record<string, HTMLElement>} */
  const buttons = {
    wav: h("button", { type: "button", class: "large", onclick: () => void render("wav", false, buttons.wav) }, glyph("wave"), "WAV"),
    flac: h("button", { type: "button", class: "large", onclick: () => void render("flac", false, buttons.flac) }, glyph("wave"), "FLAC"),
    stems: h("button", { type: "button", class: "large", onclick: () => void render("wav", true, buttons.stems) }, glyph("stems"), "Stems"),
  };
  const link = h("button", { type: "button", class: "large", onclick: () => void copyLink() }, glyph("link"), "Copy link");
  const ready_ = h("div", { class: "made-files", "aria-live": "polite" });

  // Web MIDI out
  const port = h("select", { "aria-label": "Send what plays to a MIDI port", onchange: () => {
    store.set("preferences.midiOut", port.value || null);
    useMidi();
  } });
  const clock = h("input", { type: "checkbox", onchange: () => { store.set("preferences.midiClock", clock.checked); useMidi(); } });
  const clockLabel = h("label", { class: "check" }, clock, "Clock");
  const ask = h("button", { type: "button", class: "large", onclick: async () => {
    if (!await midi.request()) shell.toast("The browser did not give access to MIDI devices. Its address bar says how to allow it.", { kind: "error" });
    paintPorts();
  } }, glyph("midi"), "MIDI out …");
  const out = h("div", { class: "row midi-out" }, ask, port, clockLabel);

  const element = h("section", { class: "card exports", "aria-label": "Take it with you" },
    h("h3", {}, "Take it with you"),
    h("div", { class: "row" }, h("span", { class: "joined" }, midiLink, mapChoice), buttons.wav, buttons.flac, buttons.stems, link),
    out, ready_);

  function useMidi() {
    const id = store.get("preferences.midiOut");
    midi.sendTo(id);
    audio.useMidi(id ? midi : null, { notes: true, clock: !!store.get("preferences.midiClock") });
  }

  function paintPorts() {
    const ports = midi.outputs();
    out.hidden = !midi.supported;
    ask.hidden = ports.length > 0;
    port.hidden = clockLabel.hidden = !ports.length;
    replace(port, h("option", { value: "" }, "No MIDI out"), ports.map((/** @type {{id: string, name: string}} */ one) => h("option", { value: one.id }, one.name)));
    const wanted = store.get("preferences.midiOut");
    port.value = ports.some((/** @type {{id: string}} */ one) => one.id === wanted) ? wanted : "";
    clock.checked = !!store.get("preferences.midiClock");
    if (ports.length) useMidi();
  }
  midi.onPorts(paintPorts);

  const keyNow = () => `${heardKey()} ${map()}`;

  /** @returns {Promise<boolean>} Whether the link leads to what is heard. */
  async function prepare() {
    const key = keyNow();
    try {
      const beat = await durable();
      if (!beat || key !== keyNow()) return false;
      const name = fileName(beat.name, "mid");
      midiLink.href = api.midiUrl(beat.id, { map: map(), name });
      midiLink.download = name;
      ready = key;
      return true;
    } catch (error) {
      shell.fail(error);
      return false;
    }
  }

  /**
   * @param {"wav" | "flac"} format
   * @param {boolean} stems
   * @param {HTMLElement} button
   */
  async function render(format, stems, button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    const words = button.lastChild?.textContent ?? "";
    button.setAttribute("aria-disabled", "true");
    replace(button, glyph(stems ? "stems" : "wave"), "Rendering …");
    shell.announce(`Rendering ${words}`);
    try {
      const beat = await durable();
      if (!beat) return;
      const { download } = await api.renderBeat(beat.id, { kit: store.get("kit"), format, stems, sample_rate_hz: 48_000, repeats: 1 });
      const name = decodeURIComponent(download.split("/").at(-1) ?? "") || fileName(beat.name, format);
      const made = h("a", { class: "button", href: download, download: name, draggable: "true" }, glyph("download"), name);
      made.addEventListener("dragstart", (event) => {
        const url = new URL(made.href, location.href).href;
        event.dataTransfer?.setData("DownloadURL", `${stems ? "application/zip" : `audio/${format}`}:${name}:${url}`);
        event.dataTransfer?.setData("text/uri-list", url);
      });
      ready_.prepend(made);
      while (ready_.children.length > 3) ready_.lastElementChild?.remove();
      made.click();
      shell.announce(`${name} is ready`);
    } catch (error) {
      shell.fail(error);
    } finally {
      button.removeAttribute("aria-disabled");
      replace(button, glyph(stems ? "stems" : "wave"), words);
    }
  }

  async function copyLink() {
    try {
      const beat = await durable();
      if (!beat) return;
      const answer = await fetch(api.midiUrl(beat.id, {}));
      if (!answer.ok) throw new Error("The beat could not be read again. Is the studio still running?");
      const address = beatLink(new Uint8Array(await answer.arrayBuffer()), beat.name, beat.kind);
      try {
        await navigator.clipboard.writeText(address);
        shell.toast("Link copied: it holds the whole beat.");
      } catch {
        // Without leave for the clipboard, the person copies by hand.
        const field = h("input", { type: "text", readonly: true, value: address, "aria-label": "Link to this beat" });
        openDialog("Link to this beat", [h("p", {}, "Copy this address; it holds the whole beat."), field]);
        field.select();
      }
    } catch (error) {
      shell.fail(error);
    }
  }

  function paint() {
    mapChoice.value = map();
    const stale = ready !== keyNow();
    midiLink.classList.toggle("stale", stale);
    if (!midiLink.href) midiLink.setAttribute("href", "#groove");
    window.clearTimeout(timer);
    if (stale) timer = window.setTimeout(() => void prepare(), SETTLE_MS);
  }
  paintPorts();

  return { element, paint };
}
