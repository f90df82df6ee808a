"""Measure drumify, infill and transfer: yardsticks, the paper's models reproduced, and the product on one split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ghostnote.evaluation import (
    DISTRIBUTION_METRICS,
    FEEL_METRICS,
    HIT_METRICS,
    TAP_METRICS,
    hit_f1,
    only_voices,
    taps_of,
)
from ghostnote.groove import GrooveBatch, Voice
from ghostnote.training import grooves_playing as product
from ghostnote.training import reproductions_playing as paper
from ghostnote.training import yardsticks
from ghostnote.training.grooves_material import (
    GUESS,
    PRODUCT,
    SAMPLE,
    SEEDS,
    Material,
    mean_of_rows,
    take_name,
)
from ghostnote.training.grooves_text import Row, Section, Table, Target
from ghostnote.training.reproductions import REPRODUCTIONS

DROPPED = 0.5
FEWEST_HITS = 8  # one a beat: fewer are no feel to give
HITS = ("hit_precision", "hit_recall", "hit_f1", "shared_timing_mae_ms", "shared_velocity_mae")
DISTRIBUTION = ("timing_kl_unpaired", "velocity_kl_unpaired", "density_profile", "velocity_profile", "auc")


def measure_drumify(material: Material) -> Section:
    """Measure kits written to the taps of the split, whole and thinned."""
    real, taps = material.real, taps_of(material.real)

    def row(name: str, kit: GrooveBatch, *, apart: bool = True) -> Row:
        material.say(f"drumify: {name}")
        measured = material.estimates((*HIT_METRICS, *TAP_METRICS, *DISTRIBUTION_METRICS), real, kit)
        return Row(name, measured | (material.auc(real, kit) if apart else {}))

    rows = [row("nearest training tap's kit", yardsticks.drumify_by_nearest(material.train, real))]
    reproduced: dict[str, list[Row]] = {GUESS: [], SAMPLE: []}
    for name in ("tap2drum", "tap2drum_dropout"):
        network, title = material.network(name), REPRODUCTIONS[name].title
        for how, rows_of in reproduced.items():
            kit = paper.drumify(network, taps, name=name, sample=how == SAMPLE)
            rows_of.append(row(f"{title}, {how}", kit, apart=how == SAMPLE))
            rows.append(rows_of[-1])
    network = material.network("tap2drum")
    sampled = [paper.drumify(network, taps, sample=True, seed=seed) for seed in (0, 1)]

    def play(*, sample: bool, use_velocities: bool = False, seed: int = 0) -> GrooveBatch:
        return product.product_drumify(material.performances, sample=sample, use_velocities=use_velocities, seed=seed)

    guess = row(f"{PRODUCT}, {GUESS}", play(sample=False), apart=False)
    kits = [play(sample=True, seed=seed) for seed in SEEDS]
    takes = [row(take_name(seed), kit) for seed, kit in zip(SEEDS, kits, strict=True)]
    loud_guess = row(f"{PRODUCT}, tap with velocities, {GUESS}", play(sample=False, use_velocities=True), apart=False)
    loud_take = row(f"{PRODUCT}, tap with velocities, {SAMPLE}", play(sample=True, use_velocities=True))
    rows += [guess, *takes, loud_guess, loud_take]

    best = max(reproduced[GUESS], key=lambda r: r.value("hit_f1"))
    nearest_auc = min(reproduced[SAMPLE], key=lambda r: r.value("auc"))
    gain = guess.value("hit_f1") - best.value("hit_f1")
    kept = min(r.value("tap_f1") for r in (guess, *takes))
    auc_gain = nearest_auc.value("auc") - mean_of_rows(takes, "auc")
    targets = (
        Target(f"drumify: hit F1 at least 0.10 above {best.name} ({best.value('hit_f1'):.3f})", gain, gain >= 0.10),
        Target("drumify: tap adherence ≥ 0.98, the lowest of best guess and takes", kept, kept >= 0.98),
        Target(
            f"drumify: AUC at least 0.10 below {nearest_auc.name} ({nearest_auc.value('auc'):.3f})",
            auc_gain,
            auc_gain >= 0.10,
        ),
    )
    return Section(
        "Drumify",
        (
            "The kit was taken away and its tap left: when some drum sounds and how late, not how loud (the rows with "
            "velocities excepted). The paper's models are given a window, ours the whole recording's tap. Adherence "
            "compares the tap of what was written with the tap that was given, onsets within 20 ms. Ours is so by "
            "construction: some voice must sound on each tap, at the tap's own time, none louder, none elsewhere. That "
            "lowers its timing error, too.",
        ),
        (
            Table("kits", "", (*HITS, "tap_f1", "tap_offset_correlation"), tuple(rows)),
            Table("kits", "How it is distributed, and whether it is told from recordings:", DISTRIBUTION, tuple(rows)),
            _thinned(material),
        ),
        targets,
        {"One tap, three kits": "grooves-drumify.png"},
        (
            f"Two takes of one tap agree to a hit F1 of {hit_f1(kits[0], kits[1]):.2f}; two samples of the paper's "
            f"model to {hit_f1(*sampled):.2f}.",
        ),
        {"Tap2Drum, reproduced": sampled[0], "Ghostnote": kits[0]},
    )


def _thinned(material: Material) -> Table:
    """Measure kits written to taps of which many hits are missing."""
    real = material.real
    thin = taps_of(product.thinned_taps(material.performances, dropped=DROPPED))
    rows = []
    for how in (GUESS, SAMPLE):
        network = material.network("tap2drum_dropout")
        kit = paper.drumify(network, thin, name="tap2drum_dropout", sample=how == SAMPLE)
        rows.append((f"{REPRODUCTIONS['tap2drum_dropout'].title}, {how}", kit))
    for how in (GUESS, SAMPLE):
        kit = product.product_drumify(material.performances, sample=how == SAMPLE, dropped=DROPPED)
        rows.append((f"{PRODUCT}, {how}", kit))
    measured = []
    for name, kit in rows:
        material.say(f"drumify, thinned tap: {name}")
        kept = {
            metric: estimate
            for metric, estimate in material.estimates(TAP_METRICS, thin, kit).items()
            if metric != "tap_f1"  # the kit may well sound between the taps
        }
        measured.append(Row(name, material.estimates(HIT_METRICS, real, kit) | kept))
    share = float(thin.hits.sum() / taps_of(real).hits.sum())
    caption = (
        f"A sparse tap: each hit dropped with probability {DROPPED:g} · max(0.2, 1 − velocity), which leaves "
        f"{100 * share:.0f} %. What lies between is for the model to fill:"
    )
    return Table("sparse", caption, (*HITS, "tap_recall", "tap_offset_correlation"), tuple(measured))


def measure_infill(material: Material, voice: Voice = Voice.CLOSED_HIHAT) -> Section:
    """Measure the closed hi-hat, taken out and written anew."""
    real = material.real
    alone = only_voices(real, [voice])

    def row(name: str, filled: GrooveBatch, *, apart: bool = True) -> Row:
        material.say(f"infill: {name}")
        own = only_voices(filled, [voice])
        measured = material.estimates((*HIT_METRICS, *DISTRIBUTION_METRICS), alone, own)
        return Row(name, measured | (material.auc(real, filled) if apart else {}))

    network, title = material.network("infill"), REPRODUCTIONS["infill"].title
    rows = [row("nearest training window's hi-hat", yardsticks.infill_by_nearest(material.train, real, voice))]
    reproduced_sample = paper.infill(network, real, sample=True)
    reproduced = row(f"{title}, {GUESS}", paper.infill(network, real, sample=False), apart=False)
    rows += [reproduced, row(f"{title}, {SAMPLE}", reproduced_sample)]
    guess = row(
        f"{PRODUCT}, {GUESS}",
        product.product_infill(material.performances, voice=voice, sample=False, seed=0),
        apart=False,
    )
    filled = [product.product_infill(material.performances, voice=voice, sample=True, seed=seed) for seed in SEEDS]
    takes = [row(take_name(seed), batch) for seed, batch in zip(SEEDS, filled, strict=True)]
    rows += [guess, *takes]
    found = guess.value("hit_f1")
    targets = [Target("infill: hit F1 of the closed hi-hat ≥ 0.85, best guess", found, found >= 0.85)]
    for metric, words in (("shared_timing_mae_ms", "timing MAE, ms"), ("shared_velocity_mae", "velocity MAE")):
        theirs, ours = reproduced.value(metric), guess.value(metric)
        targets.append(Target(f"infill: {words}, below {reproduced.name} ({theirs:.2f})", ours, ours < theirs))
    return Section(
        "Infill",
        (
            "The closed hi-hat was taken out of each recording and written to fit the rest. All numbers but the AUC "
            "are of that voice alone, in all windows: also where the drummer plays the ride instead, so that the "
            "right answer is silence. Errors are over hits that both have, so that each row is judged on hits of its "
            "own finding.",
        ),
        (Table("hihat", "", (*HITS, *DISTRIBUTION), tuple(rows)),),
        tuple(targets),
        {"A hi-hat taken out and written anew": "grooves-infill.png"},
        (),
        {"Infilling, reproduced": reproduced_sample, "Ghostnote": filled[0]},
    )


@dataclass(frozen=True, eq=False)
class Donors:
    """Whose feel each window is given.

    Args:
        places: `(windows,)`, the donor of each; itself where none was found.
        found: `(windows,)`, whether there is one.
    """

    places: NDArray[np.int64]
    found: NDArray[np.bool_]


def choose_donors(windows: GrooveBatch, *, same_recording: bool, rng: np.random.Generator) -> Donors:
    """Return a donor for each window, at random: a passage that does not overlap it, with at least a hit a beat.

    Args:
        same_recording: from the window's own recording; otherwise from another recording of its style.
    """
    bars = windows.hits.shape[1] // paper.STEPS_PER_BAR
    able = windows.hits.sum(axis=(1, 2)) >= FEWEST_HITS
    places, found = np.arange(len(windows)), np.zeros(len(windows), dtype=bool)
    for i in range(len(windows)):
        own = windows.performances == windows.performances[i]
        if same_recording:
            fits = own & (abs(windows.start_bars - windows.start_bars[i]) >= bars)
        else:
            fits = ~own & (windows.styles == windows.styles[i])
        choice = np.flatnonzero(fits & able)
        if len(choice):
            places[i], found[i] = rng.choice(choice), True
    return Donors(places, found)


def measure_transfer(material: Material) -> Section:
    """Measure scores played with the feel of another passage of their recording, and of another recording."""
    real = material.real
    near = choose_donors(real, same_recording=True, rng=np.random.default_rng(0))
    far = choose_donors(real, same_recording=False, rng=np.random.default_rng(1))
    network, title = material.network("transfer"), REPRODUCTIONS["transfer"].title

    def row(name: str, donors: Donors, played: GrooveBatch, *, apart: bool = True) -> Row:
        material.say(f"transfer: {name}")
        own, score = played.take(donors.found), real.take(donors.found)
        measured = material.estimates((*HIT_METRICS, *DISTRIBUTION_METRICS), score, own)
        measured |= material.estimates(FEEL_METRICS, real.take(donors.places[donors.found]), own)
        return Row(name, measured | (material.auc(score, own) if apart else {}))

    tables: list[tuple[Row, ...]] = []
    guesses: list[tuple[Row, Row]] = []
    kept: list[float] = []
    for donors in (near, far):
        given = real.take(donors.places)
        guess = row(f"{title}, {GUESS}", donors, paper.transfer(network, real, given, sample=False), apart=False)
        rows = [
            row("as the score was played", donors, real, apart=False),
            row("the donor's means", donors, yardsticks.transfer_by_table(real, given)),
            guess,
            row(f"{title}, {SAMPLE}", donors, paper.transfer(network, real, given, sample=True)),
        ]
        free = paper.transfer(network, real, given, sample=False, clamp=False)
        rows.append(row(f"{title}, {GUESS}, hits its own", donors, free, apart=False))
        own = row(
            f"{PRODUCT}, {GUESS}",
            donors,
            product.product_transfer(material.performances, given, sample=False, seed=0),
            apart=False,
        )
        takes = [
            row(
                take_name(seed),
                donors,
                product.product_transfer(material.performances, given, sample=True, seed=seed),
            )
            for seed in SEEDS
        ]
        guesses.append((guess, own))
        kept += [value for r in (own, *takes) for value in (r.value("hit_precision"), r.value("hit_recall"))]
        tables.append((*rows, own, *takes))

    targets = []
    for (theirs, ours), metric, words in (
        (guesses[0], "shared_timing_mae_ms", "same recording: timing error to how it was played"),
        (guesses[1], "feel_timing_ms", "other recording: timing error to the donor's feel"),
    ):
        less = 100 * (1 - ours.value(metric) / theirs.value(metric))
        words = f"transfer, {words} ({ours.value(metric):.2f} against {theirs.value(metric):.2f} ms), % below"
        targets.append(Target(f"{words} the reproduction, ≥ 15", less, less >= 15))
    targets.append(Target("transfer: share of the score's hits kept, and none added", min(kept), min(kept) == 1.0))
    hits = ("hit_precision", "hit_recall")
    return Section(
        "Transfer",
        (
            "The score of one window is played with the feel of another. **Same recording:** the donor is another "
            f"passage of the recording ({int(near.found.sum()):,} windows have one), and how the drummer played the "
            "score is known: errors are to that. **Other recording:** the donor is a passage of another recording in "
            f"the same style ({int(far.found.sum()):,} windows); the feel error is the difference between the mean "
            "offsets (velocities) of donor and result by voice and position in the bar, over what both play.",
            "The reproduction hears the score's hits at each step (“hits its own”: it hears and returns what it made "
            "of them, as the released model does). A table of the donor's means has no feel error by construction; it "
            "shows what the number does not say. So does the AUC.",
        ),
        (
            Table(
                "same",
                "Same recording:",
                (*hits, "shared_timing_mae_ms", "shared_velocity_mae", "timing_kl_unpaired", "velocity_kl_unpaired",
                 "auc"),
                tables[0],
            ),
            Table(
                "other",
                "Other recording:",
                (*hits, "feel_timing_ms", "feel_velocity", "timing_kl_unpaired", "velocity_kl_unpaired", "auc"),
                tables[1],
            ),
        ),
        tuple(targets),
    )  # fmt: skip
