// @ts-check
/** Single keys of the page that is shown: off where letters are typed, and where a key has a meaning of its own. */

/**
 * @param {Document} page
 * @returns {{use: (actions: Record<string, () => void>) => void}}
 */
export function listenToKeys(page) {
  /** @type {Record<string, () => void>} */
  let actions = {};
  page.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key === " " ? "Space" : event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const action = actions[key];
    if (!action || isTaken(event.target, key)) return;
    event.preventDefault();
    action();
  });
  return {
    use(given) {
      actions = given;
    },
  };
}

/**
 * @param {EventTarget | null} target
 * @param {string} key
 */
function isTaken(target, key) {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  const field = target instanceof HTMLInputElement ? target.type : null;
  if (field === "range" || field === "radio" || field === "checkbox") return key === "Space" || key.startsWith("Arrow");
  if (field !== null) return true;
  return key === "Space" && target.closest("button, a[href], summary") !== null;
}
