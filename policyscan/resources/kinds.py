"""Which module defines each kind, so that a run imports only the kinds it can meet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module

from policyscan.resources.base import Resource

MODULES = {
    "ApiKey": "keys",
    "ContainerImage": "containers",
    "ContainerWorkload": "containers",
    "DockerfileStage": "containers",
    "Detector": "monitoring",
    "GateFile": "governance",
    "IamAccessKey": "iam.model",
    "IamStatement": "iam.model",
    "LogGroup": "monitoring",
    "LoggingConfig": "logging",
    "NatGateway": "vpc",
    "NetworkAllowList": "allow_lists",
    "Program": "programs",
    "RotationProcess": "rotation.model",
    "Secret": "keys",
    "SecurityGroup": "network",
    "Subnet": "vpc",
    "TlsClientUse": "tls",
    "TlsEndpoint": "tls",
    "TlsServerConfig": "tls",
    "Trail": "monitoring",
    "Vpc": "vpc",
    "Workload": "workloads",
}
"""By kind, the module of this package."""


def load_kinds(names: Iterable[str]) -> Mapping[str, type[Resource]]:
    """The classes of these kinds by name, each imported when it is asked for."""
    return _Kinds(names)


class _Kinds(Mapping[str, type[Resource]]):
    def __init__(self, names: Iterable[str]) -> None:
        self._modules = {name: MODULES[name] for name in sorted(names)}

    def __getitem__(self, name: str) -> type[Resource]:
        module = import_module(f"policyscan.resources.{self._modules[name]}")
        kind: type[Resource] = getattr(module, name)
        return kind

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
