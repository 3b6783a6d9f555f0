"""What a host writes in Python is held to the ports' promises, and its failures are understood."""

from __future__ import annotations

import asyncio
from datetime import datetime, timezone
from typing import Any

import conek
from conek import testing
from tests.hosts import MemoryStorage, NoMarketing, RecordingTransport, XorKeys, webhook


async def test_a_storage_of_a_few_lines_of_python_keeps_every_promise() -> None:
    report = await testing.check_storage(MemoryStorage())
    assert report.failed == []
    assert len(report.passed) >= 25


async def test_a_storage_that_breaks_a_promise_is_told_which() -> None:
    class Forgetful(MemoryStorage):
        async def get(self, keys: list[conek.Key]) -> list[conek.Record | None]:
            return []

    report = await testing.check_storage(Forgetful())
    assert "get_answers_per_key" in {f.name for f in report.failed}


async def test_a_storage_that_answers_with_the_wrong_type_fails_and_nothing_else_does() -> None:
    class Wrong(MemoryStorage):
        async def verify(self) -> conek.Verification:
            return "fine"  # type: ignore[return-value]

    report = await testing.check_storage(Wrong())
    assert {f.name for f in report.failed} == {"verify_counts"}
    assert "raised" in report.failed[0].detail


async def test_what_a_storage_s_exception_says_stays_with_the_host() -> None:
    class Talkative(MemoryStorage):
        async def count(self, query: conek.Query) -> int:
            raise RuntimeError("Nomvula's number is +27821234567")

    report = await testing.check_storage(Talkative())
    assert report.failed
    for failure in report.failed:
        assert "Nomvula" not in failure.detail


async def test_a_cancelled_wait_does_not_stop_the_operation() -> None:
    begun, may_go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Slow(MemoryStorage):
        async def commit(self, batches: list[conek.Batch]) -> list[conek.Committed]:
            begun.set()
            await may_go_on.wait()
            return await super().commit(batches)

        async def verify(self) -> conek.Verification:
            ended.set()
            return await super().verify()

    async def check() -> conek.Report:
        return await testing.check_storage(Slow())

    waiting = asyncio.create_task(check())
    await begun.wait()
    waiting.cancel()
    may_go_on.set()
    # The suite's last calls still come.
    await ended.wait()
    assert waiting.cancelled() or waiting.done()


async def test_many_calls_at_once_all_get_their_answer() -> None:
    reports = await asyncio.gather(*(testing.check_storage(MemoryStorage()) for _ in range(4)))
    assert all(report.failed == [] for report in reports)


async def test_a_transport_written_in_python_keeps_every_promise() -> None:
    request = webhook("Hello", wamid="in.1", sender="27821234567", at=datetime.now(timezone.utc))
    report = await testing.check_transport(RecordingTransport(), "100", accepting=True, webhook=request, updates=1)
    assert report.failed == []
    assert {"accepted_has_an_id", "another_permit_sends_nothing", "late_permit_sends_nothing"} <= set(report.passed)


async def test_a_transport_that_trusts_everybody_is_found_out() -> None:
    class Trusting(RecordingTransport):
        async def verify(self, request: conek.WebhookRequest) -> None:
            pass

    report = await testing.check_transport(Trusting(), "100", accepting=True)
    assert "unsigned_is_refused" in {f.name for f in report.failed}


async def test_a_rule_and_a_key_provider_written_in_python_keep_every_promise() -> None:
    for report in (await testing.check_policy(NoMarketing()), await testing.check_keys(XorKeys())):
        assert report.failed == [] and report.passed


async def test_a_rule_that_forgets_an_answer_is_found_out() -> None:
    class Short(NoMarketing):
        async def decide(self, cases: list[conek.PolicyCase]) -> list[conek.Decision]:
            return (await super().decide(cases))[1:]

    assert (await testing.check_policy(Short())).failed


async def test_a_method_without_async_is_understood() -> None:
    class Plain(MemoryStorage):
        def verify(self) -> conek.Verification:  # type: ignore[override]
            return conek.Verification(records=len(self.records))

    storage: Any = Plain()
    assert (await testing.check_storage(storage)).failed == []
