"""Vary: near neighbours of a beat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ghostnote.errors import InvalidParameter
from ghostnote.groove import DrumTrack, Groove, Voice
from ghostnote.groove.decode import replace_cells
from ghostnote.groove.encode import encode, move_hits
from ghostnote.groove.grid import Subdivision
from ghostnote.groove.transforms import Partial
from ghostnote.models.composer import Composer, load_composer
from ghostnote.models.performer import Performer
from ghostnote.tasks.complete import Wish, check_wish, complete, write_hits
from ghostnote.tasks.framing import as_example, check_drums, free_cells, refined, see

_FAITH = 2.5  # log-odds by which a hit is kept, for each factor e that the amount is below 1


def vary(
    track: DrumTrack,
    *,
    amount: float = 0.3,
    lock: Collection[Voice] = (),
    bars: tuple[int, int] | None = None,
    style: str | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    subdivision: Subdivision = "auto",
    composer: Composer | None = None,
    performer: Performer | None = None,
) -> DrumTrack:
    """Return a neighbour of `track`: some hits come, some go, some are played differently.

    Args:
        track: any drum track.
        amount: 0 changes nothing, 1 forgets all but the kind of beat that its locked parts suggest.
        lock: voices that stay untouched; the rest fits them.
        bars: first and last bar to change, counted from 1, both included; None changes all.
        style: one of `load_performer().styles`, or None.
        temperature: variety of what comes, 0…2.
        seed: another seed is another neighbour.
        subdivision: see `lay_grid`.
        composer, performer: models of your own; the chosen or shipped ones if None.

    Returns:
        The track with its free notes changed. A hit that stays keeps its velocity and timing in a share 1 - amount of
        all cases; the others are played anew, around it.

    Raises:
        InvalidParameter: an argument is outside its range, or nothing is left to change.
        InvalidInput: there is no drum note.
    """
    if not 0.0 <= amount <= 1.0:
        raise InvalidParameter(
            f"amount must lie in 0…1; got {amount:g}.{' Is this a percentage?' if amount > 1 else ''}"
        )
    wish = Wish(style=style, temperature=temperature)
    check_wish(wish, seed)
    check_drums(track)
    if amount == 0.0:
        free_cells(see(track, subdivision).groove.grid, lock=lock, bars=bars)
        return track
    track = refined(track)
    encoding = see(track, subdivision)
    groove = encoding.groove
    free = free_cells(groove.grid, lock=lock, bars=bars)
    composer = composer or load_composer()
    rng = np.random.default_rng((seed, 2))
    wish = replace(
        wish,
        latents=composer.listen(groove).drawn(rng, amount),
        bias=(_FAITH * -np.log(amount) * (2.0 * groove.hits - 1.0)).astype(np.float32),
    )
    given = as_example(track, groove, free)
    hits = write_hits([given], [wish], [seed], composer=composer, performer=performer)[0]
    stays = (hits > 0) & (groove.hits > 0) & (~free | (rng.random(hits.shape) >= amount))
    around = Partial(
        hits,
        np.where(hits > 0, np.where(stays, np.where(free, groove.velocities, given.velocities), np.nan), 0.0),
        np.where(hits > 0, np.where(stays, np.where(free, groove.offsets, given.offsets), np.nan), 0.0),
        groove.grid,
    )
    played = complete(around, replace(wish, latents=None, bias=None), seed=seed, performer=performer)
    # What comes and goes is written; what stays is moved, so that flams and drags stay with their hits.
    written = replace_cells(track, encoding, played, free & (hits != groove.hits))
    return _replayed(written, played, free & (hits > 0) & (groove.hits > 0) & ~stays)


def _replayed(track: DrumTrack, played: Groove, cells: NDArray[np.bool_]) -> DrumTrack:
    """Return `track` with the hits in `cells` moved to where `played` has them, and as loud."""
    encoding = encode(track, played.grid)
    at = (encoding.steps, encoding.voices)
    here = encoding.is_main & cells[at]
    shifts = (played.offsets[at] - encoding.groove.offsets[at]) * played.grid.lengths_beats[encoding.steps]
    louder = np.round(played.velocities[at] * 127).clip(1, 127)
    velocities = np.where(here, louder, [note.velocity for note in track.notes]).astype(np.int64)
    return move_hits(track, encoding, np.where(here, shifts, 0.0).astype(np.float64), velocities).track
