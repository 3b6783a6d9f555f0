"""How much of pywa was driven, counted after everything else ran."""

from conftest import KINDS


def test_at_least_forty_kinds_of_call_were_driven(capsys):
    # A kind is called like the method, with what is special about it behind.
    methods = {name.split(",")[0].split(" ")[0] for name in KINDS}
    with capsys.disabled():
        print(f"\npywa drove the simulator through {len(KINDS)} kinds of call, by {len(methods)} methods")
    assert len(methods) >= 40, sorted(KINDS)
