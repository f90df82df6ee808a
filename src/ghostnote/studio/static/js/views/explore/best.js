// @ts-check
/** The best so far, as the critic and your answers have it, to hear and to take away. */

/**
 * @import {Parts, Proposal} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 */
import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { icon } from "../icons.js";
import { fileName, wordButton } from "./fields.js";
import { thumbnail } from "./thumbnail.js";
import { EXPORT_RATE, takeAways } from "./tools.js";

const COUNT = 8;

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
export function createBest({ api, meta, store, shell, conductor }) {
  const list = h("ol", { class: "best-list" });
  const empty = h("p", { class: "empty" }, "Like a few loops, and the best of them stand here, ready to be taken away.");
  const take = wordButton("Export …", "download", () => exportDialog());
  /** @type {Proposal[]} */
  let best = [];

  /** @param {Proposal} proposal */
  function item(proposal) {
    const title = conductor.heard.title(proposal.id);
    const play = h("button", {
      type: "button", class: "quiet best-play", "aria-label": `Hear ${title}, ${Math.round(proposal.loop.tempo_bpm)} bpm`,
      onclick: () => conductor.open(proposal.id),
    }, icon("play"), h("span", { class: "number" }, title), thumbnail(proposal.loop));
    const name = fileName(`ghostnote ${title} ${Math.round(proposal.loop.tempo_bpm)} bpm`);
    return h("li", {}, play, h("span", { class: "row take-aways" }, ...takeAways({ api, loop: proposal.loop, name, sid: conductor.session()?.id ?? null, map: () => store.get("groove.map"), fail: shell.fail, of: title })));
  }

  function exportDialog() {
    const sid = conductor.session()?.id;
    if (!sid) return;
    const count = h("input", { type: "number", min: 1, max: 100, value: Math.max(1, Math.min(10, best.length)), id: "export-count" });
    const repeats = h("input", { type: "number", min: 1, max: 64, value: 4, id: "export-repeats" });
    const rate = h("select", { id: "export-rate" }, ...[44_100, 48_000, 96_000].map((hz) => h("option", { value: hz, selected: hz === EXPORT_RATE }, `${hz / 1000} kHz`)));
    const map = h("select", { id: "export-map" }, ...(meta?.drum_maps ?? []).map((/** @type {string} */ name) => h("option", { value: name }, name.replaceAll("_", " "))));
    const stems = h("input", { type: "checkbox", checked: true });
    const progress = h("progress", { max: 1, value: 0, hidden: true, "aria-label": "Export" });
    const abort = new AbortController();
    const go = h("button", { type: "button", class: "primary large", onclick: run }, icon("download"), h("span", {}, "Make the zip"));
    const field = (/** @type {HTMLElement} */ input, /** @type {string} */ label) => h("div", { class: "field" }, h("label", { for: input.id }, label), input);
    const dialog = openDialog("Take the best with you", [
      h("p", {}, "One zip file with each loop as WAV and MIDI."),
      h("div", { class: "two" }, field(count, "How many loops"), field(repeats, "Bars in each"), field(rate, "Sample rate"), field(map, "Drum map of the MIDI")),
      h("label", { class: "check" }, stems, h("span", {}, "Stems too: each sound by itself")),
      progress,
    ], [go]);
    dialog.addEventListener("close", () => abort.abort());

    async function run() {
      go.disabled = true;
      progress.hidden = false;
      try {
        const made = await api.exportLoops(/** @type {string} */ (sid), {
          count: Number(count.value), repeats: Number(repeats.value), sample_rate_hz: Number(rate.value), stems: stems.checked, drum_map: map.value || undefined,
        }, { signal: abort.signal, onProgress: (done, total) => { progress.value = total ? done / total : 0; } });
        h("a", { href: made.download, download: "" }).click();
        dialog.close();
        shell.toast("Your loops are ready: the download has begun.");
      } catch (error) {
        shell.fail(error);
        go.disabled = false;
        progress.hidden = true;
      }
    }
  }

  async function refresh() {
    const sid = conductor.session()?.id;
    if (!sid) return;
    best = conductor.session()?.counts.liked ? await api.best(sid, COUNT) : [];
    empty.hidden = best.length > 0;
    take.hidden = best.length === 0;
    replace(list, ...best.map(item));
  }

  return {
    refresh,
    element: h("section", { class: "card best", "aria-labelledby": "best-title" },
      h("div", { class: "spread" }, h("h2", { id: "best-title" }, "Best so far"), take), empty, list),
  };
}
