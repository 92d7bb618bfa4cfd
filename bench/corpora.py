"""The trees that are scanned: directories that are given, or an estate written for the purpose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import estate


@dataclass(frozen=True)
class Corpus:
    """A tree, and what in it the scanners are compared on."""

    name: str
    path: Path
    terraform: int
    """The number of `*.tf` files."""
    dockerfiles: tuple[Path, ...]
    python: int
    """The number of `*.py` files; no peer reads them."""


def corpora(directories: list[Path], scratch: Path) -> list[Corpus]:
    """Those directories; or those below `BENCH_CORPORA`; or else a generated estate."""
    below = os.environ.get("BENCH_CORPORA")
    if not directories and below:
        directories = sorted(path for path in Path(below).iterdir() if path.is_dir())
    chosen = directories or list(_generated(scratch))
    found = [look(path) for path in chosen]
    return [each for each in found if each.terraform or each.dockerfiles or each.python]


def look(path: Path) -> Corpus:
    """What there is to scan below `path`."""
    path = path.resolve()
    files = [file for file in path.rglob("*") if ".git" not in file.parts and file.is_file()]
    return Corpus(
        path.name,
        path,
        sum(file.suffix == ".tf" for file in files),
        tuple(sorted(file for file in files if _is_dockerfile(file.name))),
        sum(file.suffix == ".py" for file in files),
    )


def _is_dockerfile(name: str) -> bool:
    return name == "Dockerfile" or name.startswith("Dockerfile.") or name.endswith(".Dockerfile")


def _generated(scratch: Path) -> Iterator[Path]:
    for name, files in (
        ("generated-terraform", estate.terraform()),
        ("generated-dockerfiles", estate.dockerfiles()),
        ("generated-programs", estate.programs()),
    ):
        for path, text in files.items():
            file = scratch / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        yield scratch / name
