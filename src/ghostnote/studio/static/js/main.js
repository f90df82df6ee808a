// @ts-check
/** Puts the layers together: store, api and audio below, views above. */

import { createApi } from "./api.js";
import { createAudio } from "./audio/player.js";
import { createMidi } from "./audio/midi.js";
import { notKept, openStorage, pageStorage } from "./keeping.js";
import { createOutbox } from "./outbox.js";
import { createStore } from "./store.js";
import { mountExplore } from "./views/explore/explore.js";
import { mountShell } from "./views/shell.js";

/** @type {Record<string, () => Promise<any>>} The pages that are loaded when they are first shown. */
const LATER = {
  groove: async () => (await import("./views/groove/groove.js")).mountGroove,
  kits: async () => (await import("./views/kits/kits.js")).mountKits,
};

async function start() {
  const api = createApi({});
  const storage = openStorage();
  const store = createStore({ storage });
  const outbox = createOutbox({ api, storage: storage ?? pageStorage() });
  const audio = createAudio({ api });
  const midi = createMidi();
  const shell = mountShell(document, { store, audio });
  if (!storage) shell.toast(notKept(null), { kind: "error", stay: true });
  // Browsers let sound begin only after a gesture: the first one of any kind wakes it.
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => void audio.unlock(), { once: true, capture: true });
  }
  const meta = await api.meta().catch((/** @type {unknown} */ error) => {
    shell.fail(error);
    return null;
  });
  const parts = { store, api, audio, midi, outbox, meta, shell };

  /** @type {Record<string, {show(): void, hide(): void}>} */
  const views = { explore: mountExplore(/** @type {HTMLElement} */ (document.getElementById("page-explore")), parts) };
  /** @param {string} page */
  async function open(page) {
    for (const [name, view] of Object.entries(views)) if (name !== page) view.hide();
    if (!views[page]) {
      const mount = await LATER[page]();
      views[page] ??= mount(/** @type {HTMLElement} */ (document.getElementById(`page-${page}`)), parts);
    }
    if (store.get().page === page) views[page].show();
  }
  shell.onPage((page) => open(page).catch(shell.fail));
  await open(store.get().page).catch(shell.fail);
  document.documentElement.setAttribute("data-ready", "");
}

void start();
