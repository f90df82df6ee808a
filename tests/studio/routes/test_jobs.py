from pathlib import Path

from asgi import ask
from fastapi import FastAPI

from ghostnote.studio.app import Studio


def test_state_and_cancelling(app: FastAPI, studio: Studio, tmp_path: Path) -> None:
    job = studio.workers.submit("worker_calls:wait_for", {"path": str(tmp_path / "never")})
    assert ask(app, "GET", f"/api/jobs/{job.id}").json()["state"] in ("waiting", "running")
    assert ask(app, "DELETE", f"/api/jobs/{job.id}").status == 204
    told = ask(app, "GET", f"/api/jobs/{job.id}").json()
    assert (told["state"], told["error"]["kind"], "result" in told) == ("failed", "Cancelled", False)
    assert b'"Cancelled"' in ask(app, "GET", f"/api/jobs/{job.id}/events").body
    assert ask(app, "DELETE", f"/api/jobs/{job.id}").status == 204, "a second time changes nothing"


def test_result(app: FastAPI, studio: Studio) -> None:
    job = studio.workers.submit("ghostnote.studio.worker_process:echo", {"beats": [1]})
    job.wait(30)
    told = ask(app, "GET", f"/api/jobs/{job.id}").json()
    assert told == {"id": job.id, "state": "done", "done": 0, "total": 0, "result": {"beats": [1]}}


def test_unknown(app: FastAPI) -> None:
    for method, path in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
        answer = ask(app, method, f"/api/jobs/0123456789abcdef{path}")
        assert (answer.status, answer.kind) == (404, "NotFound")
