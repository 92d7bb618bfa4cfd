"""Dockerfiles as written: instructions with exact places, nothing evaluated.

Follows the Dockerfile reference (https://docs.docker.com/reference/dockerfile/) and, where that is
silent, what BuildKit's parser does.
"""

from __future__ import annotations

from policyscan.text.dockerfile.reader import read_dockerfile
from policyscan.text.dockerfile.syntax import (
    DockerfileText,
    Flag,
    Heredoc,
    Instruction,
    Pair,
    Word,
)
from policyscan.text.dockerfile.words import Pieces, Variable, parse_word

__all__ = [
    "DockerfileText",
    "Flag",
    "Heredoc",
    "Instruction",
    "Pair",
    "Pieces",
    "Variable",
    "Word",
    "parse_word",
    "read_dockerfile",
]
