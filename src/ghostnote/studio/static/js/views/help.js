// @ts-check
/** Help: the page in a few words, all keys, and other keys for those who want them. */

import { h } from "../dom.js";
import { openDialog } from "./dialog.js";
import { openHints } from "./hints.js";
import { keyWord } from "./keys.js";

/** @type {[string, [string, string][]][]} Keys that are the platform's own habit and can not be chosen. */
const FIXED = [
  ["In the step grid", [
    ["Arrow keys", "Move from step to step and from sound to sound"],
    ["Home / End", "First and last step"],
    ["Space or Enter", "Step on or off"],
    ["+ / −", "Louder, softer (Shift+↑ and Shift+↓ too)"],
    ["Shift + ← / →", "Play the step earlier or later"],
  ]],
  ["In the feel lens", [
    ["← / →", "Hit by hit, in time"],
    ["↑ / ↓", "To the voice above or below"],
    ["Home / End", "First and last hit"],
    ["Enter", "Hear the hit"],
  ]],
  ["On the pad between beats", [
    ["Arrow keys", "Move the point"],
    ["Home / End", "To the left, to the right"],
    ["Page Up / Page Down", "To the top, to the bottom"],
  ]],
  ["On the map of your taste", [
    ["Arrow keys", "To the nearest loop or sound, and hear it"],
    ["Enter", "Open it"],
  ]],
  ["Everywhere", [
    ["Ctrl + Z", "Undo a change"],
    ["Ctrl + Shift + Z", "Redo it"],
    ["Esc", "Close what is open"],
  ]],
];
const PLACES = { explore: "Explore", groove: "Groove", kits: "Kits", all: "Everywhere" };

/**
 * @param {{store: any, keys: import("./keys.js").Keys, shell: import("./notices.js").Notices}} parts
 */
export function openHelp({ store, keys, shell }) {
  const told = h("p", { class: "hint", role: "status" }, "Choose a key, then press the new one.");
  const list = h("div", { class: "key-list stack" });

  function paint() {
    const groups = /** @type {const} */ (["explore", "groove", "kits", "all"]).map((place) => {
      const actions = keys.actions().filter((action) => (action.page ?? "all") === place);
      return actions.length ? h("section", { class: "stack" }, h("h3", {}, PLACES[place]), h("ul", { class: "keys" }, ...actions.map(row))) : null;
    });
    list.replaceChildren(...groups.filter((group) => group !== null));
  }

  /** @param {import("./keys.js").KeyAction} action */
  function row(action) {
    const button = h("button", { type: "button", class: "key-button", "aria-label": `${action.label}: ${keys.label(action.name)}. Choose another key`, onclick: () => ask(action, button) },
      h("kbd", {}, keys.label(action.name)));
    return h("li", { class: "spread" }, h("span", {}, action.label), button);
  }

  /**
   * @param {import("./keys.js").KeyAction} action
   * @param {HTMLElement} button
   */
  function ask(action, button) {
    button.replaceChildren(h("span", {}, "Press a key …"));
    told.textContent = `Press the key for “${action.label}”, or Esc to leave it.`;
    /** @param {KeyboardEvent} event */
    const take = (event) => {
      if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      stop();
      const wrong = event.key === "Escape" ? "Left as it was." : keys.choose(action.name, event.key);
      paint();
      told.textContent = wrong ?? `“${action.label}” is now on ${keyWord(event.key)}.`;
      const place = keys.actions().filter((other) => (other.page ?? "all") === (action.page ?? "all")).indexOf(action);
      const title = PLACES[action.page ?? "all"];
      const group = [...list.children].find((section) => section.firstElementChild?.textContent === title);
      /** @type {HTMLElement | undefined} */ (group?.querySelectorAll("button")[place])?.focus();
    };
    const stop = () => {
      button.removeEventListener("keydown", take);
      button.removeEventListener("blur", leave);
    };
    const leave = () => {
      stop();
      if (button.isConnected) button.replaceChildren(h("kbd", {}, keys.label(action.name)));
    };
    button.addEventListener("keydown", take);
    button.addEventListener("blur", leave);
  }

  paint();
  const hints = h("button", { type: "button", onclick: () => { dialog.close(); openHints({ store, keys }); } }, "Show the first steps again");
  const standard = h("button", { type: "button", onclick: () => { keys.standard(); paint(); told.textContent = "All keys are as at first."; } }, "Standard keys");
  const dialog = openDialog("Help and keys", [
    h("div", { class: "stack" },
      h("p", {}, "Rate loops and the studio learns what you like: every answer changes what comes next. Edit anything you hear, then take it with you as sound, as MIDI, or to the Groove page to make it feel played."),
      h("p", {}, "M and S beside a sound mute it, or let it be heard alone: for your ears only. Nothing is changed by it, and a rating counts for the whole loop. They hold by name in what comes next."),
      h("p", { class: "muted" }, "Everything runs on this machine and stays on it. No account, no network.")),
    h("section", { class: "stack" }, told, list),
    ...FIXED.map(([title, entries]) => h("section", { class: "stack" },
      h("h3", {}, title),
      h("ul", { class: "keys" }, ...entries.map(([key, words]) => h("li", { class: "spread" }, h("span", {}, words), h("kbd", {}, key)))))),
  ], [hints, standard]);
  shell.announce("Help");
}
