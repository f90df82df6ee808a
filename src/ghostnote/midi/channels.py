"""Which channel of a file holds the drums."""

from __future__ import annotations

from collections import Counter

from ghostnote.errors import InvalidMidi
from ghostnote.groove import DrumMap, Voice
from ghostnote.midi.smf import META, NOTE_ON, RawTrack

GM_DRUM_CHANNEL = 9

_TRACK_NAME, _INSTRUMENT_NAME = 0x03, 0x04
_DRUM_WORDS = ("drum", "perc", "beat", "batterie", "schlagzeug", "hihat", "hi-hat", "snare", "kick")
# The pitches of a kit without hand percussion; General MIDI's 61 span so much that most melodies fall into them.
_KIT = range(35, 60)
_FAMILIES = {Voice.KICK: 0, Voice.SNARE: 1, Voice.CLOSED_HIHAT: 2, Voice.OPEN_HIHAT: 2, Voice.RIDE: 2}


def count_notes(track: RawTrack) -> Counter[tuple[int, int]]:
    """Return the number of note-ons for each (channel, pitch)."""
    return Counter((m[0] & 0x0F, m[1]) for _, m in track.messages if m[0] & 0xF0 == NOTE_ON and m[2])


def choose_drum_channel(
    tracks: tuple[RawTrack, ...], drum_map: DrumMap, asked: int | None, notices: Counter[str]
) -> int:
    """Return the drum channel, 0…15.

    Args:
        tracks: of the whole file.
        drum_map: tells which pitches are kick, snare and cymbals.
        asked: the channel that the user wants, 0…15.
        notices: gets a warning where the choice was a guess.

    Raises:
        InvalidMidi: the channel asked for has no notes although others have, or the choice is not plain.
    """
    pitches: dict[int, Counter[int]] = {}
    named: set[int] = set()
    for track in tracks:
        by_channel: dict[int, Counter[int]] = {}
        for (channel, pitch), count in count_notes(track).items():
            by_channel.setdefault(channel, Counter())[pitch] += count
        for channel, counts in by_channel.items():
            pitches.setdefault(channel, Counter()).update(counts)
        if len(by_channel) == 1 and _is_named_drums(track):
            named.update(by_channel)
    listing = ", ".join(f"{channel + 1} ({counts.total():,} notes)" for channel, counts in sorted(pitches.items()))
    if asked is not None:
        if pitches and asked not in pitches:
            raise InvalidMidi(f"channel {asked + 1} holds no notes; the file's notes are on channels {listing}")
        return asked
    if not pitches:
        notices["the file holds no notes"] += 1
        return GM_DRUM_CHANNEL
    if GM_DRUM_CHANNEL in pitches:
        return GM_DRUM_CHANNEL

    alone = len(pitches) == 1
    plausible = [c for c, counts in pitches.items() if c in named or _looks_like_drums(counts, drum_map, alone)]
    if len(named) == 1 and len(plausible) > 1:
        plausible = [*named]
    if len(plausible) == 1:
        notices[f"channel 10 holds no notes; channel {plausible[0] + 1} was taken for the drums"] += 1
        return plausible[0]
    found = "several channels could be the drums" if plausible else "no channel looks like drums"
    raise InvalidMidi(f"drums are expected on channel 10; {found} among {listing}. Name one with --channel.")


def _is_named_drums(track: RawTrack) -> bool:
    for _, message in track.messages:
        if message[0] == META and message[1] in (_TRACK_NAME, _INSTRUMENT_NAME):
            name = message[2:].decode("latin-1").lower()
            if any(word in name for word in _DRUM_WORDS):
                return True
    return False


def _looks_like_drums(counts: Counter[int], drum_map: DrumMap, alone: bool) -> bool:
    """Say whether pitches look like a kit; the only channel of a file gets the benefit of the doubt."""
    in_kit = sum(count for pitch, count in counts.items() if pitch in _KIT and drum_map.voice_of(pitch))
    if alone:
        return 2 * in_kit >= counts.total()
    families = {_FAMILIES[voice] for pitch in counts if (voice := drum_map.voice_of(pitch)) in _FAMILIES}
    return in_kit >= 0.9 * counts.total() and len(families) >= 2
