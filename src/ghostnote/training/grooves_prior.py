"""Measure what latents are for, beats out of nothing and paths between two: the paper's autoencoder and ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ghostnote.data import windows_of
from ghostnote.evaluation import (
    DISTRIBUTION_METRICS,
    Estimate,
    Nearest,
    PathQuality,
    find_nearest,
    kolmogorov_smirnov,
    path_quality,
    spread_of_resamples,
)
from ghostnote.evaluation.bootstrap import draw_counts, interval
from ghostnote.evaluation.hits import Floats
from ghostnote.groove import Grid, Groove, GrooveBatch
from ghostnote.training import grooves_playing as product
from ghostnote.training import reproductions_playing as paper
from ghostnote.training import yardsticks
from ghostnote.training.grooves_material import PRODUCT, SEEDS, Material, mean_of_rows, take_name
from ghostnote.training.grooves_text import Row, Section, Table, Target, plain
from ghostnote.training.reproductions import REPRODUCTIONS

PAIRS = 100
STEPS = 9
PATH_BARS = 4
LARGEST_JUMP = 2.5
REAL = "recorded drummers"
NEAREST = ("nearest_lower", "nearest_median", "nearest_upper", "nearest_ks", "equal_scores", "copies")
Path_ = Sequence[Groove]


def measure_generate(material: Material) -> tuple[Section, dict[str, Floats]]:
    """Measure beats out of nothing; also return the distances to the nearest training window by player."""
    real, train = material.full, material.train
    own = find_nearest(train, real)
    distances = {REAL: own.distances}

    def row(name: str, grooves: GrooveBatch, *, learned: bool = True) -> Row:
        material.say(f"generate: {name}")
        measured = material.estimates(DISTRIBUTION_METRICS, real, grooves) | material.auc(real, grooves)
        if learned:
            found = find_nearest(train, grooves)
            distances[name.replace("*", "")] = found.distances
            measured |= _nearness(found, own)
        return Row(name, measured)

    name = f"{REPRODUCTIONS['autoencoder'].title}, reproduced"
    four_bars = windows_of(material.performances, bars=PATH_BARS)
    generated = paper.generate(material.network("autoencoder", four_bars), real)
    reproduced = row(name, generated)
    ours = [product.product_generate(real, seed=seed) for seed in SEEDS]
    takes = [row(take_name(seed), batch) for seed, batch in zip(SEEDS, ours, strict=True)]
    rows = (
        Row(REAL, _nearness(own, own)),
        row("training windows of the same styles", yardsticks.generate_by_drawing(train, real), learned=False),
        reproduced,
        *takes,
    )
    chance = spread_of_resamples(own.distances, real.performances, rng=np.random.default_rng(0))
    theirs, heard = reproduced.value("auc"), mean_of_rows(takes, "auc")
    far = max(take.value("nearest_ks") for take in takes)
    copies = max(take.value("copies") for take in takes)
    targets = (
        Target(f"generate: AUC at least 0.10 below {name} ({theirs:.3f})", theirs - heard, theirs - heard >= 0.10),
        Target(
            "generate: distances to the nearest training window like those of real windows: KS, largest of the takes, "
            f"≤ what 95 % of resamples of the real recordings differ by ({chance:.3f})",
            far,
            far <= chance,
        ),
        Target("generate: share of windows copied note for note, 0", copies, copies == 0.0),
    )
    section = Section(
        "Generate",
        (
            f"Beats out of nothing, {len(real):,} windows, compared with the windows of the split that do not end in "
            f"padding. The paper's autoencoder draws {PATH_BARS} bars from its prior, cut into two windows; it knows "
            "neither style nor tempo and gets the tempos of the real windows. Ours is asked for the style and tempo "
            "of each. The row of training windows is real drumming of other recordings: what a perfect player of the "
            "same styles would score.",
            "The distance to the nearest training window is 1 − F1 of their hits. Windows that nothing was learned "
            "from are the yardstick: simple beats recur, so that some of them have an equal in training. Copies are "
            "equal in every hit, velocity and tick.",
        ),
        (
            Table("beats", "", ("timing_kl_unpaired", "velocity_kl_unpaired", "density_profile", "velocity_profile",
                                "auc"), rows),
            Table("beats", "Distance to the nearest training window:", NEAREST, rows),
        ),
        targets,
        {"Distance to the nearest training window": "grooves-nearest.png"},
        (),
        {REAL: real, "4-bar autoencoder, reproduced": generated, "Ghostnote": ours[0]},
    )  # fmt: skip
    return section, distances


def _nearness(found: Nearest, own: Nearest) -> dict[str, Estimate]:
    lower, median, upper = found.quartiles
    values = (lower, median, upper, kolmogorov_smirnov(own.distances, found.distances))
    return {
        name: plain(value) for name, value in zip(NEAREST, (*values, found.equal_scores, found.copies), strict=True)
    }


def measure_interpolate(material: Material) -> tuple[Section, dict[str, Path_]]:
    """Measure paths between pairs of windows; also return the first pair's paths by player."""
    windows = windows_of(material.performances, bars=PATH_BARS, pad_short=False)
    first, second = (windows.take(side) for side in choose_pairs(windows, PAIRS, np.random.default_rng(0)))
    ends = [(groove_at(first, i), groove_at(second, i)) for i in range(len(first))]
    name = f"{REPRODUCTIONS['autoencoder'].title}, reproduced"

    def reproduce() -> list[Path_]:
        batches = paper.interpolate(material.network("autoencoder", windows), first, second, steps=STEPS)
        return [[groove_at(batch, i) for batch in batches] for i in range(len(first))]

    players: dict[str, Callable[[], list[Path_]]] = {
        "each cell at a random moment": lambda: [
            yardsticks.interpolate_by_dealing(*pair, steps=STEPS, seed=i) for i, pair in enumerate(ends)
        ],
        name: reproduce,
        PRODUCT: lambda: [product.product_interpolate(*pair, STEPS) for pair in ends],
    }
    rows, shown = [], {}
    for player, play in players.items():
        material.say(f"interpolate: {player}")
        paths = play()
        shown[player.replace("*", "")] = paths[0]
        qualities = [path_quality(pair, path) for pair, path in zip(ends, paths, strict=True)]
        between = _middles(paths, first)
        rows.append(Row(player, _summary(qualities, material.resamples) | material.auc(windows, between)))
    ours = rows[-1]
    wanted = f"interpolate: largest jump ≤ {LARGEST_JUMP} × mean step"
    jump, exact, worst = (ours.value(metric) for metric in ("largest_over_mean", "ends_exact", "worst"))
    targets = (
        Target(f"{wanted}, mean of the paths", jump, jump <= LARGEST_JUMP),
        Target(f"{wanted}, 95 % of the paths", worst, worst <= LARGEST_JUMP),
        Target("interpolate: share of paths with exact ends, 1", exact, exact == 1.0),
    )
    section = Section(
        "Interpolate",
        (
            f"{len(ends)} pairs of {PATH_BARS}-bar windows from different recordings, {STEPS} grooves from one to the "
            "other. Steps are measured by an edit distance (hits added, taken away, moved, made louder). *Detour* is "
            "the length of the path by that of the direct way; *hits midway* are the middle groove's by the mean "
            "of the ends. The paper's model returns what its latents say of the ends, not the ends. The AUC tells the "
            "grooves at a quarter, a half and three quarters of the way from real windows: taking over cell by cell "
            "at random is smooth as well, and shows it.",
        ),
        (
            Table("paths", "", ("largest_over_mean", "worst", "within", "detour", "hits_midway", "ends_exact", "auc"),
                  tuple(rows)),
        ),
        targets,
        {"A path between two beats": "grooves-interpolate.png"},
    )  # fmt: skip
    return section, shown


def choose_pairs(
    windows: GrooveBatch, pairs: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the places of `pairs` pairs of windows that are not silent, each from two recordings."""
    sounding = np.flatnonzero(windows.hits.any(axis=(1, 2)))
    chosen: list[tuple[int, int]] = []
    while len(chosen) < pairs:
        one, other = rng.choice(sounding, 2)
        if windows.performances[one] != windows.performances[other]:
            chosen.append((int(one), int(other)))
    first, second = np.array(chosen, dtype=np.int64).T
    return first, second


def groove_at(windows: GrooveBatch, place: int) -> Groove:
    """Return one window as a groove of its own."""
    bars = windows.hits.shape[1] // paper.STEPS_PER_BAR
    grid = Grid.uniform(bars, tempo_bpm=float(windows.tempos_bpm[place]))
    return Groove(windows.hits[place], windows.velocities[place], windows.offsets[place], grid)


def _middles(paths: Sequence[Path_], first: GrooveBatch) -> GrooveBatch:
    """Return the grooves at 1/4, 1/2 and 3/4 of the paths as windows of the recordings that these start from."""
    places = [STEPS // 4, STEPS // 2, 3 * STEPS // 4]
    hits, velocities, offsets = (
        np.stack([getattr(path[place], name) for path in paths for place in places])
        for name in ("hits", "velocities", "offsets")
    )
    source = np.repeat(np.arange(len(paths)), len(places))
    return GrooveBatch(
        hits,
        velocities,
        offsets,
        first.tempos_bpm[source],
        first.performances[source],
        first.start_bars[source],
        first.styles[source],
    )


def _summary(qualities: Sequence[PathQuality], resamples: int) -> dict[str, Estimate]:
    """Return the means over paths, with intervals from resampling paths."""
    counts = draw_counts(len(qualities), resamples, np.random.default_rng(0)).astype(np.float64)

    def mean(values: list[float]) -> Estimate:
        numbers = np.array(values)
        here = np.isfinite(numbers)
        if not here.any():
            return plain(float("nan"))
        with np.errstate(invalid="ignore"):
            resampled = (counts[:, here] @ numbers[here]) / counts[:, here].sum(axis=1)
        return interval(float(numbers[here].mean()), resampled, 0.95)

    jumps = np.array([quality.largest_over_mean for quality in qualities])
    jumps = jumps[np.isfinite(jumps)]
    return {
        "largest_over_mean": mean([quality.largest_over_mean for quality in qualities]),
        "worst": plain(float(np.quantile(jumps, 0.95)) if len(jumps) else float("nan")),
        "within": plain(float((jumps <= LARGEST_JUMP).mean()) if len(jumps) else float("nan")),
        "detour": mean([quality.detour for quality in qualities]),
        "hits_midway": mean([quality.hits_midway for quality in qualities]),
        "ends_exact": plain(float(np.mean([quality.ends_exact for quality in qualities]))),
    }
