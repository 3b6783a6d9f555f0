"""What every test has: the simulator, pywa in front of it, and the list of the kinds of call it made."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from pywa import WhatsApp
from pywa.errors import WhatsAppError
from simulator import Loopback, Simulator, client

Driven = Callable[[str], AbstractContextManager[None]]
KINDS: set[str] = set()


@pytest.fixture(scope="session")
def sim() -> Iterator[Simulator]:
    simulator = Simulator(os.environ["CONEK_SIMULATOR"])
    yield simulator
    simulator.stop()


@pytest.fixture(scope="session")
def loopback() -> Loopback:
    return Loopback()


@pytest.fixture(scope="session")
def wa(sim: Simulator, loopback: Loopback) -> WhatsApp:
    return client(sim, transport=loopback)


@pytest.fixture
def driven(loopback: Loopback) -> Driven:
    """Names a kind of call. It counts if pywa made a request and everything that was expected of it held."""

    @contextmanager
    def kind(name: str) -> Iterator[None]:
        before = loopback.requests
        yield
        assert loopback.requests > before, f"{name} made no request"
        KINDS.add(name)

    return kind


@pytest.fixture
def thandi(sim: Simulator) -> str:
    """Somebody who wrote a moment ago, so that the window is open."""
    sim.say("27825550101", "text", body="Good morning")
    return "27825550101"


def refusal(call: Callable[[], object]) -> int:
    """The code with which a call is refused."""
    with pytest.raises(WhatsAppError) as caught:
        call()
    return caught.value.code


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Whoever counts comes last.
    items.sort(key=lambda item: item.path.name == "test_kinds.py")
