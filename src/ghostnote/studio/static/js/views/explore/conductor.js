// @ts-check
/** What happens on the explore page, without any of its looks: sessions, proposals, answers, edits, what is heard. */

/**
 * @import {Counts, Described, Loop, Parts, Proposal, Session, SessionEvent} from "../../types.js"
 * @import {Shell} from "../shell.js"
 */
import { createHeard, moodOf } from "./heard.js";
import { createListening } from "./listening.js";
import { createLooks } from "./looks.js";
import { rowTitles, sameLoop } from "./pattern.js";

/** @typedef {"session" | "shown" | "look" | "answered" | "busy" | "connection"} Happening */
/** @typedef {ReturnType<typeof createConductor>} Conductor */

const MOODS = /** @type {const} */ ({ like: "liked", dislike: "disliked", skip: "skipped" });
const FOLLOW_MS = 120;
const FLUSH_MS = 2_000;

/** @param {Parts & {shell: Shell}} parts */
export function createConductor({ store, api, audio, outbox, meta, shell }) {
  /** @type {Session | null} */
  let session = null;
  /** @type {Proposal | null} The one that waits for an answer. */
  let current = null;
  /** @type {Proposal["id"] | null} */
  let lastAnswered = null;
  let sentControls = "";
  let waiting = 0, adding = false;
  let turn = 0;
  let opening = 0; // the turn of a session whose first loop is not here yet
  let leave = () => {};
  let followTimer = 0;
  /** @type {Set<string>} */
  const own = new Set();
  /** @type {Map<Happening, (() => void)[]>} */
  const listeners = new Map();
  const heard = createHeard({ api });
  const looks = createLooks({ api, fail: shell.fail, onLook: (loop) => { if (loop === loopNow()) { tell("look"); listening.refresh(); } } });

  /** @param {Happening} name */
  const tell = (name) => listeners.get(name)?.forEach((listener) => listener());
  /** @returns {Loop | null} */
  const loopNow = () => store.get("explore.loop");
  /** @returns {Proposal | null} */
  const shown = () => store.get("explore.proposal");
  const sid = () => session?.id ?? "";

  /** @returns {Described | null} */
  function look() {
    const loop = loopNow();
    const proposal = shown();
    return (loop && looks.of(loop)) || proposal;
  }
  /** What each row of the shown loop is called. */
  const titles = () => rowTitles(look()?.roles ?? [], meta?.voices ?? []);
  /** @returns {import("../../audio/player.js").LoopLike | null} */
  function audible() {
    const loop = loopNow();
    return loop && { loop, gain: look()?.gain ?? 1, roles: look()?.roles, names: titles() };
  }
  const listening = createListening({ audio, session: sid, loop: audible, shown, fail: silent });
  api.onConnection((state) => {
    if (state === "back") listening.refresh();
  });

  /**
   * Sounds that did not come: while the studio is away the banner says so, and what plays goes on.
   * @param {unknown} error
   */
  function silent(error) {
    if (api.connection() === "offline") return;
    if (error instanceof TypeError) shell.toast("The sounds of this loop did not come. Is the studio still running in its terminal?", { kind: "error" });
    else shell.fail(error);
  }

  /** @param {Proposal | null} proposal */
  function show(proposal) {
    if (proposal) {
      looks.keep(proposal.loop, proposal);
      looks.own(proposal.loop, proposal);
    }
    store.update((draft) => {
      draft.explore.proposal = proposal;
      draft.explore.loop = proposal?.loop ?? null;
      draft.explore.edited = false;
    });
    tell("shown");
  }

  // The loop changes by editing, undo, redo and by what is shown: all come by here.
  store.on("explore.loop", () => {
    const loop = loopNow();
    let proposal = shown();
    if (!loop || !proposal) return;
    if (!sameLoop(loop, proposal.loop)) {
      const owner = looks.ownerOf(loop);
      if (owner && owner.id !== proposal.id) {
        // An undone step belongs to a loop that is no longer shown: it is shown again.
        proposal = heard.get(owner.id) ?? owner;
        store.set("explore.proposal", proposal);
        tell("shown");
      }
      looks.own(loop, proposal);
      looks.ask(loop, sid());
    }
    store.set("explore.edited", !sameLoop(loop, proposal.loop));
    tell("look");
    listening.refresh();
  });

  /** @param {Counts} counts */
  function setCounts(counts) {
    if (session) session = { ...session, counts };
    tell("session");
  }

  /** @param {boolean} fresh */
  async function next(fresh = false) {
    const { controls } = store.get("explore");
    const locked = controls.locked_rows?.length ? { base: loopNow() ?? undefined } : { locked_rows: [] };
    sentControls = JSON.stringify(controls);
    return api.next(sid(), { ...controls, ...locked }, { fresh });
  }

  /**
   * @param {Session} chosen
   * @param {Partial<import("../../types.js").Controls>} [controls]  What its first proposals are to be like.
   */
  async function openSession(chosen, controls = {}) {
    leave();
    store.set("explore.controls", { ...store.get("explore.controls"), ...controls, locked_rows: [] });
    const mine = ++turn;
    const other = session?.id !== chosen.id;
    opening = mine;
    const again = other && store.get("explore.session") === chosen.id; // The page was loaded anew.
    session = chosen;
    current = null;
    lastAnswered = null;
    if (other) {
      heard.clear();
      if (!again) show(null);
    }
    store.set("explore.session", chosen.id);
    tell("session");
    await Promise.race([outbox.flush(), new Promise((resolve) => { setTimeout(resolve, FLUSH_MS); })]);
    const [proposal] = await Promise.all([next(), heard.load(chosen.id)]);
    if (opening === mine) opening = 0;
    if (mine !== turn) return;
    const kept = store.get("explore");
    arrive(proposal);
    looks.adopt(store.steps("explore.loop"), heard.list("all"));
    if (again && kept.edited) resume(kept);
    leave = api.sessionEvents(chosen.id, follow, (state) => {
      if (state === "online") void refresh();
      tell("connection");
    });
  }

  /**
   * An edit that was not rated when the page was closed is shown again.
   * @param {import("../../types.js").ExploreState} kept
   */
  function resume({ proposal, loop }) {
    const owner = proposal && heard.get(proposal.id);
    if (!owner || !loop) return;
    if (owner.id !== current?.id) show(owner);
    store.set("explore.loop", loop);
  }

  /** @param {Proposal} proposal */
  function arrive(proposal) {
    current = proposal;
    heard.put(proposal);
    show(proposal);
    tell("answered");
    listening.arrived();
  }

  /** After a gap, what was missed is read again. */
  async function refresh() {
    const mine = turn;
    const told = await api.session(sid()).catch(() => null); // Away again: the next opening of the stream asks anew.
    if (!told || mine !== turn) return;
    session = told;
    tell("session");
    await heard.load(told.id).catch(shell.fail);
    if (!waiting && mine === turn && (!current || moodOf(heard.get(current.id) ?? current) !== "open")) await advance().catch(shell.fail);
  }

  /** @param {boolean} fresh */
  async function advance(fresh = false) {
    const mine = ++turn;
    const proposal = await next(fresh);
    if (mine === turn) arrive(proposal);
  }

  /** @param {SessionEvent} event */
  function follow(event) {
    setCounts(event.counts);
    const last = event.last === null ? "" : String(event.last);
    if (!last || waiting || own.delete(last)) return;
    window.clearTimeout(followTimer);
    followTimer = window.setTimeout(() => { heed(last).catch(shell.fail); }, FOLLOW_MS);
  }

  /**
   * Another window has said something of a proposal, or has a new one.
   * @param {string} last
   */
  async function heed(last) {
    const mine = turn;
    const proposal = await api.proposal(sid(), last);
    if (mine !== turn || waiting) return;
    const known = heard.get(proposal.id) !== null; // Such a one does not come again by itself: its answer may have been taken back.
    heard.put(proposal);
    const there = current && String(current.id) === last;
    const free = !store.get("explore.edited") && (!shown() || shown()?.id === current?.id);
    if (there && moodOf(proposal) !== "open") {
      if (free) await advance();
      else current = null;
    } else if (!known && moodOf(proposal) === "open" && free) arrive(proposal);
    else if (shown()?.id === proposal.id && !store.get("explore.edited")) show(proposal);
  }

  /** Answers are for what the session is about, once that is known. */
  function isOpening() {
    const soon = opening !== 0 || !session;
    if (soon) shell.announce("A moment: the session is being opened.");
    return soon;
  }

  /** @param {"like" | "dislike" | "skip"} kind */
  async function answer(kind) {
    let proposal = shown();
    if (isOpening() || !proposal || !session) return;
    const edited = store.get("explore.edited");
    // A key pressed twice before the next loop is here answers once.
    if (waiting && !edited && proposal.id === current?.id && moodOf(proposal) === MOODS[kind]) return;
    const seconds = listening.seconds();
    if (edited) {
      if (adding) return;
      adding = true;
      const loop = /** @type {Loop} */ (loopNow());
      try {
        proposal = await api.addLoop(sid(), loop);
        heard.put(proposal);
      } catch (error) {
        if (/** @type {{status?: number}} */ (error).status) throw error;
        return await answerLater(loop, kind, seconds); // the studio is away
      } finally {
        adding = false;
      }
    }
    const again = !edited && proposal.id !== current?.id;
    const mine = ++turn;
    const answered = { ...proposal, liked: kind === "skip" ? null : kind === "like", skipped: kind === "skip" };
    own.add(String(proposal.id));
    heard.put(answered);
    lastAnswered = proposal.id;
    if (!edited) {
      store.set("explore.proposal", answered);
      if (current?.id === proposal.id) current = answered;
    }
    shell.announce(`${heard.title(proposal.id)} ${MOODS[kind]}.`);
    waiting += 1;
    tell("busy");
    tell("answered");
    try {
      const sent = kind === "skip" ? outbox.skip(sid(), proposal.id) : outbox.rate(sid(), proposal.id, kind === "like", seconds);
      sent.catch(() => heard.put({ ...answered, liked: null, skipped: false })); // refused: nothing was said of it
      const told = await sent;
      setCounts(told.counts);
      if (again || mine !== turn) return;
      const asked = JSON.stringify(store.get("explore.controls")) === sentControls && !edited;
      const following = asked && told.next ? told.next : await next(edited);
      if (mine !== turn) return;
      arrive(following);
      shell.announce(`${heard.title(proposal.id)} ${MOODS[kind]}. Now ${heard.title(following.id)}.`);
    } finally {
      waiting -= 1;
      tell("busy");
    }
  }

  /** @type {(loop: Loop, kind: "like" | "dislike" | "skip", seconds: number) => Promise<void>} */
  async function answerLater(loop, kind, seconds) {
    const mine = ++turn;
    shell.announce(`The edited loop ${MOODS[kind]}, as soon as the studio is back.`);
    waiting += 1;
    tell("busy");
    tell("answered");
    try {
      const told = await outbox.answerLoop(sid(), loop, kind === "skip" ? null : kind === "like", seconds);
      setCounts(told.counts);
      const [following] = await Promise.all([next(true), heard.load(sid())]);
      if (mine === turn) arrive(following);
    } finally {
      waiting -= 1;
      tell("busy");
    }
  }

  async function takeBack() {
    if (isOpening() || !session) return;
    const { liked, disliked, skipped } = session.counts;
    if (!liked && !disliked && !skipped && !waiting) {
      shell.announce("There is no answer to take back.");
      return;
    }
    const mine = ++turn;
    waiting += 1;
    tell("busy");
    try {
      const told = await outbox.undo(sid());
      setCounts(told.counts);
      if (!told.proposal) return;
      own.add(String(told.proposal.id));
      lastAnswered = null;
      if (mine === turn) arrive(told.proposal);
      shell.announce(`${heard.title(told.proposal.id)} is open again.`);
    } finally {
      waiting -= 1;
      tell("busy");
    }
  }

  return {
    heard,
    listening,
    look,
    titles,
    shown,
    session: () => session,
    current: () => current,
    lastAnswered: () => lastAnswered,
    pending: () => outbox.pending(session?.id).length,
    isWaiting: () => waiting > 0,
    /** @type {(name: Happening, listener: () => void) => void} */
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    async start() {
      const sessions = await api.sessions();
      const kept = sessions.find((one) => one.id === store.get("explore.session"));
      await openSession(kept ?? sessions[0] ?? await api.createSession({}));
    },
    openSession,
    setSession(/** @type {Session} */ changed) {
      if (session?.id === changed.id) session = { ...session, ...changed };
      tell("session");
    },
    answer: (/** @type {"like" | "dislike" | "skip"} */ kind) => answer(kind).catch(shell.fail),
    takeBack: () => takeBack().catch(shell.fail),
    /** @type {(id: Proposal["id"]) => void} */
    open(id) {
      const proposal = heard.get(id);
      if (!proposal) return;
      show(proposal);
      listening.begin();
    },
    backToCurrent() {
      if (isOpening()) return;
      if (current && moodOf(current) === "open") show(current);
      else void advance().catch(shell.fail);
    },
    /** @type {(loop: Loop, label: string) => void} */
    edit(loop, label) {
      store.set("explore.loop", loop, { undoable: true, label });
    },
    reset() {
      const proposal = shown();
      if (proposal) store.set("explore.loop", proposal.loop, { undoable: true, label: "reset" });
    },
    /** @type {(row: number, change: "swap" | "mutate", label: string) => Promise<void>} */
    async changeRow(row, change, label) {
      const loop = loopNow();
      if (!loop) return;
      const changed = await api.changeLoop({ loop, row, change, amount: 0.3, seed: Math.floor(Math.random() * 2 ** 31), session: session?.id ?? null });
      if (!sameLoop(loop, loopNow())) return;
      looks.keep(changed.loop, changed);
      store.set("explore.loop", changed.loop, { undoable: true, label });
      if (!audio.playing) await audio.preview(changed.loop.sounds[row], { session: session?.id ?? null });
    },
    /** A loop from a link: shown as an edit of what waits. @param {Loop} loop */
    async openLoop(loop) {
      looks.keep(loop, await api.describeLoop(loop, session?.id ?? null));
      store.set("explore.loop", loop, { undoable: true, label: "loop from a link" });
    },
    human() {
      const loop = loopNow();
      if (!loop) return;
      const title = shown() ? heard.title(/** @type {Proposal} */ (shown()).id) : "Loop";
      audio.stop();
      store.set("groove.wish", { task: "humanize", loop, session: session?.id ?? null, name: title, repeats: 2 });
      shell.go("groove");
    },
  };
}
