"""Small studies for tests: an engine without a model, clips of a second."""

import datetime
import io
from pathlib import Path

import numpy as np
import soundfile

from ghostnote.critic import Experience, SavedCritic
from ghostnote.explore.heard import Candidate
from ghostnote.loops import Loop, pattern_of_text
from ghostnote.sounds.families import draw_sound
from ghostnote.study.running import Study

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
        more, catch = f'reference = "human"\n{more}', 0
    path = folder / "pairs.toml"
    path.write_text(PAIRS.format(form=form, seed=seed, trials=trials, catch=catch, matched=matched, more=more))
    return path


def write_clip(path: Path, *, seconds=1.0, gain=0.5, hertz=300.0, rate=RATE) -> None:
    time = np.arange(round(seconds * rate)) / rate
    decay = np.exp(-8 * (time % 0.25))
    soundfile.write(path, gain * decay * np.sin(2 * np.pi * hertz * time) + 0.2 * gain * decay, rate)


class SmallEngine:
    """Proposes by seed and number, and likes what has many hits, the more it was told so."""

    encoder_sha256 = "e" * 64

    def __init__(self, settings, bank, prior=None) -> None:
        self.settings = settings

    def propose(self, heard, controls=None):
        rng = np.random.default_rng([self.settings.seed, len(heard)])
        loops = [random_loop(rng) for _ in range(8)]
        return max(self.judge(loops, heard), key=lambda candidate: candidate.score)

    def judge(self, loops, heard):
        told = [h for h in heard if h.liked is not None]
        wanted = np.mean([(2 * h.liked - 1) * (busy(h.loop) - 0.45) for h in told]) if told else 0.0
        return [
            Candidate(
                loop,
                np.array([busy(loop), 1.0], dtype=np.float32),
                float(1 / (1 + np.exp(-200 * wanted * (busy(loop) - 0.45)))),
                0.5,
                "small",
            )
            for loop in loops
        ]

    def experience(self, heard):
        told = [h for h in heard if h.liked is not None]
        embeddings = np.array([[busy(h.loop), 1.0] for h in told], dtype=np.float32)
        return SavedCritic(self.encoder_sha256, (Experience(embeddings, np.array([h.liked for h in told])),))


def busy(loop: Loop) -> float:
    return float(loop.pattern.hits.mean())


def random_loop(rng) -> Loop:
    hits = rng.random((4, 16)) < rng.uniform(0.1, 0.8)
    hits[0, 0] = True
    pattern = pattern_of_text(*("".join("x" if on else "-" for on in row) for row in hits))
    return Loop(pattern, tuple(draw_sound(np.random.default_rng(k)) for k in range(4)))


class Clock:
    """Two seconds pass each time that somebody looks at it."""

    def __init__(self) -> None:
        self.seconds = 0

    def __call__(self) -> str:
        self.seconds += 2
        return (datetime.datetime(2026, 1, 1) + datetime.timedelta(seconds=self.seconds)).isoformat() + "+00:00"


def open_study(path: Path, clock=None) -> Study:
    return Study.open(path, make_engine=SmallEngine, clock=clock or Clock())


def answer_to(study: Study, participant: str, step, seed=0) -> dict:
    """What a participant says who likes what is busy, and hears what is louder at the top."""
    rng = np.random.default_rng([seed, study.store.number_of(participant), step.done])
    if step.kind == "loop":
        loop = study.loop(participant, int(step.id.split("-")[1]))
        return {"liked": bool(busy(loop) + 0.05 * rng.standard_normal() > 0.45)}
    if step.kind == "pair":
        heard = [soundfile.read(io.BytesIO(study.sound(participant, step.id, which)))[0] for which in (0, 1)]
        treble = [np.abs(np.diff(audio[:, 0])).sum() for audio in heard]
        return {"choice": "first" if treble[0] >= treble[1] else "second"}
    if step.kind == "screen":
        return {"ratings": [int(rng.integers(0, 101)) for _ in range(step.sounds - 1)]}
    return {
        "consent": {"agreed": True},
        "instructions": {"heard": True},
        "pause": {"text": "the <kick>"},
        "survey": {q.id: 4 if q.kind == "scale" else "Groove, bass <b>" for q in step.questions},
    }[step.kind]


def walk(study: Study, participant: str, until: str = "thanks", seed=0, always=None) -> list:
    """Let a participant go on until a step."""
    steps = []
    while (step := study.next(participant)).id not in (until, "thanks"):
        times = {"seconds": 3.0 + step.done / 10, "played_seconds": [2.0] * step.sounds}
        answer = always if always and step.kind == "loop" else answer_to(study, participant, step, seed)
        study.answer(participant, step.id, answer, f"key-{step.id}", times)
        steps.append(step)
    return steps
