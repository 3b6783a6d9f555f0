"""Checks the generated Swift without a Swift compiler: its syntax, and that the whole surface is there.

`python bindings/uniffi/swift/check.py` after `bindings/uniffi/build`; needs requirements.txt.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import tree_sitter
import tree_sitter_swift

HERE = Path(__file__).resolve().parent
SOURCE = HERE / "target" / "Conek.swift"
SURFACE = json.loads((HERE.parent.parent / "surface.json").read_text())

# The grammar does not know this attribute; blank lines keep the line numbers.
HIDDEN = re.compile(rb"(?m)^[ \t]*#if swift\(>=5\.8\)\n[ \t]*@_documentation\(visibility: private\)\n[ \t]*#endif\n")


def parse(source: bytes) -> tree_sitter.Node:
    language = tree_sitter.Language(tree_sitter_swift.language())
    return tree_sitter.Parser(language).parse(HIDDEN.sub(b"\n\n\n", source)).root_node


def syntax_errors(root: tree_sitter.Node) -> list[str]:
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(f"line {node.start_point[0] + 1}: {node.text[:60]!r}")
        else:
            waiting.extend(child for child in node.children if child.has_error)
    return found


def camel(snake: str) -> str:
    first, *rest = snake.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def block(source: str, head: str) -> str:
    """What stands in the braces behind the first match of `head`; empty where there is none."""
    found = re.search(head + r"[^{]*\{", source)
    if not found:
        return ""
    depth, start = 0, found.end() - 1
    for i in range(start, len(source)):
        depth += (source[i] == "{") - (source[i] == "}")
        if depth == 0:
            return source[start:i]
    return ""


def functions(body: str) -> dict[str, list[str]]:
    found = re.findall(r"func `?(\w+)`?\((.*?)\)\s*(?:async|throws|->|\n|$)", body, re.S)
    return {name: re.findall(r"`?(\w+)`?\s*:", re.sub(r"\[[^\]]*\]", "x", params)) for name, params in found}


def missing(source: str) -> list[str]:
    gone = []
    classes = dict(re.findall(r"func `?(\w+)`?\(\)\s*->\s*(\w+)", block(source, r"protocol EngineProtocol\b")))
    for operation in SURFACE["operations"] + SURFACE["ports"]:
        owner, name = operation["namespace"], camel(operation["name"])
        protocol = owner if owner[0].isupper() else ("Engine" if owner == "engine" else classes.get(camel(owner), owner)) + "Protocol"
        offered = functions(block(source, rf"protocol {protocol}\b"))
        params = [camel(param["name"]) for param in operation["params"]]
        if offered.get(name) != params:
            gone.append(f"{protocol}.{name}({', '.join(params)}) is {offered.get(name)}")
    free = functions("\n".join(re.findall(r"(?m)^public func .*$", source)))
    for function in SURFACE["functions"]:
        if free.get(camel(function["name"])) != [camel(p["name"]) for p in function["params"]]:
            gone.append(f"{function['name']} is {free.get(camel(function['name']))}")
    for record in SURFACE["records"]:
        body = block(source, rf"public struct {record['name']}\b")
        gone += [f"{record['name']}.{f['name']}" for f in record["fields"] if f" {camel(f['name'])}:" not in body.replace("`", "")]
    for sum_ in SURFACE["enums"]:
        body = block(source, rf"public\s+(?:indirect\s+)?enum {sum_['name']}\b").replace("`", "")
        gone += [f"{sum_['name']}.{v['code']}" for v in sum_["variants"] if not re.search(rf"case {camel(v['code'])}\b", body)]
    errors = block(source, r"enum ConekError\b").replace("`", "")
    return gone + [f"ConekError.{e['name']}" for e in SURFACE["errors"] if not re.search(rf"case {e['name']}\b", errors)]


def main() -> int:
    source = SOURCE.read_bytes()
    problems = syntax_errors(parse(source)) + missing(source.decode())
    if not syntax_errors(parse(source.replace(b"{", b"(", 1))):
        problems.append("a broken file was not found out")
    header = str(HERE / "target" / "ConekFFI.h")
    header = ["gcc", "-D_Nonnull=", "-D_Nullable=", "-fsyntax-only", "-include", header, "-x", "c", "/dev/null"]
    problems += subprocess.run(header, capture_output=True, text=True).stderr.splitlines()
    for problem in problems:
        print(problem)
    print(f"{SOURCE.name}: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
