"""A study's routes: everybody has a key of one's own, answers count once, and nothing is judged that was not played."""

import json
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from asgi import CREDENTIAL, HOST, PORT, Answer, ask, ask_websocket
from fastapi import FastAPI
from study_process import TINY

from ghostnote.explore.heard import Candidate
from ghostnote.loops import Loop, pattern_of_text
from ghostnote.sounds.families import draw_sound
from ghostnote.studio.routes import study_participant as participants
from ghostnote.studio.security import HEADERS, Access
from ghostnote.studio.study_app import create_study_app
from ghostnote.studio.study_calls import use_study
from ghostnote.studio.study_site import Site
from ghostnote.studio.workers import ThreadWorkers
from ghostnote.study.running import Study

STRANGER = {"host": HOST}
OPERATOR = {"host": HOST, "cookie": f"ghostnote-operator-{PORT}={CREDENTIAL}"}
SOON = TINY.replace("least_seconds = 0.3", "least_seconds = 0").replace("pause_seconds = 1", "pause_seconds = 0")
FIXED = {
    "participant": "0" * 24,
    "token": "x",
    "trial": "trial-1",
    "which": "0",
    "name": "trial-1.wav",
    "path": "js/x.js",
}


class Engine:
    """Proposes by seed and number; learns nothing."""

    encoder_sha256 = "e" * 64

    def __init__(self, settings: Any, bank: Any, prior: Any = None) -> None:
        self.settings = settings

    def propose(self, heard: Any, controls: Any = None) -> Candidate:
        rng = np.random.default_rng([self.settings.seed, len(heard)])
        rows = ["x---x---x---x---", *("".join("x" if on else "-" for on in rng.random(16) < 0.4) for _ in range(3))]
        loop = Loop(pattern_of_text(*rows), tuple(draw_sound(np.random.default_rng(k)) for k in range(4)))
        return Candidate(loop, np.zeros(2, dtype=np.float32), 0.5, 0.5, "small")


class Person:
    """A participant's browser: it keeps its cookie."""

    def __init__(self, app: FastAPI, cookie: str | None = None) -> None:
        self.app = app
        self.headers = STRANGER | ({} if cookie is None else {"cookie": f"ghostnote-study-{PORT}={cookie}"})

    def get(self, path: str) -> Answer:
        return ask(self.app, "GET", path, self.headers)

    def post(self, path: str, body: Any) -> Answer:
        headers = self.headers | {"content-type": "application/json", "origin": f"http://{HOST}"}
        answer = ask(self.app, "POST", path, headers, json.dumps(body).encode())
        if cookie := answer.headers.get("set-cookie"):
            self.headers = self.headers | {"cookie": cookie.partition(";")[0]}
        return answer

    def join(self) -> "Person":
        site: Site = self.app.state.site
        assert self.post("/api/join", {"token": site.join_token}).status == 201
        return self

    def step(self) -> dict[str, Any]:
        step: dict[str, Any] = self.get("/api/study/step").json()["step"]
        return step

    def answer(self, trial: str, answer: dict[str, Any], key: str = "", played: float = 1.0, sounds: int = 1) -> Answer:
        times = {"seconds": 2.0, "played_seconds": [played] * sounds}
        body = {"trial": trial, "answer": answer, "key": key or f"key-{trial}", "times": times}
        return self.post("/api/study/answers", body)

    def go_to(self, until: str) -> dict[str, Any]:
        while (step := self.step())["id"] != until:
            for which in range(step["sounds"]):
                assert self.get(f"/api/study/sounds/{step['id']}/{which}").status == 200
            said = {
                "consent": {"agreed": True},
                "instructions": {"heard": True},
                "loop": {"liked": step["number"] % 2 == 1},
                "pause": {"text": "bass"},
                "survey": {"learned": 3},
            }[step["kind"]]
            assert self.answer(step["id"], said, sounds=step["sounds"]).status == 200
        return step


def app_of(path: Path, text: str) -> tuple[FastAPI, ThreadWorkers]:
    path.write_text(text)
    study = Study.open(path, make_engine=Engine)  # type: ignore[arg-type]
    use_study(study)
    workers = ThreadWorkers()
    return create_study_app(study, workers, Access(CREDENTIAL, PORT)), workers


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    app, workers = app_of(tmp_path / "tiny.toml", SOON)
    yield app
    workers.stop()


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[FastAPI]:
    """As `app`, where a loop must be listened to for a third of a second, and a pause lasts one."""
    app, workers = app_of(tmp_path / "slow.toml", TINY)
    yield app
    workers.stop()


def test_strangers_get_nothing_but_the_door(app: FastAPI) -> None:
    routers = [
        route.original_router for route in app.routes if hasattr(route, "original_router")
    ]  # as FastAPI has them
    routes = [route for router in routers for route in router.routes]
    found = [(method, route.path) for route in routes for method in sorted(route.methods)]
    assert len(found) > 14
    who = app.state.site.study.enrol()
    for method, path in found:
        target = re.sub(r"\{(\w+)(:path)?\}", lambda name: FIXED[name[1]], path)
        answer = ask(app, method, target, STRANGER)
        public = target in ("/api/meta",) or target.startswith("/js/")
        assert answer.status in ((200, 404) if public else (401, 404, 422)), (method, target)
        assert who.encode() not in answer.body
        assert {name.lower(): value for name, value in HEADERS.items()}.items() <= answer.headers.items()
        wrong = ask(app, method, target, {"host": "evil.example"})
        assert wrong.status == 421, (method, target)
        if method not in ("GET", "HEAD"):
            known = {"host": HOST, "cookie": f"ghostnote-study-{PORT}={who}", "origin": "https://evil.example"}
            assert ask(app, method, target, known).status == 403, (method, target)
    assert ask(app, "GET", "/api/nothing", STRANGER).status == 401
    assert ask_websocket(app, "/api/study/step")[0]["type"] == "websocket.close"


def test_keys_open_their_own_door_alone(app: FastAPI) -> None:
    who = app.state.site.study.enrol()
    assert ask(app, "GET", "/api/operator/progress", Person(app, who).headers).status == 401
    assert ask(app, "GET", "/api/study/step", OPERATOR).status == 401
    assert ask(app, "GET", "/api/study/step", Person(app, "0" * 24).headers).status == 401
    assert ask(app, "GET", "/api/study/step", Person(app, who[:-1]).headers).status == 401
    wrong = {"host": HOST, "cookie": f"ghostnote-operator-{PORT}={'d' * 43}"}
    assert ask(app, "GET", "/api/operator/progress", wrong).status == 401


def test_the_operators_token_is_good_once(app: FastAPI) -> None:
    token = app.state.site.access.token.text
    assert ask(app, "GET", "/operator?token=wrong", STRANGER).status == 401
    first = ask(app, "GET", f"/operator?token={token}", STRANGER)
    assert (first.status, first.headers["location"]) == (303, "/operator")
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "SameSite=strict" in first.headers["set-cookie"]
    assert ask(app, "GET", f"/operator?token={token}", STRANGER).status == 401
    assert ask(app, "GET", "/operator", OPERATOR).status == 200


def test_links_let_in(app: FastAPI) -> None:
    site: Site = app.state.site
    who = site.study.enrol()
    own = ask(app, "GET", f"/p/{who}", STRANGER)
    assert (own.status, own.headers["location"]) == (303, "/study")
    assert own.headers["set-cookie"].startswith(f"ghostnote-study-{PORT}={who}; HttpOnly")
    assert "SameSite=lax" in own.headers["set-cookie"]
    assert ask(app, "GET", f"/p/{'0' * 24}", STRANGER).status == 404

    link = f"/join/{site.join_token}"
    assert ask(app, "GET", link, STRANGER).status == 200
    assert len(site.study.participants()) == 1  # nobody is enrolled by looking
    assert ask(app, "GET", "/join/other", STRANGER).status == 404
    person = Person(app).join()
    assert len(site.study.participants()) == 2
    assert person.get(link).headers["location"] == "/study"  # the browser that comes back goes on
    person.join()
    assert len(site.study.participants()) == 2
    assert person.post("/api/join", {"token": "other"}).status == 404
    invited = ask(app, "POST", "/api/operator/participants", OPERATOR | {"origin": f"http://{HOST}"})
    assert (invited.status, invited.json()["link"][:3]) == (201, "/p/")


def test_two_at_once_never_see_each_others(app: FastAPI) -> None:
    ada, ben = Person(app).join(), Person(app).join()
    assert ada.get("/api/study/step").json()["mark"] != ben.get("/api/study/step").json()["mark"]
    ada.go_to("trial-2")
    assert ben.step()["id"] == "consent"
    assert ben.get("/api/study/sounds/trial-1/0").status == 422
    assert ben.answer("trial-2", {"liked": True}).status == 409
    ben.go_to("trial-2")
    hers, his = (person.get("/api/study/sounds/trial-1/0").body for person in (ada, ben))
    assert hers[:4] == b"RIFF"
    assert hers != his
    ada.go_to("thanks")
    assert ben.get("/api/study/result").status == 409
    best = ada.get("/api/study/result").json()["loops"]
    assert best
    assert ben.get(f"/api/study/loops/{best[0]}.wav").status == 409
    assert ada.get(f"/api/study/loops/{best[0]}.wav").body[:4] == b"RIFF"
    assert ada.get(f"/api/study/loops/{best[0]}.mid").body[:4] == b"MThd"
    disliked = next(f"trial-{n}" for n in range(1, 7) if f"trial-{n}" not in best)
    assert ada.get(f"/api/study/loops/{disliked}.wav").status == 404
    assert ada.get("/api/study/loops/..%2F..%2Ftiny.toml").status in (401, 404)


def everything_of(study: Study, who: str) -> list[Any]:
    store = study.store
    return [store.trials(who), store.answers(who), store.stimuli(who), store.events(who)]


def test_no_route_takes_or_tells_what_is_somebody_elses(app: FastAPI) -> None:
    ada, ben = Person(app).join(), Person(app).join()
    study: Study = app.state.site.study
    hers, his = study.participants()
    ada.go_to("thanks")
    ben.go_to("trial-3")
    kept = everything_of(study, his)
    router = next(r.original_router for r in app.routes if getattr(r, "original_router", None) is participants.router)
    found = [(method, route.path) for route in router.routes for method in sorted(route.methods)]
    assert len(found) == 7
    smuggled = {"participant": his, "id": his, "me": his}
    for method, path in found:
        target = re.sub(r"\{(\w+)\}", lambda name: FIXED[name[1]], path)
        plain = ask(app, method, target, ada.headers)
        query = "&".join(f"{name}={value}" for name, value in smuggled.items())
        named = {f"x-{name}": value for name, value in smuggled.items()} | {"authorization": f"Bearer {his}"}
        asked = ask(app, method, f"{target}?{query}", ada.headers | named)
        assert (asked.status, asked.body) == (plain.status, plain.body), "what it says of her does not hang on it"
        assert his.encode() not in asked.body
        if method == "POST":
            for body in (
                {"trial": "trial-3", "answer": {"liked": True}, "key": "k", **smuggled},
                {"trial": "trial-3", "kind": "left", **smuggled},
            ):
                assert ada.post(target, body).status == 422, "nothing but what is known is taken"
            assert ada.answer("trial-3", {"liked": True}, key="new").status == 409  # hers, answered long ago
            assert ada.post("/api/study/events", {"trial": "trial-3", "kind": "left"}).status == 204  # hers
    assert ada.get("/api/study/link").json() == {"link": f"/p/{hers}"}
    assert everything_of(study, his) == kept
    assert ben.step()["id"] == "trial-3"


def test_nothing_tells_the_arm(app: FastAPI) -> None:
    person = Person(app).join()
    told = [json.dumps(person.go_to(step)) for step in ("trial-1", "trial-3", "trial-5", "survey")]
    told.append(ask(app, "GET", "/api/operator/progress", OPERATOR).body.decode())
    for text in told:
        assert not re.search(r"\barm\b|trained|product|score|origin", text)
    (who,) = app.state.site.study.participants()
    assert all(who not in text for text in told)


def test_the_next_loop_is_imagined_while_this_one_plays(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    study: Study = app.state.site.study
    imagined: list[tuple[int, bool]] = []
    seen = threading.Event()

    def imagine(who: str, number: int, liked: bool) -> None:
        imagined.append((number, liked))
        Study.imagine(study, who, number, liked)
        if len(imagined) == 2:
            seen.set()

    monkeypatch.setattr(study, "imagine", imagine)
    person = Person(app).join()
    person.go_to("trial-1")
    assert person.step()["id"] == "trial-1"  # asked twice, imagined once
    assert seen.wait(20)
    (who,) = study.participants()
    assert list(study.store.stimuli(who)) == [1], "nothing is kept before it is answered"
    person.go_to("survey")
    assert imagined == [(1, True), (1, False)], "the likelier first, and not what comes after phase I"
    assert len(study.store.stimuli(who)) == 6


def test_play_comes_before_rating(slow: FastAPI) -> None:
    person = Person(slow).join()
    person.get("/api/study/step")
    for trial, answer in (("consent", {"agreed": True}), ("instructions", {"heard": True})):
        assert person.answer(trial, answer, sounds=0).status == 200
    person.step()
    claimed = person.answer("trial-1", {"liked": True}, played=9.0)  # a page that lies
    assert (claimed.status, claimed.kind) == (409, "Conflict")
    assert "must be played" in claimed.json()["error"]["message"]
    assert person.get("/api/study/sounds/trial-1/0").status == 200
    assert "must be listened to" in person.answer("trial-1", {"liked": True}, played=9.0).json()["error"]["message"]
    time.sleep(0.35)
    assert person.answer("trial-1", {"liked": True}, played=0.1).status == 422  # a page that is honest, and too quick
    assert person.answer("trial-1", {"liked": True}, played=0.4).status == 200


def test_an_answer_counts_once(app: FastAPI) -> None:
    person = Person(app).join()
    person.go_to("trial-1")
    person.get("/api/study/sounds/trial-1/0")
    assert [person.answer("trial-1", {"liked": True}, "k").status for _ in range(3)] == [200, 200, 200]
    assert person.answer("trial-1", {"liked": False}, "k").status == 409
    assert person.answer("trial-1", {"liked": True}, "another").status == 409
    assert person.step()["id"] == "trial-2"
    assert person.answer("trial-2", {"liked": "yes"}).status in (409, 422)
    assert person.post("/api/study/answers", {"trial": "trial-2"}).status == 422
    assert person.post("/api/study/events", {"trial": "trial-2", "kind": "shown"}).status == 204
    assert person.post("/api/study/events", {"trial": "trial-2", "kind": "x"}).status == 422
    huge = {"trial": "trial-2", "kind": "shown" + " " * 2**20}
    assert person.post("/api/study/events", huge).status == 413


def test_the_pause_lasts(slow: FastAPI) -> None:
    person = Person(slow).join()
    site: Site = slow.state.site
    (who,) = site.study.participants()
    while (step := person.step())["id"] != "pause":
        for which in range(step["sounds"]):
            person.get(f"/api/study/sounds/{step['id']}/{which}")
            time.sleep(0.31)
        said = {"consent": {"agreed": True}, "instructions": {"heard": True}, "loop": {"liked": True}}[step["kind"]]
        assert person.answer(step["id"], said, sounds=step["sounds"]).status == 200
    assert 0 < step["wait_seconds"] <= 1
    assert person.answer("pause", {"text": ""}, sounds=0).status == 409
    time.sleep(step["wait_seconds"] + 0.05)
    assert person.step()["wait_seconds"] == 0
    assert person.answer("pause", {"text": ""}, sounds=0).status == 200
    assert "pause" in site.study.store.answers(who)


def test_when_all_places_are_taken_it_says_so(tmp_path: Path) -> None:
    app, workers = app_of(tmp_path / "one.toml", SOON.replace("participants = 8", "participants = 1"))
    Person(app).join()
    late = Person(app).post("/api/join", {"token": app.state.site.join_token})
    assert (late.status, late.kind) == (409, "Conflict")
    workers.stop()
