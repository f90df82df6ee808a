"""Count how many of many random sounds of each family differ, and time them; writes bench/sounds.md."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from pathlib import Path

import numpy as np

from ghostnote.sounds.families import FAMILIES, draw_sound, synthesize

REPORT = Path(__file__).with_suffix(".md")
DRAWN = 2_000


def main() -> None:
    rows = []
    for number, family in enumerate(FAMILIES):
        rng = np.random.default_rng([0, number])
        started = time.process_time()
        sounds = {hashlib.sha256(synthesize(draw_sound(rng, family)).tobytes()).digest() for _ in range(DRAWN)}
        seconds = time.process_time() - started
        rows.append(f"| {family} | {len(sounds):,} | {seconds / DRAWN * 1e3:.1f} ms |")
        print(rows[-1], flush=True)
    lines = [
        "# Benchmark of the families of sounds",
        "",
        f"Written by `bench/sounds.py` on {platform.machine()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}: of {DRAWN:,} random sounds of each family, how many differ in their samples, "
        "and the CPU time of one.",
        "",
        "| family | different | CPU |",
        "|---|---|---|",
        *rows,
        "",
    ]
    REPORT.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
