"""Are the simulated listeners sane? How often they like, how alike they are, and whether a taste can be learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ghostnote.evaluation.hits import Floats
from ghostnote.evaluation.listeners import Ear, Listener
from ghostnote.evaluation.reliability import area_under_roc
from ghostnote.training.explorer_worlds import World

CHECKED, PROBED, ANSWERS, REPEATS = 3000, 1000, 80, 10
_BEST, _RIDGE = 0.03, 30.0


@dataclass(frozen=True)
class Sanity:
    """Of one listener in one world.

    Args:
        listener, world: names.
        rate: share of answers that are likes.
        true_rate: share truly liked.
        auc: of a ridge regression on the traits from 80 answers, against the truth.
        best: share truly liked of the 3 % that it thinks most of.
    """

    listener: str
    world: str
    rate: float
    true_rate: float
    auc: float
    best: float


def check_listeners(listeners: Sequence[Listener], world: World, *, seed: int = 9) -> tuple[list[Sanity], Floats]:
    """Return how sane each listener is in `world`, and the correlations of what they truly like."""
    rng = np.random.default_rng(seed)
    heard, probed = (world.traits([world.generator.draw(rng) for _ in range(n)]) for n in (CHECKED, PROBED))
    found, likes = [], []
    for listener in listeners:
        ear = world.ear(listener)
        truly, said = ear.likes(heard), ear.answers(heard, rng)
        likes.append(truly)
        auc, best = _probe(ear, heard, said, probed, rng)
        found.append(Sanity(listener.name, world.name, float(said.mean()), float(truly.mean()), auc, best))
    return found, np.corrcoef(np.array(likes, dtype=np.float64))


def _probe(
    ear: Ear, heard: Floats, said: np.ndarray[tuple[int], np.dtype[np.bool_]], probed: Floats, rng: np.random.Generator
) -> tuple[float, float]:
    answers = said.astype(np.float64)
    standard, test = ((values - ear.mean) / ear.deviation for values in (heard, probed))
    truly = ear.likes(probed)
    results = []
    for _ in range(REPEATS):
        rated = rng.choice(len(heard), ANSWERS, replace=False)
        x, y = standard[rated], answers[rated] - answers[rated].mean()
        weights = np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ y)
        scores = test @ weights
        top = np.argsort(-scores)[: round(_BEST * len(scores))]
        results.append((area_under_roc(scores, truly.astype(np.float64)), float(truly[top].mean())))
    auc, best = np.mean(results, axis=0)
    return float(auc), float(best)
