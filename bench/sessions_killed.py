"""Kill processes that rate, at any moment, and count what is lost; writes bench/sessions_killed.md (`make bench`).

Each cycle starts a process that proposes, rates, skips and undoes in one session, without a pause, and tells each
acknowledgement through a pipe once it has it. It is killed (SIGKILL) at a moment of chance. Then the file is opened
again: every acknowledged row must be there once, as it was acknowledged, and nothing else but the one row that may have
become durable in the very moment before its acknowledgement. SIGKILL takes the process, not the machine: that rows
survive a loss of power rests on `synchronous=FULL`, which a test checks is on.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from ghostnote.critic import SavedCritic
from ghostnote.explore.heard import Candidate, Heard
from ghostnote.explore.session import Session
from ghostnote.loops import Loop, Pattern
from ghostnote.sounds.sound import SynthSound

CYCLES_PER_SESSION = 100
_LONGEST_SECONDS = 0.15

Row = tuple[int, str, int, bool | None, str | None]
"""Number, kind, proposal, liked, key of a row of the log."""


class Quick:
    """An engine that costs nothing, so that nearly all time is spent where a kill could do harm."""

    encoder_sha256 = "0" * 64

    def __init__(self, *_: object) -> None:
        pass

    def propose(self, heard: Sequence[Heard]) -> Candidate:
        rng = np.random.default_rng(len(heard))
        loop = Loop(Pattern((rng.random((16, 4)) < 0.5).astype(np.float32)), (SynthSound("kick", (0.5,)),) * 4)
        return Candidate(loop, np.zeros(64, np.float32), 0.5, 0.2, "quick")

    def judge(self, loops: Sequence[Loop], heard: Sequence[Heard]) -> list[Candidate]:
        raise AssertionError("nothing is judged here")

    def experience(self, heard: Sequence[Heard]) -> SavedCritic:
        raise AssertionError("no critic is saved here")


@dataclass
class Tally:
    """What happened over all cycles."""

    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    changed: int = 0
    unannounced: int = 0
    logs_left: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Tally)))

    @property
    def clean(self) -> bool:
        """Whether nothing was lost, doubled or changed."""
        return not (self.lost or self.doubled or self.changed)


def rate_without_end(path: str, cycle: int, pipe: Connection) -> None:
    """Work on the session until killed."""
    session = Session.open(path, make_engine=Quick)
    number = session.propose().id
    for turn in range(10**9):
        key = f"{cycle}-{turn}"
        if turn % 7 == 3:
            number = session.propose().id
        if turn % 11 == 5:
            # What comes back is the row that was taken back; the undo itself is known by its key.
            pipe.send((0, "undo", session.undo(key=key).proposal_id, None, key))
        elif turn % 5 == 2:
            row = session.skip(number, key=key)
            pipe.send((row.id, row.kind, row.proposal_id, row.liked, row.key))
        else:
            row = session.rate(number, liked=turn % 2 == 0, key=key)
            pipe.send((row.id, row.kind, row.proposal_id, row.liked, row.key))


def run_cycles(path: Path, cycles: int, chance: random.Random) -> Tally:
    """Return what `cycles` kills did to a new session at `path`."""
    Session.open(path, make_engine=Quick, create=True)
    # Workers are forked from one process that has loaded everything, and does nothing else.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ghostnote.explore.session", "ghostnote.critic"])
    tally = Tally()
    told: dict[str, Row] = {}
    for cycle in range(cycles):
        receiver, sender = context.Pipe(duplex=False)
        worker = context.Process(target=rate_without_end, args=(str(path), cycle, sender))
        worker.start()
        sender.close()
        acknowledged = [receiver.recv()]  # it is at work: from here on any moment will do
        ends = time.monotonic() + chance.random() * _LONGEST_SECONDS
        while (left := ends - time.monotonic()) > 0:
            if receiver.poll(left):
                acknowledged.append(receiver.recv())
        worker.kill()
        worker.join()
        try:
            while receiver.poll(0):
                acknowledged.append(receiver.recv())
        except (EOFError, OSError):
            pass  # the last message may be cut off: then nobody was told
        receiver.close()
        tally.logs_left += path.with_name(path.name + "-wal").exists()
        told |= {row[4]: row for row in acknowledged if row[4] is not None}
        tally.acknowledged += len(acknowledged)
        if cycle % 10 == 9 or cycle == cycles - 1:
            check(path, told, tally)
    return tally


def check(path: Path, told: dict[str, Row], tally: Tally) -> None:
    """Compare the file with everything that was acknowledged so far."""
    log = Session.open(path, make_engine=Quick, create=False).log()
    kept = {row.key: (row.id, row.kind, row.proposal_id, row.liked, row.key) for row in log}
    tally.lost = sum(key not in kept for key in told)
    tally.doubled = sum(count - 1 for count in Counter(row.key for row in log).values())
    tally.changed = sum(key in kept and not same(row, kept[key]) for key, row in told.items())
    tally.unannounced = sum(key not in told for key in kept)


def same(told: Row, kept: Row) -> bool:
    """Whether a row is as it was acknowledged; the number of an undo is not told."""
    return told == kept or (told[0] == 0 and told[1:] == kept[1:])


def report(tally: Tally, cycles: int, seed: int, seconds: float) -> str:
    """Return the report as Markdown."""
    return f"""# Killed while rating

Written by `bench/sessions_killed.py` (`make bench`); do not edit.

{cycles:,} processes that proposed, rated, skipped and undid without a pause were killed with SIGKILL, each at a
moment of chance (seed {seed}); a hundred, one after the other, in each session.

| what | count |
|---|---|
| acknowledged rows | {tally.acknowledged:,} |
| of these lost | {tally.lost} |
| doubled | {tally.doubled} |
| changed | {tally.changed} |
| durable, but killed before their acknowledgement | {tally.unannounced:,} |
| kills that left a write-ahead log beside the file, for the next process to take in | {tally.logs_left:,} |

{seconds:.0f} s on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_suffix(".md"))
    options = parser.parse_args()
    began = time.monotonic()
    tally, chance = Tally(), random.Random(options.seed)
    for start in range(0, options.cycles, CYCLES_PER_SESSION):
        with tempfile.TemporaryDirectory() as folder:
            tally += run_cycles(
                Path(folder) / "killed.ghostnote", min(CYCLES_PER_SESSION, options.cycles - start), chance
            )
        print(f"{min(start + CYCLES_PER_SESSION, options.cycles)} cycles, {tally}", file=sys.stderr)
    text = report(tally, options.cycles, options.seed, time.monotonic() - began)
    options.output.write_text(text, encoding="utf-8")
    print(text)
    if not tally.clean:
        sys.exit("acknowledged ratings were lost, doubled or changed")


if __name__ == "__main__":
    main()
