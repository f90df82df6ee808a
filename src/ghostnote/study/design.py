"""A study as its file tells it: which protocol, how many ratings, what is heard, what is asked.

Everything that could bend a result is stated here, before the first participant: numbers, arms, who is left out and
when to stop. A study that has begun keeps what it was begun with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ghostnote.study.fields import ruled

PREFERENCE_PROTOCOLS = ("deepdrummer-2020", "preference")
PROTOCOLS = (*PREFERENCE_PROTOCOLS, "pairwise")
CRITICS = ("product", "original")
UNTRAINED, TRAINED, PRODUCT, ORIGINAL, RANDOM = "untrained", "trained", "product", "original", "random"
ARMS: Mapping[str, tuple[str, ...]] = {
    "deepdrummer-2020": (UNTRAINED, TRAINED),
    "preference": (UNTRAINED, ORIGINAL, PRODUCT, RANDOM),
}
REPRODUCTION = "reproduction"
SOURCES = ("real", "quantised", "jitter", "product", REPRODUCTION)
"""What a system of a listening test can be, straight from the dataset and the models; any other is a folder."""

REPRODUCTION_BARS = 2
"""That a reproduction plays at a time."""

ANCHOR = "lowpass"
_NOT_ENDLESS = "Leave participants the time to listen"
_SOME_LOOPS = "How many loops does each participant rate?"
_SOME_PEOPLE = "How many are to take part?"


@dataclass(frozen=True)
class Texts:
    """What participants read.

    Args:
        consent: what they agree to.
        instructions: what they are to do.
        pause: the question of the pause between the phases; empty for none.
        thanks: at the end.
    """

    consent: str = ruled("text", least=1, fix="Say who runs the study, what is kept, and that one may stop any time")
    instructions: str = ruled("text", least=1)
    pause: str = ruled("text", "")
    thanks: str = ruled("text", "Thank you.")


@dataclass(frozen=True)
class Question:
    """A question of the survey.

    Args:
        id: a-z, 0-9 and _; unique.
        text: as asked.
        kind: `scale`, `choice`, `text`, or `words` (a list of criteria, separated by commas).
        low, high: ends of a scale.
        low_label, high_label: what these mean.
        choices: of a choice.
        required: whether it must be answered.
    """

    id: str = ruled("text", least=1, most=40)
    text: str = ruled("text", least=1, most=1_000)
    kind: str = ruled("text", "scale", choices=("scale", "choice", "text", "words"))
    low: int = ruled("whole", 1, least=0, most=10)
    high: int = ruled("whole", 5, least=1, most=100)
    low_label: str = ruled("text", "", most=200)
    high_label: str = ruled("text", "", most=200)
    choices: tuple[str, ...] = ruled("names", (), most=40)
    required: bool = ruled("flag", False)


@dataclass(frozen=True)
class Playing:
    """How a loop or clip is to be heard.

    Args:
        least_seconds: of playing before an answer is taken.
        pause_seconds: least length of the pause between the phases.
        sample_rate_hz: of what is sent.
    """

    least_seconds: float = ruled("number", 2.0, least=0.0, most=60.0)
    pause_seconds: float = ruled("number", 60.0, least=0.0, most=3_600.0, fix="Is this milliseconds?")
    sample_rate_hz: int = ruled("whole", 44_100, least=8_000, most=192_000)


@dataclass(frozen=True)
class GeneratorDesign:
    """What makes the loops; as `SessionSettings`.

    Args:
        musical: 0 anything goes … 1 as drummers play.
        steps, rows, density, four_on_the_floor, style: of loops.
        tempo_bpm, swing: lowest and highest.
        own_sounds: how many sounds of ours.
        sounds: folders of recordings beside them; relative to the study's file.
        algorithm: how is sought: `evolve` is the product's, `metropolis` that of Alain et al. 2020.
        candidates: loops considered for a proposal.
    """

    musical: float = ruled("number", 0.0, least=0.0, most=1.0, fix="Is this a percentage?")
    steps: int = ruled("whole", 16, least=8, most=32)
    rows: int = ruled("whole", 4, least=1, most=8)
    tempo_bpm: tuple[float, float] = ruled("range", (120.0, 120.0), least=60.0, most=200.0)
    swing: tuple[float, float] = ruled("range", (0.0, 0.0), least=0.0, most=0.5, fix="Is this a percentage?")
    density: float = ruled("number", 0.5, least=0.0, most=1.0, fix="Is this a percentage?")
    four_on_the_floor: bool = ruled("flag", False)
    style: str = ruled("text", "", most=40)
    own_sounds: int = ruled("whole", 400, least=0, most=10_000)
    sounds: tuple[str, ...] = ruled("names", ())
    algorithm: str = ruled("text", "evolve", choices=("evolve", "random", "metropolis", "hill_climb"))
    candidates: int = ruled("whole", 1_000, least=16, most=100_000)


@dataclass(frozen=True)
class CriticDesign:
    """What learns, and where it starts.

    Args:
        kind: `product`, ours, or `original`, that of Alain et al. 2020 (needs PyTorch).
        start: `untrained`, `pretrained` (goes on from one saved critic) or `combined` (from several).
        files: saved critics; relative to the study's file.
    """

    kind: str = ruled("text", PRODUCT, choices=CRITICS)
    start: str = ruled("text", UNTRAINED, choices=(UNTRAINED, "pretrained", "combined"))
    files: tuple[str, ...] = ruled("names", ())


@dataclass(frozen=True)
class PhaseOne:
    """Rating with learning.

    Args:
        ratings: that are learned from.
        warm_up: ratings before them, to get used to it, which are not learned from.
    """

    ratings: int = ruled("whole", 80, least=2, most=1_000, fix=_NOT_ENDLESS, none=_SOME_LOOPS)
    warm_up: int = ruled("whole", 0, least=0, most=100)


@dataclass(frozen=True)
class PhaseTwo:
    """Rating without learning, blind and shuffled.

    Args:
        arms: how many loops of which arm.
        repeats: so many of them come a second time, for self-consistency.
        repeat_gap: at least so many loops lie between.
    """

    arms: Mapping[str, int]
    repeats: int = ruled("whole", 0, least=0, most=200)
    repeat_gap: int = ruled("whole", 8, least=1, most=100)

    @property
    def trials(self) -> int:
        """How many loops are rated."""
        return sum(self.arms.values()) + self.repeats


@dataclass(frozen=True)
class Stopping:
    """When there are enough participants: it looks at how sure the result is, never at what it is.

    Args:
        rule: `fixed` stops at the planned number; `precision` when the interval of the mean Δ is narrow enough.
        half_width: of that interval.
        least, most: participants who finished, whatever the interval.
        every: looks after each so many.
    """

    rule: str = ruled("text", "fixed", choices=("fixed", "precision"))
    half_width: float = ruled("number", 0.05, least=0.005, most=0.5, fix="Is this a percentage?")
    least: int = ruled("whole", 12, least=3, most=10_000)
    most: int = ruled("whole", 60, least=3, most=10_000)
    every: int = ruled("whole", 4, least=1, most=1_000)


@dataclass(frozen=True)
class PreferenceDesign:
    """A study of ratings: `deepdrummer-2020`, or `preference`.

    Args:
        protocol: which.
        title: what participants see on top.
        seed: of all chance.
        participants: planned.
        home: folder of the study's file, which folders are relative to.
    """

    texts: Texts
    generator: GeneratorDesign
    critic: CriticDesign
    phase_one: PhaseOne
    phase_two: PhaseTwo
    stopping: Stopping
    playing: Playing
    survey: tuple[Question, ...]
    home: Path = field(compare=False)
    protocol: str = ruled("text", "deepdrummer-2020", choices=PREFERENCE_PROTOCOLS)
    title: str = ruled("text", "Drum loops", least=1, most=200)
    seed: int = ruled("whole", 0, least=0, most=2**63 - 1)
    participants: int = ruled("whole", 25, least=1, most=10_000, none=_SOME_PEOPLE)

    @property
    def before(self) -> str:
        """The arm that others are compared with."""
        arms = self.phase_two.arms
        return UNTRAINED if arms.get(UNTRAINED) else RANDOM

    @property
    def after(self) -> str:
        """The arm whose Δ is the result."""
        arms = self.phase_two.arms
        return next(arm for arm in (TRAINED, PRODUCT, ORIGINAL, RANDOM) if arms.get(arm) and arm != self.before)

    @property
    def learners(self) -> tuple[str, ...]:
        """The critics that propose in phase I, turn by turn in an order of chance: each that an arm stands for."""
        if self.protocol == "deepdrummer-2020":
            return (self.critic.kind,)
        return tuple(arm for arm in (PRODUCT, ORIGINAL) if self.phase_two.arms.get(arm)) or (self.critic.kind,)

    @property
    def most_participants(self) -> int:
        """How many are let in."""
        return self.stopping.most if self.stopping.rule == "precision" else self.participants


@dataclass(frozen=True)
class System:
    """What is compared in a listening test.

    Args:
        name: a-z, 0-9, - and _; only the operator sees it.
        folder: of clips (WAV, FLAC, AIFF, OGG, or MIDI, which is rendered); relative to the study's file.
        source: instead of a folder: `real` recordings of the dataset, these `quantised`, with random `jitter`, or
            humanised by the `product` or by a `reproduction` of GrooVAE (needs PyTorch).
        weights: of a reproduction, safetensors that `ghostnote train` wrote; relative to the study's file.
    """

    name: str = ruled("text", least=1, most=40)
    folder: str = ruled("text", "", most=1_000)
    source: str = ruled("text", "", choices=("", *SOURCES))
    weights: str = ruled("text", "", most=1_000)


@dataclass(frozen=True)
class Material:
    """What systems that come straight from the models play.

    Args:
        archive: of the Groove MIDI Dataset; where `ghostnote data fetch` put it if empty.
        split: of the dataset.
        items: how many recordings.
        bars: of each.
        kit: that renders MIDI.
        jitter_ms, jitter_velocity: standard deviations of random jitter.
        temperature: of the product.
    """

    archive: str = ruled("text", "", most=1_000)
    split: str = ruled("text", "test", choices=("train", "validation", "test"))
    items: int = ruled("whole", 24, least=1, most=1_000)
    bars: int = ruled("whole", 2, least=1, most=16)
    kit: str = ruled("text", "dry_acoustic", most=40)
    jitter_ms: float = ruled("number", 22.0, least=0.0, most=200.0, fix="Is this in seconds?")
    jitter_velocity: float = ruled("number", 20.0, least=0.0, most=64.0)
    temperature: float = ruled("number", 1.0, least=0.0, most=2.0)


@dataclass(frozen=True)
class PairTrials:
    """What a participant hears.

    Args:
        per_participant: pairs (form `ab`) or screens (form `mushra`), catch trials not counted.
        catch: trials whose right answer is known: one clip is spoilt.
        matched: both clips of a pair are of one item (the same file name in each folder); if not, any two.
        ties: whether “no difference” may be answered.
        length_tolerance_seconds: by how much clips of a pair may differ in length.
    """

    per_participant: int = ruled(
        "whole", 40, least=1, most=1_000, fix=_NOT_ENDLESS, none="How many pairs or screens does each participant hear?"
    )
    catch: int = ruled("whole", 4, least=0, most=100)
    matched: bool = ruled("flag", True)
    ties: bool = ruled("flag", False)
    length_tolerance_seconds: float = ruled("number", 0.1, least=0.0, most=10.0)


@dataclass(frozen=True)
class Exclusion:
    """Whose answers do not count, stated beforehand.

    Args:
        least_catch_correct: share of the catch trials that must be right.
        least_median_seconds: of a participant's answers; 0 for no such rule.
        least_reference: form `mushra`: the median rating that the hidden reference must get.
    """

    least_catch_correct: float = ruled("number", 0.75, least=0.0, most=1.0, fix="Is this a percentage?")
    least_median_seconds: float = ruled("number", 0.0, least=0.0, most=60.0)
    least_reference: int = ruled("whole", 80, least=0, most=100)


@dataclass(frozen=True)
class PairwiseDesign:
    """A listening test.

    Args:
        form: `ab`, which of two; or `mushra`, 0…100 for each, with hidden reference and anchor.
        question: as asked with each pair.
        reference: form `mushra`: the system that is the reference.
        anchor: form `mushra`: a system, or `lowpass`, the reference without its treble.
        others: as `PreferenceDesign`.
    """

    texts: Texts
    systems: tuple[System, ...]
    material: Material
    trials: PairTrials
    exclusion: Exclusion
    playing: Playing
    survey: tuple[Question, ...]
    home: Path = field(compare=False)
    protocol: str = ruled("text", "pairwise", choices=("pairwise",))
    title: str = ruled("text", "Listening test", least=1, most=200)
    seed: int = ruled("whole", 0, least=0, most=2**63 - 1)
    participants: int = ruled("whole", 20, least=1, most=10_000, none=_SOME_PEOPLE)
    form: str = ruled("text", "ab", choices=("ab", "mushra"))
    question: str = ruled("text", "Which of the two do you prefer?", least=1, most=500)
    reference: str = ruled("text", "", most=40)
    anchor: str = ruled("text", ANCHOR, most=40)

    @property
    def most_participants(self) -> int:
        """How many are let in."""
        return self.participants

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the systems."""
        return tuple(system.name for system in self.systems)


Design = PreferenceDesign | PairwiseDesign
Form = Literal["ab", "mushra"]
