import shutil

import numpy as np
import pytest
import soundfile
from heard_loops import area_under_curve, audio_of, random_loop, sounds_and_bank, write_loop

from ghostnote.critic import load_encoder
from ghostnote.critic import warm_start as module
from ghostnote.critic.hearing import Hearing
from ghostnote.critic.saved import decode_critic, encode_critic
from ghostnote.critic.spectrum import HEARD_RATE_HZ
from ghostnote.critic.warm_start import hear_audio, warm_start
from ghostnote.errors import InvalidInput, InvalidParameter, StorageError

COUNT = 20


@pytest.fixture(scope="module")
def material():
    return sounds_and_bank(3, 40)


def drawn(sounds, seed, count):
    rng = np.random.default_rng(seed)
    return [
        random_loop(rng, sounds, density=float(rng.uniform(0.1, 0.8)), tempo_bpm=float(rng.choice([90, 120, 140])))
        for _ in range(count)
    ]


def deep(levels):
    power = 10.0**levels
    return power[:, :, :8].mean(axis=(1, 2))


@pytest.fixture(scope="module")
def folders(material, tmp_path_factory):
    """Folders of deep loops and of others, one to three bars long; and new loops of other sounds to be judged."""
    sounds, bank = material
    loops = drawn(sounds, 1, 4 * COUNT)
    order = np.argsort(deep(Hearing(bank).hear(loops)))
    place = tmp_path_factory.mktemp("audio")
    for name, chosen in (("like", order[-COUNT:]), ("dislike", order[:COUNT])):
        (place / name / "more").mkdir(parents=True)
        for number, index in enumerate(chosen):
            inside = place / name / ("more" if number % 2 else "")
            write_loop(inside / f"{number}.wav", loops[index], bank, repeats=1 + number % 3)
    return place


@pytest.fixture(scope="module")
def made(folders):
    """Critics of likes and dislikes, of likes alone, of dislikes alone."""
    like, dislike = [folders / "like"], [folders / "dislike"]
    return {"both": warm_start(like, dislike), "like": warm_start(like), "dislike": warm_start([], dislike)}


@pytest.fixture(scope="module")
def judged():
    """New loops of sounds that no critic here has met, as embeddings, and which of them are deep."""
    sounds, bank = sounds_and_bank(77, 40)
    levels = Hearing(bank).hear(drawn(sounds, 2, 150))
    value = deep(levels)
    return load_encoder().embed(levels), value > np.median(value)


@pytest.mark.parametrize(("given", "least"), [("both", 0.9), ("like", 0.7), ("dislike", 0.65)])
def test_it_knows_on_new_loops_what_was_liked(made, judged, given, least):
    """What is measured for deep, bright and dense loops is in docs/critic.md."""
    embeddings, good = judged
    assert area_under_curve(made[given].critic.score(embeddings), good) > least
    assert (made[given].bars_liked >= COUNT) is (given != "dislike")
    assert (made[given].bars_disliked >= COUNT) is (given != "like")
    assert not made[given].skipped
    assert ("stand for it" in " ".join(made[given].warnings)) is (given != "both")


def test_the_other_way_round_it_is_the_other_way_round(folders, judged):
    made = warm_start([folders / "dislike"], [folders / "like"])
    assert area_under_curve(made.critic.score(judged[0]), judged[1]) < 0.1


def test_the_same_audio_gives_the_same_critic(folders, made):
    again = warm_start([folders / "like"])
    assert encode_critic(again.critic) == encode_critic(made["like"].critic)


def test_it_can_be_saved_and_belongs_to_the_encoder(made):
    critic = made["both"].critic
    again = decode_critic(encode_critic(critic), encoder_sha256=load_encoder().sha256)
    assert np.array_equal(again.people[0].embeddings, critic.people[0].embeddings)


def test_random_loops_stand_for_the_other_side(made):
    [person] = made["like"].critic.people
    assert person.liked.sum() == made["like"].bars_liked == (~person.liked).sum()
    assert made["like"].bars_disliked == 0


def test_neither_side_comes_last(made):
    """A taste may drift: what was rated last would count for more."""
    [person] = made["both"].critic.people
    assert person.liked[: len(person.liked) // 2].mean() == pytest.approx(person.liked.mean(), abs=0.05)


def test_files_and_folders_are_the_same(folders):
    files = sorted((folders / "like").rglob("*.wav"))
    by_files, by_folder = hear_audio(files), hear_audio([folders / "like"])
    assert len(by_folder.files) == COUNT
    assert {file.path for file in by_files.files} == {file.path for file in by_folder.files}
    assert len(hear_audio([folders / "like", *files[:2]]).files) == COUNT


def test_broken_files_are_told_and_the_rest_goes_on(folders, made, tmp_path):
    shutil.copytree(folders / "like", tmp_path / "like")
    (tmp_path / "like" / "junk.wav").write_bytes(b"junk")
    (tmp_path / "like" / "empty.flac").write_bytes(b"")
    (tmp_path / "like" / "notes.txt").write_text("no audio")
    soundfile.write(tmp_path / "like" / "silence.wav", np.zeros(44_100), 44_100)
    (tmp_path / "like" / "gone.wav").symlink_to(tmp_path / "nowhere")
    found = warm_start([tmp_path / "like"], [folders / "dislike"])
    assert {path.rpartition("/")[2] for path in found.skipped} == {"junk.wav", "empty.flac", "silence.wav"}
    assert "must be WAV, FLAC" in found.skipped[str(tmp_path / "like" / "junk.wav")]
    assert any("gone.wav" in warning for warning in found.warnings)
    assert found.bars_liked == made["both"].bars_liked


def test_what_is_both_liked_and_disliked_says_nothing(folders, tmp_path):
    shutil.copytree(folders / "dislike", tmp_path / "dislike")
    first = min((folders / "like").glob("*.wav"))
    shutil.copy(first, tmp_path / "dislike" / "copy.wav")
    made = warm_start([folders / "like"], [tmp_path / "dislike"])
    assert set(made.skipped) == {str(first), str(tmp_path / "dislike" / "copy.wav")}
    with pytest.raises(InvalidInput, match="both liked and disliked"):
        warm_start([first], [first])


def test_copies_count_once(folders, tmp_path):
    first = min((folders / "like").glob("*.wav"))
    shutil.copy(first, tmp_path / "copy.wav")
    assert warm_start([first, tmp_path / "copy.wav"]).bars_liked == warm_start([first]).bars_liked


def test_nothing_usable_is_one_clear_error(tmp_path):
    with pytest.raises(InvalidParameter, match="got neither"):
        warm_start([])
    with pytest.raises(InvalidInput, match="got none"):
        warm_start([tmp_path])
    (tmp_path / "junk.wav").write_bytes(b"junk")
    with pytest.raises(InvalidInput, match=r"got none: .*junk\.wav must be WAV"):
        warm_start([tmp_path], [tmp_path / "junk.wav"])
    with pytest.raises(StorageError, match="nowhere"):
        warm_start([tmp_path / "nowhere"])


def test_a_loop_that_was_played_eight_times_is_one_bar(material, tmp_path):
    [loop] = drawn(material[0], 9, 1)
    soundfile.write(tmp_path / "loop.wav", audio_of(loop, material[1], 8), HEARD_RATE_HZ)
    assert len(hear_audio([tmp_path]).files[0].embeddings) == 8
    assert warm_start([tmp_path]).bars_liked == 1


def test_a_long_song_does_not_crowd_out_short_loops(material, tmp_path, monkeypatch):
    sounds, bank = material
    others = drawn(sounds, 9, 7)
    rng = np.random.default_rng(4)
    song = [audio_of(random_loop(rng, sounds), bank, 1) for _ in range(16)]
    soundfile.write(tmp_path / "song.wav", np.concatenate(song), HEARD_RATE_HZ)
    for number, loop in enumerate(others):
        write_loop(tmp_path / f"{number}.wav", loop, bank)
    assert warm_start([tmp_path]).bars_liked == 16 + 7
    monkeypatch.setattr(module, "MOST_BARS_PER_SIDE", 10)
    made = warm_start([tmp_path])
    assert made.bars_liked == 10
    heard = {file.path.name: file.embeddings for file in hear_audio([tmp_path]).files}
    [person] = made.critic.people
    for name, embeddings in heard.items():
        taken = (person.embeddings[person.liked][:, None] == embeddings[None]).all(axis=2).any(axis=1).sum()
        assert taken == (3 if name == "song.wav" else 1)


def test_a_session_that_begins_with_it_proposes_what_is_liked(made, material):
    """The first proposals of an engine, before any rating."""
    from ghostnote.explore.engine import Engine
    from ghostnote.explore.generators import RandomGrid
    from ghostnote.explore.search import SearchSettings

    sounds, bank = material
    prior = made["both"].critic
    generator = RandomGrid(sounds)
    rng = np.random.default_rng(0)
    usual = deep(Hearing(bank).hear([generator.draw(rng) for _ in range(60)]))
    settings = SearchSettings(candidates=120, explore=0.0)
    firsts = [
        Engine(generator, bank, settings=settings, seed=seed, prior=prior, pool=sounds).propose([]).loop
        for seed in range(4)
    ]
    assert np.median(deep(Hearing(bank).hear(firsts))) > np.quantile(usual, 0.7)
