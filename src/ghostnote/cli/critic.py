"""`ghostnote critic`: what a person likes as a file, made of audio, put together, and used to sort audio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ghostnote.cli.loop_text import printable
from ghostnote.cli.options import FORCE, JSON
from ghostnote.cli.shell import check_target, number_of, print_json, say, warn

if TYPE_CHECKING:
    from ghostnote.critic import SavedCritic
    from ghostnote.critic.warm_start import HeardFile

MOST_TOLD = 10
"""Files that are told of one by one; `--json` tells all."""

CRITIC_FILE = click.Path()
OUTPUT = click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="OUT",
    type=click.Path(),
    help="File to write, such as my.critic.",
)
_WAYS = {"loop": "a loop", "beats": "by its beats", "fixed": "no beat found"}


@click.group()
def command() -> None:
    """Make a critic of audio that you like, put critics together, sort audio by taste.

    `ghostnote explore new --prior FILE` begins a session with one; `ghostnote explore critic` saves what one learned.
    """


@command.command("make", epilog="In Python: ghostnote.critic.warm_start.warm_start(like, dislike).critic")
@click.option("--like", multiple=True, metavar="PATH", type=click.Path(), help="Audio or a folder of it; repeatable.")
@click.option("--dislike", multiple=True, metavar="PATH", type=click.Path(), help="The same, what you do not like.")
@OUTPUT
@FORCE
@JSON
def make_command(like: Sequence[str], dislike: Sequence[str], target: str, force: bool, as_json: bool) -> None:
    """Make a critic of loops and songs that you like, that you dislike, or both: WAV, FLAC, AIFF or OGG.

    Of one kind alone, it learns what sets them apart from random loops.
    """
    from ghostnote.critic import write_critic
    from ghostnote.critic.warm_start import warm_start

    check_target(target, force=force, stream=False)
    made = warm_start(like, dislike)
    write_critic(made.critic, target, overwrite=force)
    if as_json:
        print_json(
            {
                "output": target,
                "bars_liked": made.bars_liked,
                "bars_disliked": made.bars_disliked,
                "skipped": dict(made.skipped),
                "warnings": list(made.warnings),
            }
        )
        return
    tell_left_out(made.skipped, made.warnings)
    liked, disliked = number_of(made.bars_liked, "liked bar"), number_of(made.bars_disliked, "disliked bar")
    say(f"{target}: learned from {liked}, {disliked}")


@command.command("combine", epilog="In Python: ghostnote.critic.combine_critics(critics)")
@click.argument("sources", metavar="FILE...", nargs=-1, required=True, type=CRITIC_FILE)
@OUTPUT
@FORCE
@JSON
def combine_command(sources: Sequence[str], target: str, force: bool, as_json: bool) -> None:
    """Put critics together: the mean of what everybody in them thinks."""
    from ghostnote.critic import combine_critics, read_critic, write_critic

    check_target(target, force=force, stream=False)
    whole = combine_critics([read_critic(source) for source in sources])
    write_critic(whole, target, overwrite=force)
    if as_json:
        print_json({"output": target, **_account(whole)})
    else:
        say(f"{target}: {number_of(len(whole.people), 'person', 'people')}")


@command.command("info", epilog="In Python: ghostnote.critic.read_critic(path)")
@click.argument("source", metavar="FILE", type=CRITIC_FILE)
@JSON
def info_command(source: str, as_json: bool) -> None:
    """Tell what the critic in FILE learned from."""
    from ghostnote.critic import load_encoder, read_critic

    critic = read_critic(source)
    usable = critic.encoder_sha256 == load_encoder().sha256
    if as_json:
        print_json({"critic": source, **_account(critic), "usable": usable})
        return
    click.echo(f"{printable(source)}: {number_of(len(critic.people), 'person', 'people')}")
    for number, person in enumerate(critic.people, 1):
        liked = int(person.liked.sum())
        click.echo(f"  {number}: {liked} liked, {len(person.liked) - liked} disliked")
    if not usable:
        say("warning: it was made with another version of Ghostnote and can not be used with this one; make it again")


@command.command(
    "score", epilog="In Python: critic.score(ghostnote.critic.warm_start.hear_audio(paths).files[0].embeddings)"
)
@click.argument("source", metavar="FILE", type=CRITIC_FILE)
@click.argument("audio", metavar="AUDIO...", nargs=-1, required=True, type=click.Path())
@JSON
def score_command(source: str, audio: Sequence[str], as_json: bool) -> None:
    """Sort audio files and folders by what the critic in FILE thinks of their bars, the best first.

    The number is the probability of a like, the mean over a file's bars.
    """
    from ghostnote.critic import load_encoder, read_critic
    from ghostnote.critic.warm_start import hear_audio
    from ghostnote.errors import InvalidInput

    encoder = load_encoder()
    critic = read_critic(source, encoder_sha256=encoder.sha256)
    heard = hear_audio(audio, encoder=encoder)
    if not heard.files:
        told = "; ".join([*heard.skipped.values(), *heard.warnings][:3])
        raise InvalidInput(f"there must be audio that can be used; got none: {told}")
    rows = [_row(file, critic) for file in heard.files]
    rows.sort(key=lambda row: -float(row["score"]))
    if as_json:
        print_json({"files": rows, "skipped": dict(heard.skipped), "warnings": list(heard.warnings)})
        return
    tell_left_out(heard.skipped, heard.warnings)
    for row in rows:
        click.echo(f"{row['score']:.2f}  {printable(row['path'])}  {_in_words(row)}")


def _row(file: HeardFile, critic: SavedCritic) -> dict[str, Any]:
    scores = critic.score(file.embeddings)
    return {
        "path": str(file.path),
        "score": round(float(scores.mean()), 4),
        "bars": [round(float(score), 4) for score in scores],
        "found": file.way,
        "tempo_bpm": None if file.tempo_bpm is None else round(file.tempo_bpm, 2),
    }


def _in_words(row: Mapping[str, Any]) -> str:
    tempo = "" if row["tempo_bpm"] is None else f", {row['tempo_bpm']:.0f} bpm"
    return f"({number_of(len(row['bars']), 'bar')}{tempo}, {_WAYS[row['found']]})"


def _account(critic: SavedCritic) -> dict[str, Any]:
    people = [{"liked": int(person.liked.sum()), "disliked": int((~person.liked).sum())} for person in critic.people]
    return {"people": people, "encoder": critic.encoder_sha256}


def tell_left_out(skipped: Mapping[str, str], warnings: Sequence[str], *, all_told: str = "--json") -> None:
    """Tell on stderr why audio could not be used, and what was mended.

    Args:
        skipped: reasons, by path.
        warnings: the rest.
        all_told: what tells all where these are too many.
    """
    for reason in list(skipped.values())[:MOST_TOLD]:
        say(f"left out: {printable(reason)}")
    if len(skipped) > MOST_TOLD:
        say(f"left out: {len(skipped) - MOST_TOLD} more; {all_told} tells all")
    warn(map(printable, warnings[:MOST_TOLD]))
    if len(warnings) > MOST_TOLD:
        say(f"warning: {len(warnings) - MOST_TOLD} more; {all_told} tells all")
