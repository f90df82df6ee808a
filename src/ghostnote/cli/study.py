"""`ghostnote study`: blind studies with your own participants, their report, their data."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghostnote.cli.options import FORCE, JSON
from ghostnote.cli.shell import Meter, check_target, print_json, say
from ghostnote.cli.study_serve import serve_command
from ghostnote.errors import InvalidParameter

if TYPE_CHECKING:
    from ghostnote.study.running import Study

TEMPLATES = ("deepdrummer-2020", "preference", "pairwise", "mushra")
STUDY = click.argument("path", metavar="STUDY", type=click.Path(path_type=Path))
_FOLDER = click.Path(path_type=Path)


@click.group()
def command() -> None:
    """Find out what people like: blind studies with your own participants.

    A study is one TOML file. Its data are kept in a folder beside it, STUDY.data.
    """


@command.command("new", epilog="In Python: ghostnote.study.templates.write_template(path, template)")
@STUDY
@click.option(
    "--protocol",
    "template",
    type=click.Choice(TEMPLATES),
    default=TEMPLATES[0],
    show_default=True,
    help="What to begin with.",
)
@FORCE
@JSON
def new_command(path: Path, template: str, force: bool, as_json: bool) -> None:
    """Write a study's file to begin with, whole and commented; change it before the first participant.

    deepdrummer-2020: 80 ratings with learning, a pause, then 30 + 30 loops blind. preference: more arms, hidden
    repeats, a stopping rule. pairwise: which of two. mushra: ratings beside a hidden reference and anchor.
    """
    from ghostnote.study.templates import write_template

    check_target(str(path), force=force, stream=False)
    write_template(path, template, overwrite=force)
    if as_json:
        print_json({"study": str(path), "template": template})
        return
    say(f"{path}: written. Read it, change it, then check it with `ghostnote study check {path}`")


@command.command("check", epilog="In Python: ghostnote.study.running.Study.open(path).check()")
@STUDY
@JSON
def check_command(path: Path, as_json: bool) -> None:
    """Look whether a study's file, and everything that it names, can be used; render its clips."""
    study = _open(path)
    study.check()
    told = {"study": str(path), "protocol": study.design.protocol, "participants": study.design.most_participants}
    clips = len(study.store.clips())
    if as_json:
        print_json(told | {"clips": clips})
        return
    say(f"{path}: ready for {study.design.most_participants} participants{f', {clips} clips' if clips else ''}")


@command.command("status", epilog="In Python: study.progress()")
@STUDY
@JSON
def status_command(path: Path, as_json: bool) -> None:
    """Show how far everybody is. No arm and no answer is told: whoever runs a study stays blind, too."""
    progress = _open(path).progress()
    if as_json:
        print_json(dataclasses.asdict(progress))
        return
    for seen in progress.participants:
        state = "finished" if seen.finished else seen.step
        click.echo(f"{seen.number:>4}  {seen.done:>4} of {seen.steps:<4}  {state:<12}  {seen.last_at[:16]}")
    enough = "; enough, by the rule stated beforehand" if progress.enough else ""
    say(f"{progress.finished} finished, {progress.enrolled} enrolled, {progress.planned} planned{enough}")


@command.command("report", epilog="In Python: ghostnote.study.report.write_report(study, folder)")
@STUDY
@click.option("-o", "--output", "target", metavar="DIR", type=_FOLDER, help="Folder [default: STUDY-report]")
@click.option(
    "--loops", type=click.IntRange(0, 50), default=2, show_default=True, help="Best and worst of each person."
)
@FORCE
@JSON
def report_command(path: Path, target: Path | None, loops: int, force: bool, as_json: bool) -> None:
    """Write what a study shows: one page with figures, tables and loops to hear, and the figures as PNG and SVG."""
    from ghostnote.study.report import write_report

    folder = target or path.with_name(f"{path.stem}-report")
    report = write_report(_open(path), folder, force=force, loops_each=loops)
    if as_json:
        print_json({"report": str(report.page), "figures": [str(figure) for figure in report.figures]})
        return
    say(f"{report.page}: open it in a browser; {len(report.figures)} figures beside it")


@command.command("export", epilog="In Python: ghostnote.study.export.export_study(study, folder)")
@STUDY
@click.argument("target", metavar="DIR", type=_FOLDER)
@click.option("--licence", default="CC-BY-4.0", show_default=True, help="Of the data, for its card.")
@click.option("--free-text", is_flag=True, help="With free answers; people may have written who they are.")
@click.option("--no-sound", is_flag=True, help="Without WAV and MIDI of each loop.")
@FORCE
@JSON
def export_command(
    path: Path, target: Path, licence: str, free_text: bool, no_sound: bool, force: bool, as_json: bool
) -> None:
    """Write the data of a study for others, without anything that tells who took part."""
    from ghostnote.study.export import export_study

    export = export_study(_open(path), target, licence=licence, free_text=free_text, sound=not no_sound, force=force)
    if as_json:
        print_json({"folder": str(export.folder), "files": list(export.files)})
        return
    say(f"{target}: {len(export.files)} files; README.md explains them")


@command.command("best", epilog="In Python: ghostnote.load_study(folder).best(count)")
@STUDY
@click.argument("count", type=click.IntRange(min=1), default=10)
@click.option("-o", "--output", "target", metavar="DIR", type=_FOLDER, help="Write them as WAV, MIDI and JSON, too.")
@click.option("--critic", "critic_target", metavar="FILE", type=_FOLDER, help="Save everybody's critic, for --prior.")
@FORCE
@JSON
def best_command(
    path: Path, count: int, target: Path | None, critic_target: Path | None, force: bool, as_json: bool
) -> None:
    """Show the COUNT (10) loops that everybody together is thought to like most.

    STUDY is a study's file, or a folder that `ghostnote study export` wrote.
    """
    from ghostnote.critic import write_critic
    from ghostnote.study.critics import Embedded, critic_of_all, most_liked
    from ghostnote.study.loading import load_study
    from ghostnote.study.results import people_of

    if path.is_dir():
        data = load_study(path)
        people, bank = data.people, data.bank
    else:
        study = _open(path)
        people, bank = tuple(people_of(study)), study.bank
    embedded = Embedded(people, bank)
    best = most_liked(people, embedded, count)
    if critic_target is not None:
        check_target(str(critic_target), force=force, stream=False)
        write_critic(critic_of_all(people, embedded), critic_target, overwrite=force)
    if target is not None:
        from ghostnote.study.best import write_best

        write_best(best, bank, target, force=force)
    if as_json:
        from ghostnote.loops import encode_loop

        print_json([dataclasses.asdict(one) | {"loop": encode_loop(one.loop)} for one in best])
        return
    from ghostnote.cli.loop_text import loop_facts, loop_grid

    click.echo(
        "\n\n".join(
            f"participant {one.participant}, trial {one.number}: {loop_facts(one.loop)}, P(like) {one.score:.2f}\n"
            f"{loop_grid(one.loop)}"
            for one in best
        )
    )


@command.command("power", epilog="In Python: ghostnote.study.power.power_of_ratings(truth, people, trials, rng)")
@click.option("--people", type=click.IntRange(2, 10_000), default=25, show_default=True)
@click.option("--trials", type=click.IntRange(1, 1_000), default=30, show_default=True, help="Of each arm, or pairs.")
@click.option("--before", type=float, default=0.372, show_default=True, help="Mean share liked before.")
@click.option("--after", type=float, default=0.540, show_default=True, help="Mean share liked after.")
@click.option("--spread", type=float, default=0.175, show_default=True, help="Of Δ among people, as seen with 30 + 30.")
@click.option("--rate", type=float, default=None, help="Of pairs instead: how often one is truly preferred.")
@click.option("--studies", type=click.IntRange(10, 100_000), default=500, show_default=True, help="To simulate.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@JSON
def power_command(
    people: int, trials: int, before: float, after: float, spread: float, rate: float | None, studies: int, seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Tell how sure a study would be: how often it finds what is there, and how wide its interval is."""
    import numpy as np

    from ghostnote.study.power import power_of_pairs, power_of_ratings
    from ghostnote.study.simulated import ASSUMED_BEFORE_SPREAD, PUBLISHED_TRIALS, fitted_truth

    for name, value in (("before", before), ("after", after)):
        if not 0 < value < 1:
            raise InvalidParameter(f"{name} must lie in (0, 1); got {value:g}. Is this a percentage?")
    rng = np.random.default_rng(seed)
    if rate is None:
        truth = fitted_truth(before, after, spread, ASSUMED_BEFORE_SPREAD, PUBLISHED_TRIALS)
        power = power_of_ratings(truth, people, trials, rng, studies)
    else:
        power = power_of_pairs(rate, people, trials, rng, studies)
    if as_json:
        told: dict[str, Any] = dataclasses.asdict(power)
        print_json({key: None if isinstance(v, float) and math.isnan(v) else v for key, v in told.items()})
        return
    found = power.found
    click.echo(
        f"{people} people, {trials} {'pairs' if rate is not None else 'loops of each arm'}: "
        f"found in {found.value:.0%} of studies [{found.low:.0%}, {found.high:.0%}], "
        f"interval ± {power.half_width:.3f}"
    )


@command.command("simulate", epilog="In Python: ghostnote.study.rehearsal.rehearse(study, count, seed, clock=clock)")
@STUDY
@click.option("--people", type=click.IntRange(1, 10_000), default=None, help="How many [default: as planned]")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of their tastes.")
@JSON
def simulate_command(path: Path, people: int | None, seed: int, as_json: bool) -> None:
    """Rehearse a study: simulated participants with hidden tastes go all the way. No person is predicted.

    They take part for good: rehearse with a copy of the file.
    """
    from ghostnote.study.rehearsal import SimulatedClock, rehearse
    from ghostnote.study.running import Study

    clock = SimulatedClock()
    study = Study.open(path, clock=clock)
    meter = Meter("simulating")
    ids = rehearse(study, people or study.design.most_participants, seed, clock=clock, progress=meter)
    meter.end()
    if as_json:
        print_json({"study": str(path), "participants": len(ids)})
        return
    say(f"{path}: {len(ids)} simulated participants took part. Then `ghostnote study report {path}`")


command.add_command(serve_command)


def _open(path: Path) -> Study:
    from ghostnote.study.running import Study

    return Study.open(path)
