"""Measure the explorer beside the original algorithm, in one run; writes bench/explorer.md.

Candidates per second: rendered, heard and scored. The original goes one by one: nine seconds rendered, MFCC, its
network. Ours hears batches from the spectra of the sounds, with its encoder and a taste of 80 ratings.
Waiting: from a rating to the next proposal, learned before, 1,000 candidates considered, over a session of 80 ratings.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import platform
import time
from pathlib import Path

import numpy as np

from ghostnote.critic.encoder import load_encoder
from ghostnote.critic.taste import fit_taste
from ghostnote.explore.engine import Engine
from ghostnote.explore.generators import RandomGrid
from ghostnote.explore.heard import Heard
from ghostnote.sounds.bank import SoundBank
from ghostnote.sounds.families import draw_pool

REPORT = Path(__file__).with_suffix(".md")
SOUNDS, RATINGS, CANDIDATES, ORIGINAL_CANDIDATES, ROUNDS = 300, 80, 2_000, 150, 5


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

    heard: list[Heard] = []
    waits = []
    for _ in range(RATINGS):
        started = time.perf_counter()
        found = engine.propose(heard)
        waits.append(time.perf_counter() - started)
        heard.append(Heard(found.loop, found.embedding, bool(found.embedding[0] + found.embedding[40] > 0)))
    warm = np.array(waits[1:]) * 1e3

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
        f"From a rating to the next proposal, 1,000 candidates, session of {RATINGS} ratings, {SOUNDS} sounds, first "
        "proposal (which makes the spectra) left out:",
        "",
        "| median | 95 % | longest |",
        "|---|---|---|",
        f"| {np.median(warm):.0f} ms | {np.quantile(warm, 0.95):.0f} ms | {warm.max():.0f} ms |",
        "",
        f"Target: at least 40 times the original, and 95 % within 300 ms. First proposal: {waits[0] * 1e3:.0f} ms.",
        "",
    ]
    REPORT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
