"""What the messages of one track mean: drum notes, tempos, metres, and the rest."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from ghostnote.groove import Event, MetreChange, Note, TempoChange
from ghostnote.midi.smf import META, NOTE_OFF, NOTE_ON, RawTrack

TEMPO, METRE = 0x51, 0x58
DEFAULT_RELEASE_VELOCITY = 64  # what the standard gives to a note-on of velocity 0


@dataclass
class Part:
    """What one track holds; `end` is never before the tick after its last note, so that each note has room to sound."""

    notes: list[Note] = field(default_factory=list)
    tempos: list[TempoChange] = field(default_factory=list)
    metres: list[MetreChange] = field(default_factory=list)
    others: list[Event] = field(default_factory=list)
    end: int = 0

    @property
    def events_when_written(self) -> int:
        """Number of messages that this part takes in a file, where each note is ended."""
        return 2 * len(self.notes) + len(self.tempos) + len(self.metres) + len(self.others)


def place(item: Note | TempoChange | MetreChange | Event) -> tuple[int, int, int]:
    """Return the sort key of file order."""
    return item.tick, item.track, item.order


def interpret(track: RawTrack, index: int, channels: Collection[int], notices: Counter[str]) -> Part:
    """Sort the messages of one track into drum notes, tempos, metres and others.

    Args:
        track: lexed messages.
        index: number of the track from 0.
        channels: whose notes are drum notes, of 0…15; those of other channels are events like any other.
        notices: warnings, added to.

    Note-offs are not kept but become durations. `order` counts what is kept, through the whole track, so it does not
    depend on where note-offs stand; a note that moves to another tick keeps its place relative to what is there.
    """
    part = Part(end=track.end)
    note_ons = frozenset(NOTE_ON | channel for channel in channels)
    note_offs = frozenset(NOTE_OFF | channel for channel in channels)
    ons: list[tuple[int, bytes, int]] = []
    ends: dict[int, tuple[int, int]] = {}
    sounding: dict[tuple[int, int], deque[int]] = {}
    order = 0
    for tick, message in track.messages:
        status = message[0]
        if status in note_ons and message[2]:
            sounding.setdefault((status & 0x0F, message[1]), deque()).append(len(ons))
            ons.append((tick, message, order))
            order += 1
        elif status in note_ons or status in note_offs:
            waiting = sounding.get((status & 0x0F, message[1]))
            if not waiting:
                notices["a note-off without a note was dropped"] += 1
                continue
            release = message[2] if status in note_offs else DEFAULT_RELEASE_VELOCITY
            ends[waiting.popleft()] = (tick, release)
        elif status == META:
            kind, payload = message[1], message[2:]
            check = _FIXED_METAS.get(kind)
            if check is not None and not check[1](payload):
                notices[f"{check[0]} was ignored"] += 1
                continue
            if kind == TEMPO:
                part.tempos.append(TempoChange(tick, int.from_bytes(payload), index, order))
            elif kind == METRE:
                numerator, power, clocks, thirty_seconds = payload
                part.metres.append(MetreChange(tick, numerator, 1 << power, clocks, thirty_seconds, index, order))
            else:
                part.others.append(Event(tick, message, index, order))
            order += 1
        else:
            part.others.append(Event(tick, message, index, order))
            order += 1
    if unended := len(ons) - len(ends):
        notices["a note without a note-off was kept; it gets a short duration when written"] += unended
    for number, (tick, message, note_order) in enumerate(ons):
        end, release = ends.get(number, (tick, DEFAULT_RELEASE_VELOCITY))
        channel = message[0] & 0x0F
        part.notes.append(Note(tick, message[1], message[2], end - tick, channel, index, note_order, release))
    if ons:
        part.end = max(part.end, ons[-1][0] + 1)
    return part


def _is_metre(payload: bytes) -> bool:
    return len(payload) == 4 and payload[0] > 0 and payload[1] <= 6


def _is_key(payload: bytes) -> bool:
    return len(payload) == 2 and (payload[0] <= 7 or payload[0] >= 249) and payload[1] <= 1


# Meta messages of a fixed length: what a broken one is called, and when it is sound. A broken one means nothing, and
# would stop other programs from reading what we write.
_FIXED_METAS: dict[int, tuple[str, Callable[[bytes], bool]]] = {
    0x00: ("a sequence number that is not of 0 or 2 bytes", lambda payload: len(payload) in (0, 2)),
    0x20: ("a channel prefix that is not of 1 byte", lambda payload: len(payload) == 1),
    0x21: ("a port number that is not of 1 byte", lambda payload: len(payload) == 1),
    TEMPO: ("a tempo that is 0 or not of 3 bytes", lambda payload: len(payload) == 3 and any(payload)),
    0x54: ("an SMPTE offset that is not of 5 bytes", lambda payload: len(payload) == 5 and payload[0] < 128),
    METRE: ("an impossible time signature", _is_metre),
    0x59: ("an impossible key signature", _is_key),
}
