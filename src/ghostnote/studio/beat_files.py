"""Beats as MIDI bytes that say what they are, and back; and as files to take away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from ghostnote.errors import InvalidInput, InvalidParameter
from ghostnote.groove import DrumMap, DrumTrack, Event, Note
from ghostnote.midi import drum_map, midi_bytes, read_midi_bytes
from ghostnote.midi.maps import DEFAULT_MAP
from ghostnote.midi.read import assemble, lex_song
from ghostnote.midi.rhythm import onset_map, read_rhythm_bytes

Kind = Literal["drums", "rhythm"]

MOST_NOTES = 50_000
"""Of a beat in the studio, whose page draws every one of them."""

_GM_DRUM_CHANNEL = 9
_MARK = b"\xff\x01ghostnote beat: "
_TRACK_NAME = b"\xff\x03"


@dataclass(frozen=True)
class Reading:
    """How a beat's bytes are to be read.

    Args:
        kind: drums, or a rhythm, of which every note is an onset.
        channel: of its notes, 0…15.
        map_name: of its drum map; of no meaning for a rhythm.
    """

    kind: Kind = "drums"
    channel: int = _GM_DRUM_CHANNEL
    map_name: str = DEFAULT_MAP

    @property
    def mark(self) -> str:
        """What the bytes say of it; nothing where all is as usual."""
        if self.kind == "rhythm":
            return "rhythm"
        return "" if self == Reading() else f"channel {self.channel + 1}, map {self.map_name}"

    @classmethod
    def of_mark(cls, mark: str) -> Reading:
        """Return what `mark` says."""
        if mark == "rhythm":
            return cls("rhythm")
        channel, _, name = mark.removeprefix("channel ").partition(", map ")
        return cls("drums", int(channel) - 1, name) if channel.isdigit() and name else cls()


def read_beat_file(data: bytes, kind: Kind, *, channel: int | None = None, map_name: str = DEFAULT_MAP) -> DrumTrack:
    """Return the beat in a user's MIDI file.

    Args:
        data: the file.
        kind: a rhythm is any part, of which the onsets count; it stands alone, on channel 10 of one track.
        channel: of the part, 1…16; found if None.
        map_name: of the drum map.

    Raises:
        InvalidMidi, InvalidInput, InvalidParameter: as `read_midi` and `read_rhythm`; or it has too many notes.
    """
    if kind == "rhythm":
        return rhythm_of(read_rhythm_bytes(data, channel=channel))
    return read_midi_bytes(data, channel=channel, drum_map=drum_map(map_name))


def rhythm_of(track: DrumTrack) -> DrumTrack:
    """Return the notes of `track` as a rhythm by itself, on channel 10 of one track."""
    return DrumTrack(
        notes=tuple(replace(note, channel=_GM_DRUM_CHANNEL, track=0) for note in track.notes),
        ticks_per_beat=track.ticks_per_beat,
        drum_map=onset_map(),
        tempos=tuple(replace(tempo, track=0) for tempo in track.tempos),
        metres=tuple(replace(metre, track=0) for metre in track.metres),
        track_ends=(max(track.track_ends),),
        midi_format=0,
        warnings=track.warnings,
    )


def encode_beat(track: DrumTrack) -> bytes:
    """Return `track` as MIDI bytes which tell how to read them.

    Raises:
        InvalidInput: it has too many notes.
    """
    if len(track.notes) > MOST_NOTES:
        raise InvalidInput(
            f"a beat in the studio may have at most {MOST_NOTES:,} notes; got {len(track.notes):,}. Cut it into parts"
        )
    kind: Kind = "rhythm" if track.drum_map.name == onset_map().name else "drums"
    channels = Counter(note.channel for note in track.notes)
    channel = channels.most_common(1)[0][0] if channels else _GM_DRUM_CHANNEL
    mark = Reading(kind, channel, track.drum_map.name).mark
    marked = (Event(0, _MARK + mark.encode(), order=-1),) if mark else ()
    return midi_bytes(replace(track, others=(*marked, *_without_marks(track.others))))


@dataclass(frozen=True)
class Decoded:
    """A beat out of its bytes, without the mark."""

    track: DrumTrack
    kind: Kind


def decode_beat(data: bytes) -> Decoded:
    """Return the beat that `encode_beat` made `data` of."""
    raw = lex_song(data)
    marks = (m[len(_MARK) :] for tick, m in raw.tracks[0].messages if tick == 0 and m.startswith(_MARK))
    reading = Reading.of_mark(next(marks, b"").decode("utf-8", "replace"))
    known = onset_map() if reading.kind == "rhythm" else _map_of(reading.map_name)
    track = assemble(raw, [(reading.channel,)] * len(raw.tracks), known, Counter())
    return Decoded(replace(track, others=_without_marks(track.others)), reading.kind)


def _map_of(name: str) -> DrumMap:
    try:
        return drum_map(name)
    except InvalidParameter:  # a map of the user's that is gone: what is left can still be shown and played
        return replace(drum_map(DEFAULT_MAP), name=name)


def _without_marks(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(event for event in events if not event.data.startswith(_MARK))


def export_midi(track: DrumTrack, name: str, map_name: str | None) -> bytes:
    """Return `track` as a MIDI file of type 1 for other programs: named tracks, and the pitches of a drum map.

    Tempos and metres stand on a track of their own, called after the beat; a drum track without a name is called
    "Drums". A pitch that the map reads as the same voice stays (a side stick stays one), any other becomes that which
    the map writes for its voice; notes without a voice keep theirs.

    Args:
        track: a beat.
        name: of the beat.
        map_name: of a drum map; None keeps all pitches.

    Raises:
        InvalidParameter: no map has that name.
    """
    shift = 1 if track.midi_format == 0 else 0
    wanted = None if map_name is None else drum_map(map_name)
    homes = {note.track + shift for note in track.notes} or {len(track.track_ends) - 1 + shift}
    others = [_placed(event, shift) for event in track.others]
    named = {event.track for event in others if event.data.startswith(_TRACK_NAME)}
    titles = [Event(0, _TRACK_NAME + b"Drums", track=home, order=-1) for home in sorted(homes - named)]
    if 0 not in named and 0 not in homes:
        titles.insert(0, Event(0, _TRACK_NAME + name.encode(), track=0, order=-1))
    ends = track.track_ends if not shift else (max(track.track_ends), *track.track_ends)
    return midi_bytes(
        replace(
            track,
            notes=tuple(replace(_mapped(note, track, wanted), track=note.track + shift) for note in track.notes),
            others=(*titles, *others),
            track_ends=ends,
            midi_format=1,
        )
    )


def _placed(event: Event, shift: int) -> Event:
    """Return `event` of a file of one track on the second of two, but for what is said of the whole song."""
    of_song = event.data[0] == 0xFF and event.data[1:2] in (b"\x02", b"\x54", b"\x59", b"\x05", b"\x06")
    return event if not shift or of_song else replace(event, track=event.track + shift)


def _mapped(note: Note, track: DrumTrack, wanted: DrumMap | None) -> Note:
    voice = track.voice_of(note)
    if wanted is None or voice is None or wanted.voice_of(note.pitch) is voice or track.drum_map == onset_map():
        return note
    return replace(note, pitch=wanted.pitches[voice])
