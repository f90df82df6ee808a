// @ts-check
/**
 * What server and page speak about, as types. Nothing of this runs.
 *
 * @typedef {{kind: "synth", family: string, values: number[], seed: number}} SynthSound
 * @typedef {{kind: "file", digest: string, name: string}} FileSound
 * @typedef {SynthSound | FileSound} Sound
 *
 * @typedef {object} Loop  as `encode_loop` writes it: values of velocities and offsets for the hits alone, row by row
 * @property {1} format
 * @property {number} tempo_bpm
 * @property {number} swing  delay of every second step, in steps
 * @property {number} seed
 * @property {string[]} rows  each such as "x---x---x---x---"
 * @property {Sound[]} sounds
 * @property {number[][]} [velocities]
 * @property {number[][]} [offsets]
 *
 * @typedef {object} Counts
 * @property {number} proposals
 * @property {number} liked
 * @property {number} disliked
 * @property {number} skipped
 * @property {number} unrated
 *
 * @typedef {object} Described
 * @property {string} key
 * @property {string[]} names  of each row's sound
 * @property {string[]} roles  the voice of each row
 * @property {number} gain  what a hit of velocity 1 is multiplied with when played
 * @property {number[]} peaks  256 values, 0…1, of the steady bar
 *
 * @typedef {object} ProposalOwn
 * @property {number | string} id
 * @property {Loop} loop
 * @property {string} origin
 * @property {string} made_at
 * @property {boolean | null} liked
 * @property {boolean} skipped
 * @property {number | null} score  null until it is rated or skipped
 * @property {number | null} uncertainty
 * @typedef {Described & ProposalOwn} Proposal
 *
 * @typedef {object} Controls
 * @property {number} [musical]  0 anything goes … 1 musical
 * @property {number | null} [density]
 * @property {[number, number]} [tempo_bpm]
 * @property {boolean} [four_on_the_floor]
 * @property {number} [explore]  0 exploit … 1 explore
 * @property {number} [novelty]
 * @property {number | null} [target]
 * @property {Loop} [base]
 * @property {number[]} [locked_rows]
 *
 * @typedef {object} SessionSettings
 * @property {number} [musical]
 * @property {number} [steps]
 * @property {number} [rows]
 * @property {[number, number]} [tempo_bpm]
 * @property {number | [number, number] | null} [swing]
 * @property {string | null} [style]
 * @property {number | [number, number] | null} [density]
 * @property {boolean} [four_on_the_floor]
 * @property {number} [seed]
 * @property {number} [own_sounds]
 *
 * @typedef {object} Session
 * @property {string} id
 * @property {string} name
 * @property {string} [made_at]
 * @property {string} [changed_at]
 * @property {Counts} counts
 * @property {SessionSettings} [settings]
 *
 * @typedef {{counts: Counts, next?: Proposal | null}} Answered
 * @typedef {{proposal: Proposal | null, counts: Counts}} Undone
 * @typedef {{items: Proposal[], total: number}} ProposalPage
 * @typedef {"all" | "liked" | "disliked" | "skipped" | "edited"} ProposalKind
 *
 * @typedef {object} TasteMap
 * @property {{id: Proposal["id"], x: number, y: number, liked: boolean | null}[]} loops
 * @property {{sound: Sound, name: string, x: number, y: number, liked: number}[]} sounds
 *
 * @typedef {{points: {ratings: number, theta: number, expected: number | null}[]}} Learning
 * @typedef {{kind: "changed", counts: Counts, last: Proposal["id"] | null}} SessionEvent
 * @typedef {Described & {loop: Loop}} ChangedLoop
 * @typedef {{families: {name: string, about: string}[], folders: any[], found: any[]}} Sounds
 * @typedef {{sound: Sound, name: string, role: string, seconds: number}} Sample
 *
 * @typedef {object} Note
 * @property {number} tick
 * @property {number} pitch
 * @property {number} velocity  MIDI, 1…127
 * @property {string | null} voice
 * @property {number} seconds
 * @property {number | null} step  index in the beat's grid
 * @property {number | null} offset  fraction of a step, positive is late
 *
 * @typedef {object} BeatGrid
 * @property {number[]} ticks
 * @property {number[]} seconds  onset of each step
 * @property {number[]} bars  bar of each step
 * @property {boolean[]} beat  true where a beat begins
 *
 * @typedef {object} Beat  immutable; its id is its content
 * @property {string} id
 * @property {string} name
 * @property {"drums" | "rhythm"} kind
 * @property {number} tempo_bpm
 * @property {[number, number]} metre
 * @property {number} bars
 * @property {number} ticks_per_beat
 * @property {number} duration_seconds
 * @property {Note[]} notes
 * @property {BeatGrid} grid
 * @property {string[]} warnings
 *
 * @typedef {"humanize" | "drumify" | "infill" | "transfer" | "vary" | "continue" | "generate" | "interpolate"} Task
 * @typedef {{timing: number, velocity: number, voices: Record<string, {timing?: number, velocity?: number}>}} Amounts
 * @typedef {{seconds: number, velocity: number}} Tap
 * @typedef {{taps: Tap[], tempo_bpm: number, metre: [number, number], bars: number}} Taps
 *
 * @typedef {object} VoiceSettings
 * @property {number} [tune]  semitones, -12…12
 * @property {number} [decay]  0.2…2
 * @property {number} [level_db]  -24…12
 * @property {number} [pan]  -1…1
 * @property {Sound | null} [sample]
 * @property {number | null} [mutation]
 * @typedef {{name: string, voices: Record<string, VoiceSettings>}} KitSettings
 *
 * @typedef {object} Kit  how the server's renderer chooses a shot, so that the page does the same
 * @property {string} name
 * @property {string} description
 * @property {number} layers
 * @property {number} takes
 * @property {number[]} layer_from  lowest MIDI velocity of each layer
 * @property {number} shot_gain  a shot's samples are the renderer's times this
 * @property {{voice: string, dynamics: number, articulations: {pitch: number, dynamics: number}[]}[]} voices
 * @property {Record<string, string>} take_order  voice → digits: takes of its first, second … hit, over and over
 * @property {{closing: string, choked: string, seconds: number, same_stroke_seconds: number}} choke
 *
 * @typedef {object} Meta
 * @property {string} version
 * @property {string[]} styles
 * @property {{name: string, label: string, column: number}[]} voices
 * @property {{name: string, description: string}[]} kits
 * @property {string[]} drum_maps
 * @property {any[]} families
 * @property {Record<string, any>} limits
 * @property {number} synthesis_rate_hz
 *
 * @typedef {object} JobEvent
 * @property {"progress" | "done" | "failed"} kind
 * @property {number} [done]
 * @property {number} [total]
 * @property {any} [result]
 * @property {{kind: string, message: string}} [error]
 *
 * @typedef {"online" | "offline" | "back"} Connection
 *
 * @typedef {object} ExploreState
 * @property {string | null} session
 * @property {Proposal | null} proposal
 * @property {Loop | null} loop
 * @property {boolean} edited
 * @property {Controls} controls
 * @property {boolean} revealed
 * @property {ProposalKind} filter
 *
 * @typedef {object} GrooveState
 * @property {string | null} source
 * @property {string | null} result
 * @property {string[]} takes
 * @property {number} take
 * @property {Task} task
 * @property {Record<string, Record<string, any>>} parameters  per task
 * @property {Amounts} amounts
 * @property {string[]} locks
 * @property {[number, number] | null} bars
 * @property {number} seed
 * @property {string[]} pad
 * @property {{x: number, y: number}} padAt
 * @property {"a" | "b"} listen
 *
 * @typedef {{muted: string[], solo: string[]}} Mix  names of voices
 * @typedef {{playing: boolean, what: "loop" | "beat", volume: number, click: boolean, mix: {loop: Mix, beat: Mix}}} PlayState
 *
 * @typedef {object} Preferences
 * @property {"auto" | "dark" | "light"} theme
 * @property {Record<string, string>} keys
 * @property {number} latencyMs
 * @property {string | null} midiOut
 * @property {string | null} midiIn
 * @property {string[]} seenHints
 *
 * @typedef {object} State
 * @property {"explore" | "groove" | "kits"} page
 * @property {ExploreState} explore
 * @property {GrooveState} groove
 * @property {KitSettings} kit
 * @property {PlayState} play
 * @property {Preferences} preferences
 *
 * @typedef {import("./store.js").Store} Store
 * @typedef {import("./api.js").Api} Api
 * @typedef {import("./outbox.js").Outbox} Outbox
 * @typedef {import("./audio/player.js").Audio} Audio
 * @typedef {import("./audio/midi.js").Midi} Midi
 * @typedef {{store: Store, api: Api, audio: Audio, outbox: Outbox, meta: Meta | null, midi: Midi}} Parts
 * @typedef {{show: () => void, hide: () => void}} View
 */

export {};
