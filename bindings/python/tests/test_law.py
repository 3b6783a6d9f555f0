"""The tables of the law, row by row. What a row means: `tests/law/README.md`."""

from __future__ import annotations

import json
from typing import Any

import pytest

import conek

from .test_scenarios import BINDINGS, moment, to_python

FOLDER = BINDINGS.parent / "tests" / "law"


def rows(name: str) -> Any:
    table = json.loads((FOLDER / name).read_text())
    return pytest.mark.parametrize(("table", "row"), [pytest.param(table, r, id=r["name"]) for r in table["rows"]])


def merged(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    both = {k: merged(base.get(k), v) for k, v in over.items() if v is not None}
    return {**{k: v for k, v in base.items() if k not in over}, **both}


def codes(reasons: list[conek.Reason]) -> list[str]:
    return [r.code for r in reasons]


@rows("decide.json")
def test_whether_a_message_may_be_sent(table: Any, row: Any) -> None:
    facts = to_python("Facts", merged(table["bases"][row["from"]], row["with"]))
    decision = conek.decide(facts, moment(row.get("at", table["at"])))
    expect = row["expect"]
    if isinstance(decision, conek.Decision.Allow):
        assert {"type": "allow", "basis": decision.basis.value} == expect
        return
    assert codes(decision.reasons) == expect["codes"]
    assert type(decision).__name__.lower() == expect["type"]
    if isinstance(decision, conek.Decision.Defer):
        assert decision.until == moment(expect["until"])


@rows("transfers.json")
def test_whether_data_may_go_to_another_country(table: Any, row: Any) -> None:
    decision = conek.transfer_allowed(to_python("TransferFacts", row["facts"]), moment(row["at"]))
    denied = isinstance(decision, conek.TransferDecision.Deny)
    assert (codes(decision.reasons) if denied else []) == row["expect"]


@rows("sharing.json")
def test_whether_data_may_be_handed_over(table: Any, row: Any) -> None:
    decision = conek.sharing_allowed(to_python("SharingFacts", row["facts"]))
    denied = isinstance(decision, conek.SharingDecision.Deny)
    assert (codes(decision.reasons) if denied else []) == row["expect"]


@rows("bases.json")
def test_on_what_a_purpose_may_rest(table: Any, row: Any) -> None:
    regime = conek.Regime(row["regime"])
    for basis in conek.LegalBasis:
        if basis.value in row["expect"]:
            assert conek.check_basis(row["purpose"], basis, regime)
        else:
            with pytest.raises(conek.InvalidInputError):
                conek.check_basis(row["purpose"], basis, regime)


@rows("replies.json")
def test_what_a_message_says_about_being_written_to(table: Any, row: Any) -> None:
    context = to_python("ReplyContext", row["context"])
    assert conek.classify_reply(row["text"], context).value == row["expect"]


@rows("holidays.json")
def test_which_days_are_holidays(table: Any, row: Any) -> None:
    assert [d.date for d in conek.public_holidays(row["year"], row["declared"])] == row["expect"]
