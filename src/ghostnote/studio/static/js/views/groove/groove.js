// @ts-check
/** The groove page: a beat, what the machine plays of it, and the lens that shows the difference. */

import { h } from "../../dom.js";
import { isSameScore } from "./blend.js";
import { acceptDrop, chooseBeat } from "./choose.js";
import { createExports } from "./exports.js";
import { barSpan, laneLabel, lanesOf } from "./feel.js";
import { glyph } from "./glyphs.js";
import { createHearing } from "./heard.js";
import { TAKES, keyOf } from "../keytable.js";
import { hearAll, mixButtons } from "../mix.js";
import "./lens.js";
import { createPad, padIndex } from "./pad.js";
import { createPanel } from "./panel.js";
import { openPattern } from "./pattern.js";
import { createRunner } from "./run.js";
import { decodeBytes } from "./share.js";
import { createSources } from "./sources.js";
import { paintTable } from "./table.js";
import { createTakes } from "./takes.js";
import { openTap } from "./tap.js";
import { TASKS, barsOf, parametersOf, taskOf } from "./tasks.js";
import { createViewBar } from "./viewbar.js";

/** @typedef {import("../../types.js").Beat} Beat */

/**
 * @param {HTMLElement} root
 * @param {any} parts  Those of main.js.
 */
export function mountGroove(root, { store, api, audio, midi, meta, shell }) {
  /** @type {(id: string | null | undefined) => Beat | null} */
  const beatOf = (id) => (id ? api.knownBeat(id) : null);
  const groove = () => store.get("groove");
  const runner = createRunner({ store, api, shell, beatOf });
  let visible = false;
  let frame = 0;
  let missing = new Set();

  const hearing = createHearing({ store, api, audio, shell, beatOf });
  const { heard, heardKey, durable, play, followSound } = hearing;

  /**
   * @param {Beat} beat
   * @param {string} label
   */
  function begin(beat, label) {
    store.endDrag();
    store.update((/** @type {any} */ draft) => {
      Object.assign(draft.groove, { source: beat.id, result: null, takes: [], take: 0, made: null, bars: null, locks: [], listen: "b", view: null });
      if (beat.kind === "rhythm" && taskOf(draft.groove.task).needsSource) draft.groove.task = "drumify";
      else if (beat.kind === "drums" && draft.groove.task === "drumify") draft.groove.task = "humanize";
      else if (draft.groove.task === "generate") draft.groove.task = beat.kind === "rhythm" ? "drumify" : "humanize";
    }, { undoable: true, label });
    shell.announce(`${beat.name}: ${beat.bars} bars, ${Math.round(beat.tempo_bpm)} beats a minute`);
    if (audio.playing && audio.state.what === "beat") followSound();
  }

  async function promote() {
    try {
      const beat = await durable();
      if (beat) begin(beat, "Make this the source");
    } catch (error) {
      shell.fail(error);
    }
  }

  /** @param {number | "a" | "b"} which */
  function listen(which) {
    if (which === "b") {
      store.set("groove.listen", "b");
    } else if (which === "a") {
      if (groove().source) store.set("groove.listen", "a");
    } else if (which < groove().takes.length) {
      store.update((/** @type {any} */ draft) => {
        draft.groove.listen = "b";
        draft.groove.take = which;
        draft.groove.result = draft.groove.takes[which];
      });
    }
  }

  async function go() {
    const source = beatOf(groove().source);
    const seed = groove().seed + (runner.isMade() ? groove().count ?? 3 : 0);
    if (await runner.run({ seed }) && groove().task === "continue" && source) viewBar.showBar(source.bars);
  }

  // Parts
  const sources = createSources({
    api, meta, shell, begin,
    drawPattern: () => openPattern({ store, api, audio, begin }),
    tapRhythm: () => openTap({ store, api, audio, midi, begin }),
    generate: () => {
      store.set("groove.task", "generate");
      void runner.run();
    },
    explore: () => shell.go("explore"),
  });
  const here = () => {
    const state = groove();
    return [
      ...(beatOf(state.source) ? [{ beat: /** @type {Beat} */ (beatOf(state.source)), words: `Source: ${beatOf(state.source)?.name}` }] : []),
      ...state.takes.flatMap((/** @type {string} */ id, /** @type {number} */ i) => (beatOf(id) ? [{ beat: /** @type {Beat} */ (beatOf(id)), words: `Take ${i + 1}` }] : [])),
    ];
  };
  const pad = createPad({
    store, beatOf, runner,
    chooseCorner: (corner) => chooseBeat({
      api, meta, shell, here: here().filter(({ beat }) => beat.kind === "drums"), title: ["Top left", "Top right", "Bottom left", "Bottom right"][corner], canEmpty: !!groove().pad[corner],
      onBeat: (beat) => {
        const corners = [0, 1, 2, 3].map((place) => (place === corner ? beat?.id ?? null : groove().pad[place] ?? null));
        store.set("groove.pad", corners, { undoable: true, label: "Corner" });
        runner.follow();
      },
    }),
  });
  const panel = createPanel({
    store, meta, runner, beatOf, go: () => void go(), pad: () => pad.element,
    look: () => {
      const state = groove();
      const source = beatOf(state.source);
      const take = beatOf(state.takes[state.take]);
      const from = beatOf(state.made?.from);
      const blends = state.task !== "interpolate" && !!take && isSameScore(from, take);
      return { source, blends, voices: take ? lanesOf([take]).filter((lane) => lane !== "other" && lane !== "rhythm") : [] };
    },
    chooseGroove: () => chooseBeat({
      api, meta, shell, here: here(), title: "Whose feel?",
      onBeat: (beat) => {
        store.set("groove.parameters.transfer.groove", beat?.id ?? null, { undoable: true, label: "Feel" });
        if (groove().made?.task !== "transfer") void runner.run();
        else runner.follow();
      },
    }),
  });
  const takes = createTakes({
    store, shell, beatOf, listen, promote,
    between: () => (groove().padGrid ? beatOf(groove().padGrid.ids[padIndex(groove().padGrid, groove().padAt)]) : null),
  });
  const exporting = createExports({ store, api, audio, midi, meta, shell, durable, heardKey });
  const lens = /** @type {import("./lens.js").FeelLens} */ (document.createElement("feel-lens"));
  lens.addEventListener("lens-lock", (event) => {
    const { lane } = /** @type {CustomEvent} */ (event).detail;
    const locks = groove().locks;
    const locked = locks.includes(lane);
    store.endDrag();
    store.set("groove.locks", locked ? locks.filter((/** @type {string} */ one) => one !== lane) : [...locks, lane], { undoable: true, label: locked ? "Unlock" : "Lock" });
    runner.follow();
  });
  lens.addEventListener("lens-bars", (event) => {
    const { bars } = /** @type {CustomEvent} */ (event).detail;
    const most = beatOf(groove().source)?.bars ?? 1;
    store.endDrag();
    store.set("groove.bars", bars && barsOf(bars[0], bars[1], most, groove().task), { undoable: true, label: "Bars" });
    runner.follow();
  });
  lens.addEventListener("lens-hear", (event) => {
    const { hit } = /** @type {CustomEvent} */ (event).detail;
    const voice = hit.lane === "rhythm" ? "snare" : hit.lane;
    if (voice !== "other") void audio.strike(voice, { kit: store.get("kit"), velocity: hit.velocity / 127, pitch: hit.pitch });
  });
  /** @type {Map<string, import("../mix.js").MixButtons>} */
  const mixes = new Map();
  lens.beside = (lane) => {
    if (!isMixed(lane)) return null;
    if (!mixes.has(lane)) mixes.set(lane, mixButtons({ store, place: "beat" }));
    return mixes.get(lane)?.element ?? null;
  };
  const all = hearAll({ store, place: "beat", announce: shell.announce });
  lens.corner.append(all.element);
  const viewBar = createViewBar({ store, lens, shown: () => heard().beat, width: () => lens.clientWidth });
  lens.addEventListener("lens-view", (event) => viewBar.showBar(/** @type {CustomEvent} */ (event).detail.first));
  const table = h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": "The beat in numbers" });
  const details = h("details", { class: "numbers", ontoggle: () => paint() }, h("summary", {}, glyph("chevron"), "The beat in numbers"), table);

  const taskRow = h("div", { class: "task-row", role: "group", "aria-label": "What shall be done" }, TASKS.map((task) => h("button", {
    type: "button", class: "task", "data-task": task.name, title: task.about,
    onclick: () => {
      store.set("groove.task", task.name);
      if (task.name === "interpolate" && !groove().pad.length && groove().source && beatOf(groove().source)?.kind === "drums") store.set("groove.pad", [groove().source, null, null, null]);
    },
  }, glyph(task.glyph), h("span", {}, task.label))));
  const title = h("h2", { class: "beat-name" });
  const facts = h("p", { class: "beat-facts muted number" });
  const another = h("button", { type: "button", onclick: () => sources.dialog() }, glyph("plus"), "Another beat");
  const head = h("header", { class: "beat-head" }, h("div", { class: "beat-title" }, title, facts), another);
  const waiting = h("div", { class: "lens-waiting" }, h("span", { class: "pulse", "aria-hidden": "true" }), h("p", {}));
  const stage = h("section", { class: "card stage", "aria-label": "Feel lens" }, viewBar.element, lens, waiting, panel.live, takes.element, details);
  const bench = h("div", { class: "bench" }, head, taskRow, h("div", { class: "columns" }, stage, panel.element), exporting.element);
  const hero = sources.hero();
  const page = h("div", { class: "groove-page" }, hero, bench);
  root.append(page);
  acceptDrop(page, (file) => void sources.open(file));

  // Painting
  function paint() {
    if (!visible) return;
    const state = groove();
    const source = beatOf(state.source);
    const { beat, ghost, same } = heard();
    const empty = !state.source && !state.takes.length && !["generate", "interpolate"].includes(state.task);
    hero.hidden = !empty;
    bench.hidden = empty;
    if (empty) return;
    for (const button of taskRow.children) button.setAttribute("aria-pressed", String(button.getAttribute("data-task") === state.task));
    title.textContent = source?.name ?? (beat ? beat.name : "A new beat");
    const told = source ?? beat;
    facts.textContent = told ? `${Math.round(told.tempo_bpm * 10) / 10} bpm · ${told.metre.join("/")} · ${told.bars} ${told.bars === 1 ? "bar" : "bars"} · ${told.notes.length} hits` : "";
    lens.hidden = viewBar.element.hidden = details.hidden = !beat;
    exporting.element.hidden = !beat;
    waiting.hidden = !!beat;
    waiting.classList.toggle("busy", runner.state.busy || missing.size > 0);
    /** @type {HTMLElement} */ (waiting.lastChild).textContent = runner.state.busy ? "Playing …" : missing.size ? "Bringing your beats back …"
      : state.task === "interpolate" ? "Put beats into the corners of the pad, and hear what lies between them." : "Nothing to see yet: press Generate.";
    if (beat) {
      const view = viewBar.view(beat);
      const lanes = lanesOf([beat, ghost]);
      const hushed = all.paint(lanes.filter(isMixed));
      audio.setHushed("beat", hushed);
      const choosesBars = !!source && taskOf(state.task).controls.includes("bars");
      lens.show({ beat, ghost, same, lanes, hushed, choosesBars, locks: state.locks, bars: state.bars && state.task !== "generate" ? clipped(state.bars, beat) : null, view });
      for (const [lane, mix] of mixes) mix.paint(lane, laneLabel(lane), "the beat");
      viewBar.paint(beat);
      if (details.open) paintTable(table, source, state.listen === "b" && beat !== source ? beat : null);
    }
    takes.paint();
    panel.paint();
    if (state.task === "interpolate") pad.paint();
    if (beat) exporting.paint();
    followSound();
  }

  let queued = false;
  function paintSoon() {
    if (queued) return;
    queued = true;
    queueMicrotask(() => {
      queued = false;
      paint();
    });
  }

  function tick() {
    frame = 0;
    if (!visible) return;
    const plays = audio.playing && audio.state.what === "beat";
    const position = plays ? audio.position() : null;
    lens.playhead(position?.seconds ?? null);
    if (position) viewBar.follow(position.seconds);
    // Between Play and the first sound there is no position yet.
    if (plays) frame = requestAnimationFrame(tick);
  }
  const startTicking = () => {
    if (!frame) frame = requestAnimationFrame(tick);
  };

  // Beats that the state names and the page does not have yet, after a reload or an undo
  async function fetchMissing() {
    const state = groove();
    const like = state.made?.from ?? state.source;
    const wanted = [state.source, state.made?.from, parametersOf(state, "transfer").groove, ...state.pad, ...state.takes, ...(state.task === "interpolate" ? state.padGrid?.ids ?? [] : [])]
      .filter((id) => id && !beatOf(id) && !missing.has(id));
    if (!wanted.length) return;
    wanted.forEach((id) => missing.add(id));
    paintSoon();
    const lost = new Set();
    await Promise.all([...new Set(wanted)].map((id) => api.beat(id, state.takes.includes(id) ? like : null).catch((/** @type {any} */ error) => {
      if (error?.status === 404) lost.add(id);
      else shell.fail(error);
    })));
    missing = new Set([...missing].filter((id) => !wanted.includes(id)));
    if (lost.size) {
      store.update((/** @type {any} */ draft) => forget(draft.groove, lost));
      shell.toast("Some beats are no longer kept on this machine: those that were not used for 30 days are dropped. Open or make them again.");
    }
    paintSoon();
  }

  /** @param {any} wish */
  async function grant(wish) {
    if (!wish) return;
    store.set("groove.wish", null);
    try {
      const beat = wish.loop ? await api.loopBeat({ loop: wish.loop, session: wish.session ?? null, repeats: wish.repeats ?? 2, ...(wish.name && { name: wish.name }) }) : await api.beat(wish.beat ?? groove().source);
      begin(beat, "Make it human");
      store.set("groove.task", wish.task ?? "humanize");
      if (await runner.run()) play();
    } catch (error) {
      shell.fail(error);
    }
  }

  async function openLink() {
    const query = shell.query();
    const text = query.get("beat");
    if (!text) return;
    history.replaceState(null, "", "#groove");
    try {
      const name = (query.get("name") ?? "A beat from a link").slice(0, 120);
      begin(await api.uploadBeat(new Blob([decodeBytes(text)]), { name, as: query.get("as") === "rhythm" ? "rhythm" : "drums" }), "Beat from a link");
    } catch (error) {
      shell.fail(error);
    }
  }

  // Keys
  shell.onPlay("groove", play);
  shell.keys.add(keyOf("groove_a", () => listen("a")));
  shell.keys.add(keyOf("groove_b", () => (groove().takes.length ? listen(groove().take) : store.set("groove.listen", "b"))));
  shell.keys.add(keyOf("groove_run", () => void go()));
  for (let take = 0; take < TAKES; take++) shell.keys.add(keyOf(`groove_take_${take + 1}`, () => listen(take)));

  store.on("groove", () => {
    void fetchMissing();
    paintSoon();
  });
  store.on("play.mix.beat", paintSoon);
  store.on("groove.wish", (/** @type {any} */ wish) => void grant(wish));
  store.on("history", () => runner.follow());
  audio.on("state", startTicking);
  new ResizeObserver(paintSoon).observe(lens); // How many bars fit is a matter of its width.
  runner.on(paintSoon);
  window.addEventListener("hashchange", () => void openLink());

  return {
    show() {
      visible = true;
      void fetchMissing();
      paint();
      startTicking();
      void openLink();
      const wish = store.get("groove.wish");
      if (wish) void grant(wish);
    },
    hide() {
      visible = false;
    },
  };
}

/** @param {string} lane */
const isMixed = (lane) => lane !== "other" && lane !== "rhythm";

/**
 * @param {[number, number]} bars
 * @param {Beat} beat
 * @returns {[number, number] | null}
 */
function clipped([first, last], beat) {
  if (first > beat.bars || barSpan(beat, first - 1)[0] >= beat.duration_seconds) return null;
  return [first, Math.min(last, beat.bars)];
}

/**
 * @param {any} groove
 * @param {Set<string>} lost
 */
function forget(groove, lost) {
  if (lost.has(groove.source)) groove.source = null;
  if (groove.takes.some((/** @type {string} */ id) => lost.has(id)) || lost.has(groove.made?.from)) Object.assign(groove, { takes: [], take: 0, made: null, result: null });
  groove.pad = groove.pad.map((/** @type {string | null} */ id) => (id && lost.has(id) ? null : id));
  if (groove.padGrid?.ids.some((/** @type {string} */ id) => lost.has(id))) groove.padGrid = null;
  if (lost.has(groove.parameters.transfer?.groove)) groove.parameters.transfer.groove = null;
}
