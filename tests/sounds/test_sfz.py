import pytest

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.sounds.sfz import read_sfz


def regions(folder, text, name="kit.sfz", **others):
    for other, content in others.items():
        (folder / f"{other}.sfz").write_text(content)
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return [(region.sample, region.label) for region in read_sfz(folder / name, folder)]


def test_samples_with_spaces_comments_and_inheritance(tmp_path):
    text = """
    // a kit
    <control> default_path=samples\\\\drums/
    <global> loop_mode=one_shot /* for
    all */
    <group> group_label=Big Kick key=36
    <region> sample=kick 01 hard.wav lovel=64 hivel=127
    <region> lovel=0 hivel=63 sample=kick 01 soft.wav
    <group> key=38
    <region> sample=sn.wav <region> sample=sn2.wav region_label=Rim Shot
    <region> sample=*silence
    <region> key=40
    """.replace("\\\\", "\\")
    assert regions(tmp_path, text) == [
        ("samples/drums/kick 01 hard.wav", "Big Kick"),
        ("samples/drums/kick 01 soft.wav", "Big Kick"),
        ("samples/drums/sn.wav", "snare"),
        ("samples/drums/sn2.wav", "Rim Shot"),
    ]


def test_a_key_names_a_drum_only_where_one_shots_are_played(tmp_path):
    assert regions(tmp_path, "<region> sample=a.wav key=36") == [("a.wav", None)]
    assert regions(tmp_path, "<region> sample=a.wav key=c2 loop_mode=one_shot") == [("a.wav", "kick")]
    assert regions(tmp_path, "<region> sample=a.wav lokey=36 hikey=40 loop_mode=one_shot") == [("a.wav", None)]
    assert regions(tmp_path, "<region> sample=a.wav lokey=46 hikey=46 loopmode=one_shot") == [("a.wav", "open hihat")]
    text = "<control> note_offset=12 <region> sample=a.wav key=26 loop_mode=one_shot"
    assert regions(tmp_path, text) == [("a.wav", "snare")]
    assert regions(tmp_path, "<region> sample=a.wav key=h9 loop_mode=one_shot") == [("a.wav", None)]


def test_defines_and_includes(tmp_path):
    text = '#define $DIR drums\n#define $EXT $DIR.wav\n#include "part.sfz"\n<region> sample=$DIR/b_$EXT'
    part = "<group> group_label=In $DIR\n<region> sample=$DIRECT/a.wav"
    assert regions(tmp_path, text, part=part) == [("drumsECT/a.wav", "In drums"), ("drums/b_drums.wav", "In drums")]


def test_text_of_any_encoding_is_read(tmp_path):
    assert regions(tmp_path, "\ufeff<region> sample=größe.wav".encode()) == [("größe.wav", None)]
    assert regions(tmp_path, b"<region> sample=gr\xf6\xdfe.wav") == [("gr��e.wav", None)]


def test_includes_stay_inside_the_folder(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.sfz").write_text("<region> sample=a.wav")
    (inside / "link.sfz").symlink_to(tmp_path / "secret.sfz")
    for path in ("../secret.sfz", "/etc/passwd", "..\\\\secret.sfz".replace("\\\\", "\\"), "link.sfz"):
        with pytest.raises(InvalidInput, match="may only include files inside"):
            regions(inside, f'#include "{path}"')
    for path in ("none.sfz", ".", "x" * 300):
        with pytest.raises(StorageError, match="can not be read"):
            regions(inside, f'#include "{path}"')


def test_includes_in_a_circle_end(tmp_path):
    with pytest.raises(InvalidInput, match="may include at most 32 files, 8 deep"):
        regions(tmp_path, '#include "a.sfz"', a='#include "kit.sfz"')
    with pytest.raises(InvalidInput, match="may include at most 32 files, 8 deep"):
        regions(tmp_path, '#include "a.sfz"\n' * 40, a="")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "#define $a " + "x" * 400 + "\n" + "$a" * 9_000 + "\n" * 3 + "$a" * 9_000 + "\n" + "$a" * 9_000,
            "by its variables",
        ),
        ("".join(f"#define $v{i} $v{i - 1}$v{i - 1}\n" for i in range(1_001)), "at most 1,000 variables"),
        ("<region> sample=a.wav " * 20_001, "at most 20,000 regions"),
        ("x" * (2 * 2**20 + 1), "at most 2 MiB"),
        (b"<region>\0", "must be text"),
    ],
)
def test_limits(tmp_path, text, message):
    with pytest.raises(InvalidInput, match=message):
        regions(tmp_path, text)


@pytest.mark.parametrize(
    "unit",
    [" ", "<", "/*", "//", "a", "a=", "<a", "<a>", "$", "$a", "sample=", "<region>", '#include "', "=", "\\", "\n"],
)
def test_any_text_is_read_or_refused_in_time_in_proportion(tmp_path, unit):
    # Where it were the square of the length, this would take minutes.
    text = unit * (400_000 // len(unit))
    if unit.startswith("#include"):
        with pytest.raises(StorageError, match="can not be read"):
            regions(tmp_path, text)
    else:
        assert len(regions(tmp_path, text)) <= 1


def test_doubling_variables_stay_short(tmp_path):
    text = "#define $v0 ab\n" + "".join(f"#define $v{i} $v{i - 1}$v{i - 1}\n" for i in range(1, 60))
    assert len(regions(tmp_path, f"{text}<region> sample=$v59")[0][0]) <= 500
