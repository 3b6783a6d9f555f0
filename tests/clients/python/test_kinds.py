"""How much of pywa was driven, counted after everything else ran."""

from conftest import KINDS


def test_at_least_forty_kinds_of_call_were_driven(capsys):
    with capsys.disabled():
        print(f"\npywa drove the simulator through {len(KINDS)} kinds of call")
    assert len(KINDS) >= 40, sorted(KINDS)
