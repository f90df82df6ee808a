"""How the studio bears many sessions at once: latency of ratings and of the next proposal, errors, memory.

Each session is a person who hears a proposal for a while, rates it, and asks for the next one, as the page does. Run it
on a machine that does nothing else: `python bench/studio_load.py --sessions 20 --minutes 10 --think 6`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ghostnote.studio.slots import ONE_THREAD

REPORT = Path(__file__).with_suffix(".md")
LIMITS_MS = {"rating": {"p95": 100.0}, "next": {"p50": 100.0, "p95": 300.0}}
MOST_GROWTH = 0.05
_TRAINING = (
    "import numpy as np\n"
    "from ghostnote.training.shell import give_way\n"
    "give_way()\n"
    "rng = np.random.default_rng(0)\n"
    "weights = rng.standard_normal((512, 512)).astype('f4')\n"
    "while True:\n"
    "    batch = rng.standard_normal((256, 512)).astype('f4')\n"
    "    weights -= 1e-6 * batch.T @ np.tanh(batch @ weights)\n"
)
"""Stands for a training: matrix products without end, at the priority that `ghostnote train` gives itself."""


@dataclass
class Measured:
    """What was measured."""

    rating: list[float] = field(default_factory=list)
    next: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)


def main() -> None:
    """Run the load and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--think", type=float, default=6.0, help="mean seconds between a proposal and its rating")
    parser.add_argument("--training", action="store_true", help="with a process beside it that trains")
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ghostnote-load-") as home:
        server, address, token = start_server(Path(home))
        beside = [sys.executable, "-c", _TRAINING]
        training = subprocess.Popen(beside, env=os.environ | ONE_THREAD) if options.training else None
        try:
            measured = asyncio.run(run(options, server.pid, address, token))
        finally:
            if training is not None:
                training.kill()
                training.wait()
            server.send_signal(signal.SIGINT)
            server.wait(30)
    text = report(options, measured)
    options.report.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def start_server(home: Path) -> tuple[subprocess.Popen[str], str, str]:
    """Start a studio; return its process, address and token."""
    command = [sys.executable, "-m", "ghostnote", "studio", "--no-browser", "--port", "0", "--home", str(home)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    found = re.search(r"(http://127\.0\.0\.1:\d+)/\?token=(\S+)", line)
    if found is None:
        raise RuntimeError(f"the studio must print its address; it printed {line!r}")
    return server, found[1], found[2]


async def run(options: argparse.Namespace, pid: int, address: str, token: str) -> Measured:
    """Let all sessions explore at once for the time given."""
    measured = Measured()
    limits = httpx.Limits(max_connections=4 * options.sessions)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        await client.get("/", params={"token": token})
        await warm(client)
        end = time.monotonic() + 60 * options.minutes
        watching = asyncio.create_task(watch(pid, measured, end))
        await asyncio.gather(*(explore(client, number, options, end, measured) for number in range(options.sessions)))
        await watching
    return measured


async def warm(client: httpx.AsyncClient) -> None:
    """Wait until both workers have made what a first proposal needs."""
    for _ in range(2):
        session = (await client.post("/api/sessions", json={"name": "warm"})).raise_for_status().json()["id"]
        (await client.post(f"/api/sessions/{session}/next", json={})).raise_for_status()


async def explore(
    client: httpx.AsyncClient, number: int, options: argparse.Namespace, end: float, measured: Measured
) -> None:
    """Be one person, with a taste of their own."""
    rng = random.Random(number)
    await asyncio.sleep(rng.uniform(0, options.think))
    session = (await client.post("/api/sessions", json={"name": f"person {number}"})).raise_for_status().json()["id"]
    path = f"/api/sessions/{session}"
    proposal, seconds = await timed(client, f"{path}/next", {}, measured)
    measured.first.append(seconds)
    turn = 0
    while proposal is not None and time.monotonic() < end:
        await asyncio.sleep(rng.uniform(0.5, 1.5) * options.think)
        hits = sum(row.count("x") for row in proposal["loop"]["rows"])
        liked = hits < 20 if number % 2 else hits >= 20
        body = {"liked": liked if rng.random() < 0.85 else not liked, "key": f"{number}-{turn}"}
        told, seconds = await timed(client, f"{path}/proposals/{proposal['id']}/rating", body, measured)
        if told is not None:
            measured.rating.append(seconds)
        proposal, seconds = await timed(client, f"{path}/next", {}, measured)
        measured.next.append(seconds)
        turn += 1


async def timed(client: httpx.AsyncClient, path: str, body: object, measured: Measured) -> tuple[dict | None, float]:
    """Return the answer to a POST, None if it is an error, and how long it took."""
    begin = time.perf_counter()
    try:
        answer = await client.post(path, json=body)
    except httpx.HTTPError as error:
        measured.errors.append(repr(error))
        return None, time.perf_counter() - begin
    if not answer.is_success:
        measured.errors.append(answer.text[:200])
        return None, time.perf_counter() - begin
    return answer.json(), time.perf_counter() - begin


async def watch(pid: int, measured: Measured, end: float) -> None:
    """Note the memory of the server and its workers, now and then."""
    begin = time.monotonic()
    while time.monotonic() < end:
        measured.memory.append((time.monotonic() - begin, memory_of(pid)))
        await asyncio.sleep(2.0)


def memory_of(pid: int) -> int:
    """Return the resident bytes of a process and its children (Linux)."""
    total = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parts = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(entry.name) == pid or int(parts[1]) == pid:
                    total += int(parts[21]) * os.sysconf("SC_PAGE_SIZE")
            except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                continue
    return total


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def growth(memory: Sequence[tuple[float, int]]) -> float:
    """Return by which share memory grew from the middle of the run to its end: caches are full by then."""
    last = memory[-1][0]
    middle = [amount for at, amount in memory if 0.45 * last <= at <= 0.55 * last]
    end = [amount for at, amount in memory if at >= 0.9 * last]
    return (sum(end) / len(end)) / (sum(middle) / len(middle)) - 1.0


def report(options: argparse.Namespace, measured: Measured) -> str:
    """Return the report as Markdown."""
    rows = []
    for name, values in (("rating", measured.rating), ("next", measured.next), ("first", measured.first)):
        shown = [1000 * quantile(values, share) for share in (0.5, 0.95, 0.99, 1.0)]
        wanted = ", ".join(f"{key} ≤ {value:g}" for key, value in LIMITS_MS.get(name, {}).items()) or "–"
        rows.append(f"| {name} | {len(values)} | " + " | ".join(f"{value:.0f}" for value in shown) + f" | {wanted} |")
    grown = growth(measured.memory)
    command = f"python bench/studio_load.py --sessions {options.sessions} --minutes {options.minutes:g}"
    command += f" --think {options.think:g}" + (" --training" if options.training else "")
    return "\n".join(
        [
            "# The studio under load",
            "",
            f"{options.sessions} people explore at once for {options.minutes:g} min, {options.think:g} s on average "
            f"between a proposal and its rating{', beside a training process' if options.training else ''}. "
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; load of the machine at "
            f"the end {os.getloadavg()[0]:.1f}.",
            "",
            f"Regenerate: `{command}`",
            "",
            "| request | count | p50 ms | p95 ms | p99 ms | longest ms | wanted |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            f"Errors: {len(measured.errors)}{'; ' + '; '.join(measured.errors[:3]) if measured.errors else ''}.",
            f"Memory of server and workers: {measured.memory[-1][1] / 2**20:.0f} MiB at the end, {grown:+.1%} "
            f"since the middle of the run (wanted: less than {MOST_GROWTH:.0%}).",
            "",
        ]
    )


if __name__ == "__main__":
    main()
