// @ts-check
/** Where a beat comes from: a file, a demo, the step grid, one's own hands, or nothing at all. */

import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { acceptDrop, fileButton, openMidi, titled } from "./choose.js";
import { glyph } from "./glyphs.js";
import { sayIn } from "./share.js";

/**
 * @param {object} parts
 * @param {any} parts.api
 * @param {any} parts.meta
 * @param {any} parts.shell
 * @param {(beat: any, label: string) => void} parts.begin  Make a beat the source.
 * @param {() => void} parts.drawPattern
 * @param {() => void} parts.tapRhythm
 * @param {() => void} parts.generate
 * @param {() => void} parts.explore
 */
export function createSources({ api, meta, shell, begin, drawPattern, tapRhythm, generate, explore }) {
  /** @type {Promise<{name: string, about: string}[]> | null} */
  let demos = null;

  /**
   * @param {() => Promise<any>} get
   * @param {string} label
   * @param {() => void} done
   */
  async function take(get, label, done) {
    try {
      const beat = await get();
      begin(beat, label);
      for (const warning of beat.warnings) shell.toast(warning);
      done();
    } catch (error) {
      const inside = document.querySelector("dialog[open]");
      if (inside instanceof HTMLElement) sayIn(inside, error);
      else shell.fail(error);
    }
  }

  /**
   * @param {File} file
   * @param {() => void} [done]
   * @param {"drums" | "rhythm"} [as]
   */
  const open = (file, done = () => {}, as = "drums") => take(() => openMidi({ api, meta }, file, as), "Open a file", done);

  /**
   * @param {string} name
   * @param {string} title
   * @param {string} words
   * @param {() => void} run
   */
  const way = (name, title, words, run) => h("button", { type: "button", class: "way", onclick: run }, glyph(name), h("span", { class: "way-words" }, h("strong", {}, title), h("span", { class: "muted" }, words)));

  /**
   * All ways to begin.
   * @param {() => void} done  When one was taken.
   */
  function ways(done) {
    const list = h("ul", { class: "demo-list" }, h("li", { class: "muted" }, "Loading the demo beats …"));
    const drop = h("div", { class: "drop" },
      glyph("midi"),
      h("p", { class: "drop-words" }, h("strong", {}, "Drop a MIDI file"), h("span", { class: "muted" }, "drums from any DAW, or a part to play drums to")),
      h("span", { class: "row" },
        fileButton("Choose a file", (file) => void open(file, done), "primary"),
        fileButton("Open as a rhythm", (file) => void open(file, done, "rhythm"), "quiet")));
    acceptDrop(drop, (file) => void open(file, done));
    const then = (/** @type {() => void} */ run) => () => { done(); run(); };
    demos ??= api.demos();
    demos?.then((known) => replace(list, known.map(({ name, about }) => h("li", {}, h("button", {
      type: "button", class: "demo", onclick: () => void take(() => api.demoBeat(name), `Demo: ${name}`, done),
    }, h("strong", {}, titled(name)), h("span", { class: "muted small" }, about)))))).catch((error) => {
      demos = null;
      replace(list, h("li", { class: "muted" }, "The demo beats could not be loaded."));
      shell.fail(error);
    });
    return h("div", { class: "ways" },
      drop,
      h("div", { class: "way-list" },
        way("grid", "Draw it", "nine voices in a step grid", then(drawPattern)),
        way("tap", "Tap it", "on keys, the screen or a MIDI pad", then(tapRhythm)),
        way("generate", "Generate it", "a new beat in any style", then(generate)),
        way("liked", "From a loop you like", "“Make it human” on the explore page", then(explore))),
      h("section", { class: "demo-beats", "aria-label": "Demo beats" }, h("h3", {}, "Or take one of ours"), list));
  }

  return {
    open,
    /** The first thing one sees where there is no beat yet. */
    hero: () => h("div", { class: "hero" },
      h("div", { class: "hero-words" }, h("h2", {}, "Start with a beat"), h("p", { class: "muted" }, "Any beat: stiff, half-finished, or only tapped on the table. Here it learns to breathe.")),
      ways(() => {})),
    dialog() {
      const dialog = openDialog("Another beat", [ways(() => dialog.close())]);
      dialog.classList.add("wide-dialog");
    },
  };
}
