"""What the tests of the engine share: rules of their own, trees, and programs that pretend."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from policyscan.collectors.code.names import language_of
from policyscan.collectors.code.semgrep.engines import Engine
from policyscan.collectors.code.semgrep.model import Match, RuleSet
from policyscan.collectors.code.semgrep.rules import rule_of
from policyscan.collectors.code.semgrep.search import matches
from policyscan.resources.base import Gap
from policyscan.text.tree import DirectoryTree, Tree

VERSION = "1.999.0"


def rule(name: str, pattern: str, *languages: str, literals: Sequence[str]) -> dict[str, Any]:
    return {
        "id": name,
        "languages": list(languages),
        "severity": "INFO",
        "message": "$V",
        "metadata": {"kind": "TlsClientUse", "literals": list(literals)},
        "pattern": pattern,
    }


def rule_set(*bodies: Mapping[str, Any], digest: str = "rules of a test") -> RuleSet:
    return RuleSet(tuple(map(rule_of, bodies)), digest)


RULES = rule_set(
    rule("py-verify", "$F(..., verify=$V, ...)", "python", literals=["verify"]),
    rule(
        "js-reject",
        "{..., rejectUnauthorized: $V, ...}",
        "javascript",
        "typescript",
        literals=["rejectUnauthorized"],
    ),
    rule("go-skip", "tls.Config{..., InsecureSkipVerify: $V, ...}", "go", literals=["tls.Config"]),
    rule("java-any", "$O.setTrustAll($V)", "java", literals=["setTrustAll"]),
)


def tree_of(root: Path, files: Mapping[str, str | bytes]) -> DirectoryTree:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return DirectoryTree(root)


def search(
    tree: Tree,
    *,
    rules: RuleSet = RULES,
    engines: Sequence[Engine] | None = None,
    paths: Iterable[str] | None = None,
) -> list[Match | Gap]:
    by_language: dict[str, list[str]] = {}
    for path in tree.files() if paths is None else paths:
        by_language.setdefault(language_of(path), []).append(path)
    return list(matches(tree, by_language, rules, engines))


def found(items: Iterable[Match | Gap]) -> list[tuple[str, str]]:
    """Path and text of each match."""
    return [(item.path, item.text) for item in items if isinstance(item, Match)]


def gaps(items: Iterable[Match | Gap]) -> list[Gap]:
    return [item for item in items if isinstance(item, Gap)]


PRETENDER = """\
#!{python} -IS
import json, os, signal, sys, time
names = sorted(os.listdir("files"))
texts = {{name: open("files/" + name).read() for name in names}}
ids = [rule["id"] for rule in json.load(open("rules.json"))["rules"]]
is_probe = ids == ["probe"]

def given():
    # the files of the tree
    return [name for name in names if name != "probe.py"]

def result(name, rule=ids[0], text="False", start=0, end=1):
    if name == "probe.py":
        rule, text = "probe", "1"
    return {{"check_id": rule, "path": "files/" + name, "start": {{"offset": start, "line": 1}},
            "end": {{"offset": end, "line": 1}}, "extra": {{"message": text}}}}

def answer(results=None, errors=(), scanned=None, skipped=(), version={version!r}, **more):
    if results is None:
        results = [result(name) for name in names]
    scanned = ["files/" + name for name in names] if scanned is None else scanned
    paths = {{"scanned": scanned, "skipped": skipped and list(skipped)}}
    return json.dumps({{"version": version, "results": results, "errors": list(errors),
                       "paths": paths, **more}})

def bad():
    return [name for name, text in texts.items() if "BAD" in text]

"""
"""A program that answers like semgrep, for what follows to spoil."""

HONEST_PROBE = "if is_probe:\n    print(answer()); sys.exit()\n"


def pretender(
    folder: Path, script: str, *, name: str = "native", honest: bool = False, python: str = ""
) -> Engine:
    """An engine that does what the script says; an honest one answers the probe as it should."""
    program = folder / f"{name}-engine"
    text = PRETENDER.format(python=python or sys.executable, version=VERSION)
    program.write_text(text + (HONEST_PROBE if honest else "") + textwrap.dedent(script))
    program.chmod(0o755)
    return Engine(name, str(program), ("osemgrep", "scan"), VERSION)
