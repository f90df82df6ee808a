// @ts-check
/** The explore page: its parts and how they lie together. */

/**
 * @import {Parts, View} from "../../types.js"
 * @import {Shell} from "../shell.js"
 */
import { decodeBase64Url } from "../../base64url.js";
import { h } from "../../dom.js";
import { createAnswers } from "./answers.js";
import { createBest } from "./best.js";
import { createConductor } from "./conductor.js";
import { createControls } from "./controls.js";
import { createHistory } from "./history.js";
import { createInsights } from "./insights.js";
import { createLoopView } from "./loop_view.js";
import { createSessionBar } from "./sessions.js";

const INSIGHTS_MS = 900;

/**
 * @param {HTMLElement} root
 * @param {Parts & {shell: Shell}} given
 * @returns {View}
 */
export function mountExplore(root, given) {
  const { api, shell, store, audio } = given;
  const conductor = createConductor(given);
  const parts = { ...given, conductor };
  const bar = createSessionBar(parts);
  const loop = createLoopView(parts);
  const answers = createAnswers(parts);
  const controls = createControls(parts);
  const history = createHistory(parts);
  const best = createBest(parts);
  const insights = createInsights(parts);
  root.append(h("div", { class: "explore" },
    bar.element,
    h("div", { class: "explore-main" },
      h("div", { class: "explore-stage" }, loop.element, answers.element),
      controls.element),
    history.element,
    h("div", { class: "explore-more" }, insights.map, best.element, insights.curve)));

  shell.onPlay("explore", () => {
    if (!conductor.shown()) shell.announce("The first loop is being made and plays as soon as it is here.");
    conductor.listening.begin();
  });
  shell.keys.add({ name: "human", label: "Make it human", key: "h", page: "explore", run: () => conductor.human() });
  shell.keys.add({ name: "reset", label: "Reset the edited loop", key: "e", page: "explore", run: () => conductor.reset() });
  shell.keys.add({ name: "new_loop", label: "Back to the new loop", key: "n", page: "explore", run: () => conductor.backToCurrent() });

  // Banner: away, back, all well.
  function paintConnection() {
    const state = api.connection();
    if (state === "offline") shell.banner("The studio is away. What plays goes on, your answers are kept here; the page connects again by itself.");
    else if (state === "back") shell.banner("Connected again.");
    else shell.banner(null);
    document.documentElement.dataset.connection = state;
  }
  api.onConnection(paintConnection);

  // What is costly to know is read again once answers pause.
  let timer = 0;
  function later() {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      if (api.connection() === "offline") return;
      Promise.all([best.refresh(), insights.refresh()]).catch(shell.fail);
    }, INSIGHTS_MS);
  }
  let counted = "";
  conductor.on("session", () => {
    const session = conductor.session();
    const now = JSON.stringify([session?.id, session?.counts]);
    if (now !== counted) later();
    counted = now;
  });

  async function openLink() {
    const text = shell.query().get("loop");
    if (!text) return;
    window.history.replaceState(null, "", "#explore");
    try {
      await conductor.openLoop(decodeBase64Url(text));
      shell.toast("This loop came with the link. Your answer counts for it as an edited loop.");
    } catch {
      shell.toast("The link holds no loop that can be opened. Was it copied as a whole?", { kind: "error" });
    }
  }
  window.addEventListener("hashchange", () => void openLink());

  /** Until the studio answers, it is asked again: whenever the connection is back. */
  async function start() {
    try {
      await conductor.start();
      await openLink();
      root.dataset.ready = "yes";
    } catch (error) {
      shell.fail(error);
      const off = api.onConnection((state) => {
        if (state !== "back") return;
        off();
        void start();
      });
    }
  }
  void start();

  return {
    show() {
      loop.start();
      if (audio.playing && audio.state.what === "beat") store.set("play.what", "loop");
    },
    hide() {
      loop.stop();
      if (conductor.listening.isLoop()) audio.stop();
    },
  };
}
