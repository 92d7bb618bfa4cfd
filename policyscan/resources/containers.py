"""Containers: the stages of Dockerfiles."""

from __future__ import annotations

from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.values import Many, Maybe


class SecretUse(Part):
    """A place in a Dockerfile where a secret goes into a layer."""

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
