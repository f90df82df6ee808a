"""Small studies for tests: an engine without a model, clips of a second."""

from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000

PREFERENCE = """
protocol = "{protocol}"
title = "Loops <b>"
seed = {seed}
participants = {participants}
[texts]
consent = "Do you agree?"
instructions = "Listen."
pause = "What did you like?"
[playing]
least_seconds = 0.5
pause_seconds = 0
sample_rate_hz = 16000
[generator]
own_sounds = 12
[phase_one]
ratings = {ratings}
{more_one}
[phase_two]
arms = {arms}
{more_two}
[[survey]]
id = "learned"
text = "Did it learn?"
required = true
[[survey]]
id = "criteria"
text = "Words?"
kind = "words"
[[survey]]
id = "comments"
text = "Anything else?"
kind = "text"
"""

PAIRS = """
protocol = "pairwise"
seed = {seed}
participants = 20
form = "{form}"
{more}
[texts]
consent = "Do you agree?"
instructions = "Listen."
[playing]
least_seconds = 0.5
sample_rate_hz = 16000
[[systems]]
name = "human"
folder = "human"
[[systems]]
name = "machine"
folder = "machine"
[[systems]]
name = "grid"
folder = "grid"
[trials]
per_participant = {trials}
catch = {catch}
matched = {matched}
[[survey]]
id = "comments"
text = "What did you go by?"
kind = "text"
"""


def preference_file(
    folder: Path, *, protocol="preference", seed=7, participants=6, ratings=4, arms=None, more_one="", more_two=""
) -> Path:
    arms = arms or ("{ untrained = 3, trained = 3 }" if protocol != "preference" else "{ untrained = 3, product = 3 }")
    path = folder / "taste.toml"
    path.write_text(
        PREFERENCE.format(
            protocol=protocol, seed=seed, participants=participants, ratings=ratings, arms=arms,
            more_one=more_one, more_two=more_two,
        )
    )  # fmt: skip
    return path


def pairs_file(folder: Path, *, form="ab", seed=7, trials=6, catch=2, matched="true", more="", items=4) -> Path:
    for number, system in enumerate(("human", "machine", "grid")):
        (folder / system).mkdir(exist_ok=True)
        for item in range(items):
            write_clip(folder / system / f"song-{item}.wav", gain=0.1 + 0.3 * number, hertz=900 + 90 * item)
    if form == "mushra":
        more = f'reference = "human"\n{more}'
    path = folder / "pairs.toml"
    path.write_text(PAIRS.format(form=form, seed=seed, trials=trials, catch=catch, matched=matched, more=more))
    return path


def write_clip(path: Path, *, seconds=1.0, gain=0.5, hertz=300.0, rate=RATE) -> None:
    time = np.arange(round(seconds * rate)) / rate
    decay = np.exp(-8 * (time % 0.25))
    soundfile.write(path, gain * decay * np.sin(2 * np.pi * hertz * time) + 0.2 * gain * decay, rate)
