// @ts-check
/** Everything heard, as a strip: hover and focus play, a click opens to hear, rate again or go on from there. */

/**
 * @import {Parts, Proposal, ProposalKind} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 */
import { h, replace } from "../../dom.js";
import { icon } from "../icons.js";
import { isEdited, moodOf } from "./heard.js";
import { thumbnail } from "./thumbnail.js";

const AT_ONCE = 80;
const FILTERS = /** @type {[ProposalKind, string, string | null][]} */ ([
  ["all", "All", null], ["liked", "Liked", "liked"], ["disliked", "Disliked", "dislike"], ["skipped", "Skipped", "skip"], ["edited", "Edited", "pencil"],
]);
const MOODS = { liked: ["liked", "liked"], disliked: ["dislike", "disliked"], skipped: ["skip", "skipped"], open: ["question", "not rated"] };

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
export function createHistory({ store, conductor }) {
  let many = AT_ONCE;
  const list = h("ol", { class: "heard-strip-list" });
  const chips = FILTERS.map(([kind, words, symbol]) => ({
    kind,
    chip: h("button", { type: "button", class: "chip", onclick: () => store.set("explore.filter", kind) }, symbol ? icon(symbol) : null, h("span", {}, words), h("span", { class: "number count" })),
  }));
  /** @type {Map<string, {text: string, item: HTMLElement}>} */
  let made = new Map();

  /** @param {Proposal} proposal */
  function cardOf(proposal) {
    const mood = moodOf(proposal);
    const [symbol, words] = MOODS[mood];
    const title = conductor.heard.title(proposal.id);
    const edited = isEdited(proposal);
    const bpm = Math.round(proposal.loop.tempo_bpm);
    const button = h("button", {
      type: "button", class: `heard-strip-card ${mood}`, "aria-label": `${title}, ${words}${edited ? ", edited" : ""}, ${bpm} bpm`,
      onclick: () => conductor.open(proposal.id),
      onpointerenter: (/** @type {PointerEvent} */ event) => { if (event.pointerType === "mouse") conductor.listening.audition(proposal); },
      onpointerleave: () => conductor.listening.audition(null),
      onfocus: () => { if (button.matches(":focus-visible")) conductor.listening.audition(proposal); },
      onblur: () => conductor.listening.audition(null),
    }, thumbnail(proposal.loop), h("span", { class: "heard-strip-foot" }, icon(symbol), h("span", { class: "number" }, title.replace("Loop ", "")), edited ? icon("pencil") : null, h("span", { class: "muted number bpm" }, bpm)));
    return h("li", {}, button);
  }

  function paint() {
    const filter = /** @type {ProposalKind} */ (store.get("explore.filter"));
    const shown = String(conductor.shown()?.id ?? "");
    for (const { kind, chip } of chips) {
      chip.setAttribute("aria-pressed", String(kind === filter));
      /** @type {HTMLElement} */ (chip.lastElementChild).textContent = String(conductor.heard.list(kind).length);
    }
    const all = conductor.heard.list(filter);
    const before = made;
    made = new Map();
    const items = all.slice(-many).reverse().map((proposal) => {
      const id = String(proposal.id);
      const text = `${moodOf(proposal)} ${conductor.heard.title(id)}`;
      const kept = before.get(id);
      const item = kept?.text === text ? kept.item : cardOf(proposal);
      made.set(id, { text, item });
      const button = /** @type {HTMLElement} */ (item.firstElementChild);
      if (id === shown) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      return item;
    });
    const earlier = all.length > many ? h("li", {}, h("button", { type: "button", class: "heard-strip-card more", onclick: () => { many += AT_ONCE; paint(); } }, `${all.length - many} earlier`)) : null;
    const wanted = earlier ? [...items, earlier] : items;
    if (wanted.length === list.children.length && wanted.every((item, place) => item === list.children[place])) return;
    // What has the focus keeps it: moving a node in the document would take it away.
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    replace(list, ...wanted);
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
    empty.hidden = wanted.length > 0;
  }

  const empty = h("p", { class: "empty" }, "Nothing here yet.");
  let soon = 0;
  const later = () => {
    cancelAnimationFrame(soon);
    soon = requestAnimationFrame(paint);
  };
  conductor.heard.on(later);
  conductor.on("shown", later);
  store.on("explore.filter", later);
  paint();
  return {
    element: h("section", { class: "heard-strip", "aria-labelledby": "strip-title" },
      h("div", { class: "spread" }, h("h2", { id: "strip-title" }, "Heard so far"), h("div", { class: "row", role: "group", "aria-label": "Show" }, ...chips.map(({ chip }) => chip))),
      empty, list),
  };
}
