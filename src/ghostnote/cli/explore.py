"""`ghostnote explore`: loops are proposed, you say which you like, and the next ones come nearer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ghostnote.cli.explore_begin import begin_session, begun_with, engine_maker
from ghostnote.cli.loop_text import loop_facts, loop_grid, printable
from ghostnote.cli.options import FORCE, JSON, MAP, STYLE, TIMING, VELOCITY
from ghostnote.cli.shell import check_audio_target, check_target, number_of, print_json, say, warn, write_track
from ghostnote.errors import InvalidParameter, StorageError

if TYPE_CHECKING:
    from ghostnote.explore.records import HistoryItem, Judgement, Proposal
    from ghostnote.explore.session import Session

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_SESSION = "session.ghostnote"
_HEARD_SECONDS = 8.0
_SAMPLE_RATE_HZ = 44_100
_MARKS = {True: "like", False: "dislike", None: ""}

SESSION = click.option(
    "-s",
    "--session",
    "path",
    type=click.Path(),
    default=DEFAULT_SESSION,
    show_default=True,
    envvar="GHOSTNOTE_SESSION",
    show_envvar=True,
    help="File of the session.",
)
ID = click.argument("proposal_id", metavar="[ID]", type=click.IntRange(min=1), required=False)
KEY = click.option(
    "--key", default=None, help="A rating that is sent again with the same key is counted once; for scripts."
)
SCORE = click.option("--score", is_flag=True, help="Also tell what the critic thinks; it may sway you.")


@click.group()
def command() -> None:
    """Find loops that you like: like or dislike what is proposed, and the next ones come nearer.

    Everything is in one file, session.ghostnote in this folder unless you say otherwise.
    """


@command.command("new", epilog="In Python: ghostnote.Session.open(path, SessionSettings(…), create=True)")
@SESSION
@begun_with
@JSON
def new_command(path: str, as_json: bool, **options: Any) -> None:
    """Begin a session."""
    session = begin_session(path, create=True, **options)
    if as_json:
        print_json({"session": str(session.path), "settings": _settings(session)})


_HEARD_AS = click.option(
    "-o",
    "--output",
    "target",
    metavar="OUT",
    type=click.Path(),
    help="WAV or FLAC file to write [default: SESSION-ID.wav]",
)
_REPEATS = click.option(
    "--repeats", type=click.IntRange(1, 64), default=None, help="Bars in it [default: about 8 seconds]"
)


@command.command("next", epilog="In Python: session.propose()")
@SESSION
@_HEARD_AS
@_REPEATS
@SCORE
@FORCE
@JSON
def next_command(path: str, target: str | None, repeats: int | None, score: bool, force: bool, as_json: bool) -> None:
    """Propose a loop: learn from all ratings, write it as sound, and show it."""
    session = open_session(path)
    latest = session.last()
    check_audio_target(target or _wav_of(path, 1 if latest is None else latest.id + 1), force=force)
    say("getting the sounds ready, and learning from your ratings …")
    proposal = session.propose()
    target = target or _wav_of(path, proposal.id)  # another process may have proposed meanwhile
    try:
        bars = _write_heard(proposal, target, repeats, force=force)
    except StorageError as error:
        raise StorageError(
            f"{error}. Proposal {proposal.id} is kept: `ghostnote explore hear {proposal.id}` writes its sound"
        ) from error
    if as_json:
        print_json(told_proposal(proposal, score=score) | {"wav": target})
        return
    click.echo(shown_proposal(proposal, score=score))
    say(f"{target}: {number_of(bars, 'bar')}. Then `ghostnote explore like`, `dislike` or `skip`")


@command.command("hear", epilog="In Python: session.proposal(id).audio(44_100)")
@SESSION
@ID
@_HEARD_AS
@_REPEATS
@FORCE
def hear_command(path: str, proposal_id: int | None, target: str | None, repeats: int | None, force: bool) -> None:
    """Write proposal ID as sound again, or the one that was made last."""
    session = open_session(path)
    proposal = session.proposal(_this(session, proposal_id))
    target = target or _wav_of(path, proposal.id)
    check_audio_target(target, force=force)
    say(f"{target}: {number_of(_write_heard(proposal, target, repeats, force=force), 'bar')}")


def _write_heard(proposal: Proposal, target: str, repeats: int | None, *, force: bool) -> int:
    """Write the sound of a proposal; return its number of bars."""
    from ghostnote.audio import write_audio

    bars = repeats or max(1, round(_HEARD_SECONDS / proposal.loop.duration_seconds))
    write_audio(target, proposal.audio(_SAMPLE_RATE_HZ, bars), _SAMPLE_RATE_HZ, overwrite=force)
    return bars


def _judging(name: str, help_text: str, judge: Callable[[Session, int, str | None], Judgement]) -> click.Command:
    @click.command(name, help=help_text, epilog=f"In Python: session.{_PYTHON[name]}")
    @SESSION
    @ID
    @KEY
    @JSON
    def judging(path: str, proposal_id: int | None, key: str | None, as_json: bool) -> None:
        session = open_session(path)
        row = judge(session, _this(session, proposal_id), key)
        _tell(row, f"proposal {row.proposal_id}: {_said(row)}", as_json=as_json)

    return judging


_PYTHON = {"like": "rate(id, liked=True)", "dislike": "rate(id, liked=False)", "skip": "skip(id)"}
command.add_command(
    _judging(
        "like",
        "Like proposal ID, or the one that was made last.",
        lambda session, number, key: session.rate(number, liked=True, key=key),
    )
)
command.add_command(
    _judging(
        "dislike",
        "Dislike proposal ID, or the one that was made last.",
        lambda session, number, key: session.rate(number, liked=False, key=key),
    )
)
command.add_command(
    _judging(
        "skip",
        "Say neither of proposal ID, or of the one that was made last.",
        lambda session, number, key: session.skip(number, key=key),
    )
)


@command.command("undo", epilog="In Python: session.undo()")
@SESSION
@KEY
@JSON
def undo_command(path: str, key: str | None, as_json: bool) -> None:
    """Take back the last rating or skip; again, the one before."""
    row = open_session(path).undo(key=key)
    _tell(row, f"taken back: proposal {row.proposal_id}, {_said(row)}", as_json=as_json)


@command.command("best", epilog="In Python: session.best(count)")
@SESSION
@click.argument("count", type=click.IntRange(min=1), default=10)
@JSON
def best_command(path: str, count: int, as_json: bool) -> None:
    """Show the COUNT (10) loops that you liked and the critic likes most, the best first."""
    best = open_session(path).best(count)
    if as_json:
        print_json([told_proposal(proposal, score=True) for proposal in best])
        return
    click.echo("\n\n".join(shown_proposal(proposal, score=True) for proposal in best), nl=bool(best))
    if not best:
        say("nothing is liked yet")


@command.command("list", epilog="In Python: session.history()")
@SESSION
@SCORE
@JSON
def list_command(path: str, score: bool, as_json: bool) -> None:
    """Show what was proposed, and what you said of it."""
    session = open_session(path)
    history, counts = session.history(), session.counts
    if as_json:
        print_json(
            {
                "session": str(session.path),
                "settings": _settings(session),
                "counts": dataclasses.asdict(counts),
                "history": [_told_item(item, score=score) for item in history],
                "log": [dataclasses.asdict(row) for row in session.log()],
            }
        )
        return
    for item in history:
        proposal = item.proposal
        mark = "skip" if item.skipped else _MARKS[item.liked]
        thought = f"  {proposal.score:.2f}" if score else ""
        names = ", ".join(printable(sound.name) for sound in proposal.loop.sounds)
        click.echo(f"{proposal.id:>4}  {mark:<7}{thought}  {names}")
    say(told_counts(session))


@command.command("export", epilog="In Python: session.export(folder)")
@SESSION
@click.option("-o", "--output", "target", required=True, metavar="DIR", type=click.Path(), help="New or empty folder.")
@click.option("--id", "ids", type=click.IntRange(min=1), multiple=True, help="This proposal; repeatable.")
@click.option("--count", type=click.IntRange(min=1), default=10, show_default=True, help="So many of the best.")
@click.option("--repeats", type=click.IntRange(1, 64), default=1, show_default=True, help="Bars in each file.")
@click.option("--rate", "sample_rate_hz", type=int, default=_SAMPLE_RATE_HZ, show_default=True, help="Sample rate, Hz.")
@click.option("--stems", is_flag=True, help="Also a file for each row.")
@MAP
@FORCE
@JSON
def export_command(
    path: str, target: str, ids: tuple[int, ...], map_name: str | None, as_json: bool, **options: Any
) -> None:
    """Write the loops that you like best as WAV and MIDI, with their sounds and all that is known of them."""
    from ghostnote.midi import drum_map

    chosen_map = None if map_name is None else drum_map(map_name)
    export = open_session(path).export(target, ids or None, drum_map=chosen_map, **options)
    if as_json:
        print_json({"folder": str(export.folder), "files": list(export.files)})
        return
    count = sum("/" not in name and name.endswith(".wav") for name in export.files)
    say(f"{target}: {number_of(count, 'loop')}")


@command.command("human", epilog="In Python: session.humanize(id, repeats=4)")
@SESSION
@ID
@click.option(
    "-o", "--output", "target", required=True, metavar="OUT", type=click.Path(allow_dash=True), help="MIDI file."
)
@click.option("--repeats", type=click.IntRange(1, 64), default=4, show_default=True, help="Bars, each played anew.")
@STYLE
@TIMING
@VELOCITY
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another take.")
@FORCE
@JSON
def human_command(path: str, proposal_id: int | None, target: str, force: bool, as_json: bool, **options: Any) -> None:
    """Write proposal ID, or the one that was made last, as a drummer would play it."""
    check_target(target, force=force)
    session = open_session(path)
    number = _this(session, proposal_id)
    track = session.humanize(number, **options)
    write_track(track, target, force=force)
    if as_json:
        account = {"id": number, "output": target, "notes": len(track.notes), **options}
        print_json(account, to_stderr=target == "-")
    elif target != "-":
        bars, notes = number_of(options["repeats"], "bar"), number_of(len(track.notes), "note")
        say(f"{target}: proposal {number}, {bars}, {notes}")


@command.command("critic", epilog="In Python: ghostnote.critic.write_critic(session.critic(), path)")
@SESSION
@click.option("-o", "--output", "target", required=True, metavar="OUT", type=click.Path(), help="File to write.")
@FORCE
@JSON
def critic_command(path: str, target: str, force: bool, as_json: bool) -> None:
    """Save what was learned, to begin other sessions with (`new --prior`), or to share."""
    from ghostnote.critic import write_critic

    check_target(target, force=force, stream=False)
    session = open_session(path)
    critic = session.critic()
    write_critic(critic, target, overwrite=force)
    ratings = sum(len(person.liked) for person in critic.people)
    if as_json:
        print_json({"output": target, "ratings": ratings, "encoder": critic.encoder_sha256})
        return
    say(f"{target}: learned from {number_of(ratings, 'rating')}")


@command.command("play", epilog="In Python: ghostnote.Session")
@SESSION
@begun_with
@click.option("--no-sound", is_flag=True, help="Play nothing; tell the WAV file of each loop.")
@SCORE
@JSON
def play_command(path: str, no_sound: bool, score: bool, as_json: bool, **options: Any) -> None:
    """Listen and rate with single keys; begins a session where none is.

    l like, d dislike, s skip, u undo, r replay, b best, q quit. Keys can be piped in.
    """
    from ghostnote.cli.explore_play import play_session
    from ghostnote.cli.speaker import find_speaker

    if Path(path).exists():
        given = [name for name, value in options.items() if value not in (None, ())]
        if given:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in given)
            raise InvalidParameter(f"{names} can only be given where a session is begun; {path} is there already")
        session = open_session(path)
    else:
        session = begin_session(path, create=None, **options)
    speaker = None if no_sound else find_speaker()
    play_session(session, speaker, score=score, show=say if as_json else click.echo)
    if as_json:
        print_json({"session": str(session.path), "counts": dataclasses.asdict(session.counts)})
        return
    say(told_counts(session))


def open_session(path: str) -> Session:
    """Return the session in the file `path`, and tell what it lacks."""
    from ghostnote.explore.session import Session

    if not Path(path).exists():
        raise StorageError(
            f"there is no session at {path}. `ghostnote explore new` begins one; --session names another"
        )
    session = Session.open(path, create=False, make_engine=engine_maker())
    if missing := session.missing_sounds():
        told = number_of(len(missing), "recording of its pool is", "recordings of its pool are")
        warn([f"{told} in no folder of sounds any more, and left out of new proposals"])
    return session


def shown_proposal(proposal: Proposal, *, score: bool) -> str:
    """Return a proposal as a person reads it."""
    thought = f", score {proposal.score:.2f} ± {proposal.uncertainty:.2f}" if score else ""
    return f"{proposal.id}: {loop_facts(proposal.loop)}{thought}\n{loop_grid(proposal.loop)}"


def told_proposal(proposal: Proposal, *, score: bool) -> dict[str, Any]:
    """Return a proposal for machines."""
    from ghostnote.loops import encode_loop

    told = {"id": proposal.id, "made_at": proposal.made_at, "loop": encode_loop(proposal.loop)}
    if score:
        told |= {"score": proposal.score, "uncertainty": proposal.uncertainty, "origin": proposal.origin}
    return told


def told_counts(session: Session) -> str:
    """Return one line about how far a session is."""
    counts = session.counts
    parts = [f"{counts.liked} liked", f"{counts.disliked} disliked", f"{counts.skipped} skipped"]
    waiting = f", {counts.unrated} not rated" if counts.unrated else ""
    return f"{session.path.name}: {number_of(counts.proposals, 'proposal')}: {', '.join(parts)}{waiting}"


def _told_item(item: HistoryItem, *, score: bool) -> dict[str, Any]:
    said = {"liked": item.liked, "skipped": item.skipped, "judged_at": item.judged_at}
    return told_proposal(item.proposal, score=score) | said


def _settings(session: Session) -> dict[str, Any]:
    from ghostnote.explore.settings import encode_settings

    return encode_settings(session.settings)


def _this(session: Session, proposal_id: int | None) -> int:
    """Return the number that was given, or that of the last proposal."""
    if proposal_id is not None:
        return proposal_id
    latest = session.last()
    if latest is None:
        raise InvalidParameter("nothing was proposed yet: `ghostnote explore next` proposes a loop")
    return latest.id


def _said(row: Judgement) -> str:
    return "skipped" if row.kind == "skip" else "liked" if row.liked else "disliked"


def _tell(row: Judgement, text: str, *, as_json: bool) -> None:
    if as_json:
        print_json(dataclasses.asdict(row))
    else:
        say(text)


def _wav_of(path: str, number: int) -> str:
    session = Path(path)
    return str(session.with_name(f"{session.stem}-{number}.wav"))
