"""Which files are Dockerfiles, by their names."""

from __future__ import annotations

_NAMES = ("dockerfile", "containerfile")
_DASHED = tuple(f"{name}{dash}" for name in ("Dockerfile", "Containerfile") for dash in "-_")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEMPLATES = _words("erb hbs j2 jinja jinja2 mustache template tmpl tpl")
_OTHER = _words(
    "adoc bak c cfg class conf cpp cs css diff dockerignore gz go h html ini java js json jsx kt"
    " lock log lua md mjs orig patch php pl png py pyc pyi rb rs rst scala sh snap swift svg swp"
    " tar toml ts tsx txt vim vue xml yaml yml zip"
)
"""Endings of files about Dockerfiles that are none."""


def is_template(path: str) -> bool:
    """True for `Dockerfile.j2` and the like, which are Dockerfiles only once rendered."""
    return path.lower().rpartition(".")[2] in _TEMPLATES


def is_dockerfile(path: str) -> bool:
    """True for `Dockerfile`, `Dockerfile.dev`, `Dockerfile-dev`, `dev.Dockerfile`, the same with
    `Containerfile`, and templates of them."""
    name = path.rpartition("/")[2]
    if is_template(name):
        name = name.rpartition(".")[0]
    lowered = name.lower()
    first, _, _ = lowered.partition(".")
    ending = lowered.rpartition(".")[2]
    if ending in _NAMES:
        return True
    return ending not in _OTHER and (first in _NAMES or name.startswith(_DASHED))
