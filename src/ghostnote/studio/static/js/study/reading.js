// @ts-check
/** Pages that are mainly read: greeting, consent, instructions with sound check, pause, thanks. */
/** @import {Page, Step} from "./types.js" */

import { h, replace } from "../dom.js";
import { icon } from "../views/icons.js";

/**
 * @param {string} title
 * @param {() => Promise<void>} begin
 */
export function joinPage(title, begin) {
  const trouble = h("p", { class: "study-trouble", role: "alert" });
  return h("div", { class: "stack" },
    h("h1", null, title),
    h("p", null, "You are invited to a listening study. You need headphones or good speakers, and this browser."),
    h("p", { class: "muted" }, "You get a random number; no name and no address is asked for. If you close the browser, open this link again in it and you go on where you were."),
    h("p", null, doing("Begin", "primary large", begin, trouble)),
    trouble,
  );
}

/**
 * @param {Step} step
 * @param {Page} page
 */
export function consentPage(step, { answer, api }) {
  const trouble = h("p", { class: "study-trouble", role: "alert" });
  const agree = h("input", { type: "checkbox", id: "agree" });
  const go = doing("Begin", "primary large", async () => {
    if (!agree.checked) throw new Error("Tick the box if you agree. If you do not, simply close this page.");
    await answer({ agreed: true });
  }, trouble);
  return h("div", { class: "stack" },
    h("h1", null, step.title),
    prose(step.text),
    h("label", { class: "check", for: "agree" }, agree, "I have read this, and I agree"),
    h("p", null, go),
    trouble,
    ownLink(api),
  );
}

/**
 * @param {Step} step
 * @param {Page} page
 */
export function instructionsPage(step, { answer, sound, announce, api }) {
  const trouble = h("p", { class: "study-trouble", role: "alert" });
  const hears = doing([icon("check"), "I hear it well, go on"], "primary large", () => answer({ heard: true }), trouble);
  hears.setAttribute("aria-disabled", "true");
  const hint = h("p", { class: "hint", id: "check-hint" }, "Play the tones first.");
  hears.setAttribute("aria-describedby", "check-hint");
  hears.addEventListener("click", (event) => {
    if (hears.getAttribute("aria-disabled") !== "true") return;
    event.stopImmediatePropagation();
    announce("Play the tones first.");
  }, { capture: true });
  const check = doing([icon("play"), "Play the tones"], "large", async () => {
    await sound.check();
    api.note(step.id, "sound_check");
    hears.removeAttribute("aria-disabled");
    hint.textContent = "Loops are about as loud. You can play the tones again.";
    announce("Four tones were played.");
  }, trouble);
  check.dataset.first = "";
  return h("div", { class: "stack" },
    h("h1", null, "How it goes"),
    prose(step.text),
    h("section", { class: "card stack", "aria-labelledby": "check-title" },
      h("h2", { id: "check-title" }, "Sound check"),
      h("p", null, "Play the tones and set the volume, above or on your computer, so that they are clear and comfortable. Then leave it as it is."),
      h("p", { class: "row" }, check, hears),
      hint,
    ),
    trouble,
  );
}

/**
 * @param {Step} step
 * @param {Page} page
 */
export function pausePage(step, { answer, announce }) {
  const trouble = h("p", { class: "study-trouble", role: "alert" });
  const text = h("textarea", { id: "pause-text", rows: 5, maxlength: 5000 });
  const until = performance.now() + 1000 * step.wait_seconds;
  const left = h("p", { class: "study-count number" });
  const go = doing("Go on", "primary large", () => answer({ text: text.value }), trouble);
  function tick() {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    const over = seconds <= 0;
    go.disabled = !over;
    left.textContent = over ? "You can go on when you like." : `You can go on in ${seconds} s.`;
    if (over) announce("The pause is over. You can go on when you like.");
    else if (left.isConnected || seconds === Math.ceil(step.wait_seconds)) setTimeout(tick, 250);
  }
  tick();
  return h("div", { class: "stack" },
    h("h1", null, "A pause"),
    h("p", null, "The first part is done. Rest your ears for a moment."),
    step.text ? h("div", { class: "field" }, h("label", { for: "pause-text" }, step.text), text) : null,
    left,
    h("p", null, go),
    trouble,
  );
}

/**
 * @param {Step} step
 * @param {Page} page
 */
export function thanksPage(step, { api }) {
  const own = h("div", { class: "stack" });
  api.result().then((result) => {
    const { before, after, loops } = result;
    replace(own,
      before === null || after === null ? null : h("section", { class: "card stack", "aria-labelledby": "result-title" },
        h("h2", { id: "result-title" }, "Your result"),
        bar("Loops before anything was learned", before, "cool"),
        bar("Loops after it had learned from you", after, "warm"),
        h("p", null, verdict(before, after)),
        h("p", { class: "hint" }, "Of the second part, where both kinds were mixed and nobody knew which was which. So few ratings tell little of one person."),
      ),
      loops.length ? h("section", { class: "card stack", "aria-labelledby": "best-title" },
        h("h2", { id: "best-title" }, "The loops that you liked best"),
        h("ol", { class: "study-loops" }, loops.map((loop, index) =>
          h("li", { class: "row" },
            h("span", { class: "study-loop-name" }, `Loop ${index + 1}`),
            h("audio", { controls: true, loop: true, preload: "none", src: `/api/study/loops/${loop}.wav`, "aria-label": `Loop ${index + 1}` }),
            h("a", { class: "button", href: `/api/study/loops/${loop}.wav`, download: "" }, icon("download"), "WAV", h("span", { class: "visually-hidden" }, ` of loop ${index + 1}`)),
            h("a", { class: "button", href: `/api/study/loops/${loop}.mid`, download: "" }, icon("download"), "MIDI", h("span", { class: "visually-hidden" }, ` of loop ${index + 1}`)),
          ))),
      ) : null,
    );
  }, (error) => replace(own, h("p", { class: "study-trouble" }, String(error.message ?? error))));
  return h("div", { class: "stack" }, h("h1", null, "Thank you"), prose(step.text), own);
}

/**
 * @param {number} before
 * @param {number} after
 */
function verdict(before, after) {
  const points = Math.round(100 * (after - before));
  if (points === 0) return "You liked both equally often.";
  return points > 0
    ? `You liked ${points} percentage points more of the loops after it had learned from you.`
    : `You liked ${-points} percentage points fewer of the loops after it had learned from you. That happens.`;
}

/**
 * @param {string} label
 * @param {number} share
 * @param {"warm" | "cool"} tone
 */
function bar(label, share, tone) {
  const percent = `${Math.round(100 * share)} %`;
  return h("div", { class: "study-bar" },
    h("span", null, label),
    h("span", { class: "number" }, `${percent} liked`),
    h("span", { class: `study-bar-track ${tone}`, "aria-hidden": "true", style: { "--share": percent.replace(" ", "") } }),
  );
}

/** @param {string} text */
function prose(text) {
  const parts = text.trim().split(/\n\s*\n/);
  return h("div", { class: "study-prose" }, parts.map((part) => h("p", null, part.replace(/\s*\n\s*/g, " "))));
}

/** @param {Page["api"]} api */
function ownLink(api) {
  const shown = h("p", { class: "hint" });
  return h("details", {
    onToggle: () => {
      api.link().then(({ link }) => {
        replace(shown, "Keep this link to yourself; who has it can go on in your place: ", h("code", null, location.origin + link));
      }, () => undefined);
    },
  },
    h("summary", null, "Go on with another device"),
    shown,
  );
}

/**
 * A button that does something that may fail, once at a time.
 * @param {import("../dom.js").Child | import("../dom.js").Child[]} content
 * @param {string} kind
 * @param {() => Promise<void>} run
 * @param {HTMLElement} trouble  where it says so if it fails
 * @returns {HTMLButtonElement}
 */
export function doing(content, kind, run, trouble) {
  let busy = false;
  return h("button", {
    type: "button",
    class: kind,
    onClick: async () => {
      if (busy) return;
      busy = true;
      trouble.textContent = "";
      try {
        await run();
      } catch (error) {
        trouble.textContent = error instanceof Error ? error.message : String(error);
      } finally {
        busy = false;
      }
    },
  }, ...[content].flat());
}
