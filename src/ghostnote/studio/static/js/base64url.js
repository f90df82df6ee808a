// @ts-check
/** JSON in an address: links with the whole state of a loop, sounds by what they are. */

/**
 * Returns `value` as JSON in base64url without padding.
 * @param {unknown} value
 */
export function encodeBase64Url(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Returns the value that `encodeBase64Url` made `text` of; throws where it made none.
 * @param {string} text
 * @returns {any}
 */
export function decodeBase64Url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
}
