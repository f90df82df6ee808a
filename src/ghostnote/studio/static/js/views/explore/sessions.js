// @ts-check
/** Sessions: which one is open and how it stands; choose, begin, rename, save and open. */

/**
 * @import {Parts, Session} from "../../types.js"
 * @import {Shell} from "../shell.js"
 * @import {Conductor} from "./conductor.js"
 */
import { h, replace } from "../../dom.js";
import { openDialog } from "../dialog.js";
import { icon } from "../icons.js";
import { wordButton } from "./fields.js";
import { newSessionDialog } from "./new_session.js";

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
export function createSessionBar(parts) {
  const { shell, conductor } = parts;
  const name = h("span", { class: "session-name" });
  const counts = h("p", { class: "counts" });
  const open = h("button", { type: "button", class: "quiet session-button", "aria-haspopup": "dialog", onclick: () => void sessionsDialog(parts).catch(shell.fail) }, icon("folder"), name, icon("chevron"));

  function paint() {
    const session = conductor.session();
    name.textContent = session?.name ?? "Session";
    open.setAttribute("aria-label", `Session: ${session?.name ?? "none"}. Choose, rename or save`);
    if (!session) return;
    const tally = (/** @type {string} */ symbol, /** @type {number} */ count, /** @type {string} */ words) =>
      h("span", { class: `tally ${words}` }, icon(symbol), h("span", { class: "number" }, count), h("span", {}, words));
    replace(counts, tally("liked", session.counts.liked, "liked"), tally("dislike", session.counts.disliked, "disliked"), tally("skip", session.counts.skipped, "skipped"));
  }
  conductor.on("session", paint);
  paint();
  return {
    element: h("div", { class: "session-bar" }, open, counts,
      wordButton("New session", "plus", () => void newSessionDialog(parts).catch(shell.fail), { class: "quiet", "aria-haspopup": "dialog" })),
  };
}

/** @param {Parts & {shell: Shell, conductor: Conductor}} parts */
async function sessionsDialog(parts) {
  const { api, shell, conductor } = parts;
  const sessions = await api.sessions();
  const now = conductor.session();
  const field = h("input", { type: "text", id: "session-name", value: now?.name ?? "", maxlength: 100, autocomplete: "off" });
  const file = h("input", { type: "file", accept: ".ghostnote", class: "visually-hidden", id: "session-file", "aria-label": "Session file", onchange: () => void read() });

  async function rename() {
    if (!now || !field.value.trim() || field.value.trim() === now.name) return;
    try {
      const renamed = await api.renameSession(now.id, field.value.trim());
      conductor.setSession({ ...now, ...renamed, name: field.value.trim() });
      dialog.close();
      shell.toast(`This session is now called “${field.value.trim()}”.`);
    } catch (error) {
      shell.fail(error);
    }
  }
  async function read() {
    const chosen = file.files?.[0];
    if (!chosen) return;
    try {
      const session = await api.importSession(chosen, chosen.name);
      dialog.close();
      await conductor.openSession(session);
      shell.toast(`“${session.name}” is open.`);
    } catch (error) {
      shell.fail(error);
    }
  }
  /** @param {Session} session */
  function entry(session) {
    const here = session.id === now?.id;
    const { liked, disliked, skipped } = session.counts;
    const problem = /** @type {any} */ (session).problem;
    if (problem) return h("li", { class: "session-item" }, h("p", { class: "hint" }, `${session.name}: ${problem}`));
    return h("li", { class: "session-item" },
      h("button", { type: "button", class: here ? "chosen" : "", "aria-current": here ? "true" : null, onclick: () => {
        dialog.close();
        if (!here) conductor.openSession(session).catch(shell.fail);
      } },
      h("span", { class: "session-title" }, session.name),
      h("span", { class: "muted small" }, `${liked} liked, ${disliked} disliked, ${skipped} skipped${session.changed_at ? ` · ${sayDate(session.changed_at)}` : ""}`)),
      h("a", { class: "button", href: api.sessionFileUrl(session.id), download: "", "aria-label": `Save ${session.name} as a file`, title: "Save as a file" }, icon("download"), h("span", {}, "Save")));
  }
  const dialog = openDialog("Sessions", [
    now ? h("form", { class: "field", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); void rename(); } },
      h("label", { for: "session-name" }, "Name of this session"),
      h("div", { class: "row nowrap" }, field, h("button", { type: "submit" }, "Rename"))) : null,
    h("section", { class: "stack" }, h("h3", {}, "All sessions"), h("ul", { class: "stack session-list" }, ...sessions.map(entry))),
    file,
  ], [
    wordButton("Open a session file …", "folder", () => file.click()),
    wordButton("New session", "plus", () => {
      dialog.close();
      void newSessionDialog(parts).catch(shell.fail);
    }, { class: "primary" }),
  ]);
}

/** @param {string} text */
function sayDate(text) {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
