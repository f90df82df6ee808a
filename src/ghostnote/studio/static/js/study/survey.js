// @ts-check
/** The survey: scales and choices as radio buttons, texts as fields. */
/** @import {Page, Question, Step} from "./types.js" */

import { h } from "../dom.js";
import { doing } from "./reading.js";

const LONGEST = 5000;

/**
 * @param {Step} step
 * @param {Page} page
 */
export function surveyPage(step, { answer }) {
  const trouble = h("p", { class: "study-trouble", role: "alert" });
  const fields = step.questions.map(field);
  const done = doing("Finish", "primary large", async () => {
    const missing = fields.find(({ question, value }) => question.required && value() === null);
    if (missing) {
      missing.focus();
      throw new Error(`Please answer: ${missing.question.text}`);
    }
    const given = fields.map(({ question, value }) => [question.id, value()]).filter(([, value]) => value !== null);
    await answer(Object.fromEntries(given));
  }, trouble);
  return h("div", { class: "stack study-survey" },
    h("h1", null, "A few questions"),
    h("p", { class: "muted" }, "Those with a star must be answered; the others may stay empty. Please do not write who you are."),
    fields.map(({ element }) => element),
    h("p", null, done),
    trouble,
  );
}

/**
 * @param {Question} question
 * @returns {{question: Question, element: HTMLElement, value: () => string | number | null, focus: () => void}}
 */
function field(question) {
  return question.kind === "scale" || question.kind === "choice" ? radios(question) : words(question);
}

/** @param {Question} question */
function radios(question) {
  const scale = question.kind === "scale";
  const options = scale
    ? Array.from({ length: question.high - question.low + 1 }, (_, k) => String(question.low + k))
    : question.choices;
  const inputs = options.map((option) => h("input", { type: "radio", name: question.id, value: option }));
  const element = h("fieldset", { class: "study-question", "aria-required": String(question.required) },
    h("legend", null, question.text, star(question)),
    h("div", { class: scale ? "study-scale" : "study-options" },
      scale ? h("span", { class: "hint" }, question.low_label) : null,
      options.map((option, k) => h("label", { class: "check" }, inputs[k], option)),
      scale ? h("span", { class: "hint" }, question.high_label) : null));
  element.setAttribute("role", "radiogroup");
  return {
    question,
    element,
    value() {
      const chosen = inputs.find((input) => input.checked)?.value ?? null;
      return chosen === null ? null : scale ? Number(chosen) : chosen;
    },
    focus: () => inputs[0]?.focus(),
  };
}

/** @param {Question} question */
function words(question) {
  const id = `question-${question.id}`;
  const input = question.kind === "words"
    ? h("input", { type: "text", id, maxlength: LONGEST, "aria-required": String(question.required) })
    : h("textarea", { id, rows: 4, maxlength: LONGEST, "aria-required": String(question.required) });
  return {
    question,
    element: h("div", { class: "field study-question" },
      h("label", { for: id }, question.text, star(question)),
      input),
    value: () => input.value.trim() || null,
    focus: () => input.focus(),
  };
}

/** @param {Question} question */
function star(question) {
  return question.required ? h("span", { "aria-label": "must be answered", role: "img" }, " ★") : null;
}
