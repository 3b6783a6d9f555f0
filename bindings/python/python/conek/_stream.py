"""The event stream as an asynchronous iterator."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ._conek import Event, Inbound
from ._errors import ClosedError


async def events(inbound: Inbound, after: str | None) -> AsyncIterator[Event]:
    """Every event behind `after`, and then each as it happens, until the engine is closed."""
    while True:
        try:
            page = await inbound.next_events(after)
        except ClosedError:
            return
        for event in page.events:
            yield event
            after = event.cursor
