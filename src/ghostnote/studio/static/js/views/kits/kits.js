// @ts-check
/** The kits page: choose a kit, play its pads, make it one's own; what plays follows at once. */

import { h, replace } from "../../dom.js";
import { newKey } from "../../ids.js";
import { openDialog } from "../dialog.js";
import { titled } from "../groove/choose.js";
import { laneLabel } from "../groove/feel.js";
import { glyph } from "../groove/glyphs.js";
import { PADS, keyOf } from "../keytable.js";
import { sayIn } from "../groove/share.js";
import { isSameKit, pruned } from "./settings.js";
import { createStrip } from "./strip.js";

/** @typedef {import("../../types.js").KitSettings} KitSettings */

const PICTURE_MS = 250;

/**
 * @param {HTMLElement} root
 * @param {any} parts  Those of main.js.
 */
export function mountKits(root, { store, api, audio, meta, shell }) {
  /** @type {import("../../types.js").Kit[]} */
  let known = [];
  /** @type {import("../../api.js").OwnKit[]} */
  let own = [];
  let visible = false;
  let failed = "";
  let frame = 0;
  let timer = 0;
  /** @type {any} The beat that plays to hear the kit with. */
  let heard = null;
  let before = 0;

  const kit = () => /** @type {KitSettings} */ (store.get("kit"));
  const described = () => known.find((one) => one.name === kit().name) ?? null;
  const voices = (meta?.voices ?? []).map((/** @type {{name: string}} */ voice) => voice.name);

  const chooser = h("div", { class: "kit-list", role: "group", "aria-label": "Kits" });
  const strips = voices.map((/** @type {string} */ voice, /** @type {number} */ i) => createStrip({ store, api, audio, meta, shell, voice, place: i + 1, described }));
  const desk = h("div", { class: "desk" }, strips.map((/** @type {ReturnType<typeof createStrip>} */ strip) => strip.element));
  const save = h("button", { type: "button", onclick: () => openSave() }, glyph("save"), "Keep this kit");
  const resetAll = h("button", { type: "button", class: "quiet", onclick: () => store.set("kit", { name: kit().name, voices: {} }, { undoable: true, label: "Reset the kit" }) }, glyph("reset"), "Reset all");
  const hint = h("p", { class: "muted" });
  const trouble = h("div", { class: "empty", hidden: true });
  root.append(h("div", { class: "kits-page" },
    h("header", { class: "kits-head" }, h("div", {}, h("h2", {}, "Choose a kit, make it yours"), hint), h("div", { class: "row" }, resetAll, save)),
    trouble, chooser, desk));

  async function load() {
    try {
      [known, own] = await Promise.all([api.kits(), api.ownKits()]);
      failed = "";
    } catch (error) {
      failed = error instanceof Error ? error.message : String(error);
    }
    paint();
  }

  /**
   * @param {KitSettings} next
   * @param {string} label
   */
  function choose(next, label) {
    store.set("kit", pruned(next), { undoable: true, label });
    if (!audio.playing) void taste();
  }

  /** Kick, hat, snare: the kit in a second. */
  async function taste() {
    const chosen = JSON.stringify(kit());
    for (const voice of ["kick", "closed_hihat", "snare"]) {
      if (JSON.stringify(kit()) !== chosen || audio.playing) return;
      strips.find((/** @type {{voice: string}} */ strip) => strip.voice === voice)?.strike(0.85);
      await new Promise((resolve) => window.setTimeout(resolve, 230));
    }
  }

  /**
   * @param {string} title
   * @param {string} about
   * @param {boolean} pressed
   * @param {() => void} run
   * @param {HTMLElement | null} [more]
   */
  const card = (title, about, pressed, run, more = null) => h("div", { class: "kit-card" },
    h("button", { type: "button", class: "kit-choice", "aria-pressed": String(pressed), onclick: run }, h("strong", {}, title), h("span", { class: "muted small" }, about)), more);

  let built = "";
  function paintChooser() {
    const now = kit();
    const ownNow = own.find((one) => isSameKit(one, now));
    const key = JSON.stringify([known.map((one) => one.name), own, now.name, ownNow?.id]);
    if (key === built) return;
    built = key;
    const focused = chooser.contains(document.activeElement) ? [...chooser.querySelectorAll("button")].indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)) : -1;
    replace(chooser,
      known.map((one) => card(titled(one.name), one.description, one.name === now.name && !ownNow, () => choose({ name: one.name, voices: {} }, titled(one.name)))),
      own.map((one) => card(one.title || "My kit", `yours, from ${titled(one.name).toLowerCase()}`, one === ownNow, () => choose(one, one.title),
        h("button", { type: "button", class: "quiet icon-only kit-drop", "aria-label": `Throw away ${one.title}`, title: "Throw away", onclick: () => void drop(one) }, glyph("close")))));
    if (focused >= 0) chooser.querySelectorAll("button")[focused]?.focus();
  }

  /** @param {import("../../api.js").OwnKit} one */
  async function drop(one) {
    try {
      await api.dropKit(one.id);
      own = own.filter((other) => other.id !== one.id);
      paint();
      shell.toast(`${one.title} was thrown away.`, { action: "Bring it back", run: () => {
        const { id, ...body } = one;
        api.keepKit(id, body).then(load).catch(shell.fail);
      } });
    } catch (error) {
      shell.fail(error);
    }
  }

  function openSave() {
    const name = h("input", { type: "text", maxlength: 60, value: `My ${titled(kit().name).toLowerCase()}`, id: "kit-title", autofocus: true });
    const keep = async () => {
      try {
        const kept = await api.keepKit(newKey(), { title: name.value.trim() || "My kit", name: kit().name, voices: kit().voices });
        own = [...own, kept];
        dialog.close();
        paint();
        shell.toast(`${kept.title} is kept on this machine.`);
      } catch (error) {
        sayIn(dialog, error);
      }
    };
    name.addEventListener("keydown", (event) => { if (event.key === "Enter") void keep(); });
    const dialog = openDialog("Keep this kit", [h("div", { class: "field" }, h("label", { for: "kit-title" }, "Name"), name)], [
      h("button", { type: "button", class: "primary", onclick: () => void keep() }, glyph("save"), "Keep")]);
    name.select();
  }

  function paint() {
    if (!visible) return;
    trouble.hidden = !failed;
    if (failed) replace(trouble, h("p", {}, failed), h("button", { type: "button", onclick: () => void load() }, glyph("reset"), "Try again"));
    hint.textContent = `Hit the pads, or press ${shell.keys.label("kit_pad_1")} to ${shell.keys.label(`kit_pad_${voices.length}`)}; drop a sound on any of them. ${shell.keys.label("play")} plays your beat with it.`;
    paintChooser();
    resetAll.setAttribute("aria-disabled", String(!Object.keys(kit().voices).length));
    window.clearTimeout(timer);
    for (const strip of strips) strip.paint();
  }

  // Playing: the groove page's beat, or a demo
  const chosenBeat = () => {
    const groove = store.get("groove");
    return (groove.listen === "b" && groove.result) || groove.source || groove.result;
  };
  async function play() {
    const id = chosenBeat();
    try {
      heard = (id && await api.beat(id).catch(() => null)) || await api.demoBeat("funk");
      if (heard.kind === "rhythm") heard = await api.demoBeat("funk");
      await audio.playBeat(heard, { kit: kit() });
    } catch (error) {
      shell.fail(error);
    }
  }

  /** Pads light up as their voice sounds. */
  function tick() {
    frame = 0;
    if (!visible) return;
    if (!audio.playing || audio.state.what !== "beat" || !heard) return;
    frame = requestAnimationFrame(tick);
    const at = audio.position(); // null until the first hit is heard
    if (!at) return;
    const now = at.seconds;
    const struck = new Set(heard.notes.filter((/** @type {{seconds: number}} */ note) => note.seconds <= now && note.seconds > (now < before ? -1 : before)).map((/** @type {{voice: string}} */ note) => note.voice));
    for (const strip of strips) if (struck.has(strip.voice)) strip.flash();
    before = now;
  }
  const startTicking = () => { if (!frame) frame = requestAnimationFrame(tick); };

  shell.onPlay("kits", () => void play());
  strips.slice(0, PADS).forEach((/** @type {ReturnType<typeof createStrip>} */ strip, /** @type {number} */ i) =>
    shell.keys.add(keyOf(`kit_pad_${i + 1}`, () => strip.strike(0.9), `Play ${laneLabel(strip.voice)}`)));
  store.on("kit", () => {
    audio.setKit(kit()).catch(shell.fail);
    if (!visible) return;
    paintChooser();
    resetAll.setAttribute("aria-disabled", String(!Object.keys(kit().voices).length));
    window.clearTimeout(timer);
    timer = window.setTimeout(paint, PICTURE_MS);
  });
  audio.on("state", startTicking);
  new MutationObserver(() => { if (visible) for (const strip of strips) strip.redraw(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  new ResizeObserver(() => { if (visible) for (const strip of strips) strip.redraw(); }).observe(desk);

  return {
    show() {
      visible = true;
      // What the groove page began to play goes on here.
      const goesOn = chosenBeat();
      if (audio.playing && goesOn) heard = api.knownBeat(goesOn);
      void load();
      paint();
      startTicking();
    },
    hide() {
      visible = false;
    },
  };
}
