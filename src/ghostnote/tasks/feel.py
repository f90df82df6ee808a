"""Groove transfer: the feel of one performance, taken out of it and given to the notes of another."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES, DrumTrack, Voice
from ghostnote.groove.feel import Feel, feel_rows
from ghostnote.groove.grid import Subdivision
from ghostnote.groove.hvo import Groove
from ghostnote.models.performer import Performer, Played, load_performer
from ghostnote.models.score import read_score
from ghostnote.tasks.framing import check_drums, see
from ghostnote.tasks.humanize import humanize


def extract_groove(track: DrumTrack, *, source: str = "", performer: Performer | None = None) -> Feel:
    """Return the feel of `track`: a table of its microtiming and dynamics, and the performer's summary of the rest.

    Args:
        track: a performance of any length.
        source: where it comes from, for people; stands in the feel's file.
        performer: a model of your own; the chosen or shipped one if None. A feel's latent only means something to the
            performer that listened.

    Raises:
        InvalidInput: there is no drum note.
    """
    check_drums(track)
    # Seen on 16ths, the swing of 16ths is a late offset, which carries over to straight notes.
    return feel_of(see(track, "16ths").groove, source=source, performer=performer)


def feel_of(groove: Groove, *, source: str = "", performer: Performer | None = None) -> Feel:
    """Return the feel of `groove`; see `extract_groove`.

    Raises:
        InvalidParameter: it has no hit.
    """
    performer = performer or load_performer()
    score = read_score(groove.hits, groove.grid)
    cells = (score.steps, score.voices)
    velocities = np.round(groove.velocities[cells] * 127).astype(np.int64)
    latent = performer.listen(score, Played(velocities, groove.offsets[cells].astype(np.float64)))
    return Feel(
        tuple(round(float(x), 5) for x in latent),
        feel_rows(groove),
        float(groove.grid.bar_beats[0]),
        round(float(groove.grid.tempos_bpm[0]), 3),
        source,
    )


def apply_groove(
    feel: Feel,
    track: DrumTrack,
    *,
    timing: float = 1.0,
    velocity: float = 1.0,
    lock: Collection[Voice] = (),
    bars: tuple[int, int] | None = None,
    style: str | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    subdivision: Subdivision = "16ths",
    performer: Performer | None = None,
) -> DrumTrack:
    """Return the notes of `track` with `feel`.

    Args:
        feel: from `extract_groove` or `read_feel`.
        track: any drum track; its notes stay, its dynamics and timing become those of the feel.
        timing, velocity, lock, bars, style, temperature, seed, performer: as for `humanize`.
        subdivision: see `lay_grid`; on 16ths a feel's swing of 16ths carries over. That of a shuffle does not: its
            triplets lie on other steps than straight eighths.

    Raises:
        InvalidParameter, InvalidInput: as `humanize`; or the feel's latent belongs to another performer.
    """
    if len(set(lock)) == len(VOICES):
        raise InvalidParameter("something must be left to change; all voices are locked. Lock fewer voices")
    return humanize(
        track,
        timing=timing,
        velocity=velocity,
        lock=lock,
        bars=bars,
        style=style,
        feel=feel,
        keep_accents=False,
        temperature=temperature,
        seed=seed,
        subdivision=subdivision,
        performer=performer,
    )


def transfer(
    score: DrumTrack,
    groove: DrumTrack,
    *,
    timing: float = 1.0,
    velocity: float = 1.0,
    lock: Collection[Voice] = (),
    bars: tuple[int, int] | None = None,
    style: str | None = None,
    temperature: float = 1.0,
    seed: int = 0,
    performer: Performer | None = None,
) -> DrumTrack:
    """Return the notes of `score` with the feel of `groove`, which may be longer or shorter.

    Args, Raises: as `extract_groove` and `apply_groove`.

    Source: groove transfer, Gillick et al. 2019.
    """
    return apply_groove(
        extract_groove(groove, performer=performer),
        score,
        timing=timing,
        velocity=velocity,
        lock=lock,
        bars=bars,
        style=style,
        temperature=temperature,
        seed=seed,
        performer=performer,
    )
