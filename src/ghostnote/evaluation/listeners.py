"""Simulated listeners: hidden tastes that say like or dislike, to compare ways of exploring on equal terms.

A taste is a few wishes about traits of a loop: more of one, less of another, just so much of a third, or two at once.
It hangs on what is heard and on nothing that a critic computes. A threshold, set on random loops, makes a listener like
a given share of them; noise turns some of the answers round. They compare method with method; no person is predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.hits import Floats
from ghostnote.evaluation.traits import TRAIT_NAMES, TRAITS, TraitKind

Shape = Literal["more", "less", "about"]

KINDS: tuple[TraitKind, ...] = ("timbre", "rhythm", "both")
NOISES = (0.0, 0.1, 0.2)
LIKE_RATE = 0.372
"""Of the people of Alain et al. 2020 before anything was learned."""
RARE_RATE = 0.03
SPREAD = {0.0: (0.10, 0.12, 0.08), 0.1: (0.08, 0.06, 0.10), 0.2: (0.05, 0.07, 0.06)}
"""How far the two tastes of each noise and kind lie below and above `LIKE_RATE`. Noise of 20 % leaves less room."""
WIDTH = 0.7
_SURE = 1.5


@dataclass(frozen=True)
class Wish:
    """What a listener wants of one trait.

    Args:
        trait: name of it.
        shape: more of it, less of it, or about `centre`.
        centre: in standard deviations from the mean of random loops.
    """

    trait: str
    shape: Shape
    centre: float = 0.0

    def __post_init__(self) -> None:
        if self.trait not in TRAIT_NAMES:
            raise InvalidParameter(f"trait must be one of {', '.join(TRAIT_NAMES)}; got {self.trait!r}")

    def fulfilment(self, standard: Floats) -> Floats:
        """Return how far it is fulfilled, 0…1, `(loops,)`, from standardised traits `(loops, traits)`."""
        z = standard[:, TRAIT_NAMES.index(self.trait)]
        if self.shape == "about":
            return np.asarray(np.exp(-0.5 * ((z - self.centre) / WIDTH) ** 2))
        sign = 1.0 if self.shape == "more" else -1.0
        return np.asarray(1 / (1 + np.exp(-_SURE * np.clip(sign * z, -6, 6))))

    @property
    def words(self) -> str:
        """What it wants, to be read after “likes”; in brackets where it must be neither more nor less."""
        trait = TRAITS[TRAIT_NAMES.index(self.trait)]
        if self.shape == "about":
            level = "as usual" if abs(self.centre) < 0.3 else "rather much" if self.centre > 0 else "rather little"
            return f"{trait.more} ({level})"
        return trait.more if self.shape == "more" else trait.less


@dataclass(frozen=True)
class Term:
    """One reason to like a loop: a wish, or two that count only together.

    Args:
        wishes: one or two; of two, the product counts.
        weight: against the other terms.
    """

    wishes: tuple[Wish, ...]
    weight: float

    def value(self, standard: Floats) -> Floats:
        """Return how far all of its wishes are fulfilled, 0…1, `(loops,)`."""
        return np.asarray(np.prod([wish.fulfilment(standard) for wish in self.wishes], axis=0))

    @property
    def words(self) -> str:
        """What it wants, to be read after “likes”."""
        return " together with ".join(wish.words for wish in self.wishes)


Taste = tuple[Term, ...]


@dataclass(frozen=True)
class Listener:
    """Someone with a hidden taste.

    Args:
        name: unique.
        kind: what the taste hangs on.
        group: steady, drifting (from `taste` to `later` over the ratings) or rare.
        noise: share of answers that are turned round, [0, 0.5).
        rate: share of random loops that are to be answered with like, noise included.
        taste: what is liked.
        later: what is liked in the end, None if taste stays.
    """

    name: str
    kind: TraitKind
    group: Literal["steady", "drifting", "rare"]
    noise: float
    rate: float
    taste: Taste
    later: Taste | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.noise < 0.5:
            raise InvalidParameter(f"noise must lie in [0, 0.5); got {self.noise}. Is this a percentage?")
        if not self.noise < self.rate < 1 - self.noise:
            raise InvalidParameter(
                f"rate must lie between noise and 1 - noise, for noise alone gives as much; got {self.rate}"
            )

    @property
    def true_rate(self) -> float:
        """Share of random loops that are truly liked, before noise."""
        return (self.rate - self.noise) / (1 - 2 * self.noise)

    @property
    def words(self) -> str:
        """One sentence."""
        now = _words(self.taste)
        then = "" if self.later is None else f"; in the end likes {_words(self.later)}"
        noise = f"; {self.noise:.0%} of the answers are wrong" if self.noise else ""
        return f"Likes {now}{then}{noise}."


def _words(taste: Taste) -> str:
    listed = [term.words for term in taste]
    return ", ".join(listed[:-1]) + (" and " if len(listed) > 1 else "") + listed[-1]


def draw_taste(kind: TraitKind, rng: np.random.Generator) -> Taste:
    """Return a taste of `kind`: three terms; those of `both` include a sound that must come with a rhythm."""
    weights = (1.0, 0.8, 0.6)
    if kind != "both":
        names = rng.choice([t.name for t in TRAITS if t.kind == kind], size=3, replace=False)
        return tuple(Term((_draw_wish(str(name), rng),), w) for name, w in zip(names, weights, strict=True))
    names = rng.choice([t.name for t in TRAITS if t.kind == "both"], size=2, replace=False)
    pair = tuple(
        _draw_wish(str(rng.choice([t.name for t in TRAITS if t.kind == part])), rng) for part in ("timbre", "rhythm")
    )
    first, second = (Term((_draw_wish(str(name), rng),), w) for name, w in zip(names, weights[::2], strict=True))
    return (first, Term(pair, weights[1]), second)


def _draw_wish(trait: str, rng: np.random.Generator) -> Wish:
    shape = rng.choice(["more", "less", "about"], p=[0.35, 0.35, 0.3])
    centre = float(np.round(rng.uniform(-1.0, 1.0), 2)) if shape == "about" else 0.0
    return Wish(trait, shape, centre)


def draw_listeners(seed: int = 4) -> tuple[Listener, ...]:
    """Return 24 listeners: three kinds × three noises × two tastes, a drifting and a rare one of each kind."""
    rng = np.random.default_rng([seed, 24])
    steady = [
        Listener(
            f"{kind}-{noise:.0%}-{letter}".replace("%", ""),
            kind,
            "steady",
            noise,
            round(LIKE_RATE + sign * SPREAD[noise][k], 3),
            draw_taste(kind, rng),
        )
        for k, kind in enumerate(KINDS)
        for noise in NOISES
        for letter, sign in (("a", -1), ("b", 1))
    ]
    drifting = [
        Listener(f"{kind}-drifting", kind, "drifting", 0.1, LIKE_RATE, draw_taste(kind, rng), draw_taste(kind, rng))
        for kind in KINDS
    ]
    rare = [Listener(f"{kind}-rare", kind, "rare", 0.0, RARE_RATE, draw_taste(kind, rng)) for kind in KINDS]
    return (*steady, *drifting, *rare)


@dataclass(frozen=True, eq=False)
class Ear:
    """A listener who knows what loops are usually like here: answers questions.

    Args:
        listener: who.
        mean, deviation: `(traits,)`, of random loops.
        parts: mean and deviation over random loops of each term of `taste` and `later`.
        progress: `(points,)`, 0…1, at which the thresholds hold; one point for a steady taste.
        thresholds: `(points,)`, what pleasure must exceed to be liked.
    """

    listener: Listener
    mean: Floats
    deviation: Floats
    parts: tuple[tuple[tuple[float, float], ...], ...]
    progress: Floats
    thresholds: Floats

    def pleasure(self, traits: Floats, progress: float = 0.0) -> Floats:
        """Return how much loops please above the threshold, `(loops,)`: > 0 is truly liked.

        Args:
            traits: `(loops, traits)`, of `measure_traits`.
            progress: 0 at the first rating … 1 after the last; a drifting taste moves with it.
        """
        standard = np.clip((traits - self.mean) / self.deviation, -8, 8)
        value = _pleasure(self.listener, self.parts, standard, progress)
        return np.asarray(value - np.interp(progress, self.progress, self.thresholds))

    def likes(self, traits: Floats, progress: float = 0.0) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return what is truly liked, `(loops,)`."""
        return np.asarray(self.pleasure(traits, progress) > 0)

    def answers(
        self, traits: Floats, rng: np.random.Generator, progress: float = 0.0
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return what is said, `(loops,)`: the truth, turned round by noise."""
        return np.asarray(self.likes(traits, progress) ^ (rng.random(len(traits)) < self.listener.noise))


def tune(listener: Listener, traits: Floats) -> Ear:
    """Return the ear of `listener` among loops of which `traits` is a large random sample.

    Args:
        listener: whose taste it is.
        traits: `(loops, traits)`, at least 200 loops.

    Raises:
        InvalidParameter: there are too few loops.
    """
    if len(traits) < 200:
        raise InvalidParameter(f"traits must be of at least 200 random loops to set a threshold; got {len(traits)}")
    mean, deviation = traits.mean(axis=0), np.maximum(traits.std(axis=0), 1e-6)
    standard = (traits - mean) / deviation
    tastes = [taste for taste in (listener.taste, listener.later) if taste is not None]
    values = [[term.value(standard) for term in taste] for taste in tastes]
    parts = tuple(tuple((float(v.mean()), float(max(v.std(), 1e-6))) for v in taste) for taste in values)
    progress = np.linspace(0, 1, 17) if listener.later is not None else np.zeros(1)
    share = 1 - listener.true_rate
    thresholds = [float(np.quantile(_pleasure(listener, parts, standard, p), share)) for p in progress]
    return Ear(listener, mean, deviation, parts, progress, np.array(thresholds))


def _pleasure(
    listener: Listener, parts: Sequence[Sequence[tuple[float, float]]], standard: Floats, progress: float
) -> Floats:
    now = _sum(listener.taste, parts[0], standard)
    if listener.later is None:
        return now
    return (1 - progress) * now + progress * _sum(listener.later, parts[1], standard)


def _sum(taste: Taste, parts: Sequence[tuple[float, float]], standard: Floats) -> Floats:
    terms = (term.weight * (term.value(standard) - m) / d for term, (m, d) in zip(taste, parts, strict=True))
    return np.asarray(sum(terms, start=np.zeros(len(standard))))
