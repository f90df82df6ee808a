"""Makes `played` importable from the folders below as well, and keeps linear algebra to one thread."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """On busy cores several threads wait for each other many times longer than they work."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        yield  # it comes with scikit-learn, and is a matter of speed alone
    else:
        with threadpool_limits(1):
            yield
