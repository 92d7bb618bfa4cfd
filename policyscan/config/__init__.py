"""`policyscan.yaml`: what a person says about a project that its files do not say.

It is looked up in the working directory or named with `--config`; never in the scanned tree, whose
author may be the one who is being checked. Every complaint names the place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.config.allow_lists import AllowList, read_allow_lists
from policyscan.config.waivers import WaiverSettings, read_waivers
from policyscan.errors import UsageError
from policyscan.text.files import Disk
from policyscan.text.source import Source

if TYPE_CHECKING:
    from policyscan.collectors.interface import Target
    from policyscan.text.files import Files
    from policyscan.text.yaml import Entry

FILE_NAME = "policyscan.yaml"
NEAR_NAMES = ("policyscan.yml", ".policyscan.yaml", ".policyscan.yml")
"""What people call it by mistake."""
PURPOSES = ("exchange_api_key", "other")
ROLES = ("trading", "gateway", "rotation", "admin", "public", "other")
ENVIRONMENTS = ("production", "staging", "development")
TIERS = ("high", "medium", "low")
CONTEXT = ("regions",)
SOC2_CATEGORIES = ("availability", "confidentiality", "processing_integrity")
KEYS = (
    "version",
    "project",
    "profile",
    "scope",
    "terraform",
    "dockerfile",
    "parameters",
    "context",
    "allow_lists",
    "exclude",
    "controls",
    "baseline",
    "soc2_categories",
    "targets",
    "waivers",
)


@dataclass(frozen=True, slots=True)
class ScopeAssignment:
    """An answer to a scope question, for the resources that match."""

    path: str = ""
    """A glob over document paths; empty if the match is not by path."""
    address: str = ""
    """A glob over addresses."""
    tag: tuple[str, str] | None = None
    """A tag's name and value."""
    role: str = ""
    environment: str = ""
    tier: str = ""
    purpose: str = ""
    place: str = ""
    """Where it is written: `policyscan.yaml:7:5`."""


@dataclass(frozen=True, slots=True)
class TerraformSettings:
    """How the roots of a tree are meant to be read."""

    baselines: tuple[str, ...] = ()
    """Roots that are an account's baseline: policies of the plane `account` judge them."""
    var_files: tuple[str, ...] = ()
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DockerfileSettings:
    """How Dockerfiles are built."""

    build_args: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    """By path, the stage that is built (`docker build --target`) where it is not the last one."""


@dataclass(frozen=True, slots=True)
class Exclude:
    """Files left out on purpose; printed in every report."""

    path: str
    """A glob over paths of the tree."""
    reason: str


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that the configuration names, as it was when the configuration was read."""

    path: str
    """From where the configuration's own path starts."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Configuration:
    """What `policyscan.yaml` says; the value without arguments is "no configuration"."""

    path: str = ""
    """The file as given; empty without one."""
    digest: str = ""
    """SHA-256 of its bytes; empty without a file."""
    project: str = ""
    """The name that fingerprints carry."""
    profile: str = ""
    """A profile's name or file; empty leaves the choice to the command."""
    scope: tuple[ScopeAssignment, ...] = ()
    terraform: TerraformSettings = TerraformSettings()
    dockerfile: DockerfileSettings = DockerfileSettings()
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """By policy id; names and types are checked against the policy when it is loaded."""
    parameters_entry: Entry | None = field(default=None, compare=False, repr=False)
    """Where they are written."""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Only what was stated: a missing name is unknown, never empty."""
    allow_lists: tuple[AllowList, ...] = ()
    """What trading systems may send to."""
    exclude: tuple[Exclude, ...] = ()
    controls: NamedFile | None = None
    """The firm's controls, which extend or replace the draft that ships."""
    baseline: NamedFile | None = None
    """The stored failures that runs are compared with unless a commit is named."""
    soc2_categories: tuple[str, ...] = ()
    """Those in scope beside the common criteria."""
    path_target: str = ""
    """The directory that `policyscan audit` reads; empty if it reads none."""
    targets: tuple[Target, ...] = ()
    """What it asks besides."""
    waivers: WaiverSettings = field(default_factory=WaiverSettings)


def load_configuration(path: Path | None, cwd: Path, files: Files | None = None) -> Configuration:
    """The configuration named by `path`, or else the one in `cwd`, or else the empty one; it and
    what it names are read from `files`, which is the disk if it is not given.

    Raises `UsageError` with the place for a file that is missing, not readable or not understood.
    """
    files = files or Disk(cwd)
    chosen = path or Path(FILE_NAME)
    if path is None and not files.exists(chosen):
        _refuse_near_names(files)
        return Configuration()
    name = str(chosen)
    try:
        data = files.read(chosen)
    except OSError as error:
        raise UsageError(
            f"{name}: {error.strerror or 'cannot be read'}", hint="Name another file with --config."
        ) from None
    return parse_configuration(name, data, files)


def parse_configuration(name: str, data: bytes, files: Files | None = None) -> Configuration:
    """The configuration in `data`; `name` is the path that messages and reports show. Files that it
    names are read in `files`, beside it, or not at all without."""
    from policyscan.text.yaml import read_settings

    fields = read_settings(name, data, KEYS, version=1)

    def text(key: str) -> str:
        return fields[key].text() if key in fields else ""

    path, targets = _targets(fields.get("targets"), files)
    return Configuration(
        path=name,
        digest=hashlib.sha256(data).hexdigest(),
        project=text("project"),
        profile=text("profile"),
        scope=_scope(fields.get("scope")),
        terraform=_terraform(fields.get("terraform")),
        dockerfile=_dockerfile(fields.get("dockerfile")),
        parameters=_parameters(fields.get("parameters")),
        parameters_entry=fields.get("parameters"),
        context=_context(fields.get("context")),
        allow_lists=read_allow_lists(fields.get("allow_lists"), Source(name, data)),
        exclude=_exclude(fields.get("exclude")),
        controls=_named_file(fields.get("controls"), name, files),
        baseline=_named_file(fields.get("baseline"), name, files),
        soc2_categories=_categories(fields.get("soc2_categories")),
        path_target=path,
        targets=targets,
        waivers=read_waivers(fields.get("waivers")),
    )


def _refuse_near_names(files: Files) -> None:
    for name in NEAR_NAMES:
        if files.exists(Path(name)):
            raise UsageError(
                f"{name} is not read", hint=f"Call it {FILE_NAME}, or name it with --config {name}."
            )


def _scope(entry: Entry | None) -> tuple[ScopeAssignment, ...]:
    if entry is None:
        return ()
    assign = entry.fields(("assign",), required=("assign",))["assign"]
    return tuple(_assignment(item) for item in assign.items())


def _assignment(entry: Entry) -> ScopeAssignment:
    answers = ("role", "environment", "tier", "purpose")
    fields = entry.fields(("match", *answers), required=("match",))
    if len(fields) == 1:
        raise entry.error("it assigns nothing", hint=f"Add one of {', '.join(answers)}.")
    match = fields["match"].fields(("path", "address", "tag"))
    if not match:
        raise fields["match"].error("it matches nothing", hint="Add path, address or tag.")
    return ScopeAssignment(
        path=match["path"].text() if "path" in match else "",
        address=match["address"].text() if "address" in match else "",
        tag=_tag(match["tag"]) if "tag" in match else None,
        role=fields["role"].choice(ROLES) if "role" in fields else "",
        environment=(fields["environment"].choice(ENVIRONMENTS) if "environment" in fields else ""),
        tier=fields["tier"].choice(TIERS) if "tier" in fields else "",
        purpose=fields["purpose"].choice(PURPOSES) if "purpose" in fields else "",
        place=entry.place,
    )


def _tag(entry: Entry) -> tuple[str, str]:
    name, equals, value = entry.text().partition("=")
    if not (name and equals):
        raise entry.error("a tag is written as name=value", hint="For example: tag: Team=desk")
    return name, value


def _terraform(entry: Entry | None) -> TerraformSettings:
    if entry is None:
        return TerraformSettings()
    fields = entry.fields(("baselines", "var_files", "variables"))
    return TerraformSettings(
        baselines=fields["baselines"].texts() if "baselines" in fields else (),
        var_files=fields["var_files"].texts() if "var_files" in fields else (),
        variables=_plain_members(fields.get("variables")),
    )


def _dockerfile(entry: Entry | None) -> DockerfileSettings:
    fields = entry.fields(("build_args", "targets")) if entry else {}

    def texts(key: str) -> dict[str, str]:
        table = fields[key].entries() if key in fields else {}
        return {name: item.text() for name, item in table.items()}

    return DockerfileSettings(texts("build_args"), texts("targets"))


def _parameters(entry: Entry | None) -> Mapping[str, Mapping[str, object]]:
    if entry is None:
        return {}
    return {policy: _plain_members(member) for policy, member in entry.entries().items()}


def _context(entry: Entry | None) -> Mapping[str, tuple[str, ...]]:
    if entry is None:
        return {}
    stated = {name: (member, member.texts()) for name, member in entry.fields(CONTEXT).items()}
    for name, (member, texts) in stated.items():
        if not texts:  # what asks for each of none would hold
            raise member.error(f"{name} is empty; name some, or leave it out")
    return {name: texts for name, (_, texts) in stated.items()}


def _exclude(entry: Entry | None) -> tuple[Exclude, ...]:
    if entry is None:
        return ()
    members = [item.fields(("path", "reason"), ("path", "reason")) for item in entry.items()]
    return tuple(Exclude(item["path"].text(), item["reason"].text()) for item in members)


def _named_file(entry: Entry | None, configuration: str, files: Files | None) -> NamedFile | None:
    """The file that `entry` names, beside the configuration."""
    if entry is None:
        return None
    name = entry.text()
    if files is None:
        return None
    path = Path(configuration).parent / name
    try:
        data = files.read(path)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        hint = "The path is relative to the configuration."
        raise entry.error(f"{name}: {reason or 'cannot be read'}", hint) from None
    return NamedFile(str(path), data)


def _categories(entry: Entry | None) -> tuple[str, ...]:
    if entry is None:
        return ()
    return tuple(item.choice(SOC2_CATEGORIES, "category") for item in entry.items())


def _targets(entry: Entry | None, files: Files | None) -> tuple[str, tuple[Target, ...]]:
    if entry is None:
        return "", ()
    from policyscan.config.targets import read_targets  # late: few configurations have any

    return read_targets(entry, files)


def _plain_members(entry: Entry | None) -> Mapping[str, object]:
    if entry is None:
        return {}
    return {name: member.data() for name, member in entry.entries().items()}
