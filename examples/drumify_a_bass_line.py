"""Make a whole kit follow a bass line: drummers that listen to the bass player.

To run it: python examples/drumify_a_bass_line.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import ghostnote as gn
from ghostnote.demos import demo_path


def main(output: Path) -> None:
    # `read_rhythm` takes any part of a MIDI file, whatever its pitches: when its notes begin and how loud they are is
    # all that counts. Of several parts, channel=2 or track=3 chooses one.
    bass = gn.read_rhythm(demo_path("bass"))
    print(f"The bass plays {len(bass.notes)} notes")

    # Another seed is another drummer's idea. Each of them plays on every note of the bass, as early or late as it is.
    for seed in range(3):
        drums = gn.drumify(bass, style="funk", seed=seed)
        gn.write_midi(drums, output / f"drums-{seed + 1}.mid")
        print(f"take {seed + 1}: {describe(drums)}")

    # With fill=False drums sound on the bass notes alone; with fill=True they also play between them. A number of hits
    # per beat makes it busier or sparser.
    for name, options in (("tight", {"fill": False}), ("busy", {"fill": True, "density": 6.0})):
        drums = gn.drumify(bass, style="funk", **options)
        gn.write_midi(drums, output / f"drums-{name}.mid")
        print(f"{name}: {describe(drums)}")


def describe(drums: gn.DrumTrack) -> str:
    """Return how many hits each voice has."""
    played = [drums.voice_of(note) for note in drums.notes]
    return ", ".join(f"{voice} {played.count(voice)}" for voice in gn.VOICES if voice in played)


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="ghostnote-"))
    folder.mkdir(parents=True, exist_ok=True)
    main(folder)
    print(f"Look into {folder}")
