"""Infill and continue: what is missing of a beat is written to fit the rest."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack, Groove, Voice
from ghostnote.groove.decode import add_hits, lengthen, replace_cells
from ghostnote.groove.encode import encode
from ghostnote.groove.grid import Subdivision
from ghostnote.groove.reach import count_bars, extend_grid
from ghostnote.models.composer import Composer, load_composer
from ghostnote.models.performer import Performer
from ghostnote.models.steps import STEPS_PER_LATENT
from ghostnote.tasks.complete import Wish, complete
from ghostnote.tasks.framing import as_example, check_drums, first_steps, free_cells, refined, see

MOST_BARS = 1024


def infill(
    track: DrumTrack,
    *,
    voices: Collection[Voice] = (),
    bars: tuple[int, int] | None = None,
    lock: Collection[Voice] = (),
    style: str | None = None,
    density: float | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    subdivision: Subdivision = "auto",
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> DrumTrack:
    """Return `track` with `voices` written anew, everywhere or in `bars`, to fit all the rest.

    Args:
        track: any drum track.
        voices: to write; all if `bars` are given.
        bars: first and last bar to write, counted from 1, both included; None for all.
        lock: voices that stay, when whole bars are written.
        style: one of `load_performer().styles`, or None.
        density: hits per beat of the whole kit to aim at, in 0…36, or None.
        temperature: variety, 0…2; 0 gives the calmest.
        seed: another seed is another take.
        subdivision: see `lay_grid`.
        composer, performer: models of your own; the chosen or shipped ones if None.

    Returns:
        The track; every note outside the cells that were written is as before.

    Raises:
        InvalidParameter: an argument is outside its range, or nothing is left to write.
        InvalidInput: there is no drum note to fit to.
    """
    if not voices and bars is None:
        raise InvalidParameter(
            "voices or bars must be given: infill writes these anew. Name a voice, or bars such as 7-8"
        )
    check_drums(track)
    track = refined(track)
    encoding = see(track, subdivision)
    free = free_cells(encoding.groove.grid, voices=voices, lock=lock, bars=bars)
    wish = Wish(style=style, density=density, temperature=temperature)
    partial = as_example(track, encoding.groove, free)
    groove = complete(partial, wish, seed=seed, composer=composer, performer=performer)
    return replace_cells(track, encoding, groove, free)


def continue_(
    track: DrumTrack,
    *,
    bars: int = 4,
    style: str | None = None,
    density: float | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    subdivision: Subdivision = "auto",
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> DrumTrack:
    """Return `track` going on for `bars` bars after the bar of its last note.

    Args:
        track: any drum track.
        bars: how many to add, 1…1024.
        style, density, temperature, seed, subdivision, composer, performer: as for `infill`.

    Raises:
        InvalidParameter: an argument is outside its range.
        InvalidInput: there is no drum note to go on from.
    """
    if not 1 <= bars <= MOST_BARS:
        raise InvalidParameter(f"bars must lie in 1…{MOST_BARS}; got {bars}")
    check_drums(track)
    track = refined(track)
    encoding = encode(track, extend_grid(track, bars, subdivision))
    groove = encoding.groove
    free = np.broadcast_to((groove.grid.bars >= count_bars(track))[:, None], groove.hits.shape) & (groove.hits == 0)
    composer = composer or load_composer()
    latents = _of_the_same_kind(groove, count_bars(track), composer)
    wish = Wish(style=style, kind="beat", density=density, temperature=temperature, latents=latents)
    partial = as_example(track, groove, free)
    longer = complete(partial, wish, seed=seed, composer=composer, performer=performer)
    return lengthen(add_hits(track, longer, free), groove.grid)


def _of_the_same_kind(groove: Groove, bars: int, composer: Composer) -> NDArray[np.float32]:
    """Return latents for all of `groove`, of which the first `bars` are there: what follows is of their kind."""
    there = int(np.searchsorted(groove.grid.bars, bars))
    steps = first_steps(groove.grid, there)
    heard = composer.listen(Groove(groove.hits[:there], groove.velocities[:there], groove.offsets[:there], steps)).mean
    whole = there // STEPS_PER_LATENT
    kind = (heard[:whole] if whole else heard).mean(axis=0, keepdims=True)
    windows = -(-len(groove.grid) // STEPS_PER_LATENT)
    return np.concatenate([heard[:whole], np.repeat(kind, windows - whole, axis=0)]).astype(np.float32)
