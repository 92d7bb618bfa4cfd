"""Source code and logging configuration, read as data and never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyscan.collectors.code.names import is_claimed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyscan.collectors.interface import Item, Reading, Target
    from policyscan.text.tree import Tree


class CodeCollector:
    """Reads source files, manifests of dependencies, and the configuration of loggers."""

    name = "code"
    kinds: tuple[str, ...] = ("LoggingConfig", "Program", "TlsClientUse")

    def claims(self, path: str, head: bytes) -> bool:  # noqa: ARG002 - the name decides
        """True for a file that is named like source code, a manifest or a logging
        configuration."""
        return is_claimed(path)

    def read(self, tree: Tree, paths: Sequence[str], reading: Reading) -> Iterator[Item]:
        """The programs, logging configurations and clients of TLS in all files."""
        from policyscan.collectors.code.collector import read_all  # late: often not needed

        return read_all(tree, paths, reading)

    def doctor(self, target: Target) -> Iterator[tuple[str, str]]:  # noqa: ARG002 - it has none
        """Whether semgrep is here, which the rules on source code need."""
        from policyscan.collectors.code.doctor import examine  # late: often not needed

        return examine()
