// @ts-check
/** A study in the browser: which page, whose step, and what happens between an answer and the next step. */
/** @import {Page, Step} from "./types.js" */

import { find, h, replace } from "../dom.js";
import { createRequests } from "../requests.js";
import { icon } from "../views/icons.js";
import { createStudyApi } from "./api.js";
import { listenToKeys } from "./keys.js";
import { mountOperator } from "./operator.js";
import { consentPage, instructionsPage, joinPage, pausePage, thanksPage } from "./reading.js";
import { createSound } from "./sound.js";
import { surveyPage } from "./survey.js";
import { loopPage, pairPage, screenPage } from "./trials.js";

const BUSY_MS = 500;
const GONE =
  "The study does not answer at the moment. Your last answer is kept in this browser and is sent as soon as it is " +
  "back. You may leave this page open.";

/** @type {Record<Step["kind"], (step: Step, page: Page) => HTMLElement>} */
const PAGES = {
  consent: consentPage,
  instructions: instructionsPage,
  loop: loopPage,
  pause: pausePage,
  pair: pairPage,
  screen: screenPage,
  survey: surveyPage,
  thanks: thanksPage,
};

const main = find("#main");
const live = find("#live");
const requests = createRequests({ base: "", fetch: window.fetch.bind(window) });
const api = createStudyApi({ requests, storage: window.localStorage });
const keys = listenToKeys(document);

requests.onConnection((state) => {
  replace(find("#banner"), state === "offline" ? h("p", { class: "banner" }, icon("warning"), GONE) : null);
});

/** @param {string} text */
function announce(text) {
  live.textContent = text;
}

/** @param {HTMLElement} content */
function show(content) {
  replace(main, content);
  const first = content.querySelector("[data-first]") ?? content.querySelector("h1");
  if (first instanceof HTMLElement) {
    if (first.matches("h1")) first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }
  window.scrollTo(0, 0);
}

/** @param {unknown} error */
function fail(error) {
  const message = error instanceof Error ? error.message : String(error);
  show(
    h("div", { class: "stack", role: "alert" },
      h("h1", null, "This did not work"),
      h("p", null, message),
      h("p", null, h("button", { class: "primary large", onClick: () => location.reload() }, "Try again")),
    ),
  );
}

/** @param {Step} step */
function showWay(step) {
  document.title = step.title;
  find("#study-title").textContent = step.title;
  const last = Math.max(1, step.steps - 1);
  replace(
    find("#way"),
    h("progress", { max: last, value: step.done, "aria-label": "How far you are" }),
    h("span", { class: "small muted number" }, `${Math.round((100 * step.done) / last)} %`),
  );
}

/** @param {import("./sound.js").Sound} sound */
function mountVolume(sound) {
  const kept = Number(window.localStorage.getItem("ghostnote-study-volume") ?? "0.8");
  const slider = h("input", { type: "range", id: "volume-range", min: 0, max: 100, "aria-label": "Volume" });
  const set = () => {
    sound.volume = Number(slider.value) / 100;
    slider.style.setProperty("--filled", `${slider.value}%`);
    window.localStorage.setItem("ghostnote-study-volume", String(sound.volume));
  };
  slider.value = String(Math.round(100 * (kept >= 0 && kept <= 1 ? kept : 0.8)));
  slider.addEventListener("input", set);
  set();
  replace(find("#volume"), icon("volume"), slider);
}

async function participate() {
  const sound = createSound();
  mountVolume(sound);
  /** @type {Step | null} */
  let here = null;
  document.addEventListener("visibilitychange", () => {
    if (here) api.note(here.id, document.hidden ? "left" : "returned");
  });
  for (let first = true; ; first = false) {
    const busy = setTimeout(() => {
      show(h("div", { class: "study-busy" }, h("h1", null, "One moment"), h("p", { class: "muted" },
        "The next loop is being made.")));
      document.documentElement.removeAttribute("data-ready");
    }, BUSY_MS);
    let told = await api.step().finally(() => clearTimeout(busy));
    if (first) {
      await api.sendWaiting(told.mark);
      told = await api.step();
    }
    const { mark, step } = told;
    here = step;
    showWay(step);
    await stepOnPage(step, mark, sound);
  }
}

/**
 * Shows a step, and returns when it is answered; never after the last.
 * @param {Step} step
 * @param {string} mark
 * @param {import("./sound.js").Sound} sound
 */
function stepOnPage(step, mark, sound) {
  return /** @type {Promise<void>} */ (new Promise((resolve) => {
    const since = performance.now();
    let sending = false;
    sound.load(
      Array.from({ length: step.sounds }, (_, which) => api.sound(step.id, which)),
      { loop: step.kind === "loop" },
    );
    keys.use({});
    show(PAGES[step.kind](step, {
      api,
      sound,
      announce,
      keys: keys.use,
      async answer(answer, times = {}) {
        if (sending) return;
        sending = true;
        sound.stop();
        const seconds = Math.round(performance.now() - since) / 1000;
        main.setAttribute("aria-busy", "true");
        try {
          await api.answer(mark, step.id, answer, { seconds, ...times });
          resolve();
        } catch (error) {
          sending = false;
          throw error;
        } finally {
          main.removeAttribute("aria-busy");
        }
      },
    }));
    document.documentElement.setAttribute("data-ready", step.id);
    api.note(step.id, "shown");
  }));
}

async function start() {
  const path = location.pathname;
  if (path === "/operator") return mountOperator(main, api);
  if (path.startsWith("/join/")) {
    const { title } = await api.meta();
    document.title = title;
    find("#study-title").textContent = title;
    show(joinPage(title, async () => {
      await api.join(path.slice("/join/".length));
      location.assign("/study");
    }));
    document.documentElement.setAttribute("data-ready", "join");
    return undefined;
  }
  return participate();
}

start().catch(fail);
