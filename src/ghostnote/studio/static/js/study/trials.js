// @ts-check
/** Pages where something is heard and judged: one loop, two clips, a screen of clips beside a reference. */
/** @import {Page, Step} from "./types.js" */

import { h, replace } from "../dom.js";
import { icon } from "../views/icons.js";

const WATCH_MS = 120;

/**
 * @param {Step} step
 * @param {Page} page
 */
export function loopPage(step, page) {
  const part = step.phase === 0 ? "Warm-up" : `Part ${step.phase}`;
  const player = play(page, 0, "the loop", "Space", true);
  const like = choice("Like", "liked", "L", "study-like");
  const dislike = choice("Dislike", "dislike", "D", "study-dislike");
  const gate = heardGate(step, page, [like, dislike], [player]);
  /** @param {boolean} liked */
  const say = (liked) => () => gate.answer({ liked });
  like.addEventListener("click", say(true));
  dislike.addEventListener("click", say(false));
  page.keys({ Space: player.press, L: say(true), D: say(false) });
  return h("div", { class: "stack study-trial" },
    h("p", { class: "muted" }, `${part} · loop `, h("span", { class: "number" }, `${step.number} of ${step.of}`)),
    h("h1", null, step.text),
    player.element,
    h("div", { class: "study-choices", role: "group", "aria-label": step.text }, dislike, like),
    gate.hint,
  );
}

/**
 * @param {Step} step
 * @param {Page} page
 */
export function pairPage(step, page) {
  const players = [play(page, 0, "A", "A", true), play(page, 1, "B", "B", false)];
  const first = choice("Choose A", "chevron", "1", "study-pick");
  const second = choice("Choose B", "chevron", "2", "study-pick");
  const none = step.ties ? choice("No difference", "more", "0", "study-pick") : null;
  const gate = heardGate(step, page, [first, second, ...(none ? [none] : [])], players);
  /** @param {string} answer */
  const say = (answer) => () => gate.answer({ choice: answer });
  first.addEventListener("click", say("first"));
  second.addEventListener("click", say("second"));
  none?.addEventListener("click", say("none"));
  page.keys({
    A: players[0].press,
    B: players[1].press,
    1: say("first"),
    2: say("second"),
    ...(none && { 0: say("none") }),
  });
  return h("div", { class: "stack study-trial" },
    h("p", { class: "muted number" }, `Pair ${step.number} of ${step.of}`),
    h("h1", null, step.text),
    h("div", { class: "study-pair" }, players.map(({ element }) => element)),
    h("div", { class: "study-choices", role: "group", "aria-label": step.text }, first, none, second),
    gate.hint,
  );
}

/**
 * @param {Step} step
 * @param {Page} page
 */
export function screenPage(step, page) {
  const clips = step.sounds - 1;
  const reference = play(page, clips, "the reference", "R", true);
  const players = Array.from({ length: clips }, (_, k) => play(page, k, `clip ${k + 1}`, String(k + 1), false));
  const touched = Array.from({ length: clips }, () => false);
  const sliders = players.map((_, k) => {
    const said = h("output", { class: "number" }, "–");
    const slider = h("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": `Rating of clip ${k + 1}, 0 bad to 100 excellent` });
    slider.value = "50";
    const moved = () => {
      touched[k] = true;
      said.textContent = slider.value;
      slider.style.setProperty("--filled", `${slider.value}%`);
    };
    slider.addEventListener("input", moved);
    slider.addEventListener("keydown", (event) => event.key === "Enter" && moved());
    return { slider, said };
  });
  const done = h("button", { type: "button", class: "large primary" }, icon("check"), "Done");
  const gate = heardGate(step, page, [done], [...players, reference], () =>
    touched.every(Boolean) ? "" : "Set each slider; Enter keeps one where it is.");
  done.addEventListener("click", () => gate.answer({ ratings: sliders.map(({ slider }) => Number(slider.value)) }));
  page.keys({
    R: reference.press,
    ...Object.fromEntries(players.slice(0, 9).map(({ press }, k) => [String(k + 1), press])),
  });
  return h("div", { class: "stack study-trial" },
    h("p", { class: "muted number" }, `Screen ${step.number} of ${step.of}`),
    h("h1", null, step.text),
    reference.element,
    h("p", { class: "hint" }, "0 bad · 20 poor · 40 fair · 60 good · 80 excellent · 100 like the reference"),
    h("div", { class: "study-screen" }, players.map(({ element }, k) =>
      h("div", { class: "study-clip" }, element, sliders[k].slider, sliders[k].said))),
    h("div", { class: "study-choices" }, done),
    gate.hint,
  );
}

/**
 * @param {Page} page
 * @param {number} which
 * @param {string} name
 * @param {string} key
 * @param {boolean} first
 */
function play({ sound, announce }, which, name, key, first) {
  const label = h("span", null, `Play ${name}`);
  const symbol = h("span", { class: "study-symbol" }, icon("play"));
  const meter = h("span", { class: "study-meter", "aria-hidden": "true" });
  const press = () => {
    sound.toggle(which).catch(() => announce("The sound did not come. Try again."));
  };
  const element = h("button", { type: "button", class: "study-play", onClick: press, dataset: first ? { first: "" } : {} },
    symbol, label, h("kbd", { "aria-hidden": "true" }, key), meter);
  sound.on((playing) => {
    if (!element.isConnected) return;
    const on = playing === which;
    label.textContent = `${on ? "Stop" : "Play"} ${name}`;
    replace(symbol, icon(on ? "stop" : "play"));
    element.classList.toggle("playing", on);
  });
  return { element, press, which, meter };
}

/**
 * @param {string} text
 * @param {string} symbol
 * @param {string} key
 * @param {string} kind
 */
function choice(text, symbol, key, kind) {
  return h("button", { type: "button", class: `large ${kind}` }, icon(symbol), text, h("kbd", { "aria-hidden": "true" }, key));
}

/**
 * Keeps answers shut until everything was heard for long enough.
 * @param {Step} step
 * @param {Page} page
 * @param {HTMLButtonElement[]} buttons
 * @param {{which: number, meter: HTMLElement}[]} players
 * @param {() => string} [lacking]  what else is missing, in words
 */
function heardGate(step, page, buttons, players, lacking = () => "") {
  const hint = h("p", { class: "hint study-gate", role: "status" }, "Play before you answer.");
  let open = false;
  let refused = "";

  function look() {
    const heard = page.sound.played();
    for (const { which, meter } of players) {
      const share = step.least_seconds ? Math.min(1, heard[which] / step.least_seconds) : Math.min(1, heard[which] * 1e6);
      meter.style.setProperty("--heard", `${Math.round(100 * share)}%`);
    }
    const short = heard.filter((seconds) => seconds < Math.max(step.least_seconds, 1e-3)).length;
    const lack = short ? (players.length > 1 ? `Play before you answer: ${short} to go.` : "Play before you answer.") : lacking();
    open = !lack;
    for (const button of buttons) button.setAttribute("aria-disabled", String(!open));
    const said = lack || refused || "You can answer now; play again as often as you like.";
    if (hint.textContent !== said) hint.textContent = said;
  }

  const timer = setInterval(() => (hint.isConnected ? look() : clearInterval(timer)), WATCH_MS);
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  return {
    hint,
    /** @param {Record<string, any>} answer */
    answer(answer) {
      look();
      if (!open) return page.announce(hint.textContent ?? "");
      page.answer(answer, { played_seconds: page.sound.played() }).catch((error) => {
        refused = String(error.message ?? error);
        look();
      });
    },
  };
}
