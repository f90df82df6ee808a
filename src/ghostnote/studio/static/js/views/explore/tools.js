// @ts-check
/** What can be done with the loop as a whole: reset, make it human, link, take it away. */

/**
 * @import {Loop, Parts} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 */
import { encodeBase64Url } from "../../base64url.js";
import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { fileName, takeAway, wordButton } from "./fields.js";
import { textOf } from "./pattern.js";

export const EXPORT_RATE = 44_100;

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
export function loopTools({ store, api, shell, conductor }) {
  /** @returns {Loop | null} */
  const loopNow = () => store.get("explore.loop");
  const reset = wordButton("Reset", "reset", () => conductor.reset());
  const human = wordButton("Make it human", "human", () => conductor.human());
  const link = wordButton("Copy link", "link", () => void copyLink());
  const files = h("span", { class: "row take-aways" });
  let offered = "";

  async function copyLink() {
    const loop = loopNow();
    if (!loop) return;
    const address = `${location.origin}/#explore?loop=${encodeBase64Url(loop)}`;
    try {
      await navigator.clipboard.writeText(address);
      const own = loop.sounds.some((sound) => sound.kind === "file");
      shell.toast(own ? "The link holds the loop, but not your recordings: it sounds only where they are." : "The link holds the whole loop: open it here, or keep it as a note.");
    } catch {
      // Without leave for the clipboard, the person copies by hand.
      const field = h("input", { type: "text", readonly: true, value: address, "aria-label": "Link to this loop" });
      openDialog("Link to this loop", [h("p", {}, "Copy this address; it holds the whole loop."), field]);
      field.select();
    }
  }

  function paint() {
    const loop = loopNow();
    reset.hidden = !store.get("explore.edited");
    if (!loop) return;
    const now = textOf(loop);
    if (now === offered) return;
    offered = now;
    const proposal = conductor.shown();
    const name = fileName(`ghostnote ${proposal ? conductor.heard.title(proposal.id) : "loop"} ${Math.round(loop.tempo_bpm)} bpm`);
    replace(files, ...takeAways({ api, loop, name, sid: store.get("explore.session"), map: () => store.get("groove.map"), fail: shell.fail, of: "this loop" }));
  }

  return { element: h("div", { class: "row tools" }, reset, human, link, files), paint };
}

/**
 * Buttons that take a loop away; `map` tells the drum map that was chosen on the groove page.
 * @param {{api: Parts["api"], loop: Loop, name: string, sid: string | null, map: () => string | null, fail: (error: unknown) => void, of: string}} options
 */
export function takeAways({ api, loop, name, sid, map, fail, of }) {
  const absolute = (/** @type {string} */ path) => new URL(path, location.href).href;
  return [
    takeAway({ label: "WAV", about: `Take ${of} as sound (WAV)`, type: "audio/wav", file: `${name}.wav`, fail, url: () => absolute(api.loopUrl(loop, EXPORT_RATE, 4, sid)) }),
    takeAway({ label: "MIDI", about: `Take ${of} as MIDI`, type: "audio/midi", file: `${name}.mid`, fail, url: async () => {
      const beat = await api.loopBeat({ loop, session: sid, repeats: 1 });
      return absolute(api.midiUrl(beat.id, { name, map: map() ?? undefined }));
    } }),
  ];
}
