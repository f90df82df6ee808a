"""Whoever waits for a job may go away before it ends: then nobody asks for its error, and the log must not complain."""

import asyncio
import gc
from typing import Any

from ghostnote.studio.jobs import Job, cancelled_error


def test_an_error_that_nobody_waits_for_any_more_is_not_logged() -> None:
    complaints: list[dict[str, Any]] = []

    async def go() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, told: complaints.append(told))
        job = Job("module:call", {}, on_cancel=lambda job: None)
        waiting = asyncio.create_task(job.result())
        await asyncio.sleep(0)
        waiting.cancel()  # as when the server stops while a page waits for its loop
        await asyncio.sleep(0)
        job.fail(cancelled_error())
        for _ in range(3):
            await asyncio.sleep(0)
        del job, waiting
        gc.collect()

    asyncio.run(go())
    assert not complaints
