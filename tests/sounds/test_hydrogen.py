import pytest

from ghostnote.errors import InvalidInput, StorageError
from ghostnote.sounds.hydrogen import read_drumkit

LAYER = "<layer><filename>{}</filename><min>0</min><max>{}</max></layer>"


def kit(instruments, *, name="<name>Small Kit</name>", head="", licence="<license>CC0</license>", root="drumkit_info"):
    return f"<?xml version='1.0'?>{head}<{root}>{name}{licence}<instrumentList>{instruments}</instrumentList></{root}>"


def instrument(name, inner):
    return f"<instrument><name>{name}</name>{inner}</instrument>"


def stored(folder, text):
    path = folder / "drumkit.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_layers_go_from_soft_to_loud_in_every_generation_of_the_format(tmp_path):
    layers = LAYER.format("hard.wav", 1.0) + LAYER.format("soft.wav", 0.3) + LAYER.format("mid.wav", 0.7)
    old = instrument("Kick", "<filename>kick.wav</filename>")
    middle = instrument("Snare", layers)
    new = instrument("Hat", f"<instrumentComponent><component_id>0</component_id>{layers}</instrumentComponent>")
    read = read_drumkit(stored(tmp_path, kit(old + middle + new)))
    assert (read.name, read.licence) == ("Small Kit", "CC0")
    assert [(one.name, one.samples) for one in read.instruments] == [
        ("Kick", ("kick.wav",)),
        ("Snare", ("soft.wav", "mid.wav", "hard.wav")),
        ("Hat", ("soft.wav", "mid.wav", "hard.wav")),
    ]


def test_namespaces_do_not_matter(tmp_path):
    text = kit(instrument("Kick", "<filename>kick.wav</filename>"))
    text = text.replace("<drumkit_info>", '<drumkit_info xmlns="http://www.hydrogen-music.org/drumkit">')
    assert read_drumkit(stored(tmp_path, text)).instruments[0].samples == ("kick.wav",)


def test_unused_instruments_are_left_out_and_numbers_are_no_names(tmp_path):
    text = kit(
        instrument("17", "<filename>emptySample.flac</filename>")
        + instrument("18", "")
        + instrument("19", "<filename>cowbell.wav</filename>")
        + instrument("Odd", LAYER.format("odd.wav", "loud"))
    )
    assert [(one.name, one.samples) for one in read_drumkit(stored(tmp_path, text)).instruments] == [
        ("cowbell", ("cowbell.wav",)),
        ("Odd", ("odd.wav",)),
    ]


def test_what_is_not_said_is_not_made_up(tmp_path):
    folder = tmp_path / "My Kit"
    folder.mkdir()
    read = read_drumkit(stored(folder, kit("", name="", licence="")))
    assert (read.name, read.licence, read.instruments) == ("My Kit", None, ())


def test_markup_in_texts_is_taken_out(tmp_path):
    licence = "<license>&lt;!DOCTYPE HTML>&lt;p>CC-BY&lt;/p>\n\x1f</license>".replace("\x1f", "")
    assert read_drumkit(stored(tmp_path, kit("", licence=licence))).licence == "CC-BY"


BILLION_LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
EXTERNAL = '<!DOCTYPE kit [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BILLION_LAUGHS, EXTERNAL, "<!DOCTYPE drumkit_info>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_before_any_entity_is_expanded(tmp_path, head, encoding):
    text = kit("", name="<name>&c;&secret;</name>", head=head)
    if encoding == "utf-16":
        text = text.replace("<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-16'?>")
    with pytest.raises(InvalidInput, match="must have no document type of its own"):
        read_drumkit(stored(tmp_path, text.encode(encoding)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be XML; no element found"),
        ("hello", "must be XML; syntax error"),
        ("<drumkit_info><name>", "must be XML"),
        ("<drumkit_info><name>&undeclared;</name></drumkit_info>", "must be XML; undefined entity"),
        (b"<?xml version='1.0' encoding='martian'?><drumkit_info/>", "must be XML"),
        (b"<drumkit_info>\xff\xfe</drumkit_info>", "must be XML"),
        ("<song/>", "must be a drumkit of Hydrogen; its outermost element is 'song'"),
        (" " * (2 * 2**20 + 1), "must be at most 2 MiB"),
    ],
)
def test_what_is_no_drumkit_is_refused(tmp_path, text, message):
    with pytest.raises(InvalidInput, match=message):
        read_drumkit(stored(tmp_path, text))


def test_deep_nesting_is_no_crash(tmp_path):
    text = "<drumkit_info>" + "<a>" * 200_000 + "</a>" * 200_000 + "</drumkit_info>"
    assert read_drumkit(stored(tmp_path, text)).instruments == ()


def test_missing_file_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="No such file"):
        read_drumkit(tmp_path / "drumkit.xml")
