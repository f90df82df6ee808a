"""Put the hostile matrix and 400 files of the Groove MIDI Dataset before our reader and before three libraries.

Each reading runs in a process of its own with 20 s and 2 GiB, so that a hang or a crash is a result like any other.
Writes bench/midi_libraries.md. The dataset is looked for where the tests look for it; without it there are no timings.

Run: python bench/midi_libraries.py
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve()
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "midi"))

from hostile import CASES, Case  # noqa: E402

LIBRARIES = ("ghostnote", "mido", "symusic", "pretty_midi")
SECONDS = 20
BYTES = 2 * 2**30
TIMED_FILES = 400

REPORT = """# MIDI libraries before hostile files

Written by `python bench/midi_libraries.py` on {processor}, Python {python}; one process for each reading, with
{seconds} s and 2 GiB; the libraries at their defaults. **Bold** is wrong: no error where one must be, an error or
another number of notes where the file is usable, a start before 0, a hang or a crash. Any exception in time counts as
an error here, although only ours is of one type, and warnings are not judged. Notes of mido are its note-ons. The rows
"too many", "too long" and "channel" are rules of this project that no library promises to keep.

{matrix}

## Time: {files} files of the Groove MIDI Dataset

CPU time of parsing to notes; import and first file are not counted. Our own row includes the drum map, pairing and the
copy of everything else. A note missing against the first row was lost by the library.

{timings}
"""


def read(library: str, path: Path) -> tuple[int, float]:
    """Return the number of notes and the onset of the first, in seconds, as `library` reads them."""
    if library == "ghostnote":
        from ghostnote.groove import Clock
        from ghostnote.midi import read_midi

        track = read_midi(path)
        onsets = Clock.of(track).tick_to_seconds([note.tick for note in track.notes])
        return len(track.notes), float(onsets.min(initial=0))
    if library == "mido":
        import mido

        midi = mido.MidiFile(path)
        now, found = 0.0, []
        for message in midi:  # a merged walk in seconds, as players do it
            now += message.time
            if message.type == "note_on" and message.velocity:
                found.append(now)
        return len(found), min(found, default=0.0)
    if library == "symusic":
        import symusic

        score = symusic.Score(path, ttype="second")
        found = [note.start for part in score.tracks for note in part.notes]
        return len(found), min(found, default=0.0)
    import pretty_midi

    found = [note.start for part in pretty_midi.PrettyMIDI(str(path)).instruments for note in part.notes]
    return len(found), min(found, default=0.0)


def parse(library: str, path: Path) -> int:
    """Return the number of notes, by the shortest way that `library` has to a list of notes."""
    if library == "mido":
        import mido

        return sum(m.type == "note_on" and m.velocity > 0 for part in mido.MidiFile(path).tracks for m in part)
    if library == "symusic":
        import symusic

        return sum(len(part.notes) for part in symusic.Score(path).tracks)
    return read(library, path)[0]


def probe(library: str, paths: list[Path]) -> None:
    """In the child process: print what reading gives, as JSON."""
    if len(paths) == 1:
        notes, first = read(library, paths[0])
        print(json.dumps({"notes": notes, "first": first}))
        return
    read(library, paths[0])  # imports and caches are not what is timed
    started = time.process_time()
    notes = sum(parse(library, path) for path in paths)
    print(json.dumps({"notes": notes, "seconds": time.process_time() - started}))


def run(library: str, paths: list[Path], seconds: float = SECONDS) -> tuple[dict[str, float] | None, str]:
    """Return what the child printed, or None and what became of it."""
    command = [sys.executable, str(HERE), "--probe", library, *map(str, paths)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    def limit_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))

    try:
        child = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, env=environment, preexec_fn=limit_memory
        )
    except subprocess.TimeoutExpired:
        return None, f"over {seconds:g} s"
    if child.returncode == 0:
        return json.loads(child.stdout.splitlines()[-1]), ""
    if child.returncode < 0:
        return None, f"killed by signal {-child.returncode}"
    error = next((line for line in reversed(child.stderr.splitlines()) if line and not line.startswith(" ")), "?")
    return None, error.split(":")[0].rsplit(".", 1)[-1]


def judge(case: Case, result: dict[str, float] | None, error: str) -> str:
    """Return a table cell; bold where the file did not get what it must get."""
    if result is None:
        wrong = case.error is None or error.startswith(("over", "killed", "MemoryError"))
        text = error
    else:
        wrong = case.error is not None or result["notes"] != case.notes or result["first"] < 0
        text = f"{result['notes']:,} note{'s' * (result['notes'] != 1)}"
        if result["first"] < 0:
            text += f" from {result['first']:.3g} s"
    return f"**{text}**" if wrong else text


def gmd_paths(folder: Path) -> list[Path]:
    archive = Path(
        os.environ.get("GHOSTNOTE_GMD_ARCHIVE", ROOT.parent / "shared" / "data" / "groove-v1.0.0-midionly.zip")
    )
    if not archive.exists():
        return []
    paths = []
    with zipfile.ZipFile(archive) as files:
        names = [name for name in files.namelist() if name.endswith((".mid", ".midi"))]
        for number, name in enumerate(names[:TIMED_FILES]):
            paths.append(folder / f"{number}.mid")
            paths[-1].write_bytes(files.read(name))
    return paths


def processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0].split(":")[1].strip() if names else platform.processor() or "an unnamed processor"


def report() -> str:
    versions = {library: importlib.metadata.version(library) for library in LIBRARIES}
    head = ["case", "must get", *(f"{library} {version}" for library, version in versions.items())]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    failed = dict.fromkeys(LIBRARIES, 0)
    timings = ["| library | ms per file | notes |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in CASES:
            path = folder / "case.mid"
            path.write_bytes(case.build())
            cells = [judge(case, *run(library, [path])) for library in LIBRARIES]
            for library, cell in zip(LIBRARIES, cells, strict=True):
                failed[library] += cell.startswith("**")
            must = "an error" if case.error is not None else f"{case.notes} note{'s' * (case.notes != 1)}"
            lines.append("| " + " | ".join([f"{case.row}: {case.name}", must, *cells]) + " |")
            print(lines[-1], flush=True)
        lines.append("| wrong, of " + " | ".join([str(len(CASES)), "", *map(str, failed.values())]) + " |")
        paths = gmd_paths(folder)
        for library in LIBRARIES if paths else ():
            result, error = run(library, paths, 120)
            row = f"{1000 * result['seconds'] / len(paths):.2f} | {result['notes']:,}" if result else f"{error} | –"
            timings.append(f"| {library} | {row} |")
            print(timings[-1], flush=True)
    return REPORT.format(
        processor=processor(),
        python=platform.python_version(),
        seconds=SECONDS,
        matrix="\n".join(lines),
        files=len(paths),
        timings="\n".join(timings) if paths else "The archive was not there.",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--probe", nargs="+", metavar=("LIBRARY", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.probe:
        probe(arguments.probe[0], [Path(path) for path in arguments.probe[1:]])
    else:
        HERE.with_suffix(".md").write_text(report(), encoding="utf-8")
