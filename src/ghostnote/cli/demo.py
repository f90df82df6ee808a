"""`ghostnote demo`: what the tasks do, on beats and rhythms that the package ships."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from ghostnote.audio import DEFAULT_KIT, render, render_comparison, write_audio
from ghostnote.cli.options import FORCE
from ghostnote.cli.shell import check_target, say
from ghostnote.cli.takes import tell_account, tell_changes
from ghostnote.demos import NAMES, demo_path
from ghostnote.groove import DrumTrack, join_tracks
from ghostnote.midi import read_midi, read_rhythm, write_midi
from ghostnote.plot import plot_feel, require_matplotlib
from ghostnote.tasks import compare, drumify, generate, humanize, infill, interpolate, transfer
from ghostnote.tasks.additions import count_changes, count_followed

_RATE_HZ = 44_100
_STYLES = {"funk": "funk", "rock": "rock", "shuffle": "jazz"}
_Tracks = tuple[DrumTrack, DrumTrack | None]


@dataclass(frozen=True)
class Show:
    """Something to hear and to see.

    Args:
        name: its files begin so.
        first, second: names of its tracks; the second is what became of the first, None if there is one track alone.
        title: over the picture.
        bars: that the picture shows, from 1, both included.
    """

    name: str
    first: str
    second: str | None
    title: str
    bars: tuple[int, int] = (1, 4)

    @property
    def midi(self) -> tuple[str, ...]:
        """The MIDI file of each track."""
        return tuple(f"{self.name}-{part}.mid" for part in (self.first, self.second) if part)

    @property
    def sound(self) -> str:
        """The file to listen to."""
        return f"{self.name}-{'compare' if self.second else self.first}.wav"

    @property
    def picture(self) -> str:
        """The file to look at."""
        return f"{self.name}.png"


SHOWS = (
    *(Show(name, "score", "human", f"{name}: as programmed, and humanized") for name in NAMES),
    Show("drumify", "tap", "drums", "drumify: a rhythm tapped on one pad, and drums that follow it"),
    Show("infill", "beat", "filled", "infill: a beat, and its fourth bar written anew", (3, 6)),
    Show("pocket", "beat", None, "pocket: a beat that lays back, whose feel transfer takes", (1, 2)),
    Show("transfer", "score", "played", "transfer: rock as programmed, and with the feel of pocket-beat.mid"),
    Show("generate", "beat", None, "generate: four new bars of funk"),
    Show("interpolate", "path", None, "interpolate: from a funk beat to a latin one in five steps", (1, 10)),
)


@click.command(epilog="In Python: the tasks, render and plot_feel, as src/ghostnote/cli/demo.py does")
@click.option(
    "-o", "--output", "folder", type=click.Path(file_okay=False, path_type=Path), default="demo", show_default=True
)
@FORCE
@click.option("--seed", type=int, default=0, show_default=True)
def command(folder: Path, force: bool, seed: int) -> None:
    """Humanize, drumify, infill, transfer, generate and interpolate, and tell where it can be heard and seen.

    The beats and rhythms come with the package. Each of them becomes MIDI, sound and a picture.
    """
    require_matplotlib()
    folder.mkdir(parents=True, exist_ok=True)
    for show in SHOWS:
        for name in (*show.midi, show.sound, show.picture):
            check_target(str(folder / name), force=force)
    made = _humanized(seed) | _completed(seed)
    for show in SHOWS:
        _write(show, *made[show.name], folder, seed)
    click.echo(f"Made in {folder.resolve()}, each with its MIDI files and a picture:")
    for show in SHOWS:
        click.echo(f"  {show.sound:22} {show.title}")
    click.echo("In *-compare.wav the first is heard, then, after a pause, the second, equally loud.")


def _humanized(seed: int) -> dict[str, _Tracks]:
    """Return the programmed scores, each before and after."""
    made: dict[str, _Tracks] = {}
    for name in NAMES:
        score = read_midi(demo_path(name))
        human = humanize(score, style=_STYLES[name], seed=seed)
        say(f"{name}: {tell_account(compare(score, human))}")
        made[name] = (score, human)
    return made


def _completed(seed: int) -> dict[str, _Tracks]:
    """Return what the other tasks make."""
    rhythm, tap = read_rhythm(demo_path("tap")), read_midi(demo_path("tap"))
    drums = drumify(rhythm, style="funk", seed=seed)
    followed = count_followed(rhythm, drums)
    say(f"drumify: {followed.notes_out} notes, on {followed.onsets_followed} of {followed.onsets_in} taps")

    rock, pocket = read_midi(demo_path("rock")), read_midi(demo_path("pocket"))
    beat = humanize(rock, style="rock", seed=seed)
    filled = infill(beat, bars=(4, 4), style="rock", seed=seed)
    say(f"infill: {tell_changes(count_changes(beat, filled))}")
    played = transfer(rock, pocket, seed=seed)
    say(f"transfer: {tell_account(compare(rock, played))}")

    new = generate(bars=4, style="funk", tempo_bpm=96, seed=seed)
    say(f"generate: {len(new.notes)} notes")
    funk, latin = (generate(bars=2, style=style, tempo_bpm=104, seed=seed) for style in ("funk", "latin"))
    path = interpolate(funk, latin, steps=5)
    say(f"interpolate: {', '.join(str(len(step.notes)) for step in path)} notes")
    return {
        "drumify": (tap, drums),
        "infill": (beat, filled),
        "pocket": (pocket, None),
        "transfer": (rock, played),
        "generate": (new, None),
        "interpolate": (join_tracks(path), None),
    }


def _write(show: Show, first: DrumTrack, second: DrumTrack | None, folder: Path, seed: int) -> None:
    for track, name in zip((first, second), show.midi, strict=False):
        if track is not None:
            write_midi(track, folder / name)
    if second is None:
        audio = render(first, DEFAULT_KIT, sample_rate_hz=_RATE_HZ, seed=seed).audio
    else:
        audio = render_comparison(first, second, DEFAULT_KIT, sample_rate_hz=_RATE_HZ, seed=seed).joined
    write_audio(folder / show.sound, audio, _RATE_HZ)
    plot_feel(first, second, folder / show.picture, bars=show.bars, title=show.title, theme="dark")
