// @ts-check
/** Everything that was proposed in a session, as far as this page has heard of it. */

/**
 * @import {Proposal, ProposalKind} from "../../types.js"
 * @import {Api} from "../../api.js"
 */

const PAGE = 200;

/**
 * @typedef {object} Heard
 * @property {(sid: string) => Promise<void>} load  all that the session has; what comes earlier is there first
 * @property {(proposal: Proposal) => void} put
 * @property {(id: Proposal["id"]) => Proposal | null} get
 * @property {(kind: ProposalKind) => Proposal[]} list  oldest first
 * @property {(id: Proposal["id"]) => string} title
 * @property {() => void} clear
 * @property {(listener: () => void) => void} on
 */

/**
 * @param {{api: Pick<Api, "proposals">}} parts
 * @returns {Heard}
 */
export function createHeard({ api }) {
  /** @type {Map<string, Proposal>} */
  let all = new Map();
  /** @type {string[]} */
  let order = [];
  /** @type {(() => void)[]} */
  const listeners = [];
  let loading = 0;
  const tell = () => listeners.forEach((listener) => listener());

  /** @param {Proposal} proposal */
  function keep(proposal) {
    const id = String(proposal.id);
    if (!all.has(id)) order.push(id);
    all.set(id, proposal);
  }

  return {
    async load(sid) {
      const mine = ++loading;
      /** @type {Proposal["id"]} */
      let after = 0;
      for (;;) {
        const page = await api.proposals(sid, { after: Number(after), limit: PAGE, kind: "all" });
        if (mine !== loading) return;
        for (const item of page.items) keep(item);
        if (page.items.length < PAGE) break;
        after = page.items[page.items.length - 1].id;
      }
      order.sort((first, second) => Number(first) - Number(second));
      tell();
    },
    put(proposal) {
      keep(proposal);
      tell();
    },
    get: (id) => all.get(String(id)) ?? null,
    list: (kind) => order.flatMap((id) => {
      const proposal = /** @type {Proposal} */ (all.get(id));
      return isKind(proposal, kind) ? [proposal] : [];
    }),
    title: (id) => `Loop ${order.indexOf(String(id)) + 1 || id}`,
    clear() {
      loading += 1;
      all = new Map();
      order = [];
      tell();
    },
    on: (listener) => { listeners.push(listener); },
  };
}

/**
 * @param {Proposal} proposal
 * @param {ProposalKind} kind
 */
function isKind(proposal, kind) {
  if (kind === "liked") return proposal.liked === true;
  if (kind === "disliked") return proposal.liked === false;
  if (kind === "skipped") return proposal.skipped;
  if (kind === "edited") return isEdited(proposal);
  return true;
}

/**
 * @param {Proposal} proposal
 * @returns {boolean} Whether a person made it of another.
 */
export function isEdited(proposal) {
  return proposal.origin.startsWith("edit");
}

/**
 * @param {Proposal} proposal
 * @returns {"liked" | "disliked" | "skipped" | "open"}
 */
export function moodOf(proposal) {
  if (proposal.liked !== null) return proposal.liked ? "liked" : "disliked";
  return proposal.skipped ? "skipped" : "open";
}
