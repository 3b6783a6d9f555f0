# Generated from conek-core by `cargo run -p conek-codegen`. Do not edit.
"""Exceptions: one class for each kind of error."""

from __future__ import annotations

from typing import Any, ClassVar

from . import _conek
from ._enums import Retry, StorageFault


class ConekError(Exception):
    """
    Every error that conek raises.

    `code` is stable and meant for programs; the text is for people and carries no personal data.
    """

    code: str
    """The stable code."""
    retry: Retry
    """Whether calling again can help."""
    _kind: ClassVar[str] = "Internal"

    def __init__(self, **fields: Any) -> None:
        code, retry, text = _conek.describe_error(self._kind, fields)
        self._fields = fields
        self.code = code
        self.retry = Retry(retry)
        super().__init__(text)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(self._fields.values())


class InvalidInputError(ConekError):
    """A value does not fit. `field` names it, `detail` says what would fit."""

    _kind = "InvalidInput"
    field: str
    """The parameter, record field or column."""
    detail: str
    """What is wrong and what would be right."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(field=field, detail=detail)
        self.field = field
        self.detail = detail


class NotFoundError(ConekError):
    """There is no such thing."""

    _kind = "NotFound"
    what: str
    """The kind of thing."""
    id: str
    """The id that was asked for."""

    def __init__(self, what: str, id: str) -> None:
        super().__init__(what=what, id=id)
        self.what = what
        self.id = id


class ConflictError(ConekError):
    """The thing changed meanwhile, or exists already in another form."""

    _kind = "Conflict"
    what: str
    """The kind of thing."""
    detail: str
    """What it collided with."""

    def __init__(self, what: str, detail: str) -> None:
        super().__init__(what=what, detail=detail)
        self.what = what
        self.detail = detail


class DeniedError(ConekError):
    """The gate says no. `reasons` are the stable codes."""

    _kind = "Denied"
    id: str
    """The id under which the decision is kept; `policy.explain` takes it."""
    reasons: list[str]
    """Reason codes, the strongest first."""
    detail: str
    """The reasons in plain words with their provisions."""

    def __init__(self, id: str, reasons: list[str], detail: str) -> None:
        super().__init__(id=id, reasons=reasons, detail=detail)
        self.id = id
        self.reasons = reasons
        self.detail = detail


class ForbiddenError(ConekError):
    """The caller may not do this: their session lacks the scope."""

    _kind = "Forbidden"
    operation: str
    """The operation."""
    scope: str
    """The scope that it needs."""

    def __init__(self, operation: str, scope: str) -> None:
        super().__init__(operation=operation, scope=scope)
        self.operation = operation
        self.scope = scope


class StorageError(ConekError):
    """The storage failed."""

    _kind = "Storage"
    fault: StorageFault
    """What is wrong with it."""
    detail: str
    """What to do."""

    def __init__(self, fault: StorageFault, detail: str) -> None:
        super().__init__(fault=fault, detail=detail)
        self.fault = fault
        self.detail = detail


class TransportError(ConekError):
    """The transport failed outside a send: an upload, a read receipt, a query."""

    _kind = "Transport"
    detail: str
    """What happened, with WhatsApp's error code where there is one."""
    retry: Retry
    """Whether calling again can help."""

    def __init__(self, detail: str, retry: Retry) -> None:
        super().__init__(detail=detail, retry=retry)
        self.detail = detail
        self.retry = retry


class UnsupportedError(ConekError):
    """The transport, which is the host's own, cannot do this."""

    _kind = "Unsupported"
    operation: str
    """The method of the port that it lacks."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation=operation)
        self.operation = operation


class SignatureError(ConekError):
    """A webhook's signature does not verify, or there is none."""

    _kind = "Signature"
    detail: str
    """What is missing or wrong."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)
        self.detail = detail


class ConekKeyError(ConekError):
    """A key is missing, wrong, or a sealed value was changed."""

    _kind = "Key"
    detail: str
    """What to check."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)
        self.detail = detail


class ClosedError(ConekError):
    """The engine was closed."""

    _kind = "Closed"

    def __init__(self) -> None:
        super().__init__()


class InternalError(ConekError):
    """A defect in conek or in a host's port. Please report it."""

    _kind = "Internal"
    detail: str
    """Where it happened."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail=detail)
        self.detail = detail
