// @ts-check
/** What stands round every page: header, tabs, transport, theme, help, notices, keys, undo and redo. */

import { h } from "../dom.js";
import { openHelp } from "./help.js";
import { showHints } from "./hints.js";
import { icon } from "./icons.js";
import { createKeys } from "./keys.js";
import { DECLARED } from "./keytable.js";
import { createNotices } from "./notices.js";

const PAGES = /** @type {const} */ (["explore", "groove", "kits"]);
const THEMES = /** @type {const} */ (["auto", "dark", "light"]);
const THEME_ICONS = { auto: "auto", dark: "moon", light: "sun" };

/**
 * @typedef {import("./notices.js").Notices & {
 *   keys: import("./keys.js").Keys,
 *   onPlay: (page: string, toggle: () => void) => void,
 *   play: () => void,
 *   go: (page: string) => void,
 *   query: () => URLSearchParams,
 *   onPage: (listener: (page: string) => void) => void,
 * }} Shell
 */

/**
 * @param {Document} page
 * @param {{store: any, audio: any}} parts
 * @returns {Shell}
 */
export function mountShell(page, { store, audio }) {
  const notices = createNotices(page);
  const keys = createKeys(store, page);
  /** @type {Map<string, () => void>} */
  const players = new Map();
  /** @type {((page: string) => void)[]} */
  const followers = [];

  function play() {
    const toggle = players.get(store.get().page) ?? players.get(store.get().play.what === "beat" ? "groove" : "explore");
    if (audio.playing) audio.stop();
    else toggle?.();
  }

  // Tabs by hash
  function show() {
    const wanted = location.hash.slice(1).split("?")[0];
    const name = PAGES.find((known) => known === wanted);
    if (name && name !== store.get().page) store.set("page", name);
    render();
  }
  let shown = "";
  function render() {
    const here = store.get().page;
    if (here === shown) return;
    shown = here;
    for (const name of PAGES) {
      /** @type {HTMLElement} */ (page.getElementById(`page-${name}`)).hidden = name !== here;
      const tab = page.querySelector(`.tabs [data-page="${name}"]`);
      if (name === here) tab?.setAttribute("aria-current", "page");
      else tab?.removeAttribute("aria-current");
    }
    if (location.hash.slice(1).split("?")[0] !== here) history.pushState(null, "", `#${here}`);
    page.title = `${here[0].toUpperCase()}${here.slice(1)} · Ghostnote`;
    window.scrollTo(0, 0);
    for (const follower of followers) follower(here);
  }
  window.addEventListener("hashchange", show);
  window.addEventListener("popstate", show);
  store.on("page", render);
  page.querySelector(".skip-link")?.addEventListener("click", (event) => {
    event.preventDefault();
    page.getElementById("main")?.focus();
  });

  // Transport
  const playButton = h("button", { type: "button", class: "primary play", onclick: play });
  function paintPlay() {
    playButton.classList.toggle("loading", audio.state.loading);
    playButton.replaceChildren(icon(audio.playing ? "stop" : "play"), h("span", {}, audio.playing ? "Stop" : "Play"), h("kbd", {}, keys.label("play")));
  }
  const slider = h("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "Volume", oninput: () => {
    store.set("play.volume", Number(slider.value));
  } });
  function paintVolume() {
    const volume = store.get().play.volume;
    slider.value = String(volume);
    slider.style.setProperty("--filled", `${volume * 100}%`);
    slider.setAttribute("aria-valuetext", `${Math.round(volume * 100)} percent`);
    audio.setVolume(volume);
  }
  const click = h("button", { type: "button", class: "quiet icon-only click", onclick: () => {
    store.set("play.click", !store.get("play.click"));
    notices.announce(store.get("play.click") ? "The metronome clicks along." : "The metronome is silent.");
  } }, icon("metronome"));
  function paintClick() {
    const on = store.get("play.click");
    audio.setClick(on);
    click.setAttribute("aria-pressed", String(on));
    click.setAttribute("aria-label", "Metronome");
    click.setAttribute("aria-keyshortcuts", keys.of("click"));
    click.title = `Metronome: a click on every beat while something plays (${keys.label("click")})`;
  }
  const undo = h("button", { type: "button", class: "quiet icon-only", onclick: () => travel(false) }, icon("undo"));
  const redo = h("button", { type: "button", class: "quiet icon-only", onclick: () => travel(true) }, icon("redo"));
  /** @param {boolean} forth */
  function travel(forth) {
    const label = forth ? store.redo() : store.undo();
    if (label !== null) notices.announce(`${forth ? "Redone" : "Undone"}: ${label}`);
  }
  function paintUndo() {
    for (const [button, can, words] of /** @type {[HTMLElement, boolean, string][]} */ ([[undo, store.canUndo, "Undo"], [redo, store.canRedo, "Redo"]])) {
      // Stays focusable: a button that vanishes under the focus loses the reader's place.
      button.setAttribute("aria-disabled", String(!can));
      button.setAttribute("aria-label", words);
      button.title = `${words} (Ctrl+${button === undo ? "Z" : "Shift+Z"})`;
    }
  }
  page.addEventListener("keydown", (event) => {
    const target = event.target;
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (target instanceof HTMLInputElement && target.type === "text")) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    travel(key === "y" || event.shiftKey);
  });

  // A file that falls beside what takes it must not be opened in place of the page.
  const isFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  page.addEventListener("dragover", (event) => { if (isFile(event)) event.preventDefault(); });
  page.addEventListener("drop", (event) => {
    if (event.defaultPrevented || !isFile(event)) return;
    event.preventDefault();
    notices.toast("Nothing here takes files. Drop MIDI on the Groove page, and sounds on a pad of the Kits page.");
  });

  // Theme
  const theme = h("button", { type: "button", class: "quiet icon-only", onclick: () => {
    const now = store.get().preferences.theme;
    store.set("preferences.theme", THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
    notices.announce(`Theme: ${store.get().preferences.theme}`);
  } });
  const system = window.matchMedia("(prefers-color-scheme: light)");
  function paintTheme() {
    const wanted = /** @type {"auto" | "dark" | "light"} */ (store.get().preferences.theme);
    const light = wanted === "light" || (wanted === "auto" && system.matches);
    // Colours of a theme come all at once, without fading through mixtures nobody can read.
    page.documentElement.setAttribute("data-switching", "");
    page.documentElement.setAttribute("data-theme", light ? "light" : "dark");
    requestAnimationFrame(() => requestAnimationFrame(() => page.documentElement.removeAttribute("data-switching")));
    try {
      localStorage.setItem("ghostnote.theme", wanted);
    } catch {
      // Without storage the theme is the system's next time: nothing to tell.
    }
    theme.replaceChildren(icon(THEME_ICONS[wanted]));
    theme.setAttribute("aria-label", `Theme: ${wanted === "auto" ? "as the system" : wanted}`);
    theme.title = `Theme: ${wanted === "auto" ? "as the system" : wanted}`;
  }
  system.addEventListener("change", paintTheme);

  // Help
  const help = h("button", { type: "button", class: "quiet icon-only", "aria-label": "Help and keys", title: "Help and keys (?)", onclick: () => openHelp({ store, keys, shell }) }, icon("help"));
  keys.add({ name: "play", label: "Play or stop", key: " ", page: null, run: play });
  keys.add({ name: "click", label: "Metronome on or off", key: "m", page: null, run: () => click.click() });
  keys.add({ name: "help", label: "Help and keys", key: "?", page: null, run: () => help.click() });
  for (const declared of DECLARED) keys.add({ ...declared, run() {} });
  PAGES.forEach((name, place) => keys.add({ name: `page_${name}`, label: `Go to ${name}`, key: String(place + 1), page: null, run: () => go(name) }));

  /** @param {string} name */
  function go(name) {
    store.set("page", name);
  }

  page.getElementById("transport")?.append(
    playButton,
    h("label", { class: "volume" }, icon("volume"), slider),
    click, undo, redo, theme, help,
  );
  for (const paint of [paintPlay, paintVolume, paintClick, paintUndo, paintTheme]) paint();
  audio.on("state", paintPlay);
  keys.on(() => { paintPlay(); paintClick(); });
  store.on("play.volume", paintVolume);
  store.on("play.click", paintClick);
  store.on("preferences.theme", paintTheme);
  store.on("history", paintUndo);

  function tellTrouble() {
    if (store.trouble) notices.toast(store.trouble, { kind: "error", stay: true });
  }
  store.on("trouble", tellTrouble);
  tellTrouble();

  /** @type {Shell} */
  const shell = {
    ...notices, keys, play, go,
    onPlay: (name, toggle) => { players.set(name, toggle); },
    onPage: (listener) => { followers.push(listener); },
    query: () => new URLSearchParams(location.hash.split("?")[1] ?? ""),
  };
  show();
  showHints({ store, keys });
  return shell;
}
