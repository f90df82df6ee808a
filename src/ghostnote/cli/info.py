"""`ghostnote info`: `ghostnote.describe` on a file."""

from __future__ import annotations

import dataclasses

import click

from ghostnote.cli.options import CHANNEL, JSON, MAP, MIDI_FILE
from ghostnote.cli.shell import number_of, print_json, read_track
from ghostnote.midi import TrackInfo, describe


@click.command(epilog="In Python: ghostnote.describe(track)")
@click.argument("source", metavar="FILE", type=MIDI_FILE)
@MAP
@CHANNEL
@JSON
def command(source: str, map_name: str | None, channel: int | None, as_json: bool) -> None:
    """Tell the tracks, tempo, metre and voices of FILE, what is unmapped, and what had to be repaired."""
    found = describe(read_track(source, channel, map_name))
    if as_json:
        print_json(dataclasses.asdict(found))
    else:
        click.echo(_as_text(source, found))


def _as_text(source: str, found: TrackInfo) -> str:
    tempos = ", ".join(f"{t.tempo_bpm:g} bpm" + (f" from beat {t.beat:g}" if t.beat else "") for t in found.tempos[:8])
    metres = ", ".join(m.metre + (f" from beat {m.beat:g}" if m.beat else "") for m in found.metres[:8])
    bars = "too many bars to count" if found.bars is None else number_of(found.bars, "bar")
    rows = [
        ("file", f"{source}: format {found.midi_format}, {found.ticks_per_beat} ticks per beat"),
        ("length", f"{found.seconds:.1f} s, {bars}"),
        ("tempo", tempos + (f" and {len(found.tempos) - 8} more" if len(found.tempos) > 8 else "")),
        ("metre", metres + (f" and {len(found.metres) - 8} more" if len(found.metres) > 8 else "")),
    ]
    for part in found.tracks:
        channels = ", ".join(map(str, part.channels)) or "none"
        name = part.name or "(no name)"
        rows.append(
            (
                f"track {part.number}",
                f"{name}: {part.drum_notes} drum and {part.other_notes} other notes, channels {channels}",
            )
        )
    if found.drum_notes:
        flat = ", flat" if found.flat_velocities else ""
        rows += [
            ("drums", f"{found.drum_notes} notes on channel {found.drum_channel}, map {found.drum_map}"),
            ("velocity", f"{found.lowest_velocity} to {found.highest_velocity}{flat}"),
            ("quantised", found.quantised),
        ]
    else:
        rows.append(("drums", "none found"))
    for voice in found.voices:
        rows.append((f"  {voice.voice}", f"{voice.notes} notes, pitches {', '.join(map(str, voice.pitches))}"))
    for pitch in found.unmapped:
        rows.append(("  unmapped", f"pitch {pitch.pitch}: {pitch.notes} notes, left as they are by every task"))
    width = max(len(label) for label, _ in rows) + 2
    return "\n".join(f"{label:<{width}}{text}" for label, text in rows)
