"""Reads policies from a directory; every mistake is a PolicyError with its place."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path

from policyscan.data import policies_directory
from policyscan.errors import PolicyError
from policyscan.findings.criteria import PATTERN as CRITERION
from policyscan.findings.model import Plane, Severity
from policyscan.policy.claims import Claims
from policyscan.policy.kept import KeptPolicies
from policyscan.policy.model import Catalogue, Policy, PolicyStub
from policyscan.policy.reader import ID, read_policy
from policyscan.resources.base import Resource
from policyscan.text.files import StoredFile, StoredFolder
from policyscan.text.yaml import MAX_BYTES, Document

_SUFFIXES = (".yaml", ".yml")
_NOT_POLICIES = frozenset({"profiles"})
_DEPTH = 8
_TOP_KEYS = ("id", "version", "slug", "severity", "plane", "control")
_TOP_KEY = re.compile(rf"^({'|'.join(_TOP_KEYS)}):[ \t]*[\"']?([\w-]+)", re.MULTILINE)
_KINDS = re.compile(r"^resource:[ \t]*(?:([A-Za-z]+)|\[([^\]\n]{1,400})\])[ \t]*$", re.MULTILINE)
_CRITERIA = re.compile(r"^criteria:(?:\s*\[([^\]]{1,4000})\])?", re.MULTILINE)
_ALIASES = re.compile(r"^aliases:(?:\s*\[([^\]]{1,4000})\])?", re.MULTILINE)
_RELATED = re.compile(r"\bresources\(\s{0,40}\\?[\"']{1,2}([A-Za-z]{1,60})")
_TITLE = re.compile(r"^title:(.*)$", re.MULTILINE)

Directory = Path | Traversable | StoredFolder | StoredFile


def load_policies(
    directory: Directory,
    kinds: Mapping[str, type[Resource]],
    only_kinds: frozenset[str] | None = None,
    kept: KeptPolicies | None = None,
    *,
    named: Collection[str] = (),
    claims: Claims | None = None,
) -> Catalogue:
    """Every policy in `directory`, or of them those on `only_kinds` and those that are `named` by
    their id; the others become stubs.

    `kinds` are all kinds that policies may name. Files under `profiles/` are left out. With `kept`,
    which is about the same kinds, what was read before is not read again. `claims` are those of
    other directories.
    """
    policies: list[Policy] = []
    stubs: list[PolicyStub] = []
    claims = Claims() if claims is None else claims
    remark = ", which ships" if directory == policies_directory() else ""
    for path, file in policy_files(directory, directory.name):
        data = read_file(file, path)
        document = Document.of(path, data, PolicyError)
        digest = hashlib.sha256(data).hexdigest()
        stub = _stub(document, digest) if only_kinds is not None else None
        if stub is not None and not kinds.keys() >= {*stub.kinds}:
            stub = None  # it is read, and says which kind there is none of
        item: Policy | PolicyStub
        if stub is not None and not _is_wanted(stub, only_kinds, named):
            stubs.append(stub)
            item = stub
        else:
            policy = kept.get(document, digest, kinds) if kept is not None else None
            if policy is None:
                policy = read_policy(document, digest, kinds)
                if kept is not None:
                    kept.put(policy)
            policies.append(policy)
            item = policy
        claims.claim(document, item.id, item.slug, item.aliases, f"{item.path}{remark}")
    return Catalogue(
        tuple(sorted(policies, key=lambda policy: policy.id)),
        tuple(sorted(stubs, key=lambda stub: stub.id)),
    )


def _is_wanted(stub: PolicyStub, only_kinds: frozenset[str] | None, named: Collection[str]) -> bool:
    return only_kinds is None or stub.id in named or not only_kinds.isdisjoint(stub.kinds)


def policy_files(directory: Directory, prefix: str) -> Iterator[tuple[str, Directory]]:
    """Every policy file with its path from `prefix` on, in a stable order; a directory that links
    lead to more than once is read once. Raises PolicyError."""
    yield from _files_in(directory, prefix, 0, set())


def _files_in(
    directory: Directory, prefix: str, depth: int, seen: set[Path]
) -> Iterator[tuple[str, Directory]]:
    if depth > _DEPTH:
        raise PolicyError(f"more than {_DEPTH} directories in one another", path=prefix)
    try:
        if isinstance(directory, Path):
            place = directory.resolve()
            if place in seen:
                return
            seen.add(place)
        named = sorted(directory.iterdir(), key=lambda child: child.name)
        children = [(child, child.is_dir()) for child in named]
    except (OSError, RuntimeError) as error:  # the latter of links that lead nowhere but in a ring
        said = error.strerror if isinstance(error, OSError) else None
        raise PolicyError(said or "cannot be read", path=prefix) from None
    for child, is_folder in children:
        path = f"{prefix}/{child.name}"
        if is_folder:
            if not (depth == 0 and child.name in _NOT_POLICIES):
                yield from _files_in(child, path, depth + 1, seen)
        elif child.name.endswith(_SUFFIXES):
            yield path, child


def read_file(file: Directory, path: str) -> bytes:
    """The bytes of a policy file; of one that is too large, a few more than are allowed. Raises
    PolicyError."""
    try:
        if isinstance(file, Path) and file.exists() and not file.is_file():
            hint = "Take it out of the folder."  # a pipe may have no end
            raise PolicyError("it is no regular file", path=path, hint=hint)
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError(error.strerror or "cannot be read", path=path) from None


def _stub(document: Document, digest: str) -> PolicyStub | None:
    """What the file says about itself at the start of its lines, without reading it as YAML; None
    if that is not plain to see."""
    found: dict[str, str] = {}
    for match in _TOP_KEY.finditer(document.text):
        found.setdefault(match[1], match[2])
    title, criteria = _title(document.text), _criteria(document.text)
    kinds = _KINDS.search(document.text)
    if len(found) < len(_TOP_KEYS) or not title or not found["version"].isdecimal():
        return None
    aliases = _aliases(document.text)
    if criteria is None or aliases is None or kinds is None:
        return None
    try:
        severity, plane = Severity(found["severity"]), Plane(found["plane"])
    except ValueError:
        return None
    return PolicyStub(
        id=found["id"],
        version=int(found["version"]),
        slug=found["slug"],
        title=title,
        severity=severity,
        plane=plane,
        kinds=tuple(kind.strip() for kind in (kinds[1] or kinds[2]).split(",")),
        control=found["control"],
        criteria=criteria,
        path=document.path,
        sha256=digest,
        aliases=aliases,
        related=frozenset(_RELATED.findall(document.text)),
    )


def _criteria(text: str) -> tuple[str, ...] | None:
    """The ids in brackets behind the key; None if they are written in another form."""
    match = _CRITERIA.search(text)
    if match is None:
        return ()
    return None if match[1] is None else tuple(re.findall(CRITERION, match[1]))


def _aliases(text: str) -> tuple[str, ...] | None:
    """The same for former ids."""
    match = _ALIASES.search(text)
    if match is None:
        return ()
    return None if match[1] is None else tuple(re.findall(ID, match[1]))


def _title(text: str) -> str:
    """The title if it is one line, without its quotes; else nothing."""
    match = _TITLE.search(text)
    title = match[1].strip() if match else ""
    for quote in ("'", '"'):
        if title.startswith(quote) and title.endswith(quote):
            return title[1:-1]
    return "" if title.startswith((">", "|")) else title
