import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ghostnote.cli.takes import Output
from ghostnote.demos import demo_path
from ghostnote.errors import InvalidInput
from ghostnote.groove import VOICES, DrumTrack, Note, TempoChange
from ghostnote.midi import drum_map, read_midi, read_midi_bytes, write_midi

FUNK, ROCK, SHUFFLE = (str(demo_path(name)) for name in ("funk", "rock", "shuffle"))
CLOSED_HIHAT = 42


@pytest.fixture
def louder(monkeypatch):
    """`vary` made quick and plain: all velocities are the seed plus one, a cowbell is added, and it warns."""

    def vary(track, *, seed, **settings):
        notes = [replace(note, velocity=seed + 1) for note in track.notes]
        more = (*track.warnings, "played with care", *([f"amount {settings['amount']}"] if seed > 4 else []))
        return replace(track.with_notes([*notes, Note(5, CLOSED_HIHAT, 1, track=notes[0].track)]), warnings=more)

    monkeypatch.setattr("ghostnote.tasks.vary", vary)


def written(path):
    return [(note.tick, note.pitch, note.velocity) for note in read_midi(path).notes]


def tapped(beats=8, pitch=60, channel=9) -> bytes:
    """A rhythm on one pitch, a little late and uneven as fingers are."""
    from ghostnote.midi import midi_bytes

    late = [0, 9, -6, 14, 3, 20, -11, 7]
    notes = [Note(max(0, i * 240 + late[i % 8]), pitch, 70 + 7 * (i % 5), channel=channel) for i in range(2 * beats)]
    empty = DrumTrack((), 480, drum_map("general_midi"), tempos=(TempoChange(0, 600_000),), track_ends=(beats * 480,))
    return midi_bytes(empty.with_notes(notes))


# What all commands share, on a quick task.


def test_one_take_is_written_to_the_name_given(run, louder):
    result = run("vary", FUNK, "-o", "out.mid", "--seed", 2)
    assert result.code == 0, result.err
    assert {velocity for _, _, velocity in written("out.mid")} == {3, 1}
    assert [path.name for path in Path().iterdir()] == ["out.mid"]
    assert "out.mid: 142 notes, 0 kept, 141 played differently, 1 added (closed_hihat 1)" in result.err


def test_takes_are_numbered_and_have_seeds_that_follow(run, louder):
    assert run("vary", FUNK, "-o", "out.mid", "--takes", 3, "--seed", 10).code == 0
    assert sorted(path.name for path in Path().iterdir()) == ["out-1.mid", "out-2.mid", "out-3.mid"]
    assert [max(v for _, _, v in written(f"out-{i}.mid")) for i in (1, 2, 3)] == [11, 12, 13]


def test_account_names_files_seeds_settings_and_notes(run, louder):
    result = run("vary", FUNK, "-o", "out.mid", "--takes", 2, "--json", "--amount", 0.5, "--lock", "snare", "--bars", 2)
    account = json.loads(result.out)
    assert account["settings"]["amount"] == 0.5
    assert account["settings"]["lock"] == ["snare"]
    assert account["settings"]["bars"] == [2, 2]
    assert [(take["output"], take["seed"], take["sound"]) for take in account["takes"]] == [
        ("out-1.mid", 0, None),
        ("out-2.mid", 1, None),
    ]
    take = account["takes"][0]
    assert take["notes_in"] + 1 == take["notes_out"] == 142
    assert take["added"] == {"closed_hihat": 1}
    assert take["warnings"] == ["played with care"]
    assert result.err == "warning: played with care\n"


def test_warnings_of_all_takes_are_told_once_and_those_of_reading_before(run, louder):
    track = read_midi(FUNK)
    write_midi(track.with_notes([*track.notes, Note(0, 3, 1, track=track.notes[0].track)]), "odd.mid")
    err = run("vary", "odd.mid", "-o", "out.mid", "--takes", 2, "--seed", 4).err
    assert err.count("warning: played with care") == 1
    assert err.count("warning: amount 0.3") == 1
    assert err.count("pass through unchanged") == 1


def test_no_take_is_written_if_one_is_in_the_way(run, louder):
    Path("out-3.mid").write_bytes(b"precious")
    result = run("vary", FUNK, "-o", "out.mid", "--takes", 3)
    assert result.code == 4
    assert "out-3.mid is there already; use --force" in result.err
    assert [path.name for path in Path().iterdir()] == ["out-3.mid"]
    assert run("vary", FUNK, "-o", "out.mid", "--takes", 3, "--force").code == 0
    assert Path("out-3.mid").read_bytes() != b"precious"


def test_files_are_checked_before_the_work_begins(run, monkeypatch):
    def never(*_, **__):
        raise AssertionError("the work began")

    monkeypatch.setattr("ghostnote.tasks.vary", never)
    Path("out.wav").write_bytes(b"precious")
    result = run("vary", FUNK, "-o", "out.mid", "--wav")
    assert result.code == 4
    assert "out.wav is there already" in result.err


def test_nothing_is_written_if_a_later_take_fails(run, monkeypatch):
    def fails_later(track, *, seed, **_):
        if seed:
            raise InvalidInput("no more takes")
        return track

    monkeypatch.setattr("ghostnote.tasks.vary", fails_later)
    assert run("vary", FUNK, "-o", "out.mid", "--takes", 2).code == 3
    assert list(Path().iterdir()) == []


def test_takes_are_rendered_beside(run, louder):
    import soundfile

    track = read_midi(FUNK)
    write_midi(track.with_notes(track.notes[:8]), "a.mid")
    result = run(
        "vary", "a.mid", "-o", "out.mid", "--takes", 2, "--wav", "--kit", "deep-analogue", "--json", "--seed", 99
    )
    assert result.code == 0, result.err
    assert [take["sound"] for take in json.loads(result.out)["takes"]] == ["out-1.wav", "out-2.wav"]
    for name in ("out-1.wav", "out-2.wav"):
        assert abs(soundfile.read(name)[0]).max() > 0.1


def test_nothing_is_written_if_it_can_not_be_rendered(run, monkeypatch):
    def endless(track, **_):
        return track.with_notes([*track.notes, replace(track.notes[0], tick=10_000_000)])

    monkeypatch.setattr("ghostnote.tasks.vary", endless)
    result = run("vary", FUNK, "-o", "o.mid", "--wav")
    assert result.code == 2
    assert "must last at most 3700 s to be rendered" in result.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("name", "sound"), [("a.mid", "a.wav"), ("b/a.MIDI", "b/a.wav"), ("a", "a.wav"), ("a.b", "a.b.wav")]
)
def test_sound_has_the_name_of_its_file(name, sound):
    assert Output((name,), None, False, False).sound_of(name) == str(Path(sound))


def test_a_track_can_come_from_and_go_to_a_stream(run):
    done = subprocess.run(
        [sys.executable, "-m", "ghostnote", "vary", "-", "-o", "-", "--amount", "0", "--json"],
        input=Path(FUNK).read_bytes(),
        capture_output=True,
        check=True,
    )
    assert len(read_midi_bytes(done.stdout).notes) == 141
    assert json.loads(done.stderr)["takes"][0]["output"] == "-"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["vary", FUNK, "-o", "-", "--takes", "2"], 2, "only a single MIDI file can go to stdout"),
        (["vary", FUNK, "-o", "-", "--wav"], 2, "only a single MIDI file can go to stdout"),
        (["interpolate", FUNK, ROCK, "-o", "-", "--separate"], 2, "only a single MIDI file can go to stdout"),
        (["vary", FUNK, "-o", "o.mid", "--takes", "0"], 2, "1<=x<=999"),
        (["vary", FUNK, "-o", "o.mid", "--kit", "dry_acoustic"], 2, "give --wav as well"),
        (["vary", FUNK, "-o", "o.mid", "--wav", "--kit", "tin"], 2, "kit must be one of"),
        (["vary", FUNK, "-o", "o.wav", "--wav"], 2, "must not end in .wav"),
        (["vary", FUNK, "-o", "no/o.mid", "--takes", "2"], 4, "the folder no is not there"),
        (["vary", FUNK, "-o", ".", "--takes", "2"], 4, "is a folder"),
        (["vary", "missing.mid", "-o", "o.mid"], 4, "missing.mid"),
        (["vary", "broken.mid", "-o", "o.mid"], 3, "ghostnote:"),
        (["vary", FUNK, "-o", "o.mid", "--lock", "cowbell"], 2, "voice must be one of"),
        (["vary", FUNK, "-o", "o.mid", "--style", "polka"], 2, "style must be one of"),
        (["vary", FUNK, "-o", "o.mid", "--amount", "30"], 2, "Is this a percentage?"),
        (["vary", FUNK, "-o", "o.mid", "--seed", "-1"], 2, "seed must be at least 0"),
        (["vary", FUNK, "-o", "o.mid", "--bars", "90-91"], 2, "within the track's 8 bars"),
        (["vary", "melody.mid", "-o", "o.mid"], 3, "channel"),
        (["vary", FUNK, "-o", "o.mid", *[a for v in VOICES for a in ("--lock", v)]], 2, "left to change"),
        (["drumify", "empty.mid", "-o", "o.mid"], 3, "at least one note"),
        (["drumify", "taps.mid", "-o", "o.mid", "--channel", "3"], 3, "channel 3 holds no notes"),
        (["drumify", "taps.mid", "-o", "o.mid", "--track", "7"], 3, "track 7 holds no notes"),
        (["drumify", "taps.mid", "-o", "o.mid", "--density", "100"], 2, "density must lie in"),
        (["drumify", "taps.mid", "-o", "o.mid", "--map", "tin"], 2, "drum map"),
        (["infill", FUNK, "-o", "o.mid"], 2, "voices or bars must be given"),
        (["infill", FUNK, "-o", "o.mid", "--voice", "bongo"], 2, "voice must be one of"),
        (["infill", FUNK, "-o", "o.mid", "--voice", "snare", "--lock", "snare"], 2, "left to change"),
        (["infill", FUNK, "-o", "o.mid", "--bars", "9-12"], 2, "within the track's 8 bars"),
        (["infill", "empty.mid", "-o", "o.mid", "--voice", "snare"], 3, "must have drum notes"),
        (["continue", FUNK, "-o", "o.mid", "--bars", "0"], 2, "bars must lie in"),
        (["continue", "empty.mid", "-o", "o.mid"], 3, "must have drum notes"),
        (["generate", "-o", "o.mid", "--metre", "four"], 2, "metre must be given as 4/4"),
        (["generate", "-o", "o.mid", "--metre", "4/3"], 2, "metre must be"),
        (["generate", "-o", "o.mid", "--bars", "0"], 2, "bars must lie in"),
        (["generate", "-o", "o.mid", "--tempo", "1"], 2, "tempo_bpm must lie in"),
        (["generate", "-o", "o.mid", "--temperature", "3"], 2, "temperature must lie in"),
        (["transfer", "--score", "-", "--groove", "-", "-o", "o.mid"], 2, "only one of --score and --groove"),
        (["transfer", "--score", FUNK, "-o", "o.mid"], 2, "Missing option '--groove'"),
        (["transfer", "--score", "empty.mid", "--groove", FUNK, "-o", "o.mid"], 3, "must have drum notes"),
        (["transfer", "--score", FUNK, "--groove", "empty.mid", "-o", "o.mid"], 3, "must have drum notes"),
        (["transfer", "--score", FUNK, "--groove", ROCK, "-o", "o.mid", "--timing", "50"], 2, "timing must lie in"),
        (["interpolate", "-", "-", "-o", "o.mid"], 2, "only one of A and B can be stdin"),
        (["interpolate", FUNK, ROCK, "-o", "o.mid", "--steps", "1"], 2, "2<=x<=65"),
        (["interpolate", FUNK, "empty.mid", "-o", "o.mid"], 3, "must have drum notes"),
        (["groove", "extract", "empty.mid", "-o", "o.json"], 3, "must have drum notes"),
        (["groove", "extract", FUNK, "-o", "-"], 2, "the output must be a file"),
        (["groove", "apply", "missing.json", FUNK, "-o", "o.mid"], 4, "missing.json"),
        (["groove", "apply", FUNK, FUNK, "-o", "o.mid"], 3, "feel"),
        (["groove", "apply", "next.json", FUNK, "-o", "o.mid"], 3, "must have format 1; got 2"),
        (["groove", "frobnicate"], 2, "No such command"),
    ],
)
def test_wrong_use_gets_one_clear_line(run, arguments, code, message):
    Path("broken.mid").write_bytes(b"MThd but not really")
    Path("taps.mid").write_bytes(tapped())
    Path("melody.mid").write_bytes(tapped(pitch=72, channel=0))
    write_midi(read_midi(FUNK).with_notes([]), "empty.mid")
    Path("next.json").write_text('{"kind": "ghostnote feel", "format": 2, "rows": []}')
    result = run(*arguments)
    assert result.code == code, result.err
    assert message in result.err
    assert "Traceback" not in result.err
    assert not list(Path().glob("o*"))


@pytest.mark.parametrize(
    "name", ["drumify", "infill", "transfer", "groove", "generate", "interpolate", "vary", "continue"]
)
def test_help_is_quick(name):
    code = (
        f"import sys; sys.argv = ['ghostnote', '{name}', '--help']\n"
        "from ghostnote.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'torch', 'onnxruntime', 'matplotlib', 'soundfile'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_voices_complete(run):
    from ghostnote.cli.options import VoiceName

    assert [item.value for item in VoiceName().shell_complete(None, None, "cl")] == ["closed_hihat"]


# One journey for each command, with the models.


def test_drumify_follows_taps_of_any_pitch(run):
    result = run("drumify", "-", "-o", "o.mid", "--takes", 2, "--style", "funk", "--json", stdin=tapped())
    assert result.code == 0, result.err
    takes = json.loads(result.out)["takes"]
    assert [take["onsets_followed"] for take in takes] == [take["onsets_in"] for take in takes] == [16, 16]
    assert takes[0]["notes_out"] == sum(takes[0]["added"].values())
    assert written("o-1.mid") != written("o-2.mid")
    assert read_midi("o-1.mid").tempos[0].microseconds_per_beat == 600_000


def test_drumify_reads_a_melody_and_writes_with_a_map(run):
    result = run("drumify", "-", "-o", "o.mid", "--map", "roland_td11", stdin=tapped(pitch=72, channel=0))
    assert result.code == 0, result.err
    assert {note.pitch for note in read_midi("o.mid").notes} <= set(drum_map("roland_td11").pitches.values())
    assert "on 16 of the 16 onsets given" in result.err


def test_drumify_options_reach_python(run):
    from ghostnote.midi import read_rhythm
    from ghostnote.tasks import drumify

    arguments = ["--ignore-velocities", "--no-fill", "--density", 3, "--temperature", 0.7, "--seed", 5]
    assert run("drumify", FUNK, "-o", "o.mid", *arguments, "--grid", "16ths", "--style", "rock").code == 0
    settings = {"use_velocities": False, "fill": False, "density": 3, "temperature": 0.7, "style": "rock"}
    made = drumify(read_rhythm(FUNK), seed=5, subdivision="16ths", **settings)
    assert written("o.mid") == [(note.tick, note.pitch, note.velocity) for note in made.notes]


def test_infill_writes_a_voice_and_leaves_the_rest(run):
    result = run("infill", FUNK, "--voice", "closed-hihat", "-o", "o.mid", "--json")
    take = json.loads(result.out)["takes"][0]
    assert set(take["added"]) | set(take["removed"]) <= {"closed_hihat"}
    rest = [[note for note in notes if note[1] != CLOSED_HIHAT] for notes in (written(FUNK), written("o.mid"))]
    assert rest[0] == rest[1]


def test_infill_writes_bars(run):
    assert run("infill", FUNK, "--bars", "7-8", "--lock", "kick", "-o", "o.mid", "--seed", 3).code == 0
    beat = read_midi(FUNK).ticks_per_beat
    before = [[note for note in notes if note[0] < 24 * beat - beat / 8] for notes in (written(FUNK), written("o.mid"))]
    assert before[0] == before[1]
    assert written(FUNK) != written("o.mid")


def test_continue_adds_bars(run):
    result = run("continue", FUNK, "--bars", 2, "-o", "o.mid", "--json", "--seed", 1)
    take = json.loads(result.out)["takes"][0]
    assert take["notes_kept"] == take["notes_in"]
    assert take["notes_added"] > 4
    assert written("o.mid")[: len(written(FUNK))] == written(FUNK)
    info = json.loads(run("info", "o.mid", "--json").out)
    assert info["bars"] == 10


def test_generate_writes_what_was_ordered(run):
    arguments = [
        "--bars",
        2,
        "--tempo",
        96,
        "--metre",
        "7/8",
        "--style",
        "funk",
        "--density",
        4,
        "--map",
        "roland_td11",
    ]
    result = run("generate", "-o", "o.mid", *arguments)
    assert result.code == 0, result.err
    info = json.loads(run("info", "o.mid", "--map", "roland_td11", "--json").out)
    assert (info["bars"], round(info["tempos"][0]["tempo_bpm"]), info["metres"][0]["metre"]) == (2, 96, "7/8")
    assert "kept" not in result.err


def test_vary_stays_near(run):
    result = run("vary", FUNK, "-o", "o.mid", "--takes", 2, "--lock", "kick", "--json")
    takes = json.loads(result.out)["takes"]
    assert all(take["notes_kept"] > take["notes_in"] / 2 for take in takes)
    assert all("kick" not in take["added"] for take in takes)
    assert written("o-1.mid") != written("o-2.mid") != written(FUNK)


def test_transfer_keeps_the_score(run):
    result = run("transfer", "--score", ROCK, "--groove", FUNK, "-o", "o.mid", "--lock", "kick", "--json")
    assert result.code == 0, result.err
    take = json.loads(result.out)["takes"][0]
    assert take["notes_in"] == take["notes_out"]
    assert take["notes_moved"] > 0
    assert sorted(pitch for _, pitch, _ in written("o.mid")) == sorted(pitch for _, pitch, _ in written(ROCK))


def test_a_feel_travels_in_a_file(run):
    result = run("groove", "extract", FUNK, "-o", "feel.json", "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out)["hits"] > 100
    assert json.loads(Path("feel.json").read_text())["format"] == 1
    assert run("groove", "extract", FUNK, "-o", "feel.json").code == 4
    assert "hits at" in run("groove", "extract", FUNK, "-o", "feel.json", "--force").err
    result = run("groove", "apply", "feel.json", ROCK, "-o", "o.mid", "--velocity", 0, "--json")
    assert result.code == 0, result.err
    take = json.loads(result.out)["takes"][0]
    assert take["notes_moved"] > 0
    assert take["velocities_changed"] == 0


def test_interpolate_goes_from_a_to_b_in_one_file(run):
    result = run("interpolate", FUNK, ROCK, "--steps", 3, "-o", "o.mid", "--json")
    assert result.code == 0, result.err
    account = json.loads(result.out)
    assert len(account["takes"][0]["steps"]) == 3
    assert account["takes"][0]["notes_out"] == sum(step["notes_out"] for step in account["takes"][0]["steps"])
    assert json.loads(run("info", "o.mid", "--json").out)["bars"] == 24


def test_interpolate_writes_steps_apart(run):
    result = run("interpolate", FUNK, ROCK, "--steps", 3, "--separate", "-o", "o.mid")
    assert result.code == 0, result.err
    ends = [[(tick, pitch) for tick, pitch, _ in written(path)] for path in (FUNK, "o-1.mid", ROCK, "o-3.mid")]
    assert ends[0] == ends[1]
    assert ends[2] == ends[3]
    assert not Path("o.mid").exists()
