from asgi import ask
from fastapi import FastAPI

import ghostnote as gn


def test_what_the_studio_has(app: FastAPI) -> None:
    told = ask(app, "GET", "/api/meta").json()
    assert told["version"] == gn.__version__
    assert [voice["name"] for voice in told["voices"]] == list(gn.VOICES)
    assert [voice["column"] for voice in told["voices"]] == list(range(9))
    assert told["voices"][2]["label"] == "Closed hi-hat"
    assert [kit["name"] for kit in told["kits"]] == list(gn.kit_names())
    assert all(kit["description"] for kit in told["kits"])
    assert told["drum_maps"] == list(gn.drum_maps())
    assert {"funk", "rock", "jazz"} <= set(told["styles"])
    assert len(told["families"]) == 18
    assert told["limits"]["midi_bytes"] == 5 * 2**20
    assert told["synthesis_rate_hz"] == 44_100


def test_the_description_for_programs(app: FastAPI) -> None:
    told = ask(app, "GET", "/api/openapi.json").json()
    assert {"/api/meta", "/api/jobs/{id}", "/api/downloads/{id}/{name}"} <= set(told["paths"])
    for path, methods in told["paths"].items():
        for method, route in methods.items():
            assert route.get("description") or route.get("summary"), f"{method} {path} is not described"
