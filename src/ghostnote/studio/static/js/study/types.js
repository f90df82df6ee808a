// @ts-check
/**
 * What travels between a study's pages and its server.
 *
 * @typedef {object} Question
 * @property {string} id
 * @property {string} text
 * @property {"scale" | "choice" | "text" | "words"} kind
 * @property {number} low
 * @property {number} high
 * @property {string} low_label
 * @property {string} high_label
 * @property {string[]} choices
 * @property {boolean} required
 *
 * @typedef {object} Step
 * @property {string} id
 * @property {"consent" | "instructions" | "loop" | "pause" | "pair" | "screen" | "survey" | "thanks"} kind
 * @property {string} title
 * @property {string} text
 * @property {number} phase
 * @property {number} number
 * @property {number} of
 * @property {number} done
 * @property {number} steps
 * @property {number} sounds
 * @property {number} least_seconds
 * @property {number} wait_seconds
 * @property {boolean} ties
 * @property {Question[]} questions
 *
 * @typedef {{waiting: boolean, mark: string, step: Step}} Told
 * @typedef {{before: number | null, after: number | null, loops: string[]}} Result
 *
 * @typedef {object} Seen
 * @property {number} number
 * @property {string} step
 * @property {number} done
 * @property {number} steps
 * @property {number} answers
 * @property {string} enrolled_at
 * @property {string} last_at
 * @property {boolean} finished
 *
 * @typedef {object} Progress
 * @property {string} title
 * @property {string} join
 * @property {number} planned
 * @property {number} enrolled
 * @property {number} finished
 * @property {boolean} enough
 * @property {Seen[]} participants
 *
 * @typedef {object} Page  What a page of a step gets beside the step.
 * @property {import("./api.js").StudyApi} api
 * @property {import("./sound.js").Sound} sound
 * @property {(answer: Record<string, any>, times?: {played_seconds?: number[]}) => Promise<void>} answer
 *   goes on to the next step; rejects if the server refuses
 * @property {(text: string) => void} announce
 * @property {(keys: Record<string, () => void>) => void} keys  what single keys do on this page
 */

export {};
