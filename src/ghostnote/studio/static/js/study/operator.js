// @ts-check
/** The operator's page: how far everybody is, and links to give away. Nothing here tells an arm or an answer. */
/** @import {Progress, Seen} from "./types.js" */
/** @import {StudyApi} from "./api.js" */

import { find, h, replace } from "../dom.js";
import { doing } from "./reading.js";

const EVERY_MS = 4_000;

/**
 * @param {HTMLElement} main
 * @param {StudyApi} api
 */
export async function mountOperator(main, api) {
  const counts = h("p", { class: "study-counts number" });
  const rows = h("tbody", null);
  const link = h("code", null);
  const trouble = h("p", { class: "study-trouble", role: "alert" });
  const invited = h("p", { class: "hint", role: "status" });

  async function look() {
    const progress = await api.progress();
    trouble.textContent = "";
    document.title = `${progress.title} · progress`;
    find("#study-title").textContent = progress.title;
    link.textContent = location.origin + progress.join;
    counts.textContent = summary(progress);
    replace(rows, progress.participants.map(row));
  }

  const invite = doing("Make a link for one person", "large", async () => {
    const made = await api.invite();
    replace(invited, "For this person alone: ", h("code", null, location.origin + made.link));
    await look();
  }, trouble);

  replace(main,
    h("div", { class: "stack" },
      h("h1", null, "Progress"),
      counts,
      h("section", { class: "card stack", "aria-labelledby": "links-title" },
        h("h2", { id: "links-title" }, "Links"),
        h("p", null, "For everybody: ", link),
        h("p", null, invite),
        invited),
      h("section", { class: "card stack", "aria-labelledby": "people-title" },
        h("h2", { id: "people-title" }, "Participants"),
        h("div", { class: "study-table", tabindex: 0, role: "group", "aria-label": "Table of participants" },
          h("table", null,
            h("thead", null, h("tr", null, ["Number", "Where", "Way", "Ratings", "Last seen"].map((name) =>
              h("th", { scope: "col" }, name)))),
            rows))),
      h("p", { class: "hint" }, "Whoever runs a study stays blind, too: no arm, no system and no answer is shown before the report."),
      trouble));
  await look();
  document.documentElement.setAttribute("data-ready", "operator");
  setInterval(() => {
    look().catch((error) => {
      trouble.textContent = `The study does not answer: ${String(error.message ?? error)}`;
    });
  }, EVERY_MS);
}

/** @param {Progress} progress */
function summary({ finished, enrolled, planned, enough }) {
  const told = `${finished} finished · ${enrolled} enrolled · ${planned} planned`;
  return enough ? `${told} · enough, by the rule that was stated beforehand` : told;
}

/** @param {Seen} seen */
function row(seen) {
  const last = new Date(seen.last_at);
  return h("tr", null,
    h("th", { scope: "row", class: "number" }, seen.number),
    h("td", null, seen.finished ? "finished" : seen.step.replace("-", " ")),
    h("td", null, h("progress", { max: Math.max(1, seen.steps - 1), value: seen.done, "aria-label": `Way of participant ${seen.number}` })),
    h("td", { class: "number" }, seen.answers),
    h("td", { class: "number" }, Number.isNaN(last.getTime()) ? seen.last_at : last.toLocaleString()));
}
