"""The requests that are sent to an engine, all of them.

Whoever may send them to the socket of an engine may send any other as well: access to it is as good
as root on its host. So what is sent is held to this list by `guard.py`.
https://docs.docker.com/reference/api/engine/
"""

from __future__ import annotations

import re
from collections.abc import Mapping

VERSION = "GET /version"
INFO = "GET /info"
IMAGES = "GET /images/json"
IMAGE = "GET /images/{name}/json"
HISTORY = "GET /images/{name}/history"
CONTAINERS = "GET /containers/json"
CONTAINER = "GET /containers/{id}/json"
VOLUMES = "GET /volumes"

PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "ContainerImage": (VERSION, IMAGES, IMAGE, HISTORY),
    "ContainerWorkload": (VERSION, INFO, CONTAINERS, CONTAINER, VOLUMES),
}
"""By kind, the requests that tell of it."""

SUBJECTS: Mapping[str, tuple[str, ...]] = {
    subject: tuple(kind for kind, subjects in PERMISSIONS.items() if subject in subjects)
    for subject in dict.fromkeys(each for subjects in PERMISSIONS.values() for each in subjects)
}
"""By request, the kinds that it tells of."""

NAME = re.compile(r"[A-Za-z0-9](?:(?!\.\.|//|/\./)[A-Za-z0-9._/:@-]){0,510}")
"""The name, digest or id of an image."""

_PATHS = re.compile(
    r"(?:/v[0-9]+\.[0-9]+)?"
    rf"(?:/_ping|/version|/info|/volumes|/images/json|/containers/json"
    rf"|/images/{NAME.pattern}/(?:json|history)|/containers/[0-9a-f]{{12,64}}/json)"
)


def allowed(method: str, path: str) -> bool:
    """Whether a request is one of ours; `path` has no query."""
    return method == "GET" and _PATHS.fullmatch(path) is not None
