import base64
import json
import os

import numpy as np
import pytest

from ghostnote.critic.saved import (
    MOST_BYTES,
    Experience,
    SavedCritic,
    combine_critics,
    decode_critic,
    encode_critic,
    read_critic,
    write_critic,
)
from ghostnote.critic.taste import fit_taste
from ghostnote.errors import InvalidInput, InvalidParameter, StorageError

ENCODER = "ab" * 32


def experience(seed=0, count=12, values=8):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, values)).astype(np.float32)
    return Experience(x, x[:, seed % values] > 0)


def critic(*seeds, **settings):
    return SavedCritic(ENCODER, tuple(experience(seed, **settings) for seed in seeds or (0,)))


def same(one, other):
    assert one.encoder_sha256 == other.encoder_sha256
    assert len(one.people) == len(other.people)
    for a, b in zip(one.people, other.people, strict=True):
        assert np.array_equal(a.embeddings, b.embeddings)
        assert np.array_equal(a.liked, b.liked)


NEW = np.random.default_rng(99).standard_normal((30, 8)).astype(np.float32)


@pytest.mark.parametrize("seeds", [(0,), (1, 2, 3)])
def test_round_trip(tmp_path, seeds):
    made = critic(*seeds)
    same(decode_critic(encode_critic(made)), made)
    write_critic(made, tmp_path / "my.critic")
    read = read_critic(tmp_path / "my.critic", encoder_sha256=ENCODER)
    same(read, made)
    assert np.array_equal(read.score(NEW), made.score(NEW))


def test_a_person_without_ratings_is_kept():
    made = critic(0, count=0)
    same(decode_critic(encode_critic(made)), made)
    assert np.isfinite(made.score(NEW)).all()


def test_it_scores_as_the_taste_that_it_holds():
    person = experience(4)
    wanted = fit_taste(person.embeddings, person.liked).judge(NEW).scores
    assert np.allclose(SavedCritic(ENCODER, (person,)).score(NEW), wanted, atol=1e-9)


def test_logits_are_those_of_the_score_and_never_certain():
    made = critic(0)
    assert np.allclose(1 / (1 + np.exp(-made.logits(NEW))), np.clip(made.score(NEW), 0.02, 0.98))
    assert np.abs(made.logits(1000 * NEW)).max() <= np.log(0.98 / 0.02) + 1e-9


def test_combined_is_the_mean_of_all_people():
    one, two = critic(0), critic(1, 2)
    both = combine_critics([one, two])
    assert np.allclose(both.score(NEW), (one.score(NEW) + 2 * two.score(NEW)) / 3)
    same(combine_critics([one]), one)
    same(decode_critic(encode_critic(both)), both)


def test_what_can_not_be_combined():
    with pytest.raises(InvalidParameter, match="at least one"):
        combine_critics([])
    with pytest.raises(InvalidParameter, match="one encoder"):
        combine_critics([critic(0), SavedCritic("cd" * 32, (experience(),))])
    with pytest.raises(InvalidParameter, match="as many values"):
        combine_critics([critic(0), critic(0, values=6)])


def test_another_encoder_is_refused(tmp_path):
    write_critic(critic(0), tmp_path / "my.critic")
    with pytest.raises(InvalidInput, match="another encoder"):
        read_critic(tmp_path / "my.critic", encoder_sha256="cd" * 32)


def test_it_is_not_written_over_unless_asked(tmp_path):
    write_critic(critic(0), tmp_path / "my.critic")
    with pytest.raises(StorageError):
        write_critic(critic(1), tmp_path / "my.critic")
    same(read_critic(tmp_path / "my.critic"), critic(0))
    write_critic(critic(1), tmp_path / "my.critic", overwrite=True)
    same(read_critic(tmp_path / "my.critic"), critic(1))


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StorageError, match="must be a file"):
        read_critic(tmp_path / "pipe")


def test_it_is_not_there(tmp_path):
    with pytest.raises(StorageError, match="can not be read"):
        read_critic(tmp_path / "none.critic")
    with pytest.raises(StorageError):
        write_critic(critic(0), tmp_path / "no folder" / "my.critic")


def changed(**fields):
    return json.dumps({**json.loads(encode_critic(critic(0))), **fields}).encode()


def one_person(**fields):
    [person] = json.loads(encode_critic(critic(0)))["people"]
    return changed(people=[{**person, **fields}])


def floats(*values):
    return base64.b64encode(np.array(values, "<f4").tobytes()).decode()


HOSTILE = {
    "empty": b"",
    "no JSON": b"\x00\x01\x02",
    "not UTF-8": b'{"ghostnote_critic": "\xff"}',
    "a list": b"[]",
    "a number": b"1e999",
    "deep": b"[" * 100_000,
    "cut": encode_critic(critic(0))[:200],
    "of a newer version": changed(ghostnote_critic=2),
    "version true": changed(ghostnote_critic=[1]),
    "nobody": changed(people=[]),
    "people a text": changed(people="abc"),
    "people a number": changed(people=5),
    "person null": changed(people=[None]),
    "no encoder": json.dumps({k: v for k, v in json.loads(changed()).items() if k != "encoder"}).encode(),
    "values 0": changed(values=0),
    "values negative": changed(values=-1),
    "values huge": changed(values=10**30),
    "values a list": changed(values=[8]),
    "values infinite": changed(values=float("inf")),
    "values of another length": changed(values=7),
    "liked of another length": one_person(liked="01"),
    "liked with letters": one_person(liked="x" * 12),
    "liked a list": one_person(liked=[1] * 12),
    "embeddings a number": one_person(embeddings=3),
    "embeddings no base64": one_person(embeddings="*" * 16),
    "embeddings not ASCII": one_person(embeddings="é" * 16),
    "embeddings cut": one_person(embeddings=floats(*range(96))[:-5]),
    "embeddings of odd length": one_person(embeddings=base64.b64encode(b"abc").decode()),
    "NaN": one_person(embeddings=floats(*[np.nan] * 96)),
    "infinity": one_person(embeddings=floats(*[np.inf] * 96)),
    "far beyond any embedding": one_person(embeddings=floats(*[3e38] * 96)),
    "huge number": b'{"ghostnote_critic": 1, "values": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_content_is_one_clear_error(name, tmp_path):
    (tmp_path / "my.critic").write_bytes(HOSTILE[name])
    with pytest.raises(InvalidInput, match=r"my\.critic"):
        read_critic(tmp_path / "my.critic")


def test_too_large_a_file_is_not_read(tmp_path):
    with (tmp_path / "my.critic").open("wb") as stream:
        stream.truncate(MOST_BYTES * 100)
    with pytest.raises(InvalidInput, match="at most 64 MiB"):
        read_critic(tmp_path / "my.critic")


def test_the_largest_numbers_that_are_taken_are_scored():
    x = np.outer([1e3, -1e3, 0.0], np.ones(8)).astype(np.float32)
    made = SavedCritic(ENCODER, (Experience(x, np.array([True, False, True])),))
    scores = decode_critic(encode_critic(made)).score(np.concatenate([NEW, x]))
    assert ((scores >= 0) & (scores <= 1)).all()


def test_wrong_experiences():
    with pytest.raises(InvalidParameter, match="one liked for each"):
        Experience(np.zeros((3, 4), np.float32), np.zeros(2, bool))
    with pytest.raises(InvalidParameter, match="at least one person"):
        SavedCritic(ENCODER, ())
