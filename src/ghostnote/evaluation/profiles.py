"""How busy and how loud each voice is in each style: do generated grooves have the recordings' profile?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ghostnote.errors import InvalidParameter
from ghostnote.evaluation.features import STEPS_PER_BEAT
from ghostnote.evaluation.hits import Floats, Integers
from ghostnote.evaluation.metric import Counted, GrooveMetric, Tally
from ghostnote.evaluation.resolution import MIDI_MAXIMUM
from ghostnote.groove import VOICES, GrooveBatch

_WIDTH = 1 + 2 * len(VOICES)  # beats, hits of each voice, velocities of each voice


@dataclass(frozen=True, eq=False)
class Profile:
    """What the windows of each style are like.

    Args:
        styles: `(styles,)`, ids in rising order, -1 for unknown.
        windows: `(styles,)`, how many there are.
        hits_per_beat: `(styles, voices)`.
        velocities: `(styles, voices)`, mean MIDI velocity of the hits; NaN where there is none.
        mean_velocities: `(styles,)`, over all hits of the style; NaN where there is none.
    """

    styles: Integers
    windows: Integers
    hits_per_beat: Floats
    velocities: Floats
    mean_velocities: Floats


def profile_of(windows: GrooveBatch) -> Profile:
    """Return the profile of `windows`, style by style."""
    styles, which, counts = np.unique(windows.styles, return_inverse=True, return_counts=True)
    sums = np.zeros((len(styles), _WIDTH))
    np.add.at(sums, which, _per_window(windows))
    beats, hits, loud = _parts(sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Profile(styles, counts, hits / beats, loud / hits, loud.sum(axis=-1) / hits.sum(axis=-1))


def _per_window(windows: GrooveBatch) -> Floats:
    beats = np.full((len(windows), 1), windows.hits.shape[1] / STEPS_PER_BEAT)
    loud = windows.velocities.astype(np.float64).sum(axis=1) * MIDI_MAXIMUM
    return np.concatenate([beats, windows.hits.astype(np.float64).sum(axis=1), loud], axis=1)


def _parts(sums: Floats) -> tuple[Floats, Floats, Floats]:
    return sums[..., :1], sums[..., 1 : 1 + len(VOICES)], sums[..., 1 + len(VOICES) :]


def _count(reference: GrooveBatch, estimate: GrooveBatch) -> Counted:
    if not reference.hits.shape[2] == estimate.hits.shape[2] == len(VOICES):
        raise InvalidParameter(f"windows must hold {len(VOICES)} voices on both sides")
    slots = int(max(reference.styles.max(initial=-1), estimate.styles.max(initial=-1))) + 2  # the first is "unknown"
    columns, values, performances = [], [], []
    for side, windows in enumerate((reference, estimate)):
        first = (side * slots + windows.styles + 1) * _WIDTH
        columns.append(first[:, None] + np.arange(_WIDTH))
        values.append(_per_window(windows))
        performances.append(windows.performances)
    tally = Tally(np.concatenate(columns), np.concatenate(values), 2 * slots * _WIDTH)
    return Counted(tally, np.concatenate(performances))


def _sides(sums: Floats) -> tuple[Floats, Floats]:
    by_style = sums.reshape(*sums.shape[:-1], 2, -1, _WIDTH)
    return by_style[..., 0, :, :], by_style[..., 1, :, :]


def _density_distance(sums: Floats) -> Floats:
    real, generated = _sides(sums)
    beats, hits, _ = _parts(real)
    other_beats, other_hits, _ = _parts(generated)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = abs(hits / beats - other_hits / other_beats).sum(axis=-1)
        weight = np.where(other_beats[..., 0] > 0, beats[..., 0], 0.0)
        return np.asarray((weight * np.where(weight > 0, apart, 0.0)).sum(axis=-1) / weight.sum(axis=-1))


def _velocity_distance(sums: Floats) -> Floats:
    real, generated = _sides(sums)
    _, hits, loud = _parts(real)
    _, other_hits, other_loud = _parts(generated)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = abs(loud / hits - other_loud / other_hits)
        weight = np.where(other_hits > 0, hits, 0.0)
        return np.asarray((weight * np.where(weight > 0, apart, 0.0)).sum(axis=(-2, -1)) / weight.sum(axis=(-2, -1)))


DENSITY_PROFILE = GrooveMetric("density_profile", "hits per beat", _count, _density_distance, inflated=True)
VELOCITY_PROFILE = GrooveMetric("velocity_profile", "of 127", _count, _velocity_distance, inflated=True)


def density_profile(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return how far hits per beat lie apart: a style's absolute differences, summed over voices, then averaged.

    Styles are weighted by the reference's beats; those that only one side has are left out.

    Returns:
        In hits per beat, ≥ 0; NaN if no style is on both sides.

    Raises:
        InvalidParameter: a batch is not of the nine voices.
    """
    return DENSITY_PROFILE(reference, estimate)


def velocity_profile(reference: GrooveBatch, estimate: GrooveBatch) -> float:
    """Return how far mean velocities lie apart: the mean absolute difference of each style's voices.

    Voices of a style are weighted by the reference's hits; those that only one side plays are left out.

    Returns:
        In 0…127; NaN if no voice of a style is on both sides.

    Raises:
        InvalidParameter: a batch is not of the nine voices.
    """
    return VELOCITY_PROFILE(reference, estimate)
