"""Let the product's models do every task on the dataset, as windows that can be compared with the recordings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.data import Performance, cut_windows, groove_of, index_windows, windows_of
from ghostnote.groove import Feel, Grid, Groove, GrooveBatch, Voice
from ghostnote.groove.transforms import (
    Partial,
    Tap,
    nothing,
    score,
    sparse,
    tap,
    thin,
    without_loudness,
    without_voices,
)
from ghostnote.models.composer import Composer, load_composer
from ghostnote.tasks.complete import Wish, complete_all
from ghostnote.tasks.feel import feel_of
from ghostnote.tasks.interpolate import interpolate_grooves

MOST_AT_ONCE = 64
THINNING_SEED = 0


def product_drumify(
    performances: Sequence[Performance],
    *,
    sample: bool,
    use_velocities: bool = False,
    dropped: float = 0.0,
    seed: int = 0,
) -> GrooveBatch:
    """Return the windows of recordings that were tapped and drumified again, whole, in the order of `windows_of`.

    Args:
        sample: draw a take; otherwise the likeliest hits.
        use_velocities: whether the tap says how loud it is.
        dropped: share of the tap's quieter hits that are dropped first; what lies between is then unknown.
    """
    partials = []
    for performance in performances:
        groove = groove_of(performance)
        squashed = tap(groove)
        if dropped:
            squashed = sparse(_thinned(squashed, performance, dropped, THINNING_SEED))
        if not use_velocities:
            squashed = without_loudness(squashed)
        bare = nothing(groove.grid)
        partials.append(Partial(bare.hits, bare.velocities, bare.offsets, groove.grid, squashed))
    return _windows(partials, performances, sample=sample, seed=seed)


def thinned_taps(performances: Sequence[Performance], *, dropped: float) -> GrooveBatch:
    """Return the windows of the thinned taps that `product_drumify` is given, as grooves of one voice, the kick."""
    grooves = []
    for performance in performances:
        groove = groove_of(performance)
        kept = _thinned(tap(groove), performance, dropped, THINNING_SEED)
        hits, velocities, offsets = (np.zeros_like(groove.hits) for _ in range(3))
        hits[:, :1], velocities[:, :1], offsets[:, :1] = kept.hits, kept.velocities, kept.offsets
        grooves.append(Groove(hits, velocities, offsets, groove.grid))
    return cut_windows(grooves, performances, index_windows(performances))


def _thinned(squashed: Tap, performance: Performance, dropped: float, seed: int) -> Tap:
    return thin(squashed, dropped, np.random.default_rng((seed, performance.index)))


def product_transfer(
    performances: Sequence[Performance], donors: GrooveBatch, *, sample: bool, seed: int = 0
) -> GrooveBatch:
    """Return the windows of recordings, each with the feel of the window at its place in `donors`, alone."""
    windows = windows_of(performances)
    wish_of = [Wish(temperature=1.0 if sample else 0.0, feel=_feel(donors, i)) for i in range(len(donors))]
    scores = [score(_groove(windows, i)) for i in range(len(windows))]
    played: list[Groove] = []
    for at in range(0, len(scores), MOST_AT_ONCE):
        part = slice(at, at + MOST_AT_ONCE)
        seeds = [seed * 100_000 + i for i in range(len(scores))[part]]
        played += complete_all(scores[part], wish_of[part], seeds)
    return windows.with_performance(
        np.stack([groove.velocities for groove in played]), np.stack([groove.offsets for groove in played])
    )


def _groove(windows: GrooveBatch, place: int) -> Groove:
    bars = windows.hits.shape[1] // 16
    grid = Grid.uniform(bars, tempo_bpm=float(windows.tempos_bpm[place]))
    return Groove(windows.hits[place], windows.velocities[place], windows.offsets[place], grid)


def _feel(windows: GrooveBatch, place: int) -> Feel | None:
    """Return the feel of a window, or None where it is silent."""
    return feel_of(_groove(windows, place)) if windows.hits[place].any() else None


def product_interpolate(first: Groove, second: Groove, steps: int) -> tuple[Groove, ...]:
    """Return a path between two grooves, both included."""
    return interpolate_grooves(first, second, steps=steps)


def product_infill(
    performances: Sequence[Performance], *, voice: Voice = Voice.CLOSED_HIHAT, sample: bool, seed: int = 0
) -> GrooveBatch:
    """Return the windows of recordings of which `voice` was taken out and written anew."""
    partials = [without_voices(groove_of(performance), [voice]) for performance in performances]
    return _windows(partials, performances, sample=sample, seed=seed)


def _windows(
    partials: Sequence[Partial], performances: Sequence[Performance], *, sample: bool, seed: int
) -> GrooveBatch:
    grooves: list[Groove] = []
    wish = Wish(temperature=1.0 if sample else 0.0)
    for at in range(0, len(partials), MOST_AT_ONCE):
        part = partials[at : at + MOST_AT_ONCE]
        # A generator for each recording, whatever is done beside it.
        seeds = [seed * 10_000 + performance.index for performance in performances[at : at + MOST_AT_ONCE]]
        grooves += complete_all(part, [wish] * len(part), seeds)
    return cut_windows(grooves, performances, index_windows(performances))


def product_generate(
    like: GrooveBatch, *, bars: int = 4, seed: int = 0, composer: Composer | None = None
) -> GrooveBatch:
    """Return as many windows of two bars out of nothing, `bars` at a time, at tempos and in styles of `like`."""
    per_song = bars // 2
    places = np.arange(0, len(like), per_song)
    styles = (composer or load_composer()).styles
    partials, wishes = [], []
    for place in places:
        style = int(like.styles[place])
        partials.append(nothing(Grid.uniform(bars, tempo_bpm=float(like.tempos_bpm[place]))))
        wishes.append(Wish(style=styles[style] if style >= 0 else None, kind="beat"))
    grooves: list[Groove] = []
    for at in range(0, len(partials), MOST_AT_ONCE):
        part = slice(at, at + MOST_AT_ONCE)
        seeds = (seed * 100_000 + places[part]).tolist()
        grooves += complete_all(partials[part], wishes[part], seeds, composer=composer)
    source = np.repeat(places, per_song)[: len(like)]

    def cut(arrays: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.concatenate([array.reshape(per_song, -1, array.shape[-1]) for array in arrays])[: len(like)]

    return GrooveBatch(
        cut([groove.hits for groove in grooves]),
        cut([groove.velocities for groove in grooves]),
        cut([groove.offsets for groove in grooves]),
        like.tempos_bpm[source],
        like.performances[source],
        like.start_bars[source],
        like.styles[source],
    )
