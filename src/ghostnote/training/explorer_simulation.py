"""One simulated listener with one way of exploring, as in the study of Alain et al. 2020; a run is a line of JSON.

Thirty random loops before anything is learned, the same for all methods; eighty ratings with learning; then thirty
loops of what was learned, without learning. Ratings carry the listener's noise, as people's do; the true taste is kept
beside them. Runs that are there already are not run again, unless the sounds or the listener have changed since.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import product
from pathlib import Path
from typing import Any, Protocol
from zlib import crc32

import numpy as np

from ghostnote.errors import InvalidInput
from ghostnote.evaluation.listeners import Ear, Listener
from ghostnote.loops import Loop, encode_loop
from ghostnote.training.explorer_worlds import WORLDS, World

RATINGS, EXAMINED = 80, 30
CHECKPOINTS = (20, 40, 80)
JUDGED = 100
RUN_FORMAT = 1


class Explorer(Protocol):
    """A way of exploring, product or baseline.

    It may also have `judge(loops) -> P(like) of each`, which is asked before a proposal is rated, and `cheap = True`,
    by which it is examined at each checkpoint.
    """

    name: str

    def propose(self) -> Loop:
        """Return the next loop to be rated."""
        ...

    def rate(self, loop: Loop, liked: bool) -> None:
        """Learn, or note what will be learned."""
        ...

    def final(self, count: int) -> list[Loop]:
        """Return what is proposed now, without learning any more."""
        ...


MakeExplorer = Callable[[World, int], Explorer]


@dataclass(frozen=True)
class Examination:
    """Loops that were proposed without learning, and what the listener said and truly thought of them."""

    liked: tuple[bool, ...]
    truly: tuple[bool, ...]


@dataclass(frozen=True)
class Judged:
    """Random loops that nobody chose: P(like) from what was learned in the end, what was said, and the truth."""

    scores: tuple[float, ...]
    liked: tuple[bool, ...]
    truly: tuple[bool, ...]


@dataclass(frozen=True)
class Run:
    """One listener with one method.

    Args:
        method, listener, world: names.
        seed: of the run.
        fingerprint: of sounds and taste.
        before: of the random loops that all methods begin with.
        liked, truly: of the proposals, one each.
        scores: P(like) of the proposals before they were rated; None where the method has none.
        seconds: from the rating before to the proposal.
        examined: by number of ratings: of what is proposed then without learning.
        diversity: of the last of these: patterns, sound. `diversity_before`: of the random loops.
        diversity_late: of the last thirty of the rated proposals.
        judged: None where the method has no `judge`.
        final: the last proposals, as JSON values.
        proposals: what was rated, as JSON values.
    """

    method: str
    listener: str
    world: str
    seed: int
    fingerprint: str
    before: Examination
    liked: tuple[bool, ...]
    truly: tuple[bool, ...]
    scores: tuple[float | None, ...]
    seconds: tuple[float, ...]
    examined: Mapping[int, Examination]
    diversity: tuple[float, float]
    diversity_before: tuple[float, float]
    diversity_late: tuple[float, float]
    judged: Judged | None = None
    final: tuple[dict[str, Any], ...] = ()
    proposals: tuple[dict[str, Any], ...] = ()

    @property
    def after(self) -> Examination:
        """The examination after all ratings."""
        return self.examined[max(self.examined)]


def world_of(place: int, seed: int) -> str:
    """Return the world of the listener at `place` in the list: half of them in each, swapped from seed to seed."""
    return WORLDS[(place + place // 2 + place // 6 + seed) % 2]


def in_balance(count: int) -> list[int]:
    """Return the places of `count` listeners in the order of runs: any beginning is a fair sample of kinds and noises.

    Baselines take minutes for a run, so that often only the beginning is there.
    """
    steady = [6 * k + 2 * ((k + turn // 2) % 3) + (k + turn + turn // 2) % 2 for turn in range(6) for k in range(3)]
    special = [18, 22, 20, 21, 19, 23]
    order = [place for i in range(6) for place in (*steady[3 * i : 3 * i + 3], special[i])]
    return [place for place in order if place < count] + list(range(len(order), count))


def simulate(
    method: str,
    make: MakeExplorer,
    listener: Listener,
    world: World,
    seed: int,
    *,
    ratings: int = RATINGS,
    examined: int = EXAMINED,
) -> Run:
    """Return the run of `listener` with the explorer that `make` makes.

    Args:
        method: its name.
        make: makes an explorer from the world and a seed.
        listener: whose hidden taste answers.
        world: of sounds.
        seed: of everything that is drawn.
        ratings: with learning, at least 1.
        examined: loops before and after.
    """
    chance = _Chance(listener.name, seed)
    ear = world.ear(listener)
    rng = chance("before")
    before = [world.generator.draw(rng) for _ in range(examined)]
    explorer = make(world, int(chance("explorer").integers(2**31)))
    checkpoints = {min(n, ratings) for n in CHECKPOINTS} if getattr(explorer, "cheap", False) else {ratings}
    judge = getattr(explorer, "judge", None)
    noise = chance("ratings")
    log: list[tuple[Loop, bool, bool, float | None, float]] = []
    exams: dict[int, Examination] = {}
    final: list[Loop] = []
    learning = 0.0
    for n in range(ratings):
        started = time.perf_counter()
        loop = explorer.propose()
        waited = learning + time.perf_counter() - started
        score = None if judge is None else float(judge([loop])[0])
        liked, truly = _ask(ear, world, [loop], noise, n / ratings)
        started = time.perf_counter()
        explorer.rate(loop, liked[0])
        learning = time.perf_counter() - started
        log.append((loop, liked[0], truly[0], score, waited))
        if n + 1 in checkpoints:
            final = explorer.final(examined)
            answers = _ask(ear, world, final, chance("final", n + 1), (n + 1) / ratings)
            exams[n + 1] = Examination(*answers)
    proposals, liked_all, truly_all, scores, seconds = zip(*log, strict=True)
    return Run(
        method=method,
        listener=listener.name,
        world=world.name,
        seed=seed,
        fingerprint=world.fingerprint(listener),
        before=Examination(*_ask(ear, world, before, chance("before", 1), 0.0)),
        liked=liked_all,
        truly=truly_all,
        scores=scores,
        seconds=tuple(round(s, 5) for s in seconds),
        examined=exams,
        diversity=world.diversity(final),
        diversity_before=world.diversity(before),
        diversity_late=world.diversity(proposals[-examined:]),
        judged=None if judge is None else _judge(judge, ear, world, chance("judged")),
        final=tuple(encode_loop(loop) for loop in final),
        proposals=tuple(encode_loop(loop) for loop in proposals),
    )


@dataclass(frozen=True)
class _Chance:
    """Streams of chance of one run, by purpose: a method that draws more does not change what a listener says."""

    listener: str
    seed: int

    def __call__(self, purpose: str, number: int = 0) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(self.listener.encode()), crc32(purpose.encode()), number])


def _ask(
    ear: Ear, world: World, loops: Sequence[Loop], rng: np.random.Generator, progress: float
) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Return what is said of loops, and what is true."""
    truly = ear.likes(world.traits(loops), progress)
    said = truly ^ (rng.random(len(loops)) < ear.listener.noise)
    return tuple(map(bool, said)), tuple(map(bool, truly))


def _judge(
    judge: Callable[[Sequence[Loop]], Sequence[float]], ear: Ear, world: World, rng: np.random.Generator
) -> Judged:
    loops = [world.generator.draw(rng) for _ in range(JUDGED)]
    liked, truly = _ask(ear, world, loops, rng, 1.0)
    return Judged(tuple(round(float(p), 5) for p in judge(loops)), liked, truly)


def write_run(run: Run, folder: Path) -> None:
    """Append `run` to the file of its method in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"format": RUN_FORMAT, **asdict(run)}, separators=(",", ":"), allow_nan=True)
    with (folder / f"{run.method}.jsonl").open("ab+") as stream:
        end = stream.seek(0, os.SEEK_END)
        if end:  # a line that a stop cut off goes
            stream.seek(0)
            stream.truncate(stream.read().rfind(b"\n") + 1)
        stream.write(line.encode() + b"\n")


def read_runs(folder: Path) -> list[Run]:
    """Return all runs in `folder`; of two of the same listener, method and seed the later one.

    Raises:
        InvalidInput: a line is no run. The last line of a file may be cut off, by a stop, and is left out.
    """
    runs: dict[tuple[str, str, int], Run] = {}
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines, start=1):
            if number == len(lines) or not line:  # what follows the last line break was not written to its end
                continue
            try:
                run = _decode(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidInput(f"{path}, line {number}, must be a run of the explorer: {error}") from error
            if run is not None:
                runs[run.method, run.listener, run.seed] = run
    return list(runs.values())


def _decode(value: dict[str, Any]) -> Run | None:
    """Return the run, None if it is of another version."""
    if value.get("format") != RUN_FORMAT:
        return None
    kept = {name.name: value[name.name] for name in fields(Run)}
    for name, item in kept.items():
        if isinstance(item, list):
            kept[name] = tuple(item)
    kept["before"] = _examination(value["before"])
    kept["examined"] = {int(n): _examination(exam) for n, exam in value["examined"].items()}
    judged = value["judged"]
    kept["judged"] = None if judged is None else Judged(**{name: tuple(judged[name]) for name in judged})
    return Run(**kept)


def _examination(value: dict[str, Any]) -> Examination:
    return Examination(tuple(value["liked"]), tuple(value["truly"]))


def run_all(
    methods: Mapping[str, MakeExplorer],
    listeners: Sequence[tuple[int, Listener]],
    seeds: Iterable[int],
    worlds: Mapping[str, World],
    folder: Path,
    *,
    ratings: int = RATINGS,
    examined: int = EXAMINED,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Run what is not there yet, listener by listener; return how many runs were made.

    Args:
        methods: makers of explorers by name.
        listeners: with their places in the whole list, which choose their worlds.
        seeds: of runs.
        worlds: by name; listeners whose world is not among them are left out.
        folder: to append to.
        ratings, examined: as `simulate`.
        say: told one line for each run.
    """
    made = 0
    done = {(run.method, run.listener, run.seed, run.fingerprint) for run in read_runs(folder)}
    for seed, (place, listener), method in product(seeds, listeners, methods):
        world = worlds.get(world_of(place, seed))
        if world is None or (method, listener.name, seed, world.fingerprint(listener)) in done:
            continue
        started = time.perf_counter()
        run = simulate(method, methods[method], listener, world, seed, ratings=ratings, examined=examined)
        write_run(run, folder)
        made += 1
        say(
            f"{method} {listener.name} seed {seed} {world.name}: "
            f"{np.mean(run.before.liked):.2f} -> {np.mean(run.after.liked):.2f} liked, "
            f"{time.perf_counter() - started:.0f} s"
        )
    return made
