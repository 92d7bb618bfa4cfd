"""Containers: the stages of Dockerfiles, the images made from them, and what runs."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.values import Many, Maybe


class SecretUse(Part):
    """A place in a Dockerfile or an image where a secret goes into a layer or an environment."""

    name: str
    """Of the variable or file; for a token inside a text, what it is: `a GitHub token`."""
    instruction: Literal[
        "ENV", "ARG", "LABEL", "COPY", "ADD", "RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"
    ]
    because: str
    """Which sign gave it away: `the name says token`, `the value is a GitHub token`."""


class DockerfileStage(Resource):
    """One stage of a Dockerfile, with what it inherits from the stages below it."""

    kind: ClassVar[str] = "DockerfileStage"

    name: Maybe[str | None] = None
    is_final: bool
    """The stage that is built: the target that the configuration names, or else the last one."""
    base_image: Maybe[str]
    """As written after FROM, expanded, without tag and digest; the stage's name if a stage."""
    base_tag: Maybe[str | None] = None
    """None if none is written, which means `latest` unless a digest is."""
    base_digest: Maybe[str | None] = None
    base_is_stage: Maybe[bool] = False
    base_family: Maybe[str]
    """`alpine`, `debian-slim`, `distroless`, `scratch` ...; of the lowest image that is not a
    stage."""
    user: Maybe[str | None] = None
    """The user in force at the end, with variables expanded; None if no USER is in force and the
    base sets none."""
    user_is_root: Maybe[bool]
    secrets: Many[SecretUse] = ()
    """Secrets that go into layers, of this stage and the stages below it."""


class ContainerImage(Resource):
    """An image as an engine describes it; never run, pulled or unpacked."""

    kind: ClassVar[str] = "ContainerImage"

    references: Many[Maybe[str]] = ()
    """What it is called: `desk/bot:1.4`."""
    digest: Maybe[str | None] = None
    """In a registry; None for an image that never was in one."""
    base_image: Maybe[str]
    """What it was built on, without tag and digest, as its labels or the stage that it was built
    from say. This and the next four mean what they do for a stage."""
    base_tag: Maybe[str | None] = None
    base_digest: Maybe[str | None] = None
    base_is_stage: Maybe[bool] = False
    base_family: Maybe[str]
    user: Maybe[str | None] = None
    """None if it names none, which means root."""
    user_is_root: Maybe[bool]
    secrets: Many[SecretUse] = ()
    """Secrets in its environment, labels and history."""
    environment_names: Many[Maybe[str]] = ()
    health_check: Maybe[bool] = False
    created_at: Maybe[datetime | None] = None
    history: tuple[str, ...] = ()
    """The instructions that built it, oldest first, in the form of `instructions.canonical`."""
    layers: tuple[str, ...] = ()
    """The digests of its layers, lowest first: an image begins with those of its base."""

    HIDDEN: ClassVar[frozenset[str]] = Resource.HIDDEN | {"history", "layers"}


class Mount(Part):
    """Something of its host that a container sees."""

    source: Maybe[str | None] = None
    """The path on the host, or the name of the volume."""
    target: Maybe[str | None] = None
    read_only: Maybe[bool] = False


class ContainerWorkload(Resource):
    """A container and what it is allowed, as it runs or is declared."""

    kind: ClassVar[str] = "ContainerWorkload"

    platform: Literal["docker", "compose", "kubernetes", "ecs"]
    name: Maybe[str | None] = None
    image: Maybe[str | None] = None
    """As it was named when the container was made."""
    running: Maybe[bool] = True
    user: Maybe[str | None] = None
    """The user in force, that of its image included; None means root."""
    user_is_root: Maybe[bool]
    """Whether it has user id 0 inside."""
    root_is_mapped: Maybe[bool] = False
    """Whether user id 0 inside is an ordinary user of the host: the engine runs without root, or
    gives containers a user namespace. It still is root to all that is inside."""
    privileged: Maybe[bool] = False
    capabilities_added: Many[Maybe[str]] = ()
    """In upper case, without `CAP_`."""
    all_capabilities_dropped: Maybe[bool] = False
    no_new_privileges: Maybe[bool] = False
    read_only_root: Maybe[bool] = False
    docker_socket: Maybe[bool] = False
    """Whether it sees the socket of the engine, by any path that leads there."""
    host_network: Maybe[bool] = False
    host_pid: Maybe[bool] = False
    host_ipc: Maybe[bool] = False
    mounts: Many[Mount] = ()
    memory_limit: Maybe[int | None] = None
    """In bytes; None without one."""
    pids_limit: Maybe[int | None] = None
    restart: Maybe[str | None] = None
    """`no`, `always`, `on-failure`, `unless-stopped`."""
    log_driver: Maybe[str | None] = None
    """Without its options, which may hold tokens."""
    secret_variables: Many[SecretUse] = ()
    environment_names: Many[Maybe[str]] = ()
