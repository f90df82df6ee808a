"""Serving a study: from this machine, to its own browsers or, with the links as keys, to those of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI

from ghostnote.errors import InvalidParameter
from ghostnote.studio.places import read_credential
from ghostnote.studio.security import Access, is_loopback
from ghostnote.studio.serving import Bound, serve_app
from ghostnote.studio.study_app import create_study_app
from ghostnote.studio.workers import ProcessWorkers, Workers
from ghostnote.study.opening import data_folder
from ghostnote.study.running import Study

DEFAULT_PORT = 4848
_WARM_UP = ("ghostnote.studio.study_calls:warm_up",)
_ANY = ("0.0.0.0", "::")


@dataclass(frozen=True)
class ServedStudy:
    """A study that is ready to be served.

    Args:
        app: of its pages.
        workers: who propose.
        access: credential and token of the operator.
        bound: where it listens.
    """

    app: FastAPI
    workers: Workers
    access: Access
    bound: Bound

    @property
    def operator_address(self) -> str:
        """Address of the operator's page; good once."""
        return f"{self.bound.address}operator?token={self.access.token.text}"

    @property
    def join_address(self) -> str:
        """Address to give to participants."""
        names = sorted(name for name in self.access.names if ":" in name) or sorted(self.access.names)
        base = f"http://{self._with_port(names[0])}/" if names else self.bound.address
        return f"{base}join/{self.app.state.site.join_token}"

    def _with_port(self, name: str) -> str:
        return name if ":" in name.rpartition("]")[2] else f"{name}:{self.bound.port}"


def open_served(study: Study, bound: Bound, names: frozenset[str] = frozenset()) -> ServedStudy:
    """Return a study, to be served on a socket.

    Raises:
        InvalidParameter: other machines can reach it, and it is not said under which name.
        StorageError: the study's folder can not be used.
    """
    if bound.host in _ANY and not names:
        raise InvalidParameter(
            f"host {bound.host} listens to everybody; give --name HOST, the name or address that is in the links"
        )
    if not is_loopback(bound.host) and bound.host not in _ANY:
        names |= {f"[{bound.host}]" if ":" in bound.host else bound.host}
    access = Access(read_credential(data_folder(study.path)), bound.port, names=names)
    workers = ProcessWorkers(warm_up=_WARM_UP)
    return ServedStudy(create_study_app(study, workers, access), workers, access, bound)


def serve_study(served: ServedStudy, on_ready: Callable[[], None]) -> None:
    """Serve until a signal asks for the end; leaves no process behind.

    Args:
        served: the study.
        on_ready: called once it answers.

    Raises:
        StorageError: it did not start; the log tells why.
    """
    serve_app(served.app, served.workers, served.bound, on_ready)
