"""Measure the explorer beside the original algorithm, in one run; writes bench/explorer.md.

Candidates per second: rendered, heard and scored. The original goes one by one: nine seconds rendered, MFCC, its
network. Ours hears batches from the spectra of the sounds, with its encoder and a taste of 80 ratings.
Waiting: from a rating to the next proposal, both on disk, learned before, 1,000 candidates considered, over sessions of
80 ratings: as the original's loops are (one tempo, no swing), as sessions are by default, and with tempos that vary.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import platform
import tempfile
import time
from pathlib import Path

import numpy as np

import ghostnote as gn
from ghostnote.critic.encoder import load_encoder
from ghostnote.critic.taste import fit_taste
from ghostnote.explore.engine import Engine
from ghostnote.explore.generators import RandomGrid
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool

REPORT = Path(__file__).with_suffix(".md")
SOUNDS, RATINGS, CANDIDATES, ORIGINAL_CANDIDATES, ROUNDS = 300, 80, 2_000, 150, 5
SESSIONS = {
    f"as the original's: `--musical 0`, {SOUNDS} sounds": gn.SessionSettings(seed=1, musical=0.0, own_sounds=SOUNDS),
    "by default: half of it as drummers play, 400 sounds": gn.SessionSettings(seed=1),
    "`--musical 0.8 --tempo 90-110`": gn.SessionSettings(seed=1, musical=0.8, tempo_bpm=(90, 110)),
}


def waits_of(settings: gn.SessionSettings) -> tuple[float, np.ndarray]:
    """Return the seconds until the first proposal, and the milliseconds from each rating to the next one."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        session = gn.Session.open(Path(folder) / "bench.ghostnote", settings)
        proposal = session.propose()
        first = time.perf_counter() - started
        waits = []
        for _ in range(RATINGS):
            liked = bool(proposal.embedding[0] + proposal.embedding[40] > 0)
            started = time.perf_counter()
            session.rate(proposal.id, liked=liked)
            proposal = session.propose()
            waits.append(time.perf_counter() - started)
    return first, np.array(waits) * 1e3


def main() -> None:
    import torch

    from ghostnote.training.deepdrummer_explorer import original_candidates_per_second

    torch.set_num_threads(1)
    busy = os.getloadavg()[0]
    bank, pool = SoundBank(), draw_pool(SOUNDS, 0)
    generator = RandomGrid(pool)
    encoder = load_encoder()
    engine = Engine(generator, bank, pool=pool, encoder=encoder, seed=1)
    rng = np.random.default_rng(0)
    loops = [generator.draw(rng) for _ in range(CANDIDATES)]
    rated = engine.embed(loops[:RATINGS])
    taste = fit_taste(rated, rated[:, 0] > np.median(rated[:, 0]))
    engine.embed(loops)  # the spectra of all sounds are there, as they are in a session

    ours, theirs, ours_single = [], [], []
    for _ in range(ROUNDS):  # turn by turn, so that a busy moment hits both
        started = time.perf_counter()
        taste.judge(engine.embed(loops))
        ours.append(CANDIDATES / (time.perf_counter() - started))
        started = time.perf_counter()
        for start in range(0, 480, 96):
            taste.judge(engine.embed(loops[start : start + 96]))  # one chunk: one thread
        ours_single.append(480 / (time.perf_counter() - started))
        theirs.append(original_candidates_per_second(generator, bank, ORIGINAL_CANDIDATES))

    rows = []
    for name, settings in SESSIONS.items():
        first, waits = waits_of(settings)
        over = np.count_nonzero(waits > 300)
        rows.append(
            f"| {name} | {np.median(waits):.0f} ms | {np.quantile(waits, 0.95):.0f} ms | {waits.max():.0f} ms "
            f"| {over} | {first:.1f} s |"
        )

    lines = [
        "# Benchmark of the explorer",
        "",
        f"Written by `bench/explorer.py` on {os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}. Medians of {ROUNDS} rounds, side by side in one run. Load of the machine when "
        f"it began: {busy:.1f}.",
        "",
        "| candidates heard and scored per second | | beside the original |",
        "|---|---|---|",
        f"| original algorithm, one by one, nine seconds rendered | {np.median(theirs):.0f} | 1 |",
        f"| Ghostnote, one thread | {np.median(ours_single):.0f} | {np.median(ours_single) / np.median(theirs):.1f} |",
        f"| Ghostnote, two threads | {np.median(ours):.0f} | {np.median(ours) / np.median(theirs):.1f} |",
        "",
        f"From a rating to the next proposal, 1,000 candidates, sessions of {RATINGS} ratings in a file:",
        "",
        "| session | median | 95 % | longest | over 300 ms | first proposal |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "Target: at least 40 times the original, and 95 % within 300 ms. The first proposal includes making all "
        "sounds, which a second session finds on disk. The ninth, the first after the openers, hears the neighbours "
        "of sounds for the first time.",
        "",
    ]
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
