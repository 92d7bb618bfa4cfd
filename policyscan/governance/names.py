"""Which files of a repository steer the gate, by their names and, of some, by what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from fnmatch import translate
from functools import cache, lru_cache

from policyscan.governance.pins import lists_packages

MENTION = re.compile(rb"policyscan", re.IGNORECASE)
_CERTAIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("configuration", ("policyscan.yaml", "policyscan.yml", ".policyscan.*")),
    ("waivers", ("waivers.yaml", "waivers.yml")),
    ("ignore", (".gitmodules",)),
)
"""By the last part of the path, whatever the file says."""
_OWNERS = ("codeowners", ".github/codeowners", "docs/codeowners", ".gitlab/codeowners")
_HOOKS = (".pre-commit-config.y*ml", ".pre-commit-hooks.y*ml", "lefthook.y*ml", ".lefthook.y*ml")
_HOOK_FOLDERS = (".husky", ".githooks", ".hooks")
_RUNNERS = (
    "*.gitlab-ci.y*ml", "jenkinsfile*", "*.jenkinsfile", "azure-pipelines*.y*ml",
    "bitbucket-pipelines.y*ml", ".woodpecker.y*ml", ".drone.y*ml", ".travis.y*ml",
    "appveyor.y*ml", ".appveyor.y*ml", ".cirrus.y*ml", "cloudbuild*.y*ml", "buildspec*.y*ml",
    "codefresh.y*ml", "bitrise.y*ml", "action.y*ml", "makefile", "gnumakefile", "*.mk",
    ".zuul.y*ml", "zuul.y*ml", ".prow.y*ml", ".cirrus.star", "wercker.y*ml", ".build.y*ml",
    "*.jenkins", "earthfile", ".mise.toml", "mise.toml", ".envrc",
    "justfile", "taskfile.y*ml", "tox.ini", "noxfile.py", "package.json", "*.sh", "*.bash",
    "*.ps1", "*.bat", "*.cmd",
)  # fmt: skip
_RUNNER_FOLDERS = (
    ".github/workflows", ".github/actions", ".gitea/workflows", ".forgejo/workflows", ".gitlab",
    ".azure-pipelines", ".circleci", ".buildkite", ".woodpecker", ".semaphore", ".ci", "ci",
    ".zuul.d", "zuul.d", ".prow", ".builds", ".teamcity", ".tekton", ".harness", "bamboo-specs",
    ".jenkins", "scripts",
)  # fmt: skip
_BASELINE = ("*baseline*.json", "*baseline*.y*ml")
_HINTS = (("hook", _HOOKS), ("baseline", _BASELINE), ("workflow", _RUNNERS))
"""By the last part of the path, in the order in which they are told apart."""
_YAML = (".yaml", ".yml")
_FORMS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("policies", (b"id:", b"severity:", b"require:")),
    ("profile", (b"findings:", b"gaps:")),
    ("controls", (b"version:", b"controls:")),
)
"""What files of each sort have at the start of a line."""
_FORM_FOLDERS = ("policies", "profiles")
_ATTRIBUTES = re.compile(rb"^[^#\n]*\s[-!]?(?:filter|ident|working-tree-encoding)\b.*$", re.M)
_REFERENCE = re.compile(rb"[\w./-]+\.(?:ya?ml|sh|bash|py|mk)\b")

_CALLS = (
    (("makefile", "gnumakefile"), re.compile(rb"\bmake\b")),
    (("justfile",), re.compile(rb"\bjust\b")),
    (("taskfile.yml", "taskfile.yaml"), re.compile(rb"\btask\b")),
    (("package.json",), re.compile(rb"\b(?:npm|pnpm|yarn)\b")),
    (("tox.ini",), re.compile(rb"\btox\b")),
    (("noxfile.py",), re.compile(rb"\bnox\b")),
    ((".pre-commit-config.yaml", ".pre-commit-config.yml"), re.compile(rb"\bpre-commit\b")),
)
"""Files that say what to do, and the word that does it."""

Read = Callable[[str], bytes]
"""The bytes of a file; empty for what cannot be read."""


@lru_cache(maxsize=65_536)
def named(path: str) -> str:
    """What a file steers that is known by its name; empty if that does not tell."""
    low = path.casefold()
    return "owners" if low in _OWNERS else _certain(low.rpartition("/")[2])


def told(paths: Iterable[str], read: Read) -> Mapping[str, str]:
    """What files steer whose names only hint at it, by what they say; those that say nothing of it
    are left out."""
    found: dict[str, str] = {}
    runners: dict[str, bytes] = {}
    every = frozenset(paths)
    for path in sorted(every):
        role = _hinted(path)
        if role == "ignore":
            if _ATTRIBUTES.search(read(path)):
                found[path] = role
        elif role == "form":
            form = _form(read(path))
            if form:
                found[path] = form
        elif role == "packages":
            if MENTION.search(read(path)):
                found[path] = "workflow"
        elif role:
            text = read(path)
            if MENTION.search(text):
                found[path] = role
            elif role == "workflow":
                runners[path] = text
    for path, role in _called(runners, found, every, read):
        found.setdefault(path, role)
    return found


def _called(
    runners: Mapping[str, bytes], found: Mapping[str, str], paths: frozenset[str], read: Read
) -> list[tuple[str, str]]:
    """What runs the gate by way of another file, and those files: `run: ./gate/check.py`."""
    added = []
    names = {path.casefold().rpartition("/")[2] for path in found}
    calls = [call for files, call in _CALLS if names & {*files}]
    for path, text in runners.items():
        if any(call.search(text) for call in calls):
            added.append((path, "workflow"))
        for other in _references(text):
            if other != path and other in paths:
                if other in found:
                    added.append((path, "workflow"))
                elif other not in runners and MENTION.search(read(other)):
                    added += [(path, "workflow"), (other, "workflow")]
    return added


@lru_cache(maxsize=1024)
def _references(text: bytes) -> frozenset[str]:
    """What a file names that may be another one; of every runner it is asked on each side."""
    found = {*_REFERENCE.findall(text)}
    return frozenset(
        each.decode("utf-8", "replace").removeprefix("./").lstrip("/") for each in found
    )


def attributes(text: bytes) -> frozenset[bytes]:
    """The lines of a `.gitattributes` by which a checkout differs from what is stored."""
    return frozenset(line.strip() for line in _ATTRIBUTES.findall(text))


@lru_cache(maxsize=65_536)
def _hinted(path: str) -> str:
    """What a file may steer, going by its name."""
    low = path.casefold()
    folder, _, name = low.rpartition("/")
    if name == ".gitattributes":
        return "ignore"
    by_name, by_folder = _by_name(name), _by_folder(folder)
    if "hook" in (by_name, by_folder):
        return "hook"
    if lists_packages(name):
        return "packages"
    if by_name == "baseline":
        return "baseline"
    if name.endswith(_YAML) and {*folder.split("/")} & {*_FORM_FOLDERS}:
        return "form"
    if name in ("controls.yaml", "controls.yml"):
        return "form"
    return by_name or by_folder


@lru_cache(maxsize=65_536)
def _certain(name: str) -> str:
    return next((role for role, names in _CERTAIN if _matches(name, names)), "")


@lru_cache(maxsize=65_536)
def _by_name(name: str) -> str:
    """What files of a name may be, wherever they lie."""
    return next((role for role, names in _HINTS if _matches(name, names)), "")


@lru_cache(maxsize=65_536)
def _by_folder(folder: str) -> str:
    """What files of a folder may be, whatever they are called."""
    if _is_in(folder, _HOOK_FOLDERS):
        return "hook"
    return "workflow" if _is_in(folder, _RUNNER_FOLDERS) else ""


def _form(text: bytes) -> str:
    lines = b"\n" + text.replace(b"\r\n", b"\n")
    for role, keys in _FORMS:
        if all(b"\n" + key in lines for key in keys):
            return role
    return ""


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return _any_of(patterns).match(name) is not None


@cache
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Of each list, one pattern: every name in a repository is asked for."""
    return re.compile("|".join(map(translate, patterns)))


def _is_in(folder: str, folders: Iterable[str]) -> bool:
    return any(folder == each or folder.startswith(f"{each}/") for each in folders)
