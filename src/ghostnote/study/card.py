"""The card of a study's data set: what it is, what its files hold, what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence

from ghostnote.study.design import Design, PreferenceDesign
from ghostnote.study.results import Person, finished_people

_COMMON = """
| file | a line or value of it |
|---|---|
| `dataset.json` | `format`, `protocol`, `licence`, `free_text`: whether everything that was typed freely is in it |
| `study.toml` | the study as it was planned: numbers, arms, texts, rules of stopping and of exclusion; folders and \
files that it names have other names here |
| `participants.jsonl` | `participant` (a number), `finished`, `seconds` from consent to the last answer |
| `survey.jsonl` | `participant`, `question` (its `id` in `study.toml`), `answer`; to a question of kind \
`words` a list |
"""

_RATINGS = """\
| `ratings.jsonl` | `participant`, `trial`, `phase` (`warm_up`, `one` with learning, `two` without), `arm`, `repeats` \
(the trial whose loop came again), `loop`, `liked`, `at_seconds` (since the participant's first rating), `seconds` \
(from appearance to answer), `played_seconds`, `origin`, `score` (P(like) of the critic when it was proposed) |
| `loops.jsonl` | `loop`, `pattern` (`ghostnote.loops.decode_loop` reads it: rows, sounds with their seeds, tempo, \
swing), `voices`, `sounds`, `wav`, `midi` |
| `wav/`, `midi/` | each loop, one steady bar at 44.1 kHz that goes round |
| `sounds/` | recordings that loops play, by content; sounds of ours are made from their numbers and seed |
| `critics/` | what was learned of each participant after half of phase I, after it, and after all ratings; \
`ghostnote.read_critic` |
| `critics/*-original.safetensors` | of a study with the arm `original`: its network after half of phase I and after \
it, of those who came so far; layers as in `ghostnote.training.deepdrummer_network`, read by \
`ghostnote.training.runs.read_weights` |
"""

_PAIRS = """\
| `pairs.jsonl` | `participant`, `trial`, `kind` (`pair`, `catch`, `screen`), `systems` and `items` in the order \
shown, `choice`, `ratings` (0…100), `correct` of a catch trial, `at_seconds`, `seconds` |
| `clips.jsonl`, `clips/` | `system`, `item` (by the order of the names that its files had), `file`, `seconds`, \
`gain_db` that brought it to the common loudness |
"""


def card_of(design: Design, people: Sequence[Person], licence: str, *, free_text: bool) -> str:
    """Return the card as Markdown."""
    ended = len(finished_people(people))
    files = _COMMON + (_RATINGS if isinstance(design, PreferenceDesign) else _PAIRS)
    free = (
        "Free answers, and all words, are in it: read them before you pass it on."
        if free_text
        else "Free answers were left out; so was each word that one participant alone typed."
    )
    return f"""# {design.title}

Data of a study by the protocol `{design.protocol}` of Ghostnote: {len(people)} participants, {ended} of whom finished.

Read it back with `ghostnote.load_study(folder)`.

## Files
{files}
## Privacy

Participants are numbers. No name, no address, no date and no key of a page was asked for or is in it; times are
seconds. Names of recordings, of clips and of folders were left out. {free}

## Licence

{licence}. Sounds of ours carry no rights of others; for recordings in `sounds/` and clips in `clips/` whoever ran the
study must have the right to pass them on.
"""
