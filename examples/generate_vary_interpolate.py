"""Write new beats, make neighbours of them, and walk from one to another.

To run it: python examples/generate_vary_interpolate.py [FOLDER]
"""

import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import ghostnote as gn


def main(output: Path) -> None:
    # Two new beats. Every seed is another one; a lower temperature is more usual.
    funk = gn.generate(bars=2, style="funk", tempo_bpm=100, seed=3)
    latin = gn.generate(bars=2, style="latin", tempo_bpm=112, seed=3)
    gn.write_midi(funk, output / "funk.mid")
    gn.write_midi(latin, output / "latin.mid")

    # Neighbours: the larger the amount, the further away. The kick may be locked, so that the bass player is not lost.
    for amount in (0.1, 0.3, 0.6):
        near = gn.vary(funk, amount=amount, lock=[gn.Voice.KICK], seed=1)
        gn.write_midi(near, output / f"funk-varied-{amount:g}.mid")
        print(f"amount {amount:g}: {changed(funk, near)} hits come or go")

    # A fill for the second bar, and two more bars after it.
    filled = gn.infill(funk, bars=(2, 2), lock=[gn.Voice.KICK], density=6.0)
    longer = gn.continue_(filled, bars=2)
    gn.write_midi(longer, output / "funk-longer.mid")

    # From one to the other in five steps, of which the first and the last are the beats themselves; then all in a row.
    path = gn.interpolate(funk, latin, steps=5)
    gn.write_midi(gn.join_tracks(path), output / "funk-to-latin.mid")
    for number, (before, after) in enumerate(pairwise(path), start=1):
        print(f"step {number} to {number + 1}: {changed(before, after)} hits come or go")


def changed(before: gn.DrumTrack, after: gn.DrumTrack) -> int:
    """Return how many hits only one of two beats has, on its grid of 16ths."""
    cells = [{(round(4 * note.tick / t.ticks_per_beat), t.voice_of(note)) for note in t.notes} for t in (before, after)]
    return len(cells[0] ^ cells[1])


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="ghostnote-"))
    folder.mkdir(parents=True, exist_ok=True)
    main(folder)
    print(f"Look into {folder}")
