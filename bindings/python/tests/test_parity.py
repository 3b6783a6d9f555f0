"""Python offers the core's whole surface, and its stubs tell the truth."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import conek

HERE = Path(__file__).parent
SURFACE: dict[str, Any] = json.loads((HERE.parents[1] / "surface.json").read_text())
STUB = ast.parse((HERE.parent / "python" / "conek" / "_conek.pyi").read_text())
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}
FUNCTIONS = {node.name: node for node in STUB.body if isinstance(node, ast.AsyncFunctionDef)}


def parameters(function: ast.AsyncFunctionDef | ast.FunctionDef) -> set[tuple[str, bool]]:
    """Names, and whether they may be left out."""
    given = [a.arg for a in function.args.args if a.arg not in ("self", "cls")]
    first_optional = len(given) - len(function.args.defaults)
    found = {(a, i >= first_optional) for i, a in enumerate(given)}
    named = zip(function.args.kwonlyargs, function.args.kw_defaults)
    return found | {(a.arg, value is not None) for a, value in named}


def namespaces() -> dict[str, str]:
    """The engine's getters and their classes."""
    getters = {"engine": "Engine"}
    for node in CLASSES["Engine"].body:
        if isinstance(node, ast.FunctionDef) and node.decorator_list and isinstance(node.returns, ast.Name):
            getters[node.name] = node.returns.id
    return getters


def test_every_operation_is_there_with_its_parameters_and_no_other() -> None:
    core = {
        (o["namespace"], o["name"]): {(p["name"], p["optional"]) for p in o["params"]} for o in SURFACE["operations"]
    }
    python = {
        (namespace, node.name): parameters(node)
        for namespace, name in namespaces().items()
        for node in CLASSES[name].body
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("__")
    }
    assert python == core


def test_every_function_without_an_engine_is_there_with_its_parameters() -> None:
    stubs = {n.name: parameters(n) for n in STUB.body if isinstance(n, ast.FunctionDef)}
    for function in SURFACE["functions"]:
        assert stubs[function["name"]] == {(p["name"], p["optional"]) for p in function["params"]}
        assert callable(getattr(conek, function["name"]))


def test_the_idioms_are_there() -> None:
    for idiom in SURFACE["idioms"]:
        found: ast.AsyncFunctionDef | ast.FunctionDef
        if idiom["name"] == "open":
            found = FUNCTIONS["open"]
        else:
            home = CLASSES[namespaces()[idiom["namespace"]]]
            [found] = [n for n in home.body if isinstance(n, ast.FunctionDef) and n.name == idiom["name"]]
        assert {name for name, _ in parameters(found)} == set(idiom["params"])


def test_every_type_is_there_with_its_fields() -> None:
    for record in SURFACE["records"]:
        fields = {f["name"] for f in record["fields"]}
        assert fields <= set(dir(getattr(conek, record["name"])))
        [new] = [n for n in CLASSES[record["name"]].body if isinstance(n, ast.FunctionDef) and n.name == "__new__"]
        assert parameters(new) == {(f["name"], f["optional"]) for f in record["fields"]}
    for sum in SURFACE["enums"]:
        kind = getattr(conek, sum["name"])
        if sum["plain"]:
            assert [m.value for m in kind] == [v["code"] for v in sum["variants"]]
        else:
            for variant in sum["variants"]:
                case = getattr(kind, "".join(w.title() for w in variant["code"].split("_")))
                assert set(case.__match_args__) == {f["name"] for f in variant["fields"]}


def test_what_a_host_implements_has_the_core_s_methods() -> None:
    for port in (p for p in SURFACE["ports"] if not p.get("provided")):
        method = getattr(getattr(conek, port["namespace"]), port["name"])
        given = set(method.__code__.co_varnames[: method.__code__.co_argcount]) - {"self"}
        assert given == {p["name"] for p in port["params"]}


def test_the_stubs_say_what_the_module_does() -> None:
    allowed = HERE / "stubtest_allowed.txt"
    run = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "conek._conek", "--ignore-disjoint-bases", "--allowlist", str(allowed)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
