"""Installed libraries: made small ones, and the real ones of Debian where they are installed."""

from pathlib import Path

import pytest

from audio_bytes import hit, wav
from ghostnote.sounds import found
from ghostnote.sounds.found import find_libraries, find_named, list_sounds
from ghostnote.sounds.recordings import read_recording

KIT = (
    "<drumkit_info><name>{name}</name><license>CC0</license>"
    "<instrumentList>{instruments}</instrumentList></drumkit_info>"
)
INSTRUMENT = "<instrument><name>{}</name><layer><filename>{}</filename><max>{}</max></layer></instrument>"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine on which nothing is installed, yet."""
    monkeypatch.setattr(found, "SONIC_PI_FOLDERS", (tmp_path / "none", tmp_path / "sonic"))
    monkeypatch.setattr(found, "HYDROGEN_FOLDERS", (tmp_path / "own", tmp_path / "kits"))
    return tmp_path


def install_kit(folder, instruments, name="Small Kit", files=()):
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).write_bytes(wav(hit()))
    text = "".join(INSTRUMENT.format(*instrument) for instrument in instruments)
    (folder / "drumkit.xml").write_text(KIT.format(name=name, instruments=text))


def test_nothing_is_found_where_nothing_is_installed(machine):
    assert find_libraries() == ()
    assert find_named("sonic-pi") == find_named("hydrogen") == ()


def test_one_shots_of_sonic_pi_are_found_and_loops_left(machine):
    (machine / "sonic").mkdir()
    for name in (
        "bd_a",
        "sn_b",
        "loop_amen",
        "ambi_choir",
        "drum_roll",
        "perc_snap",
        "bass_hit_c",
        "tabla_na",
        "hat_x",
    ):
        (machine / "sonic" / f"{name}.flac").write_bytes(b"")
    (library,) = find_libraries()
    assert (library.name, library.kind) == ("sonic-pi", "sonic-pi")
    assert [file.name for file in library.listing.files] == ["bd_a", "hat_x", "perc_snap", "sn_b", "tabla_na"]
    assert list_sounds(library.folder, library.kind) == library.listing


def test_drumkits_give_the_loudest_sample_of_each_instrument(machine):
    layers = (
        "<instrument><name>Kick</name><layer><filename>soft.wav</filename><max>0.4</max></layer>"
        "<layer><filename>hard.wav</filename><max>1</max></layer></instrument>"
    )
    folder = machine / "kits" / "one"
    install_kit(
        folder, [("High Kick", "hard.wav", 1), ("Snare", "snare.wav", 1)], files=("soft.wav", "hard.wav", "snare.wav")
    )
    text = (folder / "drumkit.xml").read_text().replace("<instrumentList>", f"<instrumentList>{layers}")
    (folder / "drumkit.xml").write_text(text)
    (library,) = find_libraries()
    assert (library.name, library.title, library.licence) == ("hydrogen-small-kit", "Small Kit (Hydrogen)", "CC0")
    # The second instrument plays the first one's sample at another pitch: it is one sound.
    assert [(file.path, file.name) for file in library.listing.files] == [("hard.wav", "Kick"), ("snare.wav", "Snare")]
    assert find_named("hydrogen-small-kit") == find_named("hydrogen") == (library,)
    assert find_named("./hydrogen-small-kit") == ()


def test_paths_that_leave_the_kit_are_refused(machine):
    (machine / "secret.wav").write_bytes(wav(hit()))
    folder = machine / "kits" / "one"
    paths = (
        "../../secret.wav",
        str(machine / "secret.wav"),
        "link.wav",
        "gone.wav",
        ".",
        "x" * 300 + ".wav",
        "good.wav",
    )
    install_kit(folder, [(f"I{i}", path, 1) for i, path in enumerate(paths)], files=("good.wav",))
    (folder / "link.wav").symlink_to(machine / "secret.wav")
    (library,) = find_libraries()
    assert [file.path for file in library.listing.files] == ["good.wav"]
    told = library.listing.warnings
    assert len(told) == 6
    assert all("leads out of the kit" in warning for warning in (told[0], told[1], told[2], told[4]))
    assert "No such file" in told[3]
    assert "name too long" in told[5]


def test_kits_of_the_same_name_are_told_apart_the_users_own_first(machine):
    for root in ("kits", "own"):
        install_kit(machine / root / "one", [("Kick", "kick.wav", 1)], files=("kick.wav",))
    first, second = find_libraries()
    assert (first.name, first.folder) == ("hydrogen-small-kit", machine / "own" / "one")
    assert (second.name, second.folder) == ("hydrogen-small-kit-2", machine / "kits" / "one")


def test_broken_kits_are_listed_with_what_is_wrong_and_the_others_go_on(machine):
    install_kit(machine / "kits" / "good", [("Kick", "kick.wav", 1)], files=("kick.wav",))
    (machine / "kits" / "bad").mkdir()
    (machine / "kits" / "bad" / "drumkit.xml").write_text('<!DOCTYPE a [<!ENTITY b "c">]><drumkit_info/>')
    (machine / "kits" / "no kit").mkdir()
    bad, good = find_libraries()
    assert (bad.name, bad.listing.files) == ("hydrogen-bad", ())
    assert "no document type" in bad.listing.warnings[0]
    assert len(good.listing.files) == 1


def test_real_samples_of_sonic_pi_can_be_used():
    if not any(folder.is_dir() for folder in found.SONIC_PI_FOLDERS):
        pytest.skip("sonic-pi-samples is not installed: no test of real recordings (apt-get install sonic-pi-samples)")
    (library,) = find_named("sonic-pi")
    assert len(library.listing.files) >= 100
    digests = {read_recording(library.folder / file.path).sound.digest for file in library.listing.files[::6]}
    assert len(digests) == len(library.listing.files[::6])


def test_real_drumkits_of_hydrogen_can_be_used():
    kits = find_named("hydrogen")
    if not any(kit.folder.is_relative_to(Path("/usr/share/hydrogen")) for kit in kits):
        pytest.skip("hydrogen-drumkits is not installed: no test of real drumkits (apt-get install hydrogen-drumkits)")
    for kit in kits:
        assert kit.listing.files, kit
        assert len(read_recording(kit.folder / kit.listing.files[0].path).audio) > 1_000
