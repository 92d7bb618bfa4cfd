"""Servers as they answer TLS handshakes: versions, and the certificate that they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyscan.collectors.interface import Answer, Item, Reading, Said, Target


class TlsCollector:
    """Shakes hands with the servers that the user or the configuration names, and with nobody
    else. It sends no data, no credential and no certificate of its own.

    Settings: `endpoints` (pairs of host and port), `owned` (whether they are ours; by default all
    but those of exchanges), `ca_file` (default: the CAs of this system).
    """

    name = "tls"
    kinds: tuple[str, ...] = ("TlsEndpoint",)
    subjects: Mapping[str, tuple[str, ...]] = dict.fromkeys(
        ("handshake", "chain", "name", "certificate"), kinds
    )
    permissions: Mapping[str, tuple[str, ...]] = {
        "TlsEndpoint": ("a connection to each endpoint",),
    }

    def collect(self, target: Target, reading: Reading) -> Iterator[Said]:
        """The answers of every endpoint, in the order in which they are named."""
        from policyscan.collectors.tls.asking import ask  # late: it needs ssl

        return ask(target, reading)

    def read(self, answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
        """One resource for each endpoint that answered, and its tally."""
        from policyscan.collectors.tls.reading import read_all  # late: often not needed

        return read_all(answers, reading)

    def doctor(self, target: Target) -> Iterator[tuple[str, str]]:
        """Which versions can be offered from here, whose roots are trusted, and what can read
        certificates."""
        from policyscan.collectors.tls.doctor import examine  # late: often not needed

        return examine(target)
