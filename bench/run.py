"""Measure speed, memory and size as a user meets them; writes bench/report.md. Run it with `make bench`."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BARS = 120


@dataclass(frozen=True)
class Measured:
    seconds: float
    megabytes: float


def environment(**extra: str) -> dict[str, str]:
    """The environment of a user: byte code is kept, since without it every start compiles anew."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "OMP_NUM_THREADS": "1", **extra}


def measure(arguments: list[str], repeats: int = 7, **extra: str) -> Measured:
    """Median wall time and largest resident memory of a whole process, after one run to warm up."""
    seconds, megabytes = [], []
    for i in range(repeats + 1):
        pid_file = subprocess.Popen(
            arguments, env=environment(**extra), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        began = time.perf_counter()
        _, status, usage = os.wait4(pid_file.pid, 0)
        pid_file.returncode = os.waitstatus_to_exitcode(status)
        if pid_file.returncode != 0:
            raise SystemExit(f"{' '.join(arguments)} failed with {pid_file.returncode}")
        if i:
            seconds.append(time.perf_counter() - began)
            megabytes.append(usage.ru_maxrss / 1024)
    return Measured(statistics.median(seconds), max(megabytes))


def song(path: Path) -> int:
    """Write a dense programmed song of 120 bars; return its number of notes."""
    from ghostnote.demos import demo_path
    from ghostnote.midi import read_midi, write_midi

    track = read_midi(demo_path("funk"))
    bar = 4 * track.ticks_per_beat
    notes = []
    for start in range(0, BARS, 8):
        notes += [n.__class__(n.tick + start * bar, n.pitch, n.velocity, n.duration_ticks) for n in track.notes]
    hats = [n for n in notes if n.pitch == 42]
    notes += [n.__class__(n.tick + bar // 16, 42, n.velocity, n.duration_ticks) for n in hats]
    write_midi(track.with_notes(notes), path)
    return len(notes)


def folder_megabytes(folder: Path) -> float:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) / 2**20


def install_size() -> tuple[float, float, bool]:
    """Megabytes of site-packages after `pip install .` in a fresh environment, seconds, and whether torch came."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "venv"
        venv.create(target, with_pip=True)
        packages = next(target.glob("lib/python*/site-packages"))
        before = folder_megabytes(packages)
        began = time.perf_counter()
        subprocess.run([target / "bin" / "python", "-m", "pip", "install", "--quiet", str(ROOT)], check=True)
        seconds = time.perf_counter() - began
        return folder_megabytes(packages) - before, seconds, (packages / "torch").exists()


def dataset_rows(archive: str, folder: Path) -> list[tuple[str, str, str, str]]:
    code = (
        "import time, sys; t = time.perf_counter()\n"
        "from ghostnote.data import load_performances\n"
        "if __name__ == '__main__': load_performances(archive=sys.argv[1])\n"
    )
    script = folder / "load.py"
    script.write_text(code)
    home = {"GHOSTNOTE_HOME": str(folder / "home")}
    began = time.perf_counter()
    subprocess.run([sys.executable, script, archive], check=True, env=environment(**home))
    first = time.perf_counter() - began
    again = measure([sys.executable, str(script), archive], 5, **home).seconds
    return [
        ("dataset, first parse of 1,150 files", f"{first:.1f} s", "≤ 20 s", f"{first / again:.0f} × the cached reload"),
        ("dataset, cached reload, whole process", f"{again:.2f} s", "≤ 1 s", ""),
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--archive")
    parser.add_argument("--skip-install", action="store_true")
    options = parser.parse_args()
    command = str(Path(sys.executable).with_name("ghostnote"))
    rows: list[tuple[str, str, str, str]] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        score, human, sound = folder / "song.mid", folder / "human.mid", folder / "song.wav"
        notes = song(score)
        bare = measure([sys.executable, "-c", "pass"])
        runtime = measure([sys.executable, "-c", "import onnxruntime"])
        imported = measure([sys.executable, "-c", "import ghostnote"])
        helped = measure([command, "--help"])
        humanized = measure([command, "humanize", str(score), "-o", str(human), "--force"])
        rendered = measure([command, "render", str(human), "-o", str(sound), "--force"], 3)
        import soundfile

        length = soundfile.info(str(sound)).duration
        rows += [
            (
                "`import ghostnote`",
                f"{imported.seconds:.3f} s",
                "≤ 0.2 s",
                f"{imported.seconds / bare.seconds:.1f} × an empty Python",
            ),
            (
                "`ghostnote --help`",
                f"{helped.seconds:.3f} s",
                "≤ 0.3 s",
                f"{helped.seconds / bare.seconds:.1f} × an empty Python",
            ),
            (
                f"`ghostnote humanize`, {BARS} bars, {notes} notes",
                f"{humanized.seconds:.2f} s, {humanized.megabytes:.0f} MB",
                "≤ 1.5 s, ≤ 300 MB",
                f"{humanized.seconds / runtime.seconds:.1f} × `import onnxruntime`",
            ),
            (
                f"`ghostnote render`, {BARS} bars, {length:.0f} s of sound",
                f"{rendered.seconds:.2f} s, {rendered.megabytes:.0f} MB",
                "≥ 50 × real time",
                f"{length / rendered.seconds:.0f} × real time",
            ),
        ]
        if options.archive:
            rows += dataset_rows(options.archive, folder)
    if not options.skip_install:
        megabytes, seconds, torch = install_size()
        rows.append(
            (
                "`pip install .`, fresh environment",
                f"{megabytes:.0f} MB in {seconds:.0f} s",
                "≤ 400 MB, no PyTorch",
                "PyTorch came with it" if torch else "no PyTorch",
            )
        )
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. Whole processes, median of repeated runs after one to warm up.",
        "",
        f"{os.cpu_count()} cores, {processor()}, {platform.system()}, Python {platform.python_version()}; "
        f"load at the start {LOAD:.1f}.",
        "",
        "| what | measured | target | beside |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        "MIDI libraries side by side: [midi_libraries.md](midi_libraries.md).",
        "",
    ]
    (ROOT / "bench" / "report.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines), f"(the benchmark itself took {own:.0f} MB)")


def processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()


LOAD = os.getloadavg()[0]

if __name__ == "__main__":
    main()
