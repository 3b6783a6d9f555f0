from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, final

from typing_extensions import Self

from ._enums import (
# ENUMS
)
from ._ports import ConsentPolicy, KeyProvider, Storage, Transport

async def open(
    config: Config,
    *,
    storage: Storage | None = None,
    transport: Transport | None = None,
    policies: Sequence[ConsentPolicy] = ...,
    keys: KeyProvider | None = None,
    clock: VirtualClock | None = None,
) -> Engine:
    """
    Opens an engine. Whatever port is left out is conek's own.

    Must be awaited on the event loop on which the host's ports are to run. An engine is also an
    asynchronous context manager that closes itself.
    """
    ...

def describe_error(kind: str, fields: Mapping[str, Any]) -> tuple[str, str, str]:
    """The stable code, the retry and the text of an error."""
    ...

async def check_storage(storage: Storage) -> Report:
    """
    Runs the storages' suite on a storage of the host's.

    Its records stay behind, each case's in an account of its own.
    """
    ...

async def check_transport(
    transport: Transport,
    sender: str,
    *,
    accepting: bool = False,
    webhook: WebhookRequest | None = None,
    updates: int = 0,
) -> Report:
    """
    Runs the transports' suite on a transport of the host's.

    `sender` is a phone number id that it may send from. `accepting` says that a stand-in which
    accepts every message is at the other end, never WhatsApp itself; otherwise nothing may be there.
    With a signed `webhook` of so many `updates`, reading is checked as well.
    """
    ...

async def check_policy(policy: ConsentPolicy) -> Report:
    """Runs the rules' suite on a rule of the host's."""
    ...

async def check_keys(keys: KeyProvider) -> Report:
    """Runs the key providers' suite on one of the host's."""
    ...

def parse_webhook(body: bytes) -> Parsed:
    """Reads a webhook's body as conek's own transport does: for the `parse` of a transport that a test wrote."""
    ...

async def fail(code: str) -> None:
    """Raises the error of this code."""
    ...

async def panic(spawned: bool) -> None:
    """Panics, in the engine's thread or the event loop's."""
    ...

@final
class VirtualClock:
    """A clock that a test drives: frozen, at any speed, or moved by hand."""
    @staticmethod
    def at(start: datetime) -> VirtualClock:
        """A frozen clock that shows `start`."""
        ...
    def now(self) -> datetime:
        """What it shows."""
        ...
    def advance_ms(self, ms: int) -> None:
        """Moves it forward."""
        ...
    def advance_to(self, at: datetime) -> None:
        """Moves it to `at`; a moment in the past leaves it where it is."""
        ...
    def set_speed(self, speed: float) -> None:
        """Lets `speed` seconds pass for each real one; 0 freezes it."""
        ...
    def next_wake(self) -> datetime | None:
        """The earliest moment somebody waits for, if anybody does."""
        ...
