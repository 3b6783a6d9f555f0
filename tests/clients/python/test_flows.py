"""Flows: from a draft to its end, with pywa's own builder of their JSON."""

from __future__ import annotations

import json

from conftest import refusal
from pywa.types import FlowCategory, FlowJSON, FlowStatus
from pywa.types.flows import CompleteAction, Footer, Form, Layout, Screen, TextHeading, TextInput

SURVEY = FlowJSON(
    version="7.0",
    screens=[
        Screen(
            id="FIRST",
            title="How was it?",
            terminal=True,
            layout=Layout(
                children=[
                    TextHeading(text="Your coffee"),
                    Form(
                        name="form",
                        children=[
                            answer := TextInput(name="answer", label="Words"),
                            Footer(label="Send", on_click_action=CompleteAction(payload={"answer": answer.ref})),
                        ],
                    ),
                ]
            ),
        )
    ],
)


def test_a_flow_lives_and_ends(wa, sim, driven):
    with driven("create_flow"):
        made = wa.create_flow("Survey", [FlowCategory.SURVEY])
        assert wa.get_flow(made.id).status == FlowStatus.DRAFT
        assert refusal(lambda: wa.create_flow("Survey", [FlowCategory.SURVEY])) == 100
    with driven("update_flow_json"):
        wrong = wa.update_flow_json(made.id, {"version": "7.0", "screens": []})
        assert [e.error for e in wrong.validation_errors] == ["INVALID_PROPERTY_VALUE"]
        assert refusal(lambda: wa.publish_flow(made.id)) == 139002
        assert not wa.update_flow_json(made.id, SURVEY).validation_errors
    with driven("get_flow_assets"):
        (asset,) = wa.get_flow_assets(made.id)
        assert json.loads(sim.http.get(asset.url).content)["screens"][0]["id"] == "FIRST"
    with driven("update_flow_metadata"):
        assert wa.update_flow_metadata(made.id, name="Questions", categories=[FlowCategory.OTHER])
    with driven("get_flow"):
        found = wa.get_flow(made.id)
        assert (found.name, found.categories, found.json_version) == ("Questions", (FlowCategory.OTHER,), "7.0")
        assert found.validation_errors is None
        assert sim.http.get(found.preview.url).status_code == 200
    with driven("publish_flow"):
        assert wa.publish_flow(made.id)
        assert found.status == FlowStatus.DRAFT and wa.get_flow(made.id).status == FlowStatus.PUBLISHED
        assert refusal(lambda: wa.update_flow_json(made.id, SURVEY)) == 139001
        assert refusal(lambda: wa.delete_flow(made.id)) == 139004
    with driven("deprecate_flow"):
        assert wa.deprecate_flow(made.id)
        assert refusal(lambda: wa.deprecate_flow(made.id)) == 139003
    with driven("create_flow, whole and published"):
        whole = wa.create_flow("Whole", [FlowCategory.CONTACT_US], flow_json=SURVEY, publish=True)
        assert whole.success
    with driven("get_flows"):
        assert [(f.name, f.status) for f in wa.get_flows()] == [
            ("Questions", FlowStatus.DEPRECATED), ("Whole", FlowStatus.PUBLISHED),
        ]  # fmt: skip
    with driven("delete_flow"):
        draft = wa.create_flow("Draft", [FlowCategory.OTHER], clone_flow_id=made.id)
        assert wa.delete_flow(draft.id)
        assert refusal(lambda: wa.get_flow(draft.id)) == 100
