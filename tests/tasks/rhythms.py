"""Rhythms for the tests of tasks: a pad tapped by hand, a bass line, and a melody with strummed chords, at 100 bpm.

Every line is (beat, milliseconds late, pitches, velocity, length in beats), with beats counted from 0 in quarter notes.
Each is a drum track under `onset_map`, as `read_rhythm` gives it, but for the chords, whose notes are all there.
"""

from ghostnote.groove import DrumTrack, MetreChange, Note, TempoChange
from ghostnote.midi import onset_map

TICKS_PER_BEAT = 480
TEMPO_BPM = 100.0
STRUM_MS = 7.0  # from one string to the next

PAD = 60
# Somebody taps along: ahead on the pushes, late on the ones, softer on what lies between, never twice the same.
TAPPED = (
    (0.00, 6, (PAD,), 104, 0.20),
    (0.75, -9, (PAD,), 71, 0.15),
    (1.50, -4, (PAD,), 84, 0.20),
    (2.50, -12, (PAD,), 78, 0.15),
    (3.00, 3, (PAD,), 97, 0.20),
    (3.75, -7, (PAD,), 66, 0.10),
    (4.00, 4, (PAD,), 101, 0.20),
    (4.75, -13, (PAD,), 69, 0.15),
    (5.50, 2, (PAD,), 88, 0.20),
    (6.25, 9, (PAD,), 52, 0.10),
    (6.50, -8, (PAD,), 81, 0.15),
    (7.00, 5, (PAD,), 93, 0.20),
    (8.00, 8, (PAD,), 107, 0.20),
    (8.75, -6, (PAD,), 74, 0.15),
    (9.50, -2, (PAD,), 80, 0.20),
    (10.50, -15, (PAD,), 76, 0.15),
    (11.00, 1, (PAD,), 99, 0.20),
    (11.75, -10, (PAD,), 63, 0.10),
    (12.00, 7, (PAD,), 103, 0.20),
    (12.75, -11, (PAD,), 72, 0.15),
    (13.50, -3, (PAD,), 86, 0.20),
    (14.50, -6, (PAD,), 83, 0.15),
    (14.75, 10, (PAD,), 58, 0.10),
    (15.00, 4, (PAD,), 95, 0.15),
    (15.25, 12, (PAD,), 61, 0.10),
    (15.50, -5, (PAD,), 90, 0.20),
)

E, G, A, B, D = 28, 31, 33, 35, 38
BASS_LINE = (
    (0.00, 2, (E,), 110, 0.70),
    (0.75, -6, (E,), 78, 0.20),
    (1.50, 3, (G,), 92, 0.40),
    (2.00, 1, (A,), 101, 0.45),
    (2.75, -4, (E + 12,), 96, 0.20),
    (3.25, 5, (D,), 74, 0.20),
    (3.50, -2, (B,), 85, 0.40),
    (4.00, 4, (E,), 112, 0.70),
    (4.75, -5, (E,), 80, 0.20),
    (5.50, 2, (G,), 90, 0.40),
    (6.00, -1, (B,), 98, 0.45),
    (6.50, 3, (A,), 88, 0.40),
    (7.00, 0, (G,), 94, 0.20),
    (7.25, 6, (G,), 62, 0.20),
    (7.50, -3, (D,), 91, 0.40),
)

C_MAJOR, A_MINOR, F_MAJOR, G_MAJOR = (48, 55, 60, 64), (45, 52, 60, 64), (41, 53, 57, 60), (43, 50, 59, 62)
MELODY = (
    (0.00, 3, C_MAJOR, 88, 1.40),
    (1.50, -7, (67,), 82, 0.40),
    (2.00, 0, (69,), 90, 0.90),
    (3.00, 4, (67,), 76, 0.45),
    (3.50, -5, (64,), 70, 0.45),
    (4.00, -2, A_MINOR, 92, 1.90),
    (6.00, 5, F_MAJOR, 84, 0.95),
    (7.00, -4, (65,), 79, 0.45),
    (7.50, -9, G_MAJOR, 95, 0.50),
)


def tapped(bars: int = 2) -> DrumTrack:
    """A rhythm tapped on one pad; 2 or 4 bars."""
    return _track([line for line in TAPPED if line[0] < 4 * bars], channel=0, bars=bars)


def bass_line() -> DrumTrack:
    """Two bars of one note at a time, which push and lay back."""
    return _track(BASS_LINE, channel=1, bars=2)


def melody() -> DrumTrack:
    """Two bars of tune and chords; a chord is strummed upwards and its highest note, the tune's, is the loudest."""
    return _track(MELODY, channel=0, bars=2)


def _track(lines, channel: int, bars: int) -> DrumTrack:
    empty = DrumTrack(
        notes=(),
        ticks_per_beat=TICKS_PER_BEAT,
        drum_map=onset_map(),
        tempos=(TempoChange(0, round(60e6 / TEMPO_BPM)),),
        metres=(MetreChange(0, 4, 4, order=1),),
        track_ends=(4 * bars * TICKS_PER_BEAT,),
    )
    notes = []
    for beat, late_ms, pitches, velocity, length in lines:
        for string, pitch in enumerate(pitches):
            at = beat + (late_ms + STRUM_MS * string) * TEMPO_BPM / 60_000
            softer = 12 * (len(pitches) - 1 - string)
            ticks = round(at * TICKS_PER_BEAT), round(length * TICKS_PER_BEAT)
            notes.append(Note(ticks[0], pitch, velocity - softer, ticks[1], channel, order=2 + len(notes)))
    return empty.with_notes(notes)
