"""What `ghostnote study new` writes: files to begin with, whole and commented, which run as they are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType

from ghostnote.errors import InvalidParameter, StorageError
from ghostnote.storage import writing

_HEAD = """\
# A study of Ghostnote. Everything that could bend a result stands here before the first participant is let in:
# once somebody has taken part, it can not change any more.
protocol = "{protocol}"
title = "{title}"
seed = {seed}                 # of all chance: orders, sides, proposals
participants = {participants}            # planned; `ghostnote study power` tells how sure so many would make you

[texts]
consent = \"\"\"
You will hear short drum loops and say what you think of them. It takes about {minutes} minutes. We keep your answers
and their times under a random number; we ask for no name and no address. You may stop at any time, and come back to
this page in the same browser. By going on you agree that the answers are used and published without your name.\"\"\"
instructions = \"\"\"
Use headphones if you can, in a quiet place. {task}
There is no right or wrong: your own taste counts.\"\"\"
"""

_PHASES = """\
pause = "What made you like a loop, and what made you dislike one?"
thanks = "Thank you. Your result, and the loops that you liked best, are below."

[playing]
least_seconds = 2.0       # of listening before an answer is taken: one bar at 120 bpm
pause_seconds = 60

[generator]
musical = 0.0             # 0 anything goes, as in 2020 … 1 as drummers play
steps = 16
rows = 4
tempo_bpm = [120, 120]
swing = [0.0, 0.0]
density = 0.5
four_on_the_floor = false
own_sounds = 400
sounds = []               # folders of recordings beside ours
algorithm = "evolve"      # or "metropolis", as in 2020
candidates = 1000

[critic]
kind = "product"          # or "original", the network of 2020 (needs PyTorch)
start = "untrained"       # or "pretrained", "combined"
files = []                # saved critics for these two
"""

_DEEPDRUMMER = """
[phase_one]
ratings = 80

[phase_two]
arms = { untrained = 30, trained = 30 }
"""

_PREFERENCE = """
[phase_one]
ratings = 80
warm_up = 4               # rated and not learned from: people change their mind at first

[phase_two]
# Blind and shuffled. `original` is the network of 2020 and needs PyTorch; 0 leaves an arm out.
arms = { untrained = 60, original = 0, product = 60, random = 60 }
repeats = 20              # so many loops come twice: does the participant agree with himself or herself?
repeat_gap = 12

[stopping]
rule = "precision"        # enough when the interval of the mean difference is narrow; "fixed" stops at `participants`
half_width = 0.05
least = 12
most = 60
every = 4
"""

SURVEY = """
[[survey]]
id = "perceived_learning"
text = "Did it learn what you like?"
low_label = "not at all"
high_label = "very much"

[[survey]]
id = "musical_ability"
text = "How musical are you?"
low_label = "not at all"
high_label = "professional"

[[survey]]
id = "usefulness"
text = "Would this be useful to you?"
low_label = "not at all"
high_label = "very"

[[survey]]
id = "criteria"
text = "Which words tell what you went by? Separate them with commas."
kind = "words"

[[survey]]
id = "comments"
text = "Anything else?"
kind = "text"
"""

_PAIRWISE = """\
thanks = "Thank you."

[playing]
least_seconds = 2.0       # of each clip

# Two or more. A folder holds WAV, FLAC or MIDI (rendered with the kit below); the same file name in each folder is the
# same item. A source comes straight from the Groove MIDI Dataset and our models: real, quantised, jitter, product; or
# reproduction, the network of GrooVAE. It needs PyTorch, and weights that you train with `ghostnote train seq2seq` (an
# hour on one core, 16 MB; none are shipped): weights = "runs/seq2seq/best.safetensors", relative to this file.
[[systems]]
name = "real"
source = "real"

[[systems]]
name = "product"
source = "product"

[[systems]]
name = "quantised"
source = "quantised"

[[systems]]
name = "jitter"
source = "jitter"

[material]
archive = ""              # of the dataset; where `ghostnote data fetch` put it if empty
split = "test"
items = 24
bars = 2
kit = "dry_acoustic"

[trials]
per_participant = {trials}
catch = {catch}                 # one clip of the pair is spoilt; 0 in form mushra
matched = true

[exclusion]               # stated before anybody has answered
least_catch_correct = 0.75
least_median_seconds = 0
"""

_PAIR_SURVEY = """
[[survey]]
id = "musical_ability"
text = "How musical are you?"
low_label = "not at all"
high_label = "professional"

[[survey]]
id = "comments"
text = "What did you go by?"
kind = "text"
"""


def _phases(protocol: str, rest: str, participants: int, minutes: int) -> str:
    task = "Play each loop, then say whether you like it or not."
    head = _HEAD.format(
        protocol=protocol, title="Drum loops", seed=2020, participants=participants, minutes=minutes, task=task
    )
    return head + _PHASES + rest + SURVEY


def _pairs(form: str, question: str, trials: int) -> str:
    task = "Play every clip to its end, then answer."
    head = _HEAD.format(protocol="pairwise", title="Listening test", seed=2020, participants=20, minutes=20, task=task)
    asked = f'form = "{form}"\nquestion = "{question}"\n'
    if form == "mushra":
        asked += 'reference = "real"\nanchor = "lowpass"       # the reference without its treble\n'
    return (
        head.replace("\n[texts]", f"{asked}\n[texts]", 1)
        + _PAIRWISE.format(trials=trials, catch=0 if form == "mushra" else 4)
        + _PAIR_SURVEY
    )


TEMPLATES: Mapping[str, str] = MappingProxyType(
    {
        "deepdrummer-2020": _phases("deepdrummer-2020", _DEEPDRUMMER, 25, 40),
        "preference": _phases("preference", _PREFERENCE, 30, 75),
        "pairwise": _pairs("ab", "Which of the two sounds more like a human drummer?", 40),
        "mushra": _pairs("mushra", "How close is each clip to the reference?", 12),
    }
)


def write_template(path: str | os.PathLike[str], template: str, *, overwrite: bool = False) -> None:
    """Write the study's file to begin with.

    Args:
        path: of the file, by custom with the suffix `.toml`.
        template: one of `TEMPLATES`.
        overwrite: whether a file there may be replaced.

    Raises:
        InvalidParameter: there is no such template.
        StorageError: the file exists and may not be replaced, or writing failed.
    """
    if template not in TEMPLATES:
        raise InvalidParameter(f"template must be one of {', '.join(TEMPLATES)}; got {template!r}")
    try:
        with writing(path, overwrite=overwrite) as stream:
            stream.write(TEMPLATES[template].encode())
    except StorageError:
        raise
    except OSError as error:
        raise StorageError(f"the study can not be written to {path}: {error.strerror}") from error
