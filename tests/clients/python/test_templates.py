"""Templates: made, listed, changed, sent with their parameters, unpaused, deleted."""

from __future__ import annotations

import pytest
from conftest import refusal
from pywa.types.templates import (
    BodyText,
    Buttons,
    FooterText,
    HeaderImage,
    HeaderText,
    ParamFormat,
    QuickReplyButton,
    Template,
    TemplateCategory,
    TemplateLanguage,
    TemplateStatus,
    URLButton,
)

ORDER = Template(
    name="order_ready",
    language=TemplateLanguage.ENGLISH_US,
    category=TemplateCategory.UTILITY,
    parameter_format=ParamFormat.NAMED,
    components=[
        header := HeaderText("Order {{number}}", number="17"),
        body := BodyText("{{name}}, your {{thing}} is ready.", name="Thandi", thing="coffee"),
        FooterText(text="Karoo Coffee"),
        Buttons(
            buttons=[
                link := URLButton(text="Track", url="https://karoo.example/{{1}}", example="abc"),
                stop := QuickReplyButton(text="Stop"),
            ]
        ),
    ],
)


@pytest.fixture(scope="module")
def made(wa):
    return wa.create_template(ORDER)


def test_a_template_is_created_looked_up_and_listed(wa, sim, driven):
    offer = Template(
        name="spring_offer",
        language=TemplateLanguage.ENGLISH_US,
        category=TemplateCategory.MARKETING,
        components=[BodyText("Spring is here."), Buttons(buttons=[QuickReplyButton(text="Stop")])],
    )
    with driven("create_template"):
        created = wa.create_template(offer)
        assert (created.status, created.category) == (TemplateStatus.APPROVED, TemplateCategory.MARKETING)
        assert refusal(lambda: wa.create_template(offer)) == 100
    with driven("get_template"):
        found = wa.get_template(created.id)
        assert (found.name, found.language, found.components[0].text) == (
            "spring_offer", TemplateLanguage.ENGLISH_US, "Spring is here.",
        )  # fmt: skip
    with driven("get_templates"):
        listed = wa.get_templates(categories=[TemplateCategory.MARKETING])
        assert [t.id for t in listed] == [created.id]
        assert (listed.total_count, listed.message_template_count) == (1, len(wa.get_templates()))
    with driven("send_template as marketing"):
        sent = wa.send_template("27825550101", "spring_offer", TemplateLanguage.ENGLISH_US, use_mm_lite_api=True)
        entry = sim.entry(sent.id)
        assert (entry["template"], entry["marketing"], sent.status) == ("spring_offer", True, "accepted")
    with driven("unpause_template"):
        assert not wa.unpause_template(created.id), "it is not paused"
        sim.post("templates/spring_offer", {"status": "PAUSED"})
        assert wa.get_template(created.id).status == TemplateStatus.PAUSED
        assert wa.unpause_template(created.id).success
        assert wa.get_template(created.id).status == TemplateStatus.APPROVED
    with driven("delete_template"):
        assert wa.delete_template("spring_offer", template_id=created.id).success
        assert refusal(lambda: wa.get_template(created.id)) == 100
        assert refusal(lambda: wa.delete_template("spring_offer")) == 100


def test_a_template_is_sent_with_its_parameters(wa, sim, made, driven):
    params = [
        header.params(number="42"),
        body.params(name="Thandi", thing="flat white"),
        link.params(url_variable="z9", index=0),
        stop.params(callback_data="stop-42", index=1),
    ]
    with driven("send_template"):
        sent = wa.send_template("27825550101", template=ORDER, params=params, tracker="order-42")
        entry = sim.entry(sent.id)
        assert (entry["template"], entry["echo"], entry["marketing"]) == ("order_ready", "order-42", False)
    shown = next(line for line in sim.lines("27825550101") if line.get("id") == sent.id)["message"]["template"]
    assert (shown["header"]["text"], shown["body"]) == ("Order 42", "Thandi, your flat white is ready.")
    assert [(b["text"], b["url"] or b["payload"]) for b in shown["buttons"]] == [
        ("Track", "https://karoo.example/z9"), ("Stop", "stop-42"),
    ]  # fmt: skip
    # Without its link the simulator refuses it, as Meta does.
    assert refusal(lambda: wa.send_template("27825550101", "order_ready", ORDER.language, params[:2])) == 131008
    assert refusal(lambda: wa.send_template("27825550101", "never_made", ORDER.language)) == 132001


def test_a_template_is_changed(wa, sim, made, driven):
    text = BodyText("{{name}}, your {{thing}} is waiting.", name="Thandi", thing="coffee")
    with driven("update_template"):
        changed = wa.update_template(made.id, new_components=[text], new_message_send_ttl_seconds=600)
        assert (changed.success, changed.name) == (True, "order_ready")
        found = wa.get_template(made.id)
        assert (found.components[0].text, found.message_send_ttl_seconds) == (text.text, 600)
        assert len(found.components) == 1


def test_a_template_may_have_a_picture_that_is_uploaded_first(wa, driven):
    with driven("create_template with an uploaded example"):
        created = wa.create_template(
            Template(
                name="picture",
                language=TemplateLanguage.ENGLISH_US,
                category=TemplateCategory.UTILITY,
                components=[
                    HeaderImage(example=b"\x89PNG\r\n\x1a\n" + bytes(64), mime_type="image/png"),
                    BodyText("Look"),
                ],
            )
        )
        found = wa.get_template(created.id)
        assert found.components[0].example.startswith("4::")
