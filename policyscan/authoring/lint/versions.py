"""Whether the version of a policy went up when its verdicts may have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from policyscan.authoring.lint.problem import Problem, Subject
from policyscan.errors import FileError, PolicyError
from policyscan.language.syntax.tree import written
from policyscan.policy import Policy
from policyscan.policy.loader import Directory, policy_files, read_file
from policyscan.policy.reader import read_policy
from policyscan.resources.kinds import MODULES, load_kinds
from policyscan.text.base import commit_of
from policyscan.text.git import merge_bases, resolve_commit, top_of
from policyscan.text.trusted import TrustedFiles
from policyscan.text.yaml import Document


def earlier(places: Sequence[Path], base: str) -> Mapping[str, Policy]:
    """The policies that stood in these places where the work tree branched off the commit `base`,
    by their ids. What did not load then is left out. Raises `UsageError` if there is no such
    commit."""
    found: dict[str, Policy] = {}
    for place in places:
        top = top_of(place.resolve())
        commit = commit_of(top, base)
        forks = merge_bases(top, commit, resolve_commit(top, "HEAD"))
        with closing(TrustedFiles(base, Path.cwd())) as files:
            files.guard(top, forks[0] if forks else commit)
            for policy in _policies(files, place):
                found[policy.id] = policy
    return found


def _policies(files: TrustedFiles, place: Path) -> Iterator[Policy]:
    try:
        if place.is_file():
            yield from _read(str(place), files.read(place))
            return
        folder: Directory = files.folder(place)
    except OSError:  # it is new
        return
    for path, file in policy_files(folder, str(place)):
        yield from _read(path, read_file(file, path))


def _read(path: str, data: bytes) -> Iterator[Policy]:
    try:
        document = Document.of(path, data, PolicyError)
        yield read_policy(document, hashlib.sha256(data).hexdigest(), load_kinds(MODULES))
    except FileError:
        return


def version(subject: Subject, before: Mapping[str, Policy]) -> Iterator[Problem]:
    """The version is higher than before if anything changed that verdicts hang on, and never
    lower."""
    now, then = subject.policy, before.get(subject.policy.id)
    if then is None:
        return
    if now.version < then.version:
        message = f"the version was {then.version} before"
        hint = f"Write version: {then.version + 1}."
        yield subject.at_key("version", "version", message, hint)
    elif now.version == then.version and (changed := _changed(then, now)):
        message = f"{' and '.join(changed)} changed, and the version is still {now.version}"
        hint = f"Verdicts may change: write version: {now.version + 1}."
        yield subject.at_key("version", "version", message, hint)


def _changed(then: Policy, now: Policy) -> list[str]:
    old, new = _decisive(then), _decisive(now)
    return [key for key, value in new.items() if value != old[key]]


def _decisive(policy: Policy) -> dict[str, object]:
    """What verdicts hang on, however it is spaced and folded."""
    when = policy.when_program
    return {
        "resource": policy.kinds,
        "scope": policy.scope,
        "when": written(when.root) if when is not None else "",
        "require": written(policy.require_program.root),
        "params": [(each.name, each.type, each.default) for each in policy.params],
        "expect_min": policy.expect_min,
        "plane": policy.plane,
    }
