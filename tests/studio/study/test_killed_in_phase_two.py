"""A study is killed in phase II, again and again, while two participants rate: nothing is lost, nothing doubled."""

import hashlib
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from study_process import TINY, StudyProcess

from ghostnote.study.running import Study

CYCLES, BETWEEN = 5, 3
"""So often it is killed, after so many answers each time."""

COLD = ("-c", "from ghostnote.studio import study_serving as s; s._WARM_UP = (); from ghostnote import cli; cli.main()")
"""Starts a study that loads nothing ahead: this one is started often, and proposes little."""

LONG = (
    TINY.replace("least_seconds = 0.3", "least_seconds = 0")
    .replace("pause_seconds = 1", "pause_seconds = 0")
    .replace("untrained = 2, trained = 2", "untrained = 6, trained = 6")
)


@dataclass
class Participant:
    """Somebody who answers as quickly as can be, and notes what was acknowledged."""

    server: StudyProcess
    likes: int
    id: str = ""
    sounds: dict[str, str] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)

    def client(self) -> httpx.Client:
        address = self.server.address
        cookies = {f"ghostnote-study-{self.server.port}": self.id} if self.id else None
        return httpx.Client(base_url=address, headers={"origin": address}, cookies=cookies, timeout=60)

    def join(self) -> None:
        with self.client() as client:
            token = self.server.join.rpartition("/")[2]
            assert client.post("/api/join", json={"token": token}).status_code == 201
            self.id = client.cookies[f"ghostnote-study-{self.server.port}"]

    def go_on(self, until: str = "survey") -> None:
        """Answer step after step; what the server can not say any more, since it was killed, is left open."""
        with self.client() as client:
            try:
                while (step := self.step(client))["id"] != until:
                    self.answer(client, step)
            except httpx.TransportError:
                return

    def step(self, client: httpx.Client) -> dict[str, Any]:
        while (told := client.get("/api/study/step").json())["waiting"]:
            pass
        step: dict[str, Any] = told["step"]
        return step

    def answer(self, client: httpx.Client, step: dict[str, Any]) -> None:
        name = step["id"]
        for which in range(step["sounds"]):
            heard = hashlib.sha256(client.get(f"/api/study/sounds/{name}/{which}").content).hexdigest()
            assert self.sounds.setdefault(name, heard) == heard, "another loop in this place"
        said = {
            "consent": {"agreed": True},
            "instructions": {"heard": True},
            "loop": {"liked": step["number"] % 3 == self.likes},
            "pause": {"text": ""},
        }[step["kind"]]
        times = {"played_seconds": [1.0] * step["sounds"]}
        body = self.sent.setdefault(name, {"trial": name, "answer": said, "key": f"key-{name}", "times": times})
        told = client.post("/api/study/answers", json=body)
        assert told.status_code == 200, told.text
        self.acknowledged.append(name)

    def send_again(self) -> None:
        """As the page does, which can not know whether what it sent last had arrived."""
        with self.client() as client:
            for body in list(self.sent.values())[-2:]:
                told = client.post("/api/study/answers", json=body)
                assert told.status_code == 200, told.text


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StudyProcess]:
    path = tmp_path / "tiny.toml"
    path.write_text(LONG)
    server = StudyProcess(path, program=COLD)
    server.start()
    yield server
    server.kill()


def test_a_killed_study_lost_nothing(server: StudyProcess) -> None:
    people = [Participant(server, likes) for likes in (0, 1)]
    for person in people:
        person.join()
        person.go_on(until="trial-3")
    study = Study.open(server.path)
    order = {person.id: study.store.trials(person.id) for person in people}
    loops = {person.id: study.store.stimuli(person.id) for person in people}
    assert all(sorted(found) == list(range(1, 15)) for found in loops.values()), "phase II is fixed as it begins"

    chance = random.Random(6)
    for _ in range(CYCLES):
        done = sum(len(person.acknowledged) for person in people)
        threads = [threading.Thread(target=person.go_on) for person in people]
        for thread in threads:
            thread.start()
        while sum(len(person.acknowledged) for person in people) < done + BETWEEN:
            assert any(thread.is_alive() for thread in threads), "nobody could go on"
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.05))
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        for person in people:
            kept = study.store.answers(person.id)
            assert set(person.acknowledged) <= set(kept)
            assert set(kept) <= set(person.sent), "at most the one whose acknowledgement did not arrive any more"
            person.send_again()
    for person in people:
        person.go_on()

    assert study.participants() == tuple(person.id for person in people)
    for person in people:
        assert study.store.trials(person.id) == order[person.id]
        assert study.store.stimuli(person.id) == loops[person.id]
        answers = study.store.answers(person.id)
        assert [row.value for row in answers.values()] == [body["answer"] for body in person.sent.values()]
        assert [row.key for row in answers.values()] == [body["key"] for body in person.sent.values()]
    assert sum(len(person.acknowledged) for person in people) >= CYCLES * BETWEEN
