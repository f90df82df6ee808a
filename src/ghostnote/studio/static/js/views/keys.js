// @ts-check
/** Keys of the page: what each does, where, and which key the user has chosen for it. */

/**
 * @typedef {object} KeyAction
 * @property {string} name   Under this name the chosen key is kept in preferences.keys.
 * @property {string} label  What it does, in words.
 * @property {string} key    The key that does it unless another is chosen.
 * @property {"explore" | "groove" | "kits" | null} page  Where it works; null is everywhere.
 * @property {(event: KeyboardEvent) => void} run
 */

/**
 * @typedef {object} Keys
 * @property {(action: KeyAction) => void} add
 * @property {() => KeyAction[]} actions
 * @property {(name: string) => string} of         The key of an action, as KeyboardEvent.key says it.
 * @property {(name: string) => string} label      The key of an action, as people read it.
 * @property {(name: string, key: string) => string | null} choose  Null where it could; else why not.
 * @property {() => void} standard                 Take the keys that were there at first.
 * @property {(listener: () => void) => () => void} on  After each change of keys.
 */

/** @type {Record<string, string>} */
const WORDS = { " ": "Space", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Enter: "Enter", Backspace: "⌫", Delete: "Del" };
const TAKEN = new Set(["Tab", "Escape", "Enter", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Shift", "Control", "Alt", "Meta", "Home", "End", "+", "-"]);

/**
 * @param {string} key
 * @returns {string}
 */
export function keyWord(key) {
  return WORDS[key] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/**
 * @param {EventTarget | null} target
 * @returns {boolean} Whether letters are typed there.
 */
function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "range", "button", "file"].includes(target.type);
}

/**
 * @param {EventTarget | null} target
 * @returns {boolean} Whether Space has a meaning of its own there.
 */
function takesSpace(target) {
  return target instanceof HTMLElement && target.closest("button, a[href], summary, input, select, textarea, [role=button], [role=slider]") !== null;
}

/**
 * @param {any} store
 * @param {Document} page
 * @returns {Keys}
 */
export function createKeys(store, page) {
  /** @type {Map<string, KeyAction>} */
  const actions = new Map();

  /** @param {string} name */
  const of = (name) => store.get().preferences.keys[name] ?? actions.get(name)?.key ?? "";

  page.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (page.querySelector("dialog[open]") || isTyping(event.target)) return;
    if (event.key === " " && takesSpace(event.target)) return;
    const pressed = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const here = store.get().page;
    // The keys of a page go before those of everywhere: 1…9 are takes on the groove page and pads on the kits page.
    for (const action of [...actions.values()].sort((a, b) => Number(b.page !== null) - Number(a.page !== null))) {
      if (of(action.name) !== pressed || (action.page !== null && action.page !== here)) continue;
      event.preventDefault();
      if (!event.repeat) action.run(event);
      return;
    }
  });

  return {
    add: (action) => { actions.set(action.name, action); },
    actions: () => [...actions.values()],
    of,
    label: (name) => keyWord(of(name)),
    choose(name, key) {
      const chosen = key.length === 1 ? key.toLowerCase() : key;
      if (TAKEN.has(chosen)) return `${keyWord(chosen)} moves about in the page: choose another key.`;
      const mine = actions.get(name);
      for (const other of actions.values()) {
        const meet = (other.page ?? null) === (mine?.page ?? null);
        if (other.name !== name && meet && of(other.name) === chosen) return `${keyWord(chosen)} is taken by “${other.label}”: choose another key.`;
      }
      store.set("preferences.keys", { ...store.get().preferences.keys, [name]: chosen });
      return null;
    },
    standard() {
      store.set("preferences.keys", Object.fromEntries([...actions.values()].map((action) => [action.name, action.key])));
    },
    on: (listener) => store.on("preferences.keys", listener),
  };
}
