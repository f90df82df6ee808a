"""Run the whole experiment of DeepDrummer with simulated participants through the real server; write what it shows.

One participant goes through the pages in a browser, by keyboard; the others ask the server as its pages do. Tastes are
hidden functions (`ghostnote.study.rehearsal`); no person is predicted. What explores is the product's critic: that of
2020 takes minutes of computing for each participant.

Usage: python scripts/study_demo.py [--people 25] [--output docs/results/study]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import platform
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from ghostnote.study.design import Question
from ghostnote.study.rehearsal import Ears, SimulatedRater
from ghostnote.study.running import Study
from ghostnote.study.steps import Step, next_step
from ghostnote.study.templates import TEMPLATES

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 5
SEED = 2020
LEAST_SECONDS = 0.1
CANDIDATES = 400  # for a proposal, of 1,000 that people get: 0.14 s of computing instead of 0.35 s
READY_SECONDS = 180
CHROMIUM = os.environ.get("GHOSTNOTE_CHROMIUM") or shutil.which("chromium")
_NEXT = """last => {
  const ready = document.documentElement.getAttribute("data-ready");
  return ready && ready !== last ? ready : null;
}"""
FLAGS = ("--no-sandbox", "--disable-background-networking", "--disable-sync", "--no-first-run")


def tell(text: str) -> None:
    """Write a line to whoever runs this."""
    sys.stderr.write(f"{text}\n")


def study_text(people: int, ratings: int, trials: int) -> str:
    """Return the study's file: the protocol of 2020, with simulated participants, who need no time to listen."""
    text = TEMPLATES["deepdrummer-2020"]
    for old, new in (
        (r"participants = 25", f"participants = {people}"),
        (r"ratings = 80", f"ratings = {ratings}"),
        (r"untrained = 30, trained = 30", f"untrained = {trials}, trained = {trials}"),
        (r"least_seconds = 2\.0", f"least_seconds = {LEAST_SECONDS}"),
        (r"pause_seconds = 60", "pause_seconds = 1"),
        (r"candidates = 1000", f"candidates = {CANDIDATES}"),
        (r'title = "Drum loops"', 'title = "The experiment of DeepDrummer, with simulated participants"'),
    ):
        text, count = re.subn(old, new, text)
        assert count == 1, f"the template must have {old!r} once; it has it {count} times"
    return text


@contextmanager
def served(path: Path) -> Iterator[tuple[str, str]]:
    """Serve the study as its operator does; yield the address of the server and the link for everybody."""
    command = [sys.executable, "-m", "ghostnote", "study", "serve", str(path), "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert process.stdout is not None
    slow = threading.Timer(READY_SECONDS, process.kill)
    slow.start()
    lines = process.stdout.readline() + process.stdout.readline()
    slow.cancel()
    found = re.search(r"(http\S+)(/join/\S+)", lines)
    try:
        if found is None:
            raise SystemExit(f"the study was not served: {lines!r}")
        yield found[1], found[1] + found[2]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


class Crowd:
    """Everybody who takes part, and how long they waited for loops.

    Args:
        study: opened beside the server, to know what is heard: simulated ears hear loops, not air.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.ears = Ears(study, SEED)
        self.waited: list[float] = []
        self._lock = threading.Lock()

    def rater(self, participant: str) -> SimulatedRater:
        """Return the taste of a participant."""
        number = self.study.store.number_of(participant) - 1
        with self._lock:
            return SimulatedRater(self.study, participant, self.ears.ear(number), self.ears, SEED, number)

    def answer(self, rater: SimulatedRater, step: Step) -> dict[str, Any]:
        """Return what is said to a step."""
        with self._lock:  # one cache of sounds for all ears
            return rater.answer(step)

    def take_part(self, join: str) -> None:
        """Go all the way as a page does, by requests."""
        base, _, token = join.partition("/join/")
        with httpx.Client(base_url=base, timeout=120) as client:
            client.post("/api/join", json={"token": token}).raise_for_status()
            participant = next(value for name, value in client.cookies.items() if name.startswith("ghostnote-study-"))
            rater = self.rater(participant)
            while True:
                began = time.monotonic()
                told = client.get("/api/study/step").raise_for_status().json()
                if told["waiting"]:
                    continue
                step = step_of(told["step"])
                if step.kind == "loop":
                    self.waited.append(time.monotonic() - began)
                if step.kind == "thanks":
                    return
                for which in range(step.sounds):
                    client.get(f"/api/study/sounds/{step.id}/{which}").raise_for_status()
                time.sleep(max(step.least_seconds * step.sounds, step.wait_seconds) + 0.02)
                seconds = round(rater.seconds(step), 3)
                body = {
                    "trial": step.id,
                    "answer": self.answer(rater, step),
                    "key": f"demo-{step.id}",
                    "times": {"seconds": seconds, "played_seconds": [round(0.8 * seconds, 3)] * step.sounds},
                }
                client.post("/api/study/answers", json=body).raise_for_status()

    def take_part_by_page(self, join: str) -> None:
        """Go all the way in a browser, by keyboard."""
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            page = browser.new_page()
            page.set_default_timeout(180_000)
            page.goto(join)
            page.locator("button.primary").press("Enter")
            page.wait_for_url("**/study")
            cookies: list[Any] = list(page.context.cookies())
            participant = next(c["value"] for c in cookies if c["name"].startswith("ghostnote-study-"))
            rater = self.rater(participant)
            last = ""
            while last != "thanks":
                last = str(page.wait_for_function(_NEXT, arg=last).json_value())
                if last != "thanks":
                    step = self._where(participant)
                    assert step.id == last, f"the page shows {last}, and the study is at {step.id}"
                    self._press(page, step, self.answer(rater, step))
            page.wait_for_selector("#result-title")
            browser.close()

    def _where(self, participant: str) -> Step:
        store = self.study.store
        return next_step(self.study.design, store.trials(participant), store.answers(participant))

    def _press(self, page: Any, step: Step, answer: dict[str, Any]) -> None:
        if step.kind == "loop":
            page.keyboard.press("Space")
            page.wait_for_selector(".study-choices button[aria-disabled=false]")
            page.keyboard.press("l" if answer["liked"] else "d")
            return
        if step.kind == "consent":
            page.locator("#agree").press("Space")
        elif step.kind == "instructions":
            page.locator("button.large").first.press("Enter")
        elif step.kind == "pause":
            page.locator("textarea").fill(answer["text"])
        elif step.kind == "survey":
            for question in step.questions:
                if question.id not in answer:
                    continue
                if question.kind in ("scale", "choice"):
                    page.locator(f"input[name='{question.id}'][value='{answer[question.id]}']").press("Space")
                else:
                    page.locator(f"#question-{question.id}").fill(str(answer[question.id]))
        page.locator("button.primary:not([aria-disabled=true]):enabled").press("Enter")


def step_of(told: dict[str, Any]) -> Step:
    """Return a step as the server told of it."""
    questions = tuple(Question(**question | {"choices": tuple(question["choices"])}) for question in told["questions"])
    return Step(**told | {"questions": questions})


def run(path: Path, people: int, by_page: bool) -> dict[str, float]:
    """Let everybody take part, some at once; return seconds of each part."""
    began = time.monotonic()
    with served(path) as (_, join):
        crowd = Crowd(Study.open(path))
        ready = time.monotonic()
        done = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            jobs = [pool.submit(crowd.take_part_by_page, join)] if by_page else []
            jobs += [pool.submit(crowd.take_part, join) for _ in range(people - len(jobs))]
            for job in jobs:
                job.result()
                done += 1
                tell(f"{done} of {people} have taken part, after {time.monotonic() - began:.0f} s")
    ended = time.monotonic()
    waited = sorted(crowd.waited)
    return {
        "start_seconds": ready - began,
        "people_seconds": ended - ready,
        "wait_median_seconds": waited[len(waited) // 2],
        "wait_p95_seconds": waited[int(0.95 * len(waited))],
    }


def ghostnote(*arguments: str) -> float:
    """Run a command of Ghostnote; return its seconds."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "ghostnote", *arguments], check=True)
    return time.monotonic() - began


def write_card(output: Path, people: int, measured: dict[str, float], *, by_page: bool) -> None:
    """Write what was run, on what, and how long it took."""
    cores, load = os.cpu_count(), os.getloadavg()[0]
    computed = resource.getrusage(resource.RUSAGE_CHILDREN)
    pages = "one of them through the pages in Chromium, by keyboard" if by_page else "NO BROWSER: none by the pages"
    lines = [
        "# The experiment of DeepDrummer, rehearsed",
        "",
        f"Written by `make study-demo` (`scripts/study_demo.py`). {people} **simulated** participants with hidden",
        f"tastes, 10 % of whose answers are wrong, took part through the real server; {pages},",
        "the others by the requests that the pages make. **No person is predicted by this**: it shows that the study",
        "runs, what its report looks like, and how long the machine takes. Listening and the pause were cut short; the",
        "times per rating in the report are simulated, too, but for the participant of the pages.",
        "",
        "Protocol `deepdrummer-2020`: ratings with learning, a pause, loops of both arms blind and shuffled, a survey.",
        'What explores is the product\'s critic (`critic.kind = "product"`), not the network of 2020, which takes',
        f"minutes of computing for each participant; it chooses among {CANDIDATES} loops for a proposal, not 1,000.",
        "",
        "- `report.html`: the report, one file, with loops to hear; its figures in [figures](figures)",
        "- `data/`: the data set of `ghostnote study export`; both are large, so they are not in the repository",
        "- [study.toml](study.toml): the study's file; [timing.json](timing.json): what was measured",
        "",
        "| measured | |",
        "|---|---|",
        f"| the whole, on {cores} cores ({platform.machine()}), load {load:.1f} at the end | "
        f"{measured['total_seconds'] / 60:.1f} min |",
        f"| computing of all processes | {(computed.ru_utime + computed.ru_stime) / 60:.1f} min |",
        f"| {people} participants, {AT_ONCE} at once | {measured['people_seconds'] / 60:.1f} min |",
        f"| waiting for a loop, median and 95 % | {measured['wait_median_seconds']:.2f} s, "
        f"{measured['wait_p95_seconds']:.2f} s |",
        f"| report | {measured['report_seconds']:.0f} s |",
        f"| export | {measured['export_seconds']:.0f} s |",
        "",
    ]
    (output / "README.md").write_text("\n".join(lines), encoding="utf-8")
    (output / ".gitignore").write_text("/data/\n/report.html\n", encoding="utf-8")
    rounded = {name: round(value, 3) for name, value in measured.items()}
    (output / "timing.json").write_text(json.dumps(rounded | {"people": people}, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Run it; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=25)
    parser.add_argument("--ratings", type=int, default=80, help="of phase I")
    parser.add_argument("--trials", type=int, default=30, help="of each arm in phase II")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "results" / "study")
    given = parser.parse_args()
    by_page = CHROMIUM is not None
    if not by_page:
        tell("!!! no Chromium is installed here (`make browser` installs it): nobody goes through the PAGES.")
    began = time.monotonic()
    output: Path = given.output.absolute()
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ghostnote-study-") as folder:
        path = Path(folder) / "study.toml"
        path.write_text(study_text(given.people, given.ratings, given.trials), encoding="utf-8")
        shutil.copyfile(path, output / "study.toml")
        measured = run(path, given.people, by_page)
        measured["report_seconds"] = ghostnote(
            "study", "report", str(path), "-o", str(output), "--force", "--loops", "1"
        )
        measured["export_seconds"] = ghostnote("study", "export", str(path), str(output / "data"), "--force")
        progress = Study.open(path).progress()
    assert progress.finished == given.people, dataclasses.asdict(progress)
    measured["total_seconds"] = time.monotonic() - began
    write_card(output, given.people, measured, by_page=by_page)
    tell(f"{output / 'report.html'}: {given.people} participants in {measured['total_seconds'] / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
