"""The way of a message, from a file of people to the phone and back, in Python."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

import conek
from conek import (
    Config,
    ConsentEntry,
    ConsentSource,
    ConsentStatus,
    Content,
    Draft,
    Evidence,
    MessageState,
    Number,
    Purpose,
    Recipient,
    VirtualClock,
)
from tests.hosts import MemoryStorage, NoMarketing, RecordingTransport, XorKeys, text, webhook

#: A Tuesday morning in South Africa, within marketing hours.
MORNING = datetime(2026, 11, 24, 8, 0, tzinfo=timezone.utc)
PHONE = "+27821234567"
PEOPLE = b"phone,name,source\n082 123 4567,Nomvula,web shop checkout\n0829876543,Pieter,web shop checkout\n"


class Bench:
    """An engine on a file of its own, with everything that a test drives."""

    def __init__(self, path: Path) -> None:
        self.config = Config(
            business="Spaza Fresh",
            privacy_contact="privacy@example.org",
            path=str(path / "conek.db"),
            region="ZA",
            numbers=[Number("100")],
            seed=7,
        )
        self.transport = RecordingTransport()
        self.clock = VirtualClock.at(MORNING)
        self.engines: list[conek.Engine] = []

    async def open(
        self,
        *,
        storage: conek.Storage | None = None,
        policies: list[conek.ConsentPolicy] | None = None,
        keys: conek.KeyProvider | None = None,
        transport: conek.Transport | None = None,
    ) -> conek.Engine:
        engine = await conek.open(
            self.config,
            storage=storage,
            transport=transport or self.transport,
            policies=policies or [],
            keys=keys,
            clock=self.clock,
        )
        self.engines.append(engine)
        return engine


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    for engine in bench.engines:
        await engine.close()


async def customer(engine: conek.Engine) -> str:
    """A person who has just written, so that free text may go to them."""
    contact = await engine.contacts.upsert(conek.NewContact(phone=PHONE, name="Nomvula"))
    await engine.inbound.handle_webhook(webhook("Hello", wamid="in.1", sender=PHONE[1:], at=MORNING))
    assert await engine.settle()
    return contact.id


def answer(body: str = "Your order is ready", **more: str) -> Draft:
    return Draft(Recipient.Phone(PHONE), Content.Text(body), Purpose.SUPPORT, dedupe_key=more.get("dedupe_key"))


async def test_a_file_of_people_is_imported_from_bytes(bench: Bench) -> None:
    engine = await bench.open()
    report = await engine.contacts.import_csv(PEOPLE)
    assert (report.rows, report.created, report.problems) == (2, 2, [])
    contact = await engine.contacts.lookup(Recipient.Phone("082 123 4567"))
    assert contact is not None and contact.phone == PHONE and contact.name == "Nomvula"
    assert await engine.contacts.count() == 2


async def test_an_answer_leaves_through_a_transport_written_in_python(bench: Bench) -> None:
    engine = await bench.open()
    person = await customer(engine)
    sent = await engine.messages.send(answer())
    assert sent.person == person
    message = await engine.messages.wait(sent.id)
    assert message.state is MessageState.ACCEPTED and message.wamid == "wamid.1"
    [(permit, outgoing)] = bench.transport.sent
    assert permit and text(outgoing) == "Your order is ready"
    assert outgoing.to == conek.Address.Phone(PHONE)


async def test_one_dedupe_key_is_one_message(bench: Bench) -> None:
    engine = await bench.open()
    await customer(engine)
    first, second = [await engine.messages.send(answer(dedupe_key="order-1")) for _ in range(2)]
    assert first.id == second.id and second.existed and not first.existed
    await engine.settle()
    assert len(bench.transport.sent) == 1


async def test_marketing_without_consent_is_denied_with_reasons(bench: Bench) -> None:
    engine = await bench.open()
    await customer(engine)
    promotion = Draft(Recipient.Phone(PHONE), Content.Text("20% off"), Purpose.MARKETING)
    explanation = await engine.policy.check(promotion)
    assert isinstance(explanation.decision, conek.Decision.Deny | conek.Decision.Ask)
    with pytest.raises(conek.DeniedError) as denied:
        await engine.messages.send(promotion)
    assert denied.value.code == "denied" and denied.value.reasons
    assert bench.transport.sent == []


async def template(engine: conek.Engine) -> None:
    await engine.templates.put(
        conek.Template(
            "week_offer",
            "en",
            conek.TemplateCategory.MARKETING,
            "APPROVED",
            "Spaza Fresh: {{1}} off this week. Reply STOP to opt out.",
        )
    )


def offer() -> Draft:
    content = Content.Template("week_offer", "en", body=[conek.Parameter("", "20%")])
    return Draft(Recipient.Phone(PHONE), content, Purpose.MARKETING)


async def consenting(engine: conek.Engine) -> str:
    person = await customer(engine)
    await engine.consent.record(
        ConsentEntry(
            person,
            Purpose.MARKETING,
            ConsentStatus.GIVEN,
            ConsentSource.FORM,
            Evidence(reference="form-17"),
        )
    )
    return person


async def test_consent_with_evidence_lets_marketing_through_until_it_is_withdrawn(bench: Bench) -> None:
    engine = await bench.open()
    await template(engine)
    person = await consenting(engine)
    await engine.messages.send(offer())
    await engine.settle()
    assert len(bench.transport.sent) == 1
    await engine.consent.withdraw(person, Purpose.MARKETING, ConsentSource.AGENT)
    with pytest.raises(conek.DeniedError):
        await engine.messages.send(offer())
    assert [e.status for e in await engine.consent.history(person)][-1] is ConsentStatus.WITHDRAWN


async def test_a_host_s_rule_tightens(bench: Bench) -> None:
    engine = await bench.open(policies=[NoMarketing()])
    await template(engine)
    await consenting(engine)
    with pytest.raises(conek.DeniedError) as denied:
        await engine.messages.send(offer())
    assert "HOUSE_RULE" in denied.value.reasons


async def test_a_host_s_rule_that_fails_denies(bench: Bench) -> None:
    class Broken(NoMarketing):
        async def decide(self, cases: list[conek.PolicyCase]) -> list[conek.Decision]:
            raise RuntimeError("no")

    engine = await bench.open(policies=[Broken()])
    await template(engine)
    await consenting(engine)
    with pytest.raises(conek.DeniedError):
        await engine.messages.send(offer())
    assert bench.transport.sent == []


async def test_a_transport_that_raises_leaves_the_message_in_doubt_and_never_repeats_it(bench: Bench) -> None:
    class Falling(RecordingTransport):
        async def send(self, permit_id: str, message: conek.Outgoing) -> conek.SendOutcome:
            await super().send(permit_id, message)
            raise ConnectionResetError("after the request")

    falling = Falling()
    engine = await bench.open(transport=falling)
    await customer(engine)
    sent = await engine.messages.send(answer())
    await engine.settle()
    bench.clock.advance_ms(60_000)
    await engine.settle()
    assert (await engine.messages.get(sent.id)).state is MessageState.IN_DOUBT
    assert len(falling.sent) == 1


async def test_a_webhook_is_verified_stored_once_and_becomes_events(bench: Bench) -> None:
    engine = await bench.open()
    contact = await engine.contacts.upsert(conek.NewContact(phone=PHONE))
    request = webhook("Is it open?", wamid="in.7", sender=PHONE[1:], at=MORNING)
    first = await engine.inbound.handle_webhook(request)
    again = await engine.inbound.handle_webhook(request)
    assert not first.duplicate and again.duplicate
    async for event in engine.inbound.stream():
        match event.happening:
            case conek.Happening.Received(wamid="in.7", reply=conek.Reply.Text(body=body)):
                assert body == "Is it open?" and event.person == contact.id
                break
    with pytest.raises(conek.SignatureError):
        await engine.inbound.handle_webhook(conek.replace(request, headers={"X-Signature": "00"}))


async def test_the_stream_goes_on_behind_its_cursor_and_ends_with_the_engine(bench: Bench) -> None:
    engine = await bench.open()
    await customer(engine)
    page = await engine.inbound.events()
    assert page.events and page.next
    rest = [e async for e in _until_closed(engine, page.next)]
    assert rest == []


async def _until_closed(engine: conek.Engine, after: str) -> AsyncIterator[conek.Event]:
    async def close() -> None:
        await asyncio.sleep(0)
        await engine.close()

    closing = asyncio.create_task(close())
    async for event in engine.inbound.stream(after):
        yield event
    await closing


async def test_stop_on_whatsapp_ends_marketing(bench: Bench) -> None:
    engine = await bench.open()
    await template(engine)
    await consenting(engine)
    await engine.inbound.handle_webhook(
        webhook("STOP", wamid="in.2", sender=PHONE[1:], at=MORNING + timedelta(seconds=1))
    )
    await engine.settle()
    with pytest.raises(conek.DeniedError):
        await engine.messages.send(offer())
    assert await engine.consent.is_suppressed(Recipient.Phone(PHONE))


async def test_a_cancelled_coroutine_drops_no_send(bench: Bench) -> None:
    engine = await bench.open()
    await customer(engine)
    for i in range(5):
        task = asyncio.create_task(engine.messages.send(answer(f"number {i}", dedupe_key=f"n{i}")))
        for _ in range(i):
            await asyncio.sleep(0)
        task.cancel()
    await engine.settle()
    # Whatever was queued was sent, once; asking again under the same keys sends the rest, once.
    for i in range(5):
        await engine.messages.send(answer(f"number {i}", dedupe_key=f"n{i}"))
    for _ in range(10):
        # WhatsApp wants a pause between messages to one person.
        await engine.settle()
        bench.clock.advance_ms(10_000)
    assert sorted(text(m) for _, m in bench.transport.sent) == [f"number {i}" for i in range(5)]


async def test_everything_works_on_a_storage_and_keys_written_in_python(bench: Bench) -> None:
    storage = MemoryStorage()
    engine = await bench.open(storage=storage, keys=XorKeys())
    await customer(engine)
    await engine.messages.send(answer())
    await engine.settle()
    assert len(bench.transport.sent) == 1
    shown = " ".join(record.clear for record in storage.records.values())
    assert storage.records and PHONE not in shown and "Nomvula" not in shown


async def test_a_closed_engine_says_so(bench: Bench) -> None:
    async with await bench.open() as engine:
        assert (await engine.status()).queued == 0
    with pytest.raises(conek.ClosedError):
        await engine.messages.send(answer())


async def test_what_is_not_there_is_not_found(bench: Bench) -> None:
    engine = await bench.open()
    with pytest.raises(conek.NotFoundError) as missing:
        await engine.messages.get("0190aaaa-0000-7000-8000-000000000000")
    assert missing.value.code == "not_found"


async def test_a_session_may_do_what_its_actor_may_and_is_named_in_the_log(bench: Bench) -> None:
    engine = await bench.open()
    await engine.contacts.import_csv(PEOPLE)
    person = (await engine.contacts.list()).contacts[0]
    clerk = conek.Actor(
        id="clerk 7",
        scopes=[conek.Scope.CONTACTS_READ],
        purpose="orders",
        masks=[conek.FieldMask.NAME],
    )
    desk = engine.session(clerk)
    assert (await desk.contacts.get(person.id)).name is None
    with pytest.raises(conek.ForbiddenError):
        await desk.rights.erase(person.id)
    page = await engine.audit.entries(conek.AuditQuery(person=person.id, operation="contacts.get"))
    assert [(e.actor, e.purpose) for e in page.entries] == [("clerk 7", "orders")]
    assert (await engine.rights.erase(person.id)).done
    with pytest.raises(conek.NotFoundError):
        await engine.contacts.get(person.id)
    assert (await engine.audit.verify()).problems == []


async def test_a_store_moves_into_another_database_and_lives_there(bench: Bench, tmp_path: Path) -> None:
    engine = await bench.open()
    await engine.contacts.import_csv(b"phone,source\n082 123 4567,web shop\n")
    to = str(tmp_path / "moved.db")
    moved = await engine.migrate(to)
    assert moved.kinds["contact"] == 1 and moved.records == sum(moved.kinds.values())
    with pytest.raises(conek.ConflictError):
        await bench.open()
    bench.config = Config(
        business="Spaza Fresh",
        privacy_contact="privacy@example.org",
        path=to,
        key_file=f"{tmp_path / 'conek.db'}.key",
        region="ZA",
        numbers=[Number("100")],
    )
    there = await bench.open()
    assert await there.contacts.count() == 1
    assert (await there.verify(True)).sound


async def test_a_transport_manages_the_account_or_is_refused_as_unsupported(bench: Bench) -> None:
    calls: list[conek.GraphCall] = []

    class Managing(RecordingTransport):
        async def manage(self, call: conek.GraphCall) -> conek.GraphAnswer:
            calls.append(call)
            if call.path.endswith("/join_requests"):
                done = '{"approved_join_requests": ["a"], "failed_join_requests": [{"join_request_id": "b"}]}'
                return conek.GraphAnswer(status=200, json=done)
            return conek.GraphAnswer(status=200, json='{"data": [{"about": "Coffee"}]}')

    engine = await bench.open()
    with pytest.raises(conek.UnsupportedError):
        await engine.platform.profile()
    with pytest.raises(conek.UnsupportedError):
        await engine.media.download("7")
    await engine.close()
    engine = await bench.open(transport=Managing())
    assert (await engine.platform.profile()).about == "Coffee"
    assert (calls[0].method, calls[0].path) == (conek.GraphMethod.GET, "100/whatsapp_business_profile")
    report = await engine.platform.approve_join_requests("Y2FwaV9ncm91cDox", ["a", "b"])
    assert (report.done, [r.id for r in report.refused]) == (["a"], ["b"])
    assert (calls[1].method, calls[1].path) == (conek.GraphMethod.POST, "Y2FwaV9ncm91cDox/join_requests")


async def test_what_the_account_is_set_up_with_goes_out_and_comes_back(bench: Bench) -> None:
    calls: list[conek.GraphCall] = []
    point = {"start": 1764547200, "end": 1764633600, "volume": 11, "cost": 0.44, "country": "ZA"}
    answers: dict[str, object] = {
        "100/whatsapp_commerce_settings": {"data": [{"is_cart_enabled": True}]},
        "100/username": {"status": "reserved"},
        "oauth/access_token": {"access_token": "a token", "token_type": "bearer"},
        "200": {"pricing_analytics": {"data": [{"data_points": [point]}]}},
    }

    class Managing(RecordingTransport):
        async def manage(self, call: conek.GraphCall) -> conek.GraphAnswer:
            calls.append(call)
            return conek.GraphAnswer(status=200, json=json.dumps(answers[call.path]))

    bench.config = conek.replace(bench.config, business_account="200")
    platform = (await bench.open(transport=Managing())).platform
    assert (await platform.commerce_settings()).cart_enabled is True
    assert (await platform.set_username("spazafresh", False)).status == "reserved"
    code = conek.SignupCode("300", "the app's secret", "a code")
    token = await platform.exchange_code(code)
    assert token.access_token == "a token"
    for shown in (repr(code), repr(token)):
        assert "secret" not in shown.replace("app_secret", "")
        assert "a code" not in shown
        assert "a token" not in shown
    days = conek.AnalyticsRange(MORNING - timedelta(days=7), MORNING, conek.Granularity.DAY)
    by_country = conek.PricingFilter(dimensions=[conek.PricingDimension.COUNTRY])
    points = await platform.pricing_analytics(days, by_country)
    assert [(p.volume, p.cost, p.country) for p in points] == [(11, 0.44, "ZA")]
    assert '.dimensions(["COUNTRY"])' in calls[-1].query["fields"]
