"""Messages of every kind: what pywa made of the answer, and what the simulator's ledger has."""

from __future__ import annotations

import pytest
from conftest import refusal
from pywa.errors import WhatsAppError
from pywa.types import (
    Button,
    CallPermissionRequestButton,
    Contact,
    FlowButton,
    ImageCarouselCard,
    ProductsSection,
    Section,
    SectionList,
    SectionRow,
    URLButton,
    VoiceCallButton,
)
from simulator import NUMBER

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)
LINK = "https://karoo.example/picture.png"


def test_text_with_all_its_trimmings(wa, sim, thandi, driven):
    with driven("send_message"):
        sent = wa.send_message(thandi, "Good *morning*", preview_url=True, tracker="order-7")
        entry = sim.entry(sent.id)
        assert (sent.to, sent.from_phone_id) == (thandi, NUMBER)
        assert (entry["to"], entry["kind"], entry["echo"]) == (thandi, "text", "order-7")
        assert entry["content"]["text"] == {"body": "Good *morning*", "preview_url": True}
    with driven("send_message as a reply"):
        reply = sent.reply("And a good day", quote=True)
        assert sim.entry(reply.id)["content"]["context"] == {"message_id": sent.id}


def test_a_text_to_a_user_id(wa, sim, thandi, driven):
    with driven("send_message to a user id"):
        user_id = sim.get(f"phones/{thandi}")["user_id"]
        sent = wa.send_message(user_id, "By id")
        assert sent.to == user_id
        assert (sim.entry(sent.id)["to"], sim.entry(sent.id)["content"]["recipient"]) == (thandi, user_id)


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("image", lambda wa, to: wa.send_image(to, LINK, caption="A picture")),
        ("video", lambda wa, to: wa.send_video(to, "https://karoo.example/a.mp4", caption="A film")),
        ("document", lambda wa, to: wa.send_document(to, "https://karoo.example/a.pdf", filename="a.pdf")),
        ("audio", lambda wa, to: wa.send_audio(to, "https://karoo.example/a.mp3")),
        ("sticker", lambda wa, to: wa.send_sticker(to, "https://karoo.example/a.webp")),
    ],
)
def test_media_by_link(wa, sim, thandi, driven, kind, call):
    with driven(f"send_{kind} by link"):
        sent = call(wa, thandi)
        entry = sim.entry(sent.id)
        assert entry["kind"] == kind
        assert entry["content"][kind]["link"].startswith("https://karoo.example/")


@pytest.mark.parametrize(
    ("kind", "mime", "call"),
    [
        ("image", "image/png", lambda wa, to, data, mime: wa.send_image(to, data, mime_type=mime)),
        ("voice", "audio/ogg", lambda wa, to, data, mime: wa.send_voice(to, data, mime_type=mime)),
        ("sticker", "image/webp", lambda wa, to, data, mime: wa.send_sticker(to, data, mime_type=mime)),
        (
            "document",
            "application/pdf",
            lambda wa, to, data, mime: wa.send_document(to, data, filename="a.pdf", mime_type=mime),
        ),
    ],
)
def test_media_of_ones_own(wa, sim, thandi, driven, kind, mime, call):
    with driven(f"send_{kind} of bytes"):
        sent = call(wa, thandi, PNG, mime)
        entry = sim.entry(sent.id)
        content = entry["content"][entry["kind"]]
        assert wa.get_media_bytes(wa.get_media_url(content["id"]).url) == PNG
        if kind == "voice":
            assert content["voice"] is True


def test_an_image_with_buttons(wa, sim, thandi, driven):
    with driven("send_image with buttons"):
        sent = wa.send_image(thandi, LINK, caption="This one?", buttons=[Button("Yes", "yes")])
        content = sim.entry(sent.id)["content"]["interactive"]
        assert content["header"] == {"type": "image", "image": {"link": LINK}}


def test_location_and_what_is_asked_for(wa, sim, thandi, driven):
    with driven("send_location"):
        sent = wa.send_location(thandi, -33.92, 18.42, name="Cape Town", address="1 Long Street")
        assert sim.entry(sent.id)["content"]["location"] == {
            "latitude": -33.92, "longitude": 18.42, "name": "Cape Town", "address": "1 Long Street",
        }  # fmt: skip
    with driven("request_location"):
        sent = wa.request_location(thandi, "Where are you?")
        assert sim.entry(sent.id)["content"]["interactive"]["action"] == {"name": "send_location"}
    with driven("request_contact_info"):
        sent = wa.request_contact_info(thandi, "May we call you?")
        assert sim.entry(sent.id)["content"]["interactive"]["type"] == "request_contact_info"


def test_contacts(wa, sim, thandi, driven):
    card = Contact(
        name=Contact.Name(formatted_name="Sipho Dlamini", first_name="Sipho"),
        phones=[Contact.Phone(phone="+27825550102", type="CELL")],
    )
    with driven("send_contact"):
        sent = wa.send_contact(thandi, [card, card])
        cards = sim.entry(sent.id)["content"]["contacts"]
        assert [c["name"]["formatted_name"] for c in cards] == ["Sipho Dlamini"] * 2


def test_reactions_come_and_go(wa, sim, thandi, driven):
    said = sim.say(thandi, "text", body="It is raining!")
    with driven("send_reaction"):
        sent = wa.send_reaction(thandi, "🌧️", said)
        assert sim.entry(sent.id)["content"]["reaction"] == {"message_id": said, "emoji": "🌧️"}
    with driven("remove_reaction"):
        sent = wa.remove_reaction(thandi, said)
        assert sim.entry(sent.id)["content"]["reaction"]["emoji"] == ""


def interactive(sim, sent) -> dict:
    return sim.entry(sent.id)["content"]["interactive"]


def test_buttons_of_every_kind(wa, sim, thandi, driven):
    with driven("send_message with reply buttons"):
        sent = wa.send_message(
            thandi, "Coffee?", header="Karoo", footer="Since 1999", buttons=[Button("Yes", "yes"), Button("No", "no")]
        )
        content = interactive(sim, sent)
        assert [b["reply"]["id"] for b in content["action"]["buttons"]] == ["yes", "no"]
        assert (content["header"]["text"], content["footer"]["text"]) == ("Karoo", "Since 1999")
    with driven("send_message with a link button"):
        sent = wa.send_message(thandi, "Menu", buttons=URLButton("Open", "https://karoo.example/menu"))
        assert interactive(sim, sent)["action"]["parameters"]["url"] == "https://karoo.example/menu"
    with driven("send_message with a list"):
        rows = [SectionRow("Flat white", "flat", "With milk"), SectionRow("Espresso", "short")]
        sent = wa.send_message(thandi, "Which?", buttons=SectionList("Choose", [Section("Coffee", rows)]))
        assert [r["id"] for r in interactive(sim, sent)["action"]["sections"][0]["rows"]] == ["flat", "short"]
    with driven("send_message with a call button"):
        sent = wa.send_message(thandi, "Talk to us", buttons=VoiceCallButton("Call", ttl_minutes=60))
        assert interactive(sim, sent)["type"] == "voice_call"
    with driven("send_message that asks to call"):
        sent = wa.send_message(thandi, "May we call?", buttons=CallPermissionRequestButton())
        assert interactive(sim, sent)["type"] == "call_permission_request"
    with driven("send_message with a flow"):
        button = FlowButton(
            "Begin", flow_id="42", flow_token="t", flow_action_screen="FIRST", flow_action_type="navigate"
        )
        parameters = interactive(sim, wa.send_message(thandi, "A survey", buttons=button))["action"]["parameters"]
        assert (parameters["flow_id"], parameters["flow_cta"]) == ("42", "Begin")


def test_goods(wa, sim, thandi, driven):
    with driven("send_catalog"):
        sent = wa.send_catalog(thandi, "All we have", thumbnail_product_sku="beans")
        assert interactive(sim, sent)["action"]["parameters"] == {"thumbnail_product_retailer_id": "beans"}
    with driven("send_product"):
        sent = wa.send_product(thandi, "7", "beans", body="These")
        assert interactive(sim, sent)["action"] == {"catalog_id": "7", "product_retailer_id": "beans"}
    with driven("send_products"):
        sections = [ProductsSection("Beans", ["dark", "light"]), ProductsSection("Cups", ["small"])]
        action = interactive(sim, wa.send_products(thandi, "7", sections, title="Shop", body="These"))["action"]
        assert [len(s["product_items"]) for s in action["sections"]] == [2, 1]
    with driven("send_carousel"):
        cards = [
            ImageCarouselCard(image=LINK, buttons=URLButton("Open", f"https://karoo.example/{i}")) for i in range(3)
        ]
        action = interactive(sim, wa.send_carousel(thandi, body="New", cards=cards))["action"]
        assert [c["card_index"] for c in action["cards"]] == [0, 1, 2]


def test_what_was_written_is_read_and_an_answer_is_typed(wa, sim, thandi, driven):
    def seen(wamid: str) -> tuple[bool, bool]:
        line = next(line for line in sim.lines(thandi) if line.get("id") == wamid)
        return line["read"], line["typing"]

    said = sim.say(thandi, "text", body="Are you there?")
    assert seen(said) == (False, False)
    with driven("mark_message_as_read"):
        assert wa.mark_message_as_read(said).success
        assert seen(said) == (True, False)
    with driven("indicate_typing"):
        assert wa.indicate_typing(said)
        assert seen(said) == (True, True)


def test_a_refusal_arrives_as_pywas_own_error(wa, sim, thandi):
    before = sim.get("stats")["accepted"]
    with pytest.raises(WhatsAppError) as caught:
        wa.send_message(thandi, "x" * 4097)
    assert (caught.value.code, caught.value.status_code) == (131009, 400)
    assert "4096" in caught.value.details
    assert refusal(lambda: wa.mark_message_as_read("wamid.AAAA")) == 131009
    assert sim.get("stats")["accepted"] == before
