"""Give a programmed beat the timing and dynamics of a drummer, and hear and see the difference.

To run it: python examples/humanize_and_render.py [FOLDER]
"""

import sys
import tempfile
from pathlib import Path

import ghostnote as gn
from ghostnote.demos import demo_path


def main(output: Path) -> None:
    # Any drum MIDI file will do: "my_beat.mid" instead of the demonstration. It is flat and exactly on the grid.
    score = gn.read_midi(demo_path("funk"))

    # The same seed gives the same take. The kick stays where it is, the rest is played around it; the snare is played
    # with less liberty.
    human = gn.humanize(
        score,
        style="funk",
        timing=0.8,
        voices={gn.Voice.SNARE: gn.Amounts(timing=0.5)},
        lock=[gn.Voice.KICK],
        seed=7,
    )
    gn.write_midi(human, output / "human.mid")

    # What was done, in numbers: no note is added or lost.
    account = gn.compare(score, human)
    print(f"{account.notes_in} notes in, {account.notes_out} out, {account.notes_moved} moved")
    print(f"by {account.mean_absolute_shift_ms:.1f} ms on average, {account.largest_shift_ms:.1f} ms at most")

    # Both on the same synthesised kit, at the same loudness.
    kit = gn.load_kit("dry_acoustic")
    for name, track in (("score", score), ("human", human)):
        rendering = gn.render(track, kit)
        gn.write_audio(output / f"{name}.wav", rendering.audio, rendering.sample_rate_hz)

    # Drawing needs matplotlib: pip install 'ghostnote[plot]'
    gn.plot_feel(score, human, output / "feel.png", bars=(1, 2), title="Programmed, and humanized")


if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="ghostnote-"))
    folder.mkdir(parents=True, exist_ok=True)
    main(folder)
    print(f"Look into {folder}")
