"""`ghostnote humanize`: `ghostnote.humanize` on files."""

from __future__ import annotations

import dataclasses
from typing import Any

import click

from ghostnote.cli.options import BARS, CHANNEL, FORCE, JSON, MAP, MIDI_FILE
from ghostnote.cli.shell import STREAM, Meter, check_target, print_json, read_track, say, warn, write_track
from ghostnote.groove import VOICES, Voice
from ghostnote.tasks import Amounts, compare, humanize


class VoiceAmounts(click.ParamType[tuple[Voice, Amounts]]):
    """`snare:timing=0.5,velocity=1.2`."""

    name = "VOICE:timing=A,velocity=A"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Voice, Amounts]:
        """Return the voice and its amounts."""
        if isinstance(value, tuple):
            return value
        name, _, settings = value.partition(":")
        found: dict[str, float] = {}
        for setting in settings.split(","):
            key, _, number = setting.partition("=")
            if key.strip() not in ("timing", "velocity"):
                self.fail(f"expected e.g. snare:timing=0.5,velocity=1.2; got {value!r}", param, ctx)
            if key.strip() in found:
                self.fail(f"{key.strip()} is given twice in {value!r}", param, ctx)
            try:
                found[key.strip()] = float(number)
            except ValueError:
                self.fail(f"{key.strip()} must be a number; got {number!r}", param, ctx)
        return Voice.parse(name), Amounts(**found)


@click.command(epilog="In Python: ghostnote.humanize(track, ...)")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@click.option(
    "-o", "--output", "target", required=True, metavar="OUT", type=MIDI_FILE, help="MIDI file to write; - is stdout."
)
@click.option("--timing", type=float, default=1.0, show_default=True, help="Amount of microtiming, 0-1.5.")
@click.option("--velocity", type=float, default=1.0, show_default=True, help="Amount of dynamics, 0-1.5.")
@click.option("--voice", "voices", type=VoiceAmounts(), multiple=True, help="Amounts for one voice; repeatable.")
@click.option(
    "--lock",
    multiple=True,
    metavar="VOICE",
    shell_complete=lambda ctx, param, incomplete: [v for v in VOICES if v.startswith(incomplete)],
    help="A voice that stays as it is; repeatable.",
)
@BARS
@click.option("--style", default=None, help="Such as funk, rock, jazz, latin, hiphop.")
@click.option("--push", "push_ms", type=float, default=0.0, metavar="MS", help="Play ahead of the beat; < 0 lays back.")
@click.option(
    "--keep-accents/--new-accents", default=None, help="Keep your dynamics and add to them [default: if not flat]."
)
@click.option("--temperature", type=float, default=1.0, show_default=True, help="Variety, 0-2.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed is another take.")
@click.option(
    "--grid", "subdivision", type=click.Choice(["auto", "16ths", "triplets"]), default="auto", show_default=True
)
@MAP
@CHANNEL
@JSON
@FORCE
def command(
    source: str,
    target: str,
    voices: tuple[tuple[Voice, Amounts], ...],
    lock: tuple[str, ...],
    map_name: str | None,
    channel: int | None,
    as_json: bool,
    force: bool,
    **settings: Any,
) -> None:
    """Give the programmed drums in IN the timing and dynamics of a drummer.

    IN is a MIDI file, or - for stdin. No note is added, lost or re-pitched; everything else in the file stays.
    """
    check_target(target, force=force)
    track = read_track(source, channel, map_name)
    meter = Meter("humanizing")
    human = humanize(
        track, voices=_merged(voices), lock=[Voice.parse(name) for name in lock], progress=meter, **settings
    )
    meter.end()
    warn(human.warnings[len(track.warnings) :])
    write_track(human, target, force=force)
    account = compare(track, human)
    if as_json:
        chosen = {"style": settings["style"], "temperature": settings["temperature"], "seed": settings["seed"]}
        print_json({"output": target, **chosen, **dataclasses.asdict(account)}, to_stderr=target == STREAM)
    elif target != STREAM:
        say(
            f"{target}: {account.notes_out} notes, {account.notes_moved} moved by "
            f"{account.mean_absolute_shift_ms:.1f} ms on average, {account.velocities_changed} velocities changed"
        )


def _merged(voices: tuple[tuple[Voice, Amounts], ...]) -> dict[Voice, Amounts]:
    """Return the amounts of each voice; of several options for one voice the last that says something counts."""
    merged: dict[Voice, Amounts] = {}
    for voice, amounts in voices:
        before = merged.get(voice, Amounts())
        merged[voice] = Amounts(
            before.timing if amounts.timing is None else amounts.timing,
            before.velocity if amounts.velocity is None else amounts.velocity,
        )
    return merged
