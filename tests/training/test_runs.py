import json
import struct

import numpy as np
import pytest
import torch
from beats import SMALL_COMPOSER, SMALL_PERFORMER, groove, songs
from tensorboardX.proto.event_pb2 import Event
from torch import nn

from ghostnote.errors import InvalidInput, InvalidParameter, InvalidWeights
from ghostnote.groove import GrooveBatch
from ghostnote.training import train_composer
from ghostnote.training.chunks import collate_chunks
from ghostnote.training.composer import ComposerNetwork
from ghostnote.training.performer import PerformerNetwork
from ghostnote.training.recurrent import RecurrentNetwork
from ghostnote.training.reproductions import REPRODUCTIONS
from ghostnote.training.runs import Run, device, half_precision, on, read_weights, write_weights
from ghostnote.training.sequences import collate, to_sequence
from ghostnote.training.train_recurrent import _loss


def scalars_of(folder):
    """Return what TensorBoard would read: {name: [(step, value), …]}, out of files of length-prefixed records."""
    found = {}
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content, place = path.read_bytes(), 0
        while place < len(content):
            (size,) = struct.unpack_from("<Q", content, place)
            event = Event.FromString(content[place + 12 : place + 12 + size])
            place += 12 + size + 4
            for value in event.summary.value:
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_rows_go_to_tensorboard_as_they_go_to_the_log(tmp_path, capsys):
    run = Run(tmp_path)
    run.epoch, run.steps = 1, 40
    run.log(train=[3.0, 2.0], velocity_nats=3.5, note="no number")
    run.epoch, run.steps = 2, 80
    run.log(train=[2.5, 1.5], velocity_nats=3.25)
    found = scalars_of(tmp_path)
    assert found["velocity_nats"] == [(40, 3.5), (80, 3.25)]
    assert found["train/2"] == [(40, 2.0), (80, 1.5)]
    assert set(found) == {"epoch", "seconds", "train/1", "train/2", "velocity_nats"}
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert list(rows[1]) == ["epoch", "steps", "seconds", "train", "velocity_nats"]
    assert capsys.readouterr().out.count("\n") == 2


def test_a_resumed_run_goes_on_in_a_file_of_its_own(tmp_path):
    for step in (10, 20):
        run = Run(tmp_path)
        run.steps = step
        run.log(loss=1.0)
    assert len(list(tmp_path.glob("events*"))) == 2
    assert [step for step, _ in scalars_of(tmp_path)["loss"]] == [10, 20]


def test_progress_is_silent_unless_wanted(capsys):
    Run("unused").tell(0.5, "halfway")
    assert capsys.readouterr().err == ""


def test_a_loss_that_is_not_finite_stops_the_training(tmp_path):
    with pytest.raises(InvalidInput, match="held-out loss must be finite; got nan after epoch 0"):
        Run(tmp_path).keep_if_best(nn.Linear(1, 1), float("nan"))
    assert not list(tmp_path.iterdir())


def test_chance_goes_on_where_it_was(tmp_path):
    network = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(network.parameters())
    torch.manual_seed(5)
    Run(tmp_path).save_state(optimizer, network)
    expected = torch.rand(3)
    torch.manual_seed(6)
    assert Run(tmp_path).resume(optimizer, network)
    torch.testing.assert_close(torch.rand(3), expected)


def test_states_of_older_versions_without_generators_are_read(tmp_path, monkeypatch):
    network = nn.Linear(2, 2)
    optimizer = torch.optim.Adam(network.parameters())
    monkeypatch.setattr("ghostnote.training.runs._random_states", dict)
    run = Run(tmp_path)
    run.epoch = 3
    run.save_state(optimizer, network)
    again = Run(tmp_path)
    assert again.resume(optimizer, network)
    assert again.epoch == 3


def test_weights_of_another_network_are_refused(tmp_path):
    write_weights(nn.Linear(2, 2), tmp_path / "w.safetensors")
    with pytest.raises(InvalidWeights, match="must be those of this network"):
        read_weights(nn.Linear(3, 2), tmp_path / "w.safetensors")
    (tmp_path / "w.safetensors").write_bytes(b"no safetensors")
    with pytest.raises(InvalidWeights, match="must be those of this network"):
        read_weights(nn.Linear(2, 2), tmp_path / "w.safetensors")


def test_half_precision_weights_are_read_into_full(tmp_path):
    network = nn.Linear(2, 2)
    write_weights(nn.Linear(2, 2).half(), tmp_path / "w.safetensors")
    read_weights(network, tmp_path / "w.safetensors")
    assert network.weight.dtype == torch.float32


def test_device_can_be_chosen(monkeypatch):
    monkeypatch.delenv("GHOSTNOTE_DEVICE", raising=False)
    assert device().type == ("cuda" if torch.cuda.is_available() else "cpu")
    monkeypatch.setenv("GHOSTNOTE_DEVICE", "cpu")
    assert device() == torch.device("cpu")
    for name in ("abacus", "cuda:99"):
        monkeypatch.setenv("GHOSTNOTE_DEVICE", name)
        with pytest.raises(InvalidParameter, match=f"GHOSTNOTE_DEVICE must name a device .* got '{name}'"):
            device()


# Without a GPU, the device "meta" stands in for one: it computes shapes only, and refuses any tensor left behind on the
# processor, which is the mistake that a GPU would show.
META = torch.device("meta")


def test_what_the_performer_trains_on_follows_it_to_a_device():
    batch = on(collate([(to_sequence(groove(), 1), 0, 20)]), META)
    network = PerformerNetwork(SMALL_PERFORMER).to(META)
    heads = network(batch.features, batch.style, batch.heard, torch.zeros(1, 20, 1, device=META))
    assert {head.device.type for head in heads} == {"meta"}


def test_the_loss_of_the_composer_follows_it_to_a_device():
    song = songs(1)[0].on_16ths
    batch = on(collate_chunks([(song, 0)], 64, ["infill"], np.random.default_rng(0)), META)
    network = ComposerNetwork(SMALL_COMPOSER).to(META)
    parts = train_composer.loss_parts(network, batch)
    assert {parts.patterns.device.type, parts.guess.device.type, parts.kl.device.type} == {"meta"}


@pytest.mark.parametrize("name", ["seq2seq", "transfer"])
def test_the_loss_of_a_reproduction_follows_it_to_a_device(name):
    made = groove(bars=2)
    one = np.zeros(1, dtype=np.int64)
    arrays = (values[None] for values in (made.hits, made.velocities, made.offsets))
    windows = GrooveBatch(*arrays, np.array([120.0]), one, one, one)
    network = RecurrentNetwork(REPRODUCTIONS[name].config(windows)).to(META)
    assert _loss(network, windows, REPRODUCTIONS[name], None).device.type == "meta"


def test_a_tensor_left_behind_would_be_found():
    with pytest.raises(RuntimeError, match="device"):
        ComposerNetwork(SMALL_COMPOSER).to(META).guess(torch.zeros(1, 20))


@pytest.mark.parametrize(("capability", "dtype"), [("AVX512", torch.bfloat16), ("AVX2", torch.float32)])
def test_bfloat16_where_the_hardware_has_it(monkeypatch, capability, dtype):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    with half_precision(torch.device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype
