from __future__ import annotations

import numpy as np
import pytest

from ghostnote.audio.room import Room, impulse_response, in_room


def test_impulse_response_has_unit_energy_and_waits_for_the_first_wall() -> None:
    response = impulse_response(Room(decay_seconds=0.3, first_seconds=0.005), 44_100)
    assert np.sum(response**2, axis=0).mean() == pytest.approx(1.0, rel=0.35)
    assert np.sum(response[:100] ** 2) < 0.02 * np.sum(response**2)
    assert abs(np.corrcoef(response.T)[0, 1]) < 0.3


def test_in_room_agrees_with_direct_convolution() -> None:
    room = Room(decay_seconds=0.05)
    sound = np.random.default_rng(0).standard_normal(700).astype(np.float32)
    response = impulse_response(room, 8_000)
    slow = np.stack([np.convolve(sound, response[:, side]) for side in (0, 1)], axis=1)
    fast = in_room(sound, room, 8_000)
    assert fast.shape == slow.shape
    np.testing.assert_allclose(fast, slow, atol=2e-5)
