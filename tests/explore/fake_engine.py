"""An engine that needs no model: what a session has to do does not depend on how well it is done."""

from pathlib import Path

import numpy as np

from ghostnote.critic import Experience, SavedCritic
from ghostnote.explore.heard import Candidate
from ghostnote.loops import Loop, pattern_of_text
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_sound
from ghostnote.sounds.sound import FileSound

CLICK = FileSound("c" * 32, "click")


def click() -> np.ndarray:
    """Half a second that fades; beyond full scale, as levelled recordings may be."""
    time = np.arange(22_050) / 44_100
    return (1.7 * np.sin(2 * np.pi * 440 * time) * np.exp(-12 * time)).astype(np.float32)


def read_click(sound: FileSound) -> np.ndarray | None:
    return click() if sound == CLICK else None


class FakeEngine:
    """Proposes by number and seed, and likes what has as many hits as what was liked."""

    encoder_sha256 = "e" * 64

    def __init__(self, settings, bank: SoundBank, prior: bytes | None = None, *, progress=None) -> None:
        self.settings, self.bank, self.prior = settings, bank, prior
        self.asked: list[list] = []

    def propose(self, heard, controls=None):
        self.asked.append(list(heard))
        rng = np.random.default_rng([self.settings.seed, len(heard)])
        loop = random_loop(rng, self.settings.recordings)
        return self.judge([loop], heard)[0]

    def judge(self, loops, heard):
        liked = [h for h in heard if h.liked is not None]
        wanted = np.mean([2 * h.liked - 1 for h in liked]) if liked else 0.0
        judged = []
        for loop in loops:
            values = loop.pattern.hits.mean(axis=0).astype(np.float32)
            score = 1 / (1 + np.exp(-wanted * float(values.sum())))
            judged.append(Candidate(loop, values, float(score), 1 / (2 + len(liked)), "fake"))
        return judged

    def experience(self, heard):
        rated = [h for h in heard if h.liked is not None]
        return SavedCritic(
            self.encoder_sha256,
            (Experience(np.stack([h.embedding for h in rated]), np.array([h.liked for h in rated])),),
        )


def random_loop(rng, recordings=()) -> Loop:
    hits = rng.random((4, 16)) < 0.4
    pattern = pattern_of_text(*("".join("x" if on else "-" for on in row) for row in hits))
    sounds = [draw_sound(rng) for _ in range(4 - len(recordings[:1]))]
    return Loop(pattern, (*recordings[:1], *sounds))


class FakeLibrary:
    """Has one click, or has lost it."""

    def __init__(self, known: bool = True) -> None:
        self.known = known

    def read(self, sound: FileSound) -> np.ndarray | None:
        return read_click(sound) if self.known else None

    def path_of(self, sound: FileSound) -> Path | None:
        return Path("click.wav") if self.known and sound == CLICK else None
