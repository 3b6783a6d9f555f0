"""Changing a frozen record: `copy.replace` for every Python that conek runs on."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar


class _Record(Protocol):
    def __replace__(self, **changes: Any) -> Any: ...


R = TypeVar("R", bound=_Record)


def replace(record: R, /, **changes: Any) -> R:
    """The same record with other values for the fields named."""
    changed: R = record.__replace__(**changes)
    return changed
