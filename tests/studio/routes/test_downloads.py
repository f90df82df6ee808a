import pytest
from asgi import ask
from fastapi import FastAPI

from ghostnote.studio.app import Studio
from ghostnote.studio.places import download_url


def test_files_are_attachments(app: FastAPI, studio: Studio) -> None:
    id, path = studio.places.new_download('Grüße "x" <b>.html')
    path.write_bytes(b"<script>")
    answer = ask(app, "GET", download_url(id, path))
    assert (answer.status, answer.body) == (200, b"<script>")
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "trick",
    [
        "{id}/..%2f..%2fcredential",
        "{id}/%2e%2e%2f%2e%2e%2fcredential",
        "../credential",
        "..%2f../credential",
        "{id}/../../credential",
        "{id}//credential",
        "{id}/%2fetc%2fpasswd",
        "{id}/loop.wav%00",
        "{id}/loop.wav%00.txt",
        "{id}/..%5c..%5ccredential",
        "{id}/.",
        "{id}/",
        "{id}",
        "{id}%00/loop.wav",
        "0123456789abcdef/loop.wav",
    ],
)
def test_nothing_else_is_given(app: FastAPI, studio: Studio, trick: str) -> None:
    id, path = studio.places.new_download("loop.wav")
    path.write_bytes(b"RIFF")
    (studio.home / "credential").write_text("secret")
    answer = ask(app, "GET", f"/api/downloads/{trick.format(id=id)}")
    assert (answer.status, answer.kind) == (404, "NotFound")
