// @ts-check
/** Like, dislike, skip and undo, big; and what the critic thought, on demand and never before the answer. */

/**
 * @import {Parts, Proposal} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 */
import { h, replace } from "../../dom.js";
import { icon } from "../icons.js";
import { moodOf } from "./heard.js";

const SLOW_MS = 600;

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
export function createAnswers({ store, api, shell, conductor }) {
  const kinds = /** @type {const} */ ([
    { name: "undo", label: "Undo", symbol: "undo", words: "Take back the last answer", run: () => conductor.takeBack() },
    { name: "dislike", label: "Dislike", symbol: "dislike", words: "Dislike this loop", run: () => conductor.answer("dislike") },
    { name: "skip", label: "Skip", symbol: "skip", words: "Skip: no opinion", run: () => conductor.answer("skip") },
    { name: "like", label: "Like", symbol: "liked", words: "Like this loop", run: () => conductor.answer("like") },
  ]);
  const buttons = kinds.map(({ name, label, symbol, words, run }) => {
    const key = h("kbd", {});
    const button = h("button", { type: "button", class: `answer ${name}`, title: words, onclick: () => run() }, icon(symbol), h("span", {}, label), key);
    shell.keys.add({ name, label: words, key: name[0], page: "explore", run: () => {
      flash(button);
      run();
    } });
    return { name, button, key, label };
  });
  const note = h("p", { class: "answer-note" });
  const reveal = h("button", { type: "button", class: "quiet reveal", "aria-expanded": "false", onclick: () => store.set("explore.revealed", !store.get("explore.revealed")) });
  const opinion = h("p", { class: "opinion", id: "opinion" });
  reveal.setAttribute("aria-controls", "opinion");
  shell.keys.add({ name: "reveal", label: "What did the critic think?", key: "r", page: "explore", run: () => { if (!reveal.hidden) reveal.click(); } });

  /** @param {HTMLElement} button */
  function flash(button) {
    button.classList.remove("pressed");
    void button.offsetWidth; // Begins the animation anew.
    button.classList.add("pressed");
  }

  function paintKeys() {
    for (const { name, key, button, label } of buttons) {
      key.textContent = shell.keys.label(name);
      button.setAttribute("aria-keyshortcuts", shell.keys.of(name));
      button.setAttribute("aria-label", `${label} (${shell.keys.label(name)})`);
    }
    paintReveal();
  }

  /** @returns {Proposal | null} The answered one whose score may be shown. */
  function judged() {
    const shown = conductor.shown();
    if (shown && !store.get("explore.edited") && moodOf(shown) !== "open") return shown;
    const last = conductor.lastAnswered();
    return last === null ? null : conductor.heard.get(last);
  }

  let asked = 0;
  async function paintReveal() {
    const proposal = judged();
    const open = store.get("explore.revealed");
    reveal.hidden = !proposal;
    opinion.hidden = !proposal || !open;
    if (!proposal) return;
    replace(reveal, icon("critic"), h("span", {}, `What did the critic think of ${conductor.heard.title(proposal.id)}?`), h("kbd", {}, shell.keys.label("reveal")));
    reveal.setAttribute("aria-expanded", String(open));
    if (!open) return;
    const mine = ++asked;
    let told = proposal;
    if (told.score === null && conductor.session()) {
      try {
        told = await api.proposal(conductor.session()?.id ?? "", proposal.id);
      } catch {
        if (mine === asked) opinion.textContent = "The critic can not be asked now.";
        return;
      }
      if (mine !== asked) return;
      if (told.score !== null) conductor.heard.put({ ...told, liked: proposal.liked, skipped: proposal.skipped });
    }
    opinion.textContent = sayOpinion(told);
  }

  let slow = false;
  let slowTimer = 0;
  function paintNote() {
    const waiting = conductor.pending();
    const away = api.connection() === "offline";
    if (element.hasAttribute("data-busy") !== conductor.isWaiting()) {
      slow = false;
      window.clearTimeout(slowTimer);
      if (conductor.isWaiting()) slowTimer = window.setTimeout(() => { slow = true; paintNote(); }, SLOW_MS);
    }
    element.toggleAttribute("data-busy", conductor.isWaiting());
    if (away && waiting) note.textContent = `${waiting} ${waiting === 1 ? "answer waits" : "answers wait"} in this page and will be sent when the studio is back.`;
    else if (store.get("explore.edited")) note.textContent = "You changed this loop: your answer counts for what you hear now.";
    else if (slow) note.textContent = "The next loop is being made …";
    else note.textContent = "";
    note.hidden = !note.textContent;
  }

  const element = h("section", { class: "answers", "aria-label": "Your answer" },
    h("div", { class: "answer-row" }, ...buttons.map(({ button }) => button)),
    note,
    h("div", { class: "critic-row" }, reveal, opinion));

  shell.keys.on(paintKeys);
  for (const name of /** @type {const} */ (["answered", "shown", "busy"])) conductor.on(name, () => { void paintReveal(); paintNote(); paintPressed(); });
  store.on("explore.revealed", () => void paintReveal());
  store.on("explore.edited", () => { paintNote(); void paintReveal(); paintPressed(); });
  api.onConnection(paintNote);

  function paintPressed() {
    const shown = conductor.shown();
    const mood = shown && !store.get("explore.edited") ? moodOf(shown) : "open";
    for (const { name, button } of buttons) {
      if (name !== "undo") button.classList.toggle("given", mood === { like: "liked", dislike: "disliked", skip: "skipped" }[name]);
    }
  }
  paintKeys();
  paintNote();
  return { element };
}

/**
 * @param {Proposal} proposal
 * @returns {string}
 */
export function sayOpinion({ score, uncertainty, liked }) {
  if (score === null) return "The critic had no opinion: it had heard too little, or the loop is your own.";
  const chance = Math.round(score * 100);
  const give = uncertainty === null ? "" : `, give or take ${Math.round(uncertainty * 100)}`;
  const right = liked === null ? "" : (score >= 0.5) === liked ? " It was right." : " It was wrong, and has learned from you.";
  return `It gave it a chance of ${chance} %${give} that you would like it.${right}`;
}
