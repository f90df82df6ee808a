"""Let models play the scores of the dataset, as windows that can be compared with the recordings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ghostnote.data import Performance, cut_windows, groove_of, index_windows
from ghostnote.groove import VOICES, Groove, GrooveBatch
from ghostnote.models.performer import Performer, Played
from ghostnote.models.score import ScoreFeatures, read_score
from ghostnote.training.examples import style_number
from ghostnote.training.recurrent import RecurrentNetwork
from ghostnote.training.reproductions import REPRODUCTIONS

LATEST = np.float32(0.5 - 1e-6)


def play_recordings(
    performer: Performer,
    performances: Sequence[Performance],
    *,
    sample: bool,
    temperature: float = 1.0,
    seed: int = 0,
) -> GrooveBatch:
    """Return the windows of whole recordings whose scores `performer` played, in the order of `windows_of`.

    Args:
        sample: draw one performance of each; otherwise take the medians.
    """
    originals = [groove_of(performance) for performance in performances]
    scores = [read_score(groove.hits, groove.grid) for groove in originals]
    readings = [
        performer.read(score, style_number(performance))
        for score, performance in zip(scores, performances, strict=True)
    ]
    if sample:
        rngs = [np.random.default_rng((seed, performance.index)) for performance in performances]
        played = performer.play(scores, readings, rngs, temperature=temperature)
    else:
        played = [reading.expected() for reading in readings]
    grooves = [_groove(original, score, hits) for original, score, hits in zip(originals, scores, played, strict=True)]
    return cut_windows(grooves, performances, index_windows(performances))


def play_windows(network: RecurrentNetwork, windows: GrooveBatch, how: str, seed: int = 0) -> GrooveBatch:
    """Return `windows` as a reproduction plays their scores.

    Args:
        how: "teacher_forced" hears the true previous step; "free" hears itself and takes the likelier hits; "clamped"
            hears the score's own hits; "sampled" draws its hits (and its latent); "sampled_clamped" draws the latent
            but hears the score's own hits.

    Velocities and offsets are read where the score has a hit, whatever the network thought of that hit.
    """
    torch.manual_seed(seed)
    targets = REPRODUCTIONS["vib"].targets(windows)
    velocities, offsets = [], []
    with torch.no_grad():
        for start in range(0, len(targets), 512):
            target = targets[start : start + 512]
            score = target[..., : len(VOICES)]
            if how == "teacher_forced":
                performance = network(score, target)
            else:
                performance = network.perform(
                    score, sample=how.startswith("sampled"), clamp=score if how.endswith("clamped") else None
                )
            velocities.append(performance.velocities.numpy())
            offsets.append(performance.offsets.numpy() / 2)
    return windows.with_performance(np.concatenate(velocities), np.concatenate(offsets).clip(-0.5, LATEST))


def _groove(original: Groove, score: ScoreFeatures, played: Played) -> Groove:
    velocities, offsets = np.zeros_like(original.hits), np.zeros_like(original.hits)
    velocities[score.steps, score.voices] = played.velocities / 127.0
    offsets[score.steps, score.voices] = played.offsets
    return Groove(original.hits, velocities, offsets, original.grid)
