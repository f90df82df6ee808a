"""Take the feel out of one beat, keep it in a file, and play another beat with it.

To run it: python examples/transfer_a_feel.py [FOLDER]
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import ghostnote as gn
from ghostnote.demos import demo_path


def main(output: Path) -> None:
    # Two bars by somebody who lays back, and a rock beat that a machine plays.
    pocket = gn.read_midi(demo_path("pocket"))
    rock = gn.read_midi(demo_path("rock"))

    # In one go: the notes of the first with the feel of the second.
    gn.write_midi(gn.transfer(rock, pocket, seed=1), output / "rock-in-the-pocket.mid")

    # Or in two steps, with the feel as a small file that can be read, shared and changed.
    feel = gn.extract_groove(pocket, source="pocket")
    gn.write_feel(feel, output / "pocket.json", overwrite=True)
    for row in feel.rows[:5]:
        late_ms = row.offset * 15_000 / feel.tempo_bpm
        print(f"beat {1 + row.position_beats:.2f} {row.voice:12} {late_ms:+5.1f} ms, velocity {row.velocity:.0f}")

    # Change the table, and what is played changes: here the snare is to lie a fifth of a 16th further back.
    lazier = replace(
        feel,
        rows=tuple(replace(row, offset=row.offset + 0.2) if row.voice is gn.Voice.SNARE else row for row in feel.rows),
    )
    for name, used in (("as it is", feel), ("lazier", lazier)):
        played = gn.apply_groove(used, rock, seed=1)
        gn.write_midi(played, output / f"rock-{name.replace(' ', '-')}.mid")
        rows = [row for row in gn.extract_groove(played).rows if row.voice is gn.Voice.SNARE]
        late = sum(row.offset * row.hits for row in rows) / sum(row.hits for row in rows)
        print(f"{name}: the snare is {late:+.2f} 16ths late on average")


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="ghostnote-"))
    folder.mkdir(parents=True, exist_ok=True)
    main(folder)
    print(f"Look into {folder}")
