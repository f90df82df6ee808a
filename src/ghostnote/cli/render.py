"""`ghostnote render`: `ghostnote.render` on files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ghostnote.audio import kit_names, load_kit, render, render_comparison, write_audio
from ghostnote.cli.options import CHANNEL, FORCE, MAP, MIDI_FILE
from ghostnote.cli.shell import Meter, check_target, read_track, say
from ghostnote.errors import InvalidParameter
from ghostnote.groove import VOICES


@click.command(epilog="In Python: ghostnote.render(track, ghostnote.load_kit(name))")
@click.argument("source", metavar="IN", type=MIDI_FILE)
@click.option(
    "-o", "--output", "target", required=True, metavar="OUT.wav", type=MIDI_FILE, help="WAV or FLAC file to write."
)
@click.option("--kit", "kit_name", type=click.Choice(kit_names()), default=kit_names()[0], show_default=True)
@click.option(
    "--stems", type=click.Path(file_okay=False, path_type=Path), help="Also write each voice into this folder."
)
@click.option(
    "--compare",
    "other",
    metavar="OTHER.mid",
    type=MIDI_FILE,
    help="Hear IN, then OTHER, with the same sounds and loudness.",
)
@click.option("--rate", "sample_rate_hz", type=int, default=44_100, show_default=True, help="Samples per second.")
@click.option("--loudness", type=float, default=-16.0, show_default=True, help="Integrated loudness to aim at, LUFS.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which take of each sound follows which.")
@MAP
@CHANNEL
@FORCE
def command(
    source: str,
    target: str,
    kit_name: str,
    stems: Path | None,
    other: str | None,
    sample_rate_hz: int,
    loudness: float,
    seed: int,
    map_name: str | None,
    channel: int | None,
    force: bool,
) -> None:
    """Play the drums in IN on a synthesised kit and write what is heard."""
    if other is not None and stems is not None:
        raise InvalidParameter("--stems and --compare do not go together; render the two files one by one")
    kit = load_kit(kit_name)
    check_target(target, force=force, stream=False)
    if stems is not None:
        for voice in VOICES:
            check_target(str(stems / f"{voice}.wav"), force=force, folder=False)
    track = read_track(source, channel, map_name)
    meter = Meter("rendering")
    settings: dict[str, Any] = {"sample_rate_hz": sample_rate_hz, "loudness_lufs": loudness, "seed": seed}
    settings["progress"] = meter
    if other is not None:
        comparison = render_comparison(track, read_track(other, channel, map_name), kit, **settings)
        made, audio = comparison.before, comparison.joined
        for seconds, label in comparison.order:
            say(f"{seconds:7.1f} s  {label}")
    else:
        made = render(track, kit, stems=stems is not None, **settings)
        audio = made.audio
    meter.end()
    write_audio(target, audio, sample_rate_hz, overwrite=force)
    if stems is not None and made.stems is not None:
        stems.mkdir(parents=True, exist_ok=True)
        for voice, stem in made.stems.items():
            write_audio(stems / f"{voice}.wav", stem, sample_rate_hz, overwrite=force, sample_format="float")
    if made.unrendered_notes:
        pitches = ", ".join(map(str, made.unrendered_notes))
        say(f"warning: {sum(made.unrendered_notes.values())} notes on unmapped pitches {pitches} are not heard")
    say(f"{target}: {len(audio) / sample_rate_hz:.1f} s, {made.loudness_lufs:.1f} LUFS, peak {made.peak_dbfs:.1f} dBFS")
