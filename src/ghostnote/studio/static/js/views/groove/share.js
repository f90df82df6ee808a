// @ts-check
/** Beats in links: the MIDI file itself, in the part of the address that never leaves the browser. */

import { h } from "../../dom.js";

/** Browsers and chat programs cut longer addresses. */
export const MOST_LINK_BYTES = 24_000;

/** @param {Uint8Array} bytes */
export function encodeBytes(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/**
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function decodeBytes(text) {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Error("The link does not hold a whole beat. Was it cut when it was copied?");
  const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/**
 * @param {Uint8Array} bytes
 * @param {string} name
 * @param {"drums" | "rhythm"} kind
 */
export function beatLink(bytes, name, kind) {
  if (bytes.length > MOST_LINK_BYTES) throw new Error(`A link can hold a beat of at most ${MOST_LINK_BYTES / 1000} kB; this one has ${Math.ceil(bytes.length / 1000)}. Take the MIDI file instead.`);
  return `${location.origin}${location.pathname}#groove?beat=${encodeBytes(bytes)}&name=${encodeURIComponent(name)}${kind === "rhythm" ? "&as=rhythm" : ""}`;
}

/**
 * An error said inside a dialog, where what lies outside can not be read.
 * @param {HTMLElement} dialog
 * @param {unknown} error  Null takes it away.
 */
export function sayIn(dialog, error) {
  dialog.querySelector(".dialog-error")?.remove();
  if (!error) return;
  dialog.querySelector(".dialog-body")?.prepend(h("p", { class: "dialog-error", role: "alert" }, error instanceof Error ? error.message : String(error)));
}
