"""The promises that every language keeps. The format, and what each form means: `tests/scenarios/README.md`."""

from __future__ import annotations

import enum
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import conek
from conek import Outgoing, Parsed, SendOutcome, Upload, VirtualClock, WebhookRequest, testing

BINDINGS = Path(__file__).parents[2]
FOLDER = BINDINGS.parent / "tests" / "scenarios"
SURFACE = json.loads((BINDINGS / "surface.json").read_text())
WORLD = json.loads((FOLDER / "world.json").read_text())
OPERATIONS = {(o["namespace"], o["name"]): o["params"] for o in SURFACE["operations"]}
# By a type's name and its variant's code, None for a record: the class and its fields' types.
SHAPES: dict[tuple[str, str | None], tuple[type, dict[str, str]]] = {}
for kind in SURFACE["records"] + [e for e in SURFACE["enums"] if not e["plain"]]:
    for shape in kind.get("variants", [kind]):
        code, made = shape.get("code"), getattr(conek, kind["name"])
        made = getattr(made, code.title().replace("_", "")) if code else made
        SHAPES[kind["name"], code] = made, {f["name"]: f["type"] for f in shape["fields"]}
CODES = {made: (code, fields) for (_, code), (made, fields) in SHAPES.items()}


def moment(text: Any) -> datetime | None:
    try:
        at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
    return at if at.tzinfo else None


def to_python(kind: str, value: Any) -> Any:
    """A value's JSON form as what Python's surface takes."""
    outer, _, inner = kind.partition("<")
    if value is None or outer in ("text", "bool", "i32", "i64", "f64", "bytes", "map"):
        return value
    if outer == "option":
        return to_python(inner[:-1], value)
    if outer == "list":
        return [to_python(inner[:-1], v) for v in value]
    if outer == "time":
        return moment(value)
    if isinstance(value, str):
        return getattr(conek, kind)(value)
    made, fields = SHAPES[kind, None if (kind, None) in SHAPES else value["type"]]
    return made(**{f: to_python(t, value[f]) for f, t in fields.items() if f in value})


def to_json(value: Any) -> Any:
    """What Python's surface gives, in its JSON form; bytes stay bytes."""
    if isinstance(value, list):
        return [to_json(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, conek.ConekError):
        return {"text": str(value), **{k: to_json(v) for k, v in vars(value).items() if not k.startswith("_")}}
    if type(value) in CODES:
        code, fields = CODES[type(value)]
        return {**({"type": code} if code else {}), **{f: to_json(getattr(value, f)) for f in fields}}
    return value.value if isinstance(value, enum.Enum) else value


class Script:
    """Answers as the scenario says and keeps what left."""

    def __init__(self, outcomes: list[Any]) -> None:
        self.outcomes = outcomes
        self.sent: list[Any] = []

    async def send(self, permit_id: str, message: Outgoing) -> SendOutcome:
        self.sent.append(to_json(message))
        accepted = {"type": "accepted", "wamid": f"wamid.{len(self.sent)}", "status": "accepted"}
        answer: SendOutcome = to_python("SendOutcome", self.outcomes.pop(0) if self.outcomes else accepted)
        return answer

    async def upload(self, upload: Upload) -> str:
        return "media.1"

    async def mark_read(self, sender: str, wamid: str) -> None:
        pass

    async def verify(self, request: WebhookRequest) -> None:
        if request.headers.get("x-test-signature") != "ok":
            raise conek.SignatureError("x-test-signature is not ok")

    async def parse(self, body: bytes) -> Parsed:
        return testing.parse_webhook(body)


def resolve(value: Any, names: dict[str, Any]) -> Any:
    """The value with everything put in that its `$names` and other forms stand for."""
    if isinstance(value, str) and value.startswith("$"):
        name, *keys = value[1:].split(".")
        found = names[name]() if callable(names[name]) else resolve(names[name], names)
        for key in keys:
            found = found[int(key)] if isinstance(found, list) else found.get(key)
        return found
    if isinstance(value, list):
        return [resolve(v, names) for v in value]
    if not isinstance(value, dict):
        return value
    if "$bytes" in value:
        content = resolve(value["$bytes"], names)
        return (content if isinstance(content, str) else json.dumps(content)).encode()
    base = resolve(value["$from"], names) if "$from" in value else {}
    return {**base, **{k: resolve(v, names) for k, v in value.items() if k != "$from"}}


def differences(wanted: Any, came: Any, at: str = "") -> list[str]:
    """Every difference between what is expected and what came, one line each; none when it matches."""
    if isinstance(wanted, dict) and "$contains" in wanted:
        good = isinstance(came, str) and wanted["$contains"] in came
    elif isinstance(wanted, dict) and "$has" in wanted and isinstance(came, list):
        good = all(any(not differences(w, c) for c in came) for w in wanted["$has"])
    elif isinstance(wanted, dict) and isinstance(came, dict):
        return [d for k, w in wanted.items() for d in differences(w, came.get(k), f"{at}.{k}")]
    elif isinstance(wanted, list) and isinstance(came, list) and len(wanted) == len(came):
        return [d for i, (w, c) in enumerate(zip(wanted, came)) for d in differences(w, c, f"{at}[{i}]")]
    else:
        same_moment = moment(wanted) is not None and moment(wanted) == moment(came)
        good = same_moment or (type(wanted) is type(came) and wanted == came)
    return [] if good else [f"{at or 'it'}: expected {wanted!r}, got {came!r}"]


def check(place: str, wanted: Any, came: Any) -> None:
    if found := differences(wanted, came):
        whole = json.dumps(came, indent=2, default=repr)
        pytest.fail("\n  ".join([place, *found]) + f"\n\nwhat came: {whole}", pytrace=False)


async def call(engine: conek.Engine, operation: str, arguments: list[Any]) -> Any:
    room, _, name = operation.rpartition(".")
    params = OPERATIONS[room or "engine", name]
    given = {p["name"]: to_python(p["type"], a) for p, a in zip(params, arguments)}
    return await getattr(getattr(engine, room) if room else engine, name)(**given)


@pytest.mark.parametrize("name", sorted(f.stem for f in FOLDER.glob("*.json") if f.stem != "world"))
async def test_scenario(name: str, tmp_path: Path) -> None:
    scenario = json.loads((FOLDER / f"{name}.json").read_text())
    given = {**WORLD, **scenario}
    start = moment(given["clock"])
    assert start, "`clock` is a moment"
    clock, script = VirtualClock.at(start), Script(scenario.get("outcomes", []))
    now: dict[str, Any] = {"now": lambda: str(int(clock.now().timestamp())), "sent": lambda: script.sent}
    names = {**WORLD["let"], **scenario.get("let", {}), **now}
    config = to_python("Config", {**resolve(given["config"], names), "path": str(tmp_path / "conek.db")})
    engine = await conek.open(config, transport=script, clock=clock)
    try:
        for template in given["templates"]:
            await call(engine, "templates.put", [template])
        setup = WORLD["setups"][scenario["setup"]] if "setup" in scenario else []
        for i, step in enumerate(setup + scenario["steps"]):
            operation, came, place = step["do"], None, f"{name}, step {i}, {step['do']}"
            names.update(step.get("let", {}))
            arguments = resolve(step.get("with", []), names)
            if operation == "clock.advance":
                clock.advance_ms(*arguments)
            elif operation == "reopen":
                await engine.close()
                engine = await conek.open(config, transport=script, clock=clock)
            elif operation == "settle":
                check(place, True, await engine.settle(60_000))
            else:
                failed = False
                try:
                    came = to_json(await call(engine, operation, arguments))
                except conek.ConekError as error:
                    failed, came = True, to_json(error)
                if failed != ("expect_error" in step):
                    pytest.fail(f"{place}: it should {'not ' * failed}fail, got {came}", pytrace=False)
            for key in {"expect", "expect_error"} & step.keys():
                check(place, resolve(step[key], names), came)
            if "as" in step:
                names[step["as"]] = came
        sent = sorted(script.sent, key=lambda message: json.dumps(message["to"], sort_keys=True))
        check(f"{name}, sent", resolve(scenario["sent"], names), sent)
    finally:
        await engine.close()
