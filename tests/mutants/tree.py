"""Writes a copy of the repository whose modules hold all of their mutants at once."""

from __future__ import annotations

import ast
import difflib
import shutil
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from mutmut.mutation.file_mutation import mutate_file_contents

ROOT = Path(__file__).parents[2]
COPIED = ("policyscan", "policies", "tests", "pyproject.toml")
_THEIRS = "from mutmut.mutation.trampoline import wrap_in_trampoline as"
_OURS = "from tests.mutants.switch import switched as"


class Mutant(Struct, frozen=True):
    """One change."""

    module: str
    function: str
    """As the mutated module calls the original."""
    name: str
    was: str
    now: str

    def __str__(self) -> str:
        return f"{self.module}  {self.name}\n    - {self.was}\n    + {self.now}"


def plant(tree: Path, files: list[Path]) -> list[Mutant]:
    """Makes the copy, in which the modules are mutated; their mutants."""
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in COPIED:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, tree / name, **({"ignore": ignored} if source.is_dir() else {}))
    return [mutant for file in files for mutant in _mutated(tree, file)]


def _mutated(tree: Path, file: Path) -> Iterator[Mutant]:
    made = mutate_file_contents(str(file), (ROOT / file).read_text("utf-8"))
    code = made.code.replace(_THEIRS, _OURS)
    (tree / file).write_text(code, "utf-8")
    module = ".".join(file.with_suffix("").parts)
    texts = {
        node.name: [line.strip() for line in ast.unparse(node).splitlines()]
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef)
    }
    for name in made.mutant_names:
        short = name.rpartition(".")[2]
        function = short.rpartition("__mutmut_")[0] + "__mutmut_orig"
        changed = list(difflib.ndiff(texts[function][1:], texts[short][1:]))
        was, now = (
            " / ".join(line[2:] for line in changed if line.startswith(sign)) for sign in "-+"
        )
        yield Mutant(module, f"{module}.{function}", short, was, now)
