// @ts-check
/** Elements from data, never from markup: text stays text, whatever is in it. */

/** @typedef {Node | string | number | null | undefined | false} Child */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {object} Make
 * @property {<K extends keyof HTMLElementTagNameMap>(tag: K, attributes?: Record<string, any> | null,
 *   ...children: (Child | Child[])[]) => HTMLElementTagNameMap[K]} known
 * @property {(tag: string, attributes?: Record<string, any> | null, ...children: (Child | Child[])[]) => HTMLElement} any
 */

/**
 * Returns an element. Attributes: `class`, `dataset: {…}`, `style: {…}` (custom properties too), `on…` functions as
 * listeners, true for an empty attribute ("true" for ARIA's), false, null and undefined for none; else the attribute's
 * text.
 * @type {Make["known"] & Make["any"]}
 */
export const h = (
  /** @type {string} */ tag,
  /** @type {Record<string, any> | null | undefined} */ attributes,
  /** @type {(Child | Child[])[]} */ ...children
) => /** @type {any} */ (fill(document.createElement(tag), attributes, children));

/**
 * Returns an SVG element; see `h`.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any> | null} [attributes]
 * @param {(Child | Child[])[]} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function svg(tag, attributes, ...children) {
  return /** @type {SVGElementTagNameMap[K]} */ (fill(document.createElementNS(SVG, tag), attributes, children));
}

/**
 * Puts `children` in place of everything in `parent`.
 * @param {Element} parent
 * @param {(Child | Child[])[]} children
 */
export function replace(parent, ...children) {
  parent.replaceChildren(...nodes(children));
}

/**
 * Returns the element that `selector` finds, or says that the page lacks it.
 * @param {string} selector
 * @param {ParentNode} [root]
 * @returns {HTMLElement}
 */
export function find(selector, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`the page must have an element ${selector}; it has none`);
  return found;
}

/**
 * @template {HTMLElement | SVGElement} E
 * @param {E} element
 * @param {Record<string, any> | null | undefined} attributes
 * @param {(Child | Child[])[]} children
 * @returns {E}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) {
      if (typeof value !== "function") throw new TypeError(`${name} must be a function; got ${typeof value}`);
      element.addEventListener(name.slice(2).toLowerCase(), value);
    } else if (name === "dataset") {
      for (const [key, text] of Object.entries(value)) element.dataset[key] = String(text);
    } else if (name === "style") {
      if (typeof value === "string") throw new TypeError(`style must be an object; got the text ${value}`);
      for (const [key, text] of Object.entries(value)) element.style.setProperty(key, String(text));
    } else {
      element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
    }
  }
  element.append(...nodes(children));
  return element;
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  /** @type {(Node | string)[]} */
  const kept = [];
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    kept.push(child instanceof Node ? child : String(child));
  }
  return kept;
}
