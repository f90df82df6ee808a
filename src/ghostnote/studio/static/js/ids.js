// @ts-check
/** Idempotency keys: 32 hex digits, never twice. `crypto.randomUUID` is there on https and localhost alone. */

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
