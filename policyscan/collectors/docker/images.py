"""An image, from what its engine says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from policyscan.collectors.docker.fields import (
    Record,
    partial,
    secret_uses,
    tags_of,
)
from policyscan.resources.accounts import created_roots, entries_of_root
from policyscan.resources.base import Chain, Origin, Step, StepKind
from policyscan.resources.containers import ContainerImage, SecretUse
from policyscan.resources.images import TABLE, Reference, base_images, user_is_root
from policyscan.resources.instructions import canonical
from policyscan.values import Many, Maybe, Unknown, Why, first, is_known

BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"
MAX_SECRETS = 50
_DIGEST = re.compile(r"sha(?:256|512):[0-9a-f]{64,128}")
_NAME = re.compile(r"[\w][\w./:@-]{0,510}", re.ASCII)
_NO_NAME = "<none>"
NO_BASE = Unknown(
    Why.BASE_IMAGE, f"the label {BASE_NAME}, or the Dockerfile that the image was built from"
)


def image_of(
    name: str, origin: Origin, row: Mapping[str, Any], record: Record, history: Record
) -> ContainerImage:
    """The image of the id `name`; `row` is what the list of images says of it."""
    references = _references(record, row)
    lines = _lines(history)
    secrets, ways = _secrets(record, history)
    user = record.text("Config.User")
    tags = tags_of(record)
    base = _base(tags)
    family = base_images().family(base) if base is not None else None
    known = [each for each in references if isinstance(each, str)]
    digests = _digests(record, row)
    return ContainerImage(
        address=f"image:{sorted(known)[0] if known else name}",
        origin=origin,
        names=tuple(dict.fromkeys((name, *known, *digests))),
        tags=tags,
        chains={
            **_chains(record),
            **ways,
            "base_family": _family_chain(record, base),
        },
        references=references if record.answer is not None or known else record.unknown("RepoTags"),
        digest=digests[0].partition("@")[2] if digests else _no_digest(record),
        base_image=NO_BASE if base is None else base.name,
        base_tag=NO_BASE if base is None else base.tag,
        base_digest=NO_BASE if base is None else _base_digest(base, tags),
        base_is_stage=False,
        base_family=NO_BASE if family is None else family,
        user=(user or None) if is_known(user) else user,
        user_is_root=is_root(user, _roots(lines)),
        secrets=secrets,
        environment_names=_environment(record),
        health_check=_health_check(record),
        created_at=record.moment("Created"),
        history=lines,
        layers=tuple(_known(record.texts("RootFS.Layers"))),
    )


def is_root(user: Maybe[str], roots: set[str]) -> Maybe[bool]:
    """Whether a user has user id 0; `roots` are names that are known to."""
    if not isinstance(user, str):
        return user
    found = user_is_root(user, roots)
    return Unknown(Why.NOT_SEEN, "a user without a blank in it") if found is None else found


def _chains(record: Record) -> dict[str, Chain]:
    return {
        **record.chains(
            references="RepoTags",
            digest="RepoDigests",
            user="Config.User",
            user_is_root="Config.User",
            secrets="Secrets",
            environment_names="Config.Env",
            health_check="Config.Healthcheck.Test",
            created_at="Created",
            base_image=f'Config.Labels["{BASE_NAME}"]',
            base_tag=f'Config.Labels["{BASE_NAME}"]',
            base_digest=f'Config.Labels["{BASE_DIGEST}"]',
        )
    }


def _family_chain(record: Record, base: Reference | None) -> Chain:
    step = Step(
        StepKind.TABLE, f"{TABLE}: {base.name if base else '?'} as of {base_images().as_of}"
    )
    return (*record.chain(f'Config.Labels["{BASE_NAME}"]'), *((step,) if base else ()))


def _references(record: Record, row: Mapping[str, Any]) -> tuple[Maybe[str], ...]:
    """The names with a tag, of the image or of its row in the list."""
    found = record.texts("RepoTags")
    listed = row.get("RepoTags")
    texts = found if isinstance(found, tuple) else tuple(listed if isinstance(listed, list) else ())
    return tuple(
        each
        for each in texts
        if not isinstance(each, str) or (_NO_NAME not in each and _NAME.fullmatch(each))
    )


def _digests(record: Record, row: Mapping[str, Any]) -> list[str]:
    found = record.texts("RepoDigests")
    listed = row.get("RepoDigests")
    texts = found if isinstance(found, tuple) else listed if isinstance(listed, list) else ()
    known = (each for each in texts if isinstance(each, str) and _NO_NAME not in each)
    return sorted(each for each in known if _DIGEST.fullmatch(each.partition("@")[2]))


def _no_digest(record: Record) -> Maybe[str | None]:
    found = record.texts("RepoDigests")
    return None if isinstance(found, tuple) else record.unknown("RepoDigests")


def _base(tags: Any) -> Reference | None:
    """What the labels say that the image was built on."""
    name = tags.get(BASE_NAME) if isinstance(tags, Mapping) else None
    known = isinstance(name, str) and _NAME.fullmatch(name)
    return Reference.parse(str(name)) if known else None


def _base_digest(base: Reference, tags: Any) -> Maybe[str | None]:
    """The digest that the base was pinned to. A label of its own tells which image it was, and not
    whether the Dockerfile had asked for that one."""
    if base.digest is None and BASE_DIGEST in tags:
        return Unknown(Why.BASE_IMAGE, "the Dockerfile that the image was built from")
    return base.digest


def _health_check(record: Record) -> Maybe[bool]:
    words = record.texts("Config.Healthcheck.Test")
    if not isinstance(words, tuple):
        return record.unknown("Config.Healthcheck.Test")
    if not words:
        return False
    first_word = words[0]
    return first_word != "NONE" if isinstance(first_word, str) else record.unknown("Healthcheck")


def _environment(record: Record) -> Many[Maybe[str]]:
    return record.texts("Config.Env")


def _lines(history: Record) -> tuple[str, ...]:
    """The history, oldest first; nothing if it is not known whole."""
    rows = history.data if isinstance(history.data, list) else []
    texts = [row.get("CreatedBy") if isinstance(row, dict) else None for row in rows]
    if not all(isinstance(text, str) for text in texts):
        return ()
    return tuple(filter(None, (canonical(str(text)) for text in reversed(texts))))


def roots_of(history: Record) -> set[str]:
    """The accounts with user id 0 that the history of an image shows being made."""
    return _roots(_lines(history))


def _roots(lines: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        if line.startswith("RUN "):
            found |= created_roots(line)
            found |= entries_of_root(line) if "passwd" in line else set()
    return found


def _secrets(record: Record, history: Record) -> tuple[Many[SecretUse], dict[str, Chain]]:
    """The secrets of the configuration and of the history, and the way of each."""
    places: list[tuple[Record, str, Any]] = [(record, "Secrets", record.at("Secrets"))]
    rows = history.data if isinstance(history.data, list) else []
    for number, row in enumerate(rows):
        if isinstance(row, dict):
            places.append((history, f"[{number}]", row.get("Secrets")))
    found: dict[tuple[str, str], tuple[SecretUse, Chain]] = {}
    doubt: Unknown | None = None
    for source, path, listed in places:
        uses, why = secret_uses(listed)
        doubt = first(doubt, why)
        for use in uses:
            step = Step(StepKind.INSTRUCTION, f"{use.instruction} {use.name}")
            call = (source.answer.call(),) if source.answer is not None else ()
            chain = (step, Step(StepKind.ANSWER, path), *call)
            found.setdefault((use.name, use.instruction), (use, chain))
    doubt = first(doubt, _unsure(record))
    if history.answer is None:
        doubt = first(doubt, history.unknown("history"))
    if len(found) > MAX_SECRETS:
        doubt = first(doubt, Unknown(Why.BUDGET, f"the secrets after the first {MAX_SECRETS}"))
    kept = [*found.values()][:MAX_SECRETS]
    ways = {f"secrets[{number}]": chain for number, (_, chain) in enumerate(kept)}
    return partial([use for use, _ in kept], doubt), ways


def _unsure(record: Record) -> Unknown | None:
    """Why what the configuration holds may not be known whole."""
    environment, tags = record.texts("Config.Env"), tags_of(record)
    members = environment if isinstance(environment, tuple) else (environment,)
    unknown = (each for each in (*members, tags) if isinstance(each, Unknown))
    return next(unknown, None)


def _known(texts: Any) -> list[str]:
    return [each for each in texts if isinstance(each, str)] if isinstance(texts, tuple) else []
