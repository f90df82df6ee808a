"""Beats for the tests of the groove routes, and how one waits for their jobs."""

import json
from typing import Any

from asgi import KNOWN, Answer, App, ask

from ghostnote.studio.app import Studio
from ghostnote.studio.groove_bodies import BeatAnswer, NoteAnswer

JSON = KNOWN | {"content-type": "application/json"}
RAW = KNOWN | {"content-type": "application/octet-stream"}


def post(app: App, target: str, body: object) -> Answer:
    return ask(app, "POST", target, JSON, json.dumps(body).encode())


def made(app: App, target: str, body: object) -> dict[str, Any]:
    """Return the beat that a POST makes."""
    answer = post(app, target, body)
    assert answer.status == 201, answer.body
    beat: dict[str, Any] = answer.json()
    check_shape(beat)
    return beat


def done(studio: Studio, answer: Answer) -> Any:
    """Return the result of the job that was started."""
    assert answer.status == 202, answer.body
    return studio.workers.job(answer.json()["job"]).wait(60)


def takes(studio: Studio, app: App, task: str, body: object) -> list[dict[str, Any]]:
    """Return the beats of a task."""
    beats: list[dict[str, Any]] = done(studio, post(app, f"/api/tasks/{task}", body))["beats"]
    for beat in beats:
        check_shape(beat)
    return beats


def backbeat(app: App, bars: int = 1, **more: object) -> dict[str, Any]:
    """Return a programmed beat."""
    rows = {"kick": "x-------x-x-----", "snare": "----x-------x---", "closed_hihat": "x-x-x-x-x-x-x-x-"}
    body = {"bars": bars, "rows": [{"voice": voice, "hits": hits * bars} for voice, hits in rows.items()]}
    return made(app, "/api/beats/pattern", body | more)


def check_shape(beat: dict[str, Any]) -> None:
    """Assert that a beat is what the published description says, and nothing more."""
    shape = BeatAnswer.model_validate(beat)
    assert set(beat) <= set(BeatAnswer.model_fields)
    assert all(set(note) == set(NoteAnswer.model_fields) for note in beat["notes"])
    assert len({len(values) for values in shape.grid.model_dump().values()}) == 1
