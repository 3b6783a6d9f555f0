"""Wrong use: the type checker must complain about each line marked so."""

import conek


class NoTransport:
    async def send(self, message: str) -> None: ...


async def misuse(engine: conek.Engine) -> None:
    conek.Content.Text(5)  # wrong
    conek.Draft(to="+27", content=conek.Content.Text("x"), purpose=conek.Purpose.SUPPORT)  # wrong
    number: int = (await engine.contacts.get("1")).phone  # wrong
    engine.messages.send("hello")  # wrong
    await engine.messages.post()  # wrong
    config = conek.Config(business="b", privacy_contact="p")
    await conek.open(config, transport=NoTransport())  # wrong
