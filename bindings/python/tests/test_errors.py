"""Errors: class, code, retry and fields; and no panic gets past the boundary."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

import conek
from conek import Retry, StorageFault, testing

SURFACE = json.loads((Path(__file__).parents[2] / "surface.json").read_text())


@pytest.mark.parametrize(
    ("code", "kind", "retry"),
    [
        ("invalid_input", conek.InvalidInputError, Retry.NEVER),
        ("not_found", conek.NotFoundError, Retry.NEVER),
        ("conflict", conek.ConflictError, Retry.NEVER),
        ("denied", conek.DeniedError, Retry.NEVER),
        ("storage_full", conek.StorageError, Retry.LATER),
        ("transport", conek.TransportError, Retry.LATER),
        ("unsupported", conek.UnsupportedError, Retry.NEVER),
        ("signature", conek.SignatureError, Retry.NEVER),
        ("key", conek.ConekKeyError, Retry.NEVER),
        ("closed", conek.ClosedError, Retry.NEVER),
        ("internal", conek.InternalError, Retry.UNKNOWN),
    ],
)
async def test_each_error_has_its_class_code_and_retry(code: str, kind: type[conek.ConekError], retry: Retry) -> None:
    with pytest.raises(conek.ConekError) as raised:
        await testing.fail(code)
    assert type(raised.value) is kind
    assert raised.value.code == code and raised.value.retry is retry
    assert str(raised.value)


async def test_an_error_carries_its_fields() -> None:
    with pytest.raises(conek.DeniedError) as denied:
        await testing.fail("denied")
    assert denied.value.reasons == ["SUPPRESSED"]
    with pytest.raises(conek.StorageError) as full:
        await testing.fail("storage_full")
    assert full.value.fault is StorageFault.FULL and full.value.detail


def test_a_host_makes_conek_s_errors_as_conek_does() -> None:
    error = conek.StorageError(StorageFault.LOCKED, "another process")
    assert (error.code, error.retry, str(error)) == ("storage_locked", Retry.LATER, "storage: another process")
    assert isinstance(error, conek.ConekError) and isinstance(error, Exception)


def test_errors_cross_process_boundaries() -> None:
    error = pickle.loads(pickle.dumps(conek.NotFoundError("contact", "1")))
    assert type(error) is conek.NotFoundError
    assert (error.what, error.id, error.code) == ("contact", "1", "not_found")


def test_there_is_a_class_for_every_kind_of_error() -> None:
    kinds = {c._kind for c in conek.ConekError.__subclasses__()}
    assert kinds == {e["name"] for e in SURFACE["errors"]}


@pytest.mark.parametrize("spawned", [True, False])
async def test_a_panic_is_an_internal_error_and_the_process_goes_on(spawned: bool) -> None:
    with pytest.raises(conek.InternalError) as raised:
        await testing.panic(spawned)
    assert raised.value.retry is Retry.UNKNOWN
    assert "asked for by a test" not in str(raised.value)
    with pytest.raises(conek.ClosedError):
        await testing.fail("closed")
