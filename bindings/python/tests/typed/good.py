"""Well-typed use: the type checker has nothing to say."""

from collections.abc import AsyncIterator
from datetime import datetime

import conek
from tests.hosts import MemoryStorage, NoMarketing, RecordingTransport, XorKeys


async def use() -> None:
    config = conek.Config(business="Spaza", privacy_contact="p@example.org", path="db")
    engine: conek.Engine = await conek.open(
        config,
        storage=MemoryStorage(),
        transport=RecordingTransport(),
        policies=[NoMarketing()],
        keys=XorKeys(),
    )
    async with engine:
        report = await engine.contacts.import_csv(b"phone\n", conek.ImportOptions(region="ZA"))
        created: int = report.created
        draft = conek.Draft(conek.Recipient.Phone("1"), conek.Content.Text("x"), conek.Purpose.SUPPORT)
        explanation = await engine.policy.check(draft)
        match explanation.decision:
            case conek.Decision.Deny(reasons=reasons):
                codes: list[str] = [reason.code for reason in reasons]
            case conek.Decision.Defer(until=until):
                when: datetime = until
        stream: AsyncIterator[conek.Event] = engine.inbound.stream()
        async for event in stream:
            at: datetime = event.at
