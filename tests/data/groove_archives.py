"""Small archives laid out like the Groove MIDI Dataset, built from bytes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ghostnote.data import GROOVE, Published

KICK, SNARE, SNARE_RIM, CLOSED_HIHAT = 36, 38, 40, 42
BAR, STEP = 1920, 120  # ticks of a bar of 4/4 and of a 16th, at 480 ticks a beat

HEADER = "drummer,session,id,style,bpm,beat_type,time_signature,midi_filename,audio_filename,duration,split"

Hit = tuple[int, int, int]  # tick, pitch, velocity


def midi_file(hits: Iterable[Hit], *, ticks_per_beat: int = 480) -> bytes:
    """Return a MIDI file of format 0 on channel 10; the hits of one tick keep their order."""
    body, now = b"", 0
    for tick, pitch, velocity in sorted(hits, key=lambda hit: hit[0]):
        body += _variable(tick - now) + bytes([0x99, pitch, velocity])
        now = tick
    body += b"\x00\xff\x2f\x00"
    head = b"MThd" + (6).to_bytes(4) + (0).to_bytes(2) + (1).to_bytes(2) + ticks_per_beat.to_bytes(2)
    return head + b"MTrk" + len(body).to_bytes(4) + body


def row(name: str, **changes: str) -> str:
    """Return a line of info.csv for the file `name`."""
    values = {
        "drummer": "drummer1",
        "session": "drummer1/session1",
        "id": f"drummer1/session1/{name}",
        "style": "rock",
        "bpm": "120",
        "beat_type": "beat",
        "time_signature": "4-4",
        "midi_filename": f"drummer1/{name}.mid",
        "audio_filename": "",
        "duration": "4.0",
        "split": "train",
    }
    return ",".join((values | changes).values())


def info(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


def archive(members: Mapping[str, bytes]) -> bytes:
    """Return a zip of `members`, the same bytes for the same members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            zipped.writestr(zipfile.ZipInfo(name, (2019, 4, 28, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def write_archive(path: Path, rows: Iterable[str], songs: Mapping[str, Iterable[Hit]]) -> Path:
    """Write an archive of `songs`, by name as in `row`, to `path`."""
    files = {f"groove/drummer1/{name}.mid": midi_file(hits) for name, hits in songs.items()}
    path.write_bytes(archive({"groove/info.csv": info(*rows), **files}))
    return path


def published(data: bytes) -> Published:
    """Return what the makers of the archive `data` would have published about it."""
    return Published(
        file_name=GROOVE.file_name,
        url="http://127.0.0.1:9/never-asked.zip",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        licence="CC0",
        attribution="nobody",
    )


def _variable(value: int) -> bytes:
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
