// @ts-check
/** Small parts that several views of the page are made of. */

import { h } from "../../dom.js";
import { icon } from "../icons.js";

let made = 0;

/**
 * A labelled slider that says its value in words.
 * @param {object} options
 * @param {string} options.label
 * @param {number} options.min
 * @param {number} options.max
 * @param {number} options.step
 * @param {(value: number) => string} options.say
 * @param {(value: number) => void} options.change
 * @param {[string, string]} [options.ends]  What its two ends are called.
 * @returns {{element: HTMLElement, set: (value: number, disabled?: boolean) => void, input: HTMLInputElement}}
 */
export function slider({ label, min, max, step, say, change, ends }) {
  // By id: a label without one would name the output, which comes first and can be labelled too.
  const id = `slider-${++made}`;
  const input = h("input", { type: "range", id, min, max, step, oninput: () => {
    paint();
    change(Number(input.value));
  } });
  const output = h("span", { class: "number slider-value", "aria-hidden": "true" });
  function paint() {
    const value = Number(input.value);
    output.textContent = say(value);
    input.setAttribute("aria-valuetext", say(value));
    input.style.setProperty("--filled", `${((value - min) / (max - min)) * 100}%`);
  }
  const element = h("label", { class: "slider", for: id },
    h("span", { class: "slider-head" }, h("span", {}, label), output),
    input,
    ends ? h("span", { class: "ends", "aria-hidden": "true" }, h("span", {}, ends[0]), h("span", {}, ends[1])) : null);
  return {
    element,
    input,
    set(value, disabled = false) {
      if (document.activeElement !== input || Number(input.value) !== value) input.value = String(value);
      input.disabled = disabled;
      paint();
    },
  };
}

/**
 * @param {string} label
 * @param {string} symbol
 * @param {() => void} run
 * @param {Record<string, any>} [attributes]
 * @returns {HTMLButtonElement}
 */
export function iconButton(label, symbol, run, attributes = {}) {
  return h("button", { type: "button", class: "quiet icon-only", "aria-label": label, title: label, onclick: run, ...attributes }, icon(symbol));
}

/**
 * @param {string} label
 * @param {string} symbol
 * @param {() => void} run
 * @param {Record<string, any>} [attributes]
 * @returns {HTMLButtonElement}
 */
export function wordButton(label, symbol, run, attributes = {}) {
  return h("button", { type: "button", onclick: run, ...attributes }, icon(symbol), h("span", {}, label));
}

/** @param {number} share */
export const percent = (share) => `${Math.round(share * 100)} %`;

/**
 * A link that downloads by click and can be dragged into a DAW or a file manager where the browser can.
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.about  Its name for those who do not see where it stands.
 * @param {string} options.type
 * @param {string} options.file
 * @param {() => string | Promise<string>} options.url
 * @param {(error: unknown) => void} options.fail
 * @returns {HTMLAnchorElement}
 */
export function takeAway({ label, about, type, file, url, fail }) {
  /** @type {Promise<void> | null} */
  let asked = null;
  const link = h("a", {
    class: "button chip take-away", href: "#", download: file, draggable: "true", role: "button", "aria-label": about, title: `${about}: click, or drag it out`,
    onpointerenter: () => void prepare(), onfocus: () => void prepare(),
    ondragstart: (/** @type {DragEvent} */ event) => {
      if (!link.dataset.ready) return event.preventDefault();
      event.dataTransfer?.setData("DownloadURL", `${type}:${file}:${link.href}`);
      event.dataTransfer?.setData("text/uri-list", link.href);
    },
    onclick: async (/** @type {MouseEvent} */ event) => {
      if (link.dataset.ready) return;
      event.preventDefault();
      await prepare();
      if (link.dataset.ready) link.click();
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      link.click();
    },
  }, icon("download"), h("span", {}, label));
  function prepare() {
    asked ??= Promise.resolve().then(url).then((address) => {
      link.href = address;
      link.dataset.ready = "yes";
    }).catch((error) => {
      asked = null;
      fail(error);
    });
    return asked;
  }
  return link;
}

/**
 * @param {string} text
 * @returns {string} A name for a file, from a title.
 */
export function fileName(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "loop";
}
