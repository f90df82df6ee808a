"""What a session of the explorer can be begun with, as options of commands."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ghostnote.cli.critic import tell_left_out
from ghostnote.cli.shell import Meter, number_of, say

if TYPE_CHECKING:
    from ghostnote.critic import SavedCritic
    from ghostnote.explore.session import EngineFactory, Session
    from ghostnote.explore.settings import SessionSettings

F = TypeVar("F", bound=Callable[..., Any])


class Numbers(click.ParamType[tuple[float, float]]):
    """`120`, or `90-140`."""

    name = "LOW-HIGH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """Return (low, high)."""
        if isinstance(value, tuple):
            return value
        low, _, high = value.partition("-")
        try:
            return float(low), float(high or low)
        except ValueError:
            self.fail(f"must be a number, or two as 90-140; got {value!r}", param, ctx)


_BEGUN_WITH = (
    click.option(
        "--seed", type=click.IntRange(0, 2**63 - 1), default=None, help="The same number, the same proposals."
    ),
    click.option("--musical", type=float, default=None, help="0 anything goes … 1 as drummers play [default: 0.5]"),
    click.option("--style", default=None, help="Of what is musical, such as funk, rock, jazz."),
    click.option("--steps", type=int, default=None, help="16ths in a loop, 8-32 [default: 16]"),
    click.option("--rows", type=int, default=None, help="Sounds in a loop, 1-8 [default: 4]"),
    click.option("--tempo", "tempo_bpm", type=Numbers(), default=None, help="In bpm [default: 120]"),
    click.option("--swing", type=Numbers(), default=None, help="In steps, 0-0.5 [default: as drummers play]"),
    click.option("--density", type=float, default=None, help="Of hits where anything goes, 0-1 [default: 0.5]"),
    click.option("--four-on-the-floor", is_flag=True, default=None, help="A kick on every beat, always."),
    click.option(
        "--sounds",
        multiple=True,
        metavar="DIR",
        help="A folder of recordings to play with; repeatable [default: those of `ghostnote sounds`]",
    ),
    click.option("--own-sounds", type=int, default=None, help="How many sounds of ours to play with [default: 400]"),
    click.option("--explore", type=float, default=None, help="0 what you surely like … 1 what it wants to know"),
    click.option(
        "--target", type=click.Choice(["good", "bad", "surprising", "unsure"]), default=None, help="What to look for."
    ),
    click.option("--candidates", type=int, default=None, help="Loops considered for each proposal [default: 1000]"),
    click.option(
        "--like",
        multiple=True,
        metavar="PATH",
        type=click.Path(),
        help="Audio that you like, to start from; repeatable.",
    ),
    click.option("--dislike", multiple=True, metavar="PATH", type=click.Path(), help="Audio that you do not like."),
    click.option(
        "--midi",
        default=None,
        metavar="DIR",
        type=click.Path(),
        help="Folder of MIDI files of yours: their bars are among what is musical.",
    ),
    click.option(
        "--prior", multiple=True, metavar="FILE", type=click.Path(), help="A saved critic to go on from; repeatable."
    ),
)
_OF_PRIOR = ("prior", "like", "dislike")
_OF_SEARCH = ("explore", "target", "candidates")


def begun_with(command: F) -> F:
    """Give a command the options of a new session."""
    for option in reversed(_BEGUN_WITH):
        command = option(command)
    return command


def begin_session(path: str, *, create: bool | None, **options: Any) -> Session:
    """Return a new session in the file `path`, and tell about it."""
    from ghostnote.explore.search import SearchSettings
    from ghostnote.explore.session import Session
    from ghostnote.explore.settings import SessionSettings

    sounds, midi = options.pop("sounds"), options.pop("midi")
    prior = _prior(*(options.pop(name) for name in _OF_PRIOR))
    given = {name: value for name, value in options.items() if value is not None}
    search = SearchSettings(**{name: given.pop(name) for name in _OF_SEARCH if name in given})
    given.setdefault("seed", secrets.randbelow(2**31))
    settings = SessionSettings(**given, search=search)
    if midi is not None:
        settings = replace(settings, bars=_bars(midi, settings.steps))
    session = Session.open(
        path, settings, create=create, sounds=sounds or None, prior=prior, make_engine=engine_maker()
    )
    say(f"{path}: a new session. {_told_settings(session.settings)}")
    return session


def _bars(folder: str, steps: int) -> str:
    """Return the bars of the MIDI files in `folder` as settings hold them, and tell what became of the files."""
    from ghostnote.explore.loop_library import collect_bars
    from ghostnote.explore.packed_bars import pack_bars

    own = collect_bars(folder, steps)
    say(f"{folder}: {own.report.kept} different bars of {steps} steps in {own.report.files} MIDI files")
    for name, reason in own.report.unreadable[:5]:
        say(f"left out {name}: {reason}")
    if len(own.report.unreadable) > 5:
        say(f"left out {len(own.report.unreadable) - 5} more files that could not be read")
    return pack_bars(own.bars)


def _prior(files: Sequence[str], like: Sequence[str], dislike: Sequence[str]) -> SavedCritic | None:
    """Return the critic that a session goes on from: saved ones, and what is heard in audio, as so many people."""
    if not (files or like or dislike):
        return None
    from ghostnote.critic import combine_critics, read_critic
    from ghostnote.explore.building import check_prior

    critics = [read_critic(file) for file in files]
    for critic in critics:
        check_prior(critic)
    if like or dislike:
        from ghostnote.critic.warm_start import warm_start

        made = warm_start(like, dislike)
        tell_left_out(made.skipped, made.warnings, all_told="`ghostnote critic make --json`")
        critics.append(made.critic)
    return combine_critics(critics)


def engine_maker() -> EngineFactory:
    """Return what makes a session's engine, and tells how far it is with making the sounds."""
    from functools import partial

    from ghostnote.explore.building import build_engine

    return partial(build_engine, progress=Meter("making sounds"))


def _told_settings(settings: SessionSettings) -> str:
    recordings = f" and {number_of(len(settings.recordings), 'recording')}" if settings.recordings else ""
    return f"Seed {settings.seed}, {number_of(settings.own_sounds, 'sound')} of ours{recordings}"
