"""Every hostile file gets its required result: one typed error, or warnings and a usable track."""

import tracemalloc

import pytest

from ghostnote.errors import InvalidMidi
from ghostnote.midi import midi_bytes, read_midi_bytes
from hostile import CASES, FAR, KICK, Case, header, midi, track


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row}: {case.name}")
def test_hostile_file_gets_its_required_result(case: Case) -> None:
    data = case.build()
    if case.error is not None:
        with pytest.raises(InvalidMidi) as caught:
            read_midi_bytes(data)
        assert case.error in str(caught.value)
        return
    result = read_midi_bytes(data)
    assert len(result.notes) == case.notes
    if case.warning:
        assert any(case.warning in warning for warning in result.warnings), result.warnings
    else:
        assert result.warnings == ()
    assert len(read_midi_bytes(midi_bytes(result)).notes) == case.notes


def test_a_million_events_are_refused_before_memory_is_spent() -> None:
    data = next(case for case in CASES if case.name.startswith("1,000,000")).build()
    assert peak_memory_of_reading(data) < 32 * 2**20


@pytest.mark.parametrize("name", ["meta of 256 MiB", "sysex of 256 MiB", "track of 4 GiB", "65,535 promised"])
def test_claimed_lengths_allocate_nothing(name: str) -> None:
    data = next(case for case in CASES if case.name == name).build()
    read_midi_bytes(midi(KICK))  # fills the cache of drum maps
    assert peak_memory_of_reading(data) < 100_000


def peak_memory_of_reading(data: bytes) -> int:
    tracemalloc.start()
    try:
        read_midi_bytes(data)
    except InvalidMidi:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak


def test_any_prefix_and_any_flipped_byte_is_read_or_refused() -> None:
    data = header(1, 2) + track("00 FF 51 03 07 A1 20", "00 FF 03 02 41 42") + track(KICK, "60 F0 02 7E F7", "00 24 00")
    assert len(read_midi_bytes(data).notes) == 1
    read = refused = 0
    for at in range(len(data)):
        for broken in (data[:at], *(data[:at] + bytes((byte,)) + data[at + 1 :] for byte in range(256))):
            try:
                result = read_midi_bytes(broken)
            except InvalidMidi:  # and no other exception
                refused += 1
                continue
            read += 1
            assert len(read_midi_bytes(midi_bytes(result)).notes) == len(result.notes)
    assert read > 5_000
    assert refused > 5_000


def test_event_limit_counts_over_all_tracks_and_allows_the_last() -> None:
    full = header(1, 2) + track(KICK, "00 24 00" * 99_999) + track("00 99 24 00" + "00 24 00" * 99_999)
    assert len(read_midi_bytes(full).notes) == 1
    over = header(1, 2) + track(KICK, "00 24 00" * 99_999) + track("00 99 24 00" + "00 24 00" * 100_000)
    with pytest.raises(InvalidMidi, match="at most 200,000 events"):
        read_midi_bytes(over)


def test_one_hour_is_measured_under_the_tempos_of_the_file() -> None:
    # 2^28 ticks are 77.7 hours at 120 bpm and 480 ticks, but a tenth of a minute at 10 microseconds a beat.
    assert len(read_midi_bytes(midi("00 FF 51 03 00 00 0A", f"{FAR} 99 24 64")).notes) == 1
    with pytest.raises(InvalidMidi, match=r"at most 1 hour; got 77\.7 hours"):
        read_midi_bytes(midi(f"{FAR} 99 24 64"))
