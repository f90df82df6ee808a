// @ts-check
/** Controls that show what is in the store and write into it: each an element and a way to look again. */

import { h } from "../../dom.js";

/** @typedef {{element: HTMLElement, refresh: () => void}} Field */

/**
 * @param {object} what
 * @param {string} what.label
 * @param {number} what.min
 * @param {number} what.max
 * @param {number} what.step
 * @param {() => number} what.get
 * @param {(value: number) => void} what.set
 * @param {(value: number) => string} what.format
 * @param {number} what.fallback  What a double click brings back.
 * @param {() => void} [what.end]  After a drag.
 * @param {number} [what.middle]  Where the filled part begins; the left end if not given.
 * @returns {Field}
 */
export function slider({ label, min, max, step, get, set, format, fallback, end, middle = min }) {
  const output = h("output", { class: "number" });
  const input = h("input", {
    type: "range", min, max, step, "aria-label": label,
    oninput: () => { set(Number(input.value)); refresh(); },
    onchange: () => end?.(),
    ondblclick: () => { set(fallback); refresh(); end?.(); },
  });
  const share = (/** @type {number} */ value) => 100 * (value - min) / (max - min);
  function refresh() {
    const value = get();
    if (Number(input.value) !== value) input.value = String(value);
    output.textContent = format(value);
    input.setAttribute("aria-valuetext", format(value));
    input.style.setProperty("--filled", `${share(value)}%`);
    input.style.setProperty("--low", `${Math.min(share(value), share(middle))}%`);
    input.style.setProperty("--high", `${Math.max(share(value), share(middle))}%`);
  }
  refresh();
  const both = middle !== min ? " two-sided" : "";
  return { element: h("div", { class: `dial${both}`, title: "Double click: as it was" }, h("span", { class: "dial-head", "aria-hidden": "true" }, h("span", {}, label), output), input), refresh };
}

/**
 * @param {object} what
 * @param {string} what.label
 * @param {[string, string][]} what.options  Value and words.
 * @param {() => string} what.get
 * @param {(value: string) => void} what.set
 * @returns {Field}
 */
export function choice({ label, options, get, set }) {
  const input = h("select", { "aria-label": label, onchange: () => set(input.value) },
    options.map(([value, words]) => h("option", { value }, words)));
  const refresh = () => { input.value = get(); };
  refresh();
  return { element: h("div", { class: "dial" }, h("span", { class: "dial-head", "aria-hidden": "true" }, label), input), refresh };
}

/**
 * @param {object} what
 * @param {string} what.label
 * @param {number} what.min
 * @param {number} what.max
 * @param {() => number} what.get
 * @param {(value: number) => void} what.set
 * @param {HTMLElement | null} [what.beside]
 * @returns {Field}
 */
export function number({ label, min, max, get, set, beside = null }) {
  const input = h("input", {
    type: "number", min, max, step: 1, "aria-label": label, inputmode: "numeric",
    onchange: () => {
      const value = Math.round(Number(input.value));
      if (input.value.trim() !== "" && Number.isFinite(value)) set(Math.min(max, Math.max(min, value)));
      refresh();
    },
  });
  const refresh = () => { input.value = String(get()); };
  refresh();
  return { element: h("div", { class: "dial" }, h("span", { class: "dial-head", "aria-hidden": "true" }, label), h("span", { class: "beside" }, input, beside)), refresh };
}

/**
 * @param {{label: string, get: () => boolean, set: (value: boolean) => void}} what
 * @returns {Field}
 */
export function check({ label, get, set }) {
  const input = h("input", { type: "checkbox", onchange: () => set(input.checked) });
  const refresh = () => { input.checked = get(); };
  refresh();
  return { element: h("label", { class: "check" }, input, label), refresh };
}

/**
 * Buttons of which any number may be pressed.
 * @param {{label: string, options: [string, string][], get: () => string[], set: (values: string[]) => void}} what
 * @returns {Field}
 */
export function chips({ label, options, get, set }) {
  const buttons = options.map(([value, words]) => h("button", {
    type: "button", class: "chip", onclick: () => {
      const now = get();
      set(now.includes(value) ? now.filter((one) => one !== value) : [...now, value]);
      refresh();
    },
  }, words));
  const refresh = () => buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(get().includes(options[i][0]))));
  refresh();
  return { element: h("div", { class: "dial wide", role: "group", "aria-label": label }, h("span", { class: "dial-head", "aria-hidden": "true" }, label), h("span", { class: "row" }, buttons)), refresh };
}

/** @param {number} share */
export const percent = (share) => `${Math.round(100 * share)} %`;
