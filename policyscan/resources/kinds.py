"""Which module defines each kind, so that a run imports only the kinds it can meet."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from policyscan.resources.base import Resource

MODULES = {
    "DockerfileStage": "containers",
    "Detector": "monitoring",
    "LogGroup": "monitoring",
    "Secret": "keys",
    "SecurityGroup": "network",
    "TlsServerConfig": "tls",
    "Trail": "monitoring",
}
"""By kind, the module of this package."""


def load_kinds(names: Iterable[str]) -> dict[str, type[Resource]]:
    """The classes of these kinds by name."""
    return {
        name: getattr(import_module(f"policyscan.resources.{MODULES[name]}"), name)
        for name in sorted(names)
    }
