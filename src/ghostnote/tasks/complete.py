"""The one inference path: known parts of a groove in, the missing parts out.

What is unknown of the hits is written by the composer; then the performer plays the whole score around the velocities
and offsets that are known. Every task is this function applied to what a forward transformation left of a groove (see
`ghostnote.groove.transforms`): the score alone, a tap, all voices but one, the bars so far, nothing at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove import Groove
from ghostnote.groove.feel import Feel
from ghostnote.groove.transforms import Partial
from ghostnote.models.composer import Composer, Request, load_composer
from ghostnote.models.performer import UNKNOWN, Performer, Played, Reading, load_performer
from ghostnote.models.score import ScoreFeatures, read_score
from ghostnote.models.steps import read_steps
from ghostnote.tasks.feeling import read_with_feel

LATEST = np.float32(0.5 - 1e-6)


_SHIFTS, _MOST_SHIFT, _NEAR_ENOUGH = 6, 6.0, 0.15  # of log-odds, to come near a wished density


@dataclass(frozen=True, eq=False)
class Wish:
    """What a completion should be like, beyond what is given.

    Args:
        style: one of `load_performer().styles`, or None.
        kind: "beat", which goes on, or "fill", which ends; None leaves it open.
        density: hits per beat of the whole kit to aim at, in 0…36 (GMD: 2-8), or None.
        temperature: variety, 0…2; 0 is the calmest, which needs no seed.
        feel: to play with, or None.
        latents: `(windows, latent)`, what kind of beat each 32 steps are, from `Composer.listen`, or None.
        bias: `(steps, voices)`, added to the log-odds of each hit, or None.
    """

    style: str | None = None
    kind: str | None = None
    density: float | None = None
    temperature: float = 1.0
    feel: Feel | None = None
    latents: NDArray[np.float32] | None = None
    bias: NDArray[np.float32] | None = None


def complete(
    partial: Partial,
    wish: Wish | None = None,
    *,
    seed: int = 0,
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> Groove:
    """Return a whole groove that agrees with `partial` wherever that is known.

    Args:
        partial: what is given.
        wish: what the rest should be like.
        seed: another seed is another take.
        composer, performer: models of your own; the chosen or shipped ones if None.

    Raises:
        InvalidParameter: a wish is out of range, or the style is not known.
    """
    return complete_all([partial], [wish or Wish()], [seed], composer=composer, performer=performer)[0]


def complete_all(
    partials: Sequence[Partial],
    wishes: Sequence[Wish],
    seeds: Sequence[int],
    *,
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> list[Groove]:
    """Return what `complete` returns for each, all at once; each depends on its own arguments alone.

    Raises:
        InvalidParameter: as `complete`, or temperatures differ.
    """
    temperatures = {wish.temperature for wish in wishes}
    if len(temperatures) > 1:
        raise InvalidParameter(f"temperatures must be equal for all of one call; got {sorted(temperatures)}")
    for wish, seed in zip(wishes, seeds, strict=True):
        check_wish(wish, seed)
    if not partials:
        return []
    performer = performer or load_performer()
    hits = write_hits(partials, wishes, seeds, composer=composer, performer=performer)
    grids = [partial.grid for partial in partials]
    scores = [read_score(written, grid) for written, grid in zip(hits, grids, strict=True)]
    readings = performer.read_all(scores, [performer.style_id(wish.style) for wish in wishes])
    felt = [
        read_with_feel(performer, reading, score, grid, wish.feel, calm=wish.temperature == 0)
        for reading, score, grid, wish in zip(readings, scores, grids, wishes, strict=True)
    ]
    readings = [one.reading for one in felt]
    given = [_given(*parts) for parts in zip(partials, scores, readings, strict=True)]
    played = _play(performer, scores, readings, [one.known for one in given], seeds, temperatures.pop())
    played = [one.added_to(take) for one, take in zip(felt, played, strict=True)]
    return [_assemble(*parts) for parts in zip(partials, hits, scores, given, played, strict=True)]


def write_hits(
    partials: Sequence[Partial],
    wishes: Sequence[Wish],
    seeds: Sequence[int],
    *,
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> list[NDArray[np.float32]]:
    """Return the hits of each, `(steps, voices)`: the first half of `complete_all`."""
    results = [np.nan_to_num(partial.hits, nan=0.0).astype(np.float32) for partial in partials]
    asked = [i for i, partial in enumerate(partials) if partial.unknown.any()]
    if not asked:
        return results
    composer = composer or load_composer()
    performer = performer or load_performer()
    requests = [
        Request(
            read_steps(partials[i]),
            np.random.default_rng((seeds[i], 0)),
            performer.style_id(wishes[i].style),
            wishes[i].kind,
            wishes[i].density,
            wishes[i].latents,
            wishes[i].bias,
        )
        for i in asked
    ]
    temperature = wishes[0].temperature
    written = composer.write(requests, temperature=temperature) if temperature else composer.agree(requests)
    for place, i in enumerate(asked):
        if wishes[i].density is not None and temperature:
            written[place] = _as_dense(partials[i], requests[place], written[place], composer, temperature, seeds[i])
    for i, hits in zip(asked, written, strict=True):
        results[i] = hits
    return results


def _play(
    performer: Performer,
    scores: Sequence[ScoreFeatures],
    readings: Sequence[Reading],
    known: Sequence[Played],
    seeds: Sequence[int],
    temperature: float,
) -> list[Played]:
    rngs = [np.random.default_rng((seed, 1)) for seed in seeds]
    played = performer.play(scores, readings, rngs, temperature=temperature, known=known)
    if temperature == 0.0:
        # Where there is nothing to play around, the medians of all takes are calmer than the median of each draw.
        for place, one in enumerate(known):
            if (one.velocities == UNKNOWN).all() and np.isnan(one.offsets).all():
                played[place] = readings[place].expected()
    return played


def _as_dense(
    partial: Partial, request: Request, hits: NDArray[np.float32], composer: Composer, temperature: float, seed: int
) -> NDArray[np.float32]:
    """Return hits as dense as `request` wishes, where something is unknown, as nearly as what is given allows.

    What is given may speak for another density than is wished: then the log-odds of all hits are shifted together.
    """
    asked = partial.unknown.any(axis=1)
    wanted = (request.density or 0.0) * float(partial.grid.lengths_beats[asked].sum())
    base = np.zeros(hits.shape, dtype=np.float32) if request.bias is None else request.bias
    best, low, high = hits, -_MOST_SHIFT, _MOST_SHIFT
    for _ in range(_SHIFTS):
        if abs(float(best[asked].sum()) - wanted) <= _NEAR_ENOUGH * wanted:
            break
        shift = (low + high) / 2
        # The same chances for all trials, so that only the shift makes a difference.
        again = replace(request, bias=base + np.float32(shift), rng=np.random.default_rng((seed, 2)))
        trial = composer.write([again], temperature=temperature)[0]
        low, high = (shift, high) if trial[asked].sum() < wanted else (low, shift)
        if abs(float(trial[asked].sum()) - wanted) < abs(float(best[asked].sum()) - wanted):
            best = trial
    return best


def check_wish(wish: Wish, seed: int) -> None:
    """Raise `InvalidParameter` where a number is out of range; the style is checked by the model that knows it."""
    if not 0.0 <= wish.temperature <= 2.0:
        raise InvalidParameter(f"temperature must lie in 0…2; got {wish.temperature:g}")
    if wish.density is not None and not 0.0 < wish.density <= 36.0:
        raise InvalidParameter(f"density must lie in 0…36 hits per beat; got {wish.density:g}")
    if seed < 0:
        raise InvalidParameter(f"seed must be at least 0; got {seed}")


@dataclass(frozen=True, eq=False)
class _Given:
    """What the performer has to play around.

    Args:
        known: of each hit; unknown values are free.
        carriers: places of the hits that carry the tap, one for each tapped step.
    """

    known: Played
    carriers: NDArray[np.int64]


def _given(partial: Partial, score: ScoreFeatures, reading: Reading) -> _Given:
    cells = (score.steps, score.voices)
    was_given = ~partial.unknown[cells]
    loud = np.where(was_given, partial.velocities[cells], np.nan)
    late = np.where(was_given, partial.offsets[cells], np.nan).astype(np.float64)
    carriers = _carriers(partial, score, reading)
    if partial.tap is not None:
        steps = score.steps[carriers]
        loud[carriers], late[carriers] = partial.tap.velocities[steps, 0], partial.tap.offsets[steps, 0]
    velocities = np.where(np.isfinite(loud), np.round(np.nan_to_num(loud) * 127).clip(1, 127), UNKNOWN)
    return _Given(Played(velocities.astype(np.int64), late), carriers)


def _carriers(partial: Partial, score: ScoreFeatures, reading: Reading) -> NDArray[np.int64]:
    """Return for each tapped step the hit that is to carry the tap: the one that is expected to be the loudest.

    Steps where a hit was given are left alone: there the tap has been answered.
    """
    if partial.tap is None or not len(score):
        return np.zeros(0, dtype=np.int64)
    answered = (~partial.unknown & (partial.hits > 0)).any(axis=1)
    tapped = (partial.tap.hits[:, 0] > 0) & ~answered
    by_step = np.lexsort((score.voices, -reading.expected().velocities, score.steps))
    _, first = np.unique(score.steps[by_step], return_index=True)
    loudest = by_step[first]
    return loudest[tapped[score.steps[loudest]]]


def _assemble(
    partial: Partial, hits: NDArray[np.float32], score: ScoreFeatures, given: _Given, played: Played
) -> Groove:
    """Return the groove: what was known verbatim, the rest as played; nothing drowns a tap."""
    velocities, offsets = np.zeros_like(hits), np.zeros_like(hits)
    cells = (score.steps, score.voices)
    velocities[cells] = played.velocities / np.float32(127.0)
    offsets[cells] = played.offsets
    if partial.tap is not None:
        steps, voices = score.steps[given.carriers], score.voices[given.carriers]
        for values, tapped in ((velocities, partial.tap.velocities), (offsets, partial.tap.offsets)):
            exact = tapped[steps, 0]
            values[steps, voices] = np.where(np.isfinite(exact), exact, values[steps, voices])
        loudest = np.full(len(hits), np.inf)
        loudest[steps] = velocities[steps, voices] = velocities[steps, voices].clip(2 / 127)
        carried = np.zeros(hits.shape, dtype=bool)
        carried[steps, voices] = True
        quieter = np.minimum(velocities, (loudest[:, None] - 1 / 127).clip(1 / 127))
        velocities = np.where(carried | (hits == 0), velocities, quieter).astype(np.float32)
    was_hit = ~partial.unknown & (partial.hits > 0)
    for values, known in ((velocities, partial.velocities), (offsets, partial.offsets)):
        keep = was_hit & np.isfinite(known)
        values[keep] = known[keep]
    return Groove(hits, velocities, offsets.clip(-0.5, LATEST), partial.grid)
