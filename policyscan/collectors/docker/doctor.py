"""What `collectors doctor` says of an engine."""

from __future__ import annotations

from collections.abc import Iterator

from policyscan.collectors.docker.engine import SECONDS, Engine, load_sdk, shown
from policyscan.collectors.interface import Target
from policyscan.errors import ReadError
from policyscan.resources.masking import mask


def examine(target: Target) -> Iterator[tuple[str, str]]:
    """Whether the SDK is here, which engine would be asked, and whether it answers."""
    try:
        docker = load_sdk()
    except ReadError as error:
        yield "docker SDK", f"missing: {error.message}"
        return
    yield "docker SDK", f"ok: docker {docker.__version__}"
    try:
        engine = Engine(docker, str(target.settings.get("host") or ""), SECONDS)
    except ReadError as error:
        yield "engine", f"missing: {error.message}"
        return
    try:
        found = engine.version()
        says = f"Docker {found.get('Version')}, API {found.get('ApiVersion')}"
        yield "engine", f"ok: {mask(says)[:200]} at {shown(engine.address)}"
    except ReadError as error:
        yield "engine", f"missing: {error.message}"
    finally:
        engine.close()
