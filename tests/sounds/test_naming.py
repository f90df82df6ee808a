import pytest

from ghostnote.sounds.listing import list_folder
from ghostnote.sounds.naming import name_files, path_inside


def named(folder):
    listing = name_files(folder, list_folder(folder))
    return {file.path: file.name for file in listing.files}, listing.warnings


def put(folder, **texts):
    for path, text in texts.items():
        target = folder / path.replace("__", "/").replace("_dot_", ".")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


@pytest.mark.parametrize(
    ("path", "base", "found"),
    [
        ("kick.wav", "", "kick.wav"),
        ("kick.wav", "kits/rock", "kits/rock/kick.wav"),
        ("..\\samples\\kick.wav", "kits", "samples/kick.wav"),
        ("./a//b/../kick.wav", "", "a/kick.wav"),
        ("../kick.wav", "", None),
        ("a/../../kick.wav", "", None),
        ("/etc/passwd", "", None),
        ("\\\\server\\kick.wav", "", None),
        ("C:\\kick.wav", "", None),
        ("c:kick.wav", "", None),
        ("kick\0.wav", "", None),
        ("", "", None),
        ("..", "a", None),
    ],
)
def test_paths_stay_inside(path, base, found):
    assert path_inside(path, base) == found


def test_kits_and_sfz_files_name_the_sounds_and_say_what_is_missing(tmp_path):
    kit = (
        "<drumkit_info><instrumentList><instrument><name>Big Kick</name><filename>a.wav</filename></instrument>"
        "<instrument><name>Secret</name><filename>../x.wav</filename></instrument></instrumentList></drumkit_info>"
    )
    sfz = (
        "<region> sample=../samples/SN01.wav region_label=Snare\n<region> sample=gone.wav\n"
        "<region> sample=../../../x.wav <region> sample=../plain.wav region_label=Plain"
    )
    put(tmp_path, kit__drumkit_dot_xml=kit, kit__a_dot_wav="", samples__sn01_dot_wav="", sfz__one_dot_sfz=sfz)
    put(tmp_path, x_dot_wav="", plain_dot_wav="")
    names, warnings = named(tmp_path)
    assert names == {
        "kit/a.wav": "Big Kick (a)",
        "samples/sn01.wav": "Snare (sn01)",
        "x.wav": "Secret (x)",  # `../x.wav` lies in the folder that the user added
        "plain.wav": "Plain",
    }
    (told,) = warnings
    assert "one.sfz names samples that can not be used: ../../../x.wav leads out of the folder, gone.wav is not" in told


def test_broken_descriptions_leave_the_names_of_files(tmp_path):
    put(tmp_path, drumkit_dot_xml="<!DOCTYPE x><drumkit_info/>", kick_dot_wav="", bad_dot_sfz='#include "/etc/passwd"')
    names, warnings = named(tmp_path)
    assert names == {"kick.wav": "kick"}
    assert "may only include files inside" in warnings[0]
    assert "no document type of its own" in warnings[1]
    assert all(warning.endswith("its sounds keep the names of their files") for warning in warnings)


def test_many_missing_samples_are_one_warning(tmp_path):
    put(tmp_path, a_dot_sfz="".join(f"<region> sample={i}.wav\n" for i in range(30)))
    assert named(tmp_path)[1][0].endswith("12.wav is not there, and 25 more")
