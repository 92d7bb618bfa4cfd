"""`policyscan policy new`."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from policyscan.cli.grammar import add_action
from policyscan.cli.saying import say
from policyscan.errors import UsageError

if TYPE_CHECKING:
    from policyscan.cli.grammar import Commands, Parser

_DETAILS = """\
Writes SLUG.yaml with the next free id, a condition on a real field of the kind, and tests that \
pass, for you to change. The slug names what is wrong, not what should be."""
_EXAMPLES = """\
examples:
  policyscan policy new short-lived-logs --kind LogGroup
  policyscan policy new unnamed-group --kind SecurityGroup --family NET \\
      --policies house --title "Groups say what they are for" --severity low
"""
_SEVERITIES = ("critical", "high", "medium", "low")
_FOLDER = "policies"
_SCHEMA = "schema.json"


def add_command(actions: Commands, common: Parser) -> None:
    """Adds `new` to the grammar."""
    parser = add_action(
        actions, "new", common, "begin a policy", _DETAILS, usage="SLUG --kind KIND [OPTION ...]"
    )
    parser.epilog = _EXAMPLES
    parser.add_argument("slug", metavar="SLUG", help="the name of the bad pattern: open-door")
    parser.add_argument("--kind", required=True, metavar="KIND", help="what it judges: LogGroup")
    parser.add_argument(
        "--family",
        metavar="FAMILY",
        help="the middle of its id: NET (default: that of most policies on the kind)",
    )
    parser.add_argument(
        "--prefix",
        metavar="PREFIX",
        help="how its id begins (default: as those in the folder do, or else DESK)",
    )
    parser.add_argument(
        "--policies",
        default=_FOLDER,
        metavar="DIR",
        help=f"the folder to write it into (default: {_FOLDER})",
    )
    parser.add_argument("--title", default="", help="what holds where it passes")
    parser.add_argument(
        "--severity",
        choices=_SEVERITIES,
        default="medium",
        metavar="SEVERITY",
        help="critical, high, medium (default) or low",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes the file, and says what to do next."""
    from policyscan.authoring.beginning import Beginning, title_of, written
    from policyscan.authoring.numbers import next_id, usual_prefix

    folder = Path(options.policies)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="Name a folder with --policies.")
    kind = _kind(options.kind)
    family = _spelt("family", options.family or _usual_family(kind), r"[A-Z]{2,5}", "NET")
    prefix = options.prefix or usual_prefix(folder)
    prefix = _spelt("prefix", prefix, r"[A-Z][A-Z0-9]{1,9}", "DESK")
    slug = _slug(options.slug, folder)
    schema = _schema(folder)
    beginning = Beginning(
        next_id(prefix, family, (folder,)),
        slug,
        kind,
        options.title or title_of(slug),
        options.severity,
        Path(os.path.relpath(schema, folder)).as_posix(),
    )
    path = folder / f"{slug}.yaml"
    _write(folder, path, schema, written(beginning))
    _say(folder, path, beginning.id, kind)
    return 0


def _kind(name: str) -> str:
    from policyscan.resources.kinds import MODULES
    from policyscan.text.complaints import suggestion

    spelt = {kind.lower(): kind for kind in MODULES}
    if name.lower() in spelt:
        return spelt[name.lower()]
    close = suggestion(name, MODULES)
    hint = "" if close else f"There are {', '.join(sorted(MODULES))}."
    raise UsageError(f"there is no kind {name!r}{close}", hint=hint)


def _usual_family(kind: str) -> str:
    """The family of most policies that ship on a kind."""
    from collections import Counter

    from policyscan.data import policies_directory
    from policyscan.findings.model import family_of
    from policyscan.policy import load_policies
    from policyscan.resources.kinds import MODULES, load_kinds

    stubs = load_policies(policies_directory(), load_kinds(MODULES), frozenset()).stubs
    found = Counter(family_of(stub.id) for stub in stubs if kind in stub.kinds)
    return found.most_common(1)[0][0] if found else "GEN"


def _spelt(name: str, word: str, pattern: str, example: str) -> str:
    word = word.upper()
    if not re.fullmatch(pattern, word):
        raise UsageError(f"--{name} must look like {example}, this is {word!r}")
    return word


def _slug(word: str, folder: Path) -> str:
    """The slug, which nothing has yet."""
    from policyscan.authoring.numbers import taken_slugs
    from policyscan.policy.reader import SLUG

    if not re.fullmatch(SLUG, word) or "-" not in word:
        plain = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
        example = plain if "-" in plain else "world-open-admin-port"
        raise UsageError(
            f"a slug is a few small words with hyphens, this is {word!r}",
            hint=f"For example: policyscan policy new {example} --kind …",
        )
    path = folder / f"{word}.yaml"
    if path.exists():
        raise UsageError(
            f"{path} is already there, and stays as it is",
            hint="Choose another slug, or change that file.",
        )
    owner = taken_slugs((folder,)).get(word)
    if owner is not None:
        raise UsageError(f"'{word}' is the slug of {owner}", hint="Choose another slug.")
    return word


def _schema(folder: Path) -> Path:
    """The schema for the folder: the nearest one above it in the same pack, or one of its own."""
    if not folder.is_absolute() and ".." not in folder.parts:
        for parent in folder.parents:
            if (parent / _SCHEMA).is_file() and parent != Path():
                return parent / _SCHEMA
    return folder / _SCHEMA


def _write(folder: Path, path: Path, schema: Path, text: str) -> None:
    from policyscan.policy.schema import schema_text

    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not schema.exists():
            with schema.open("x", encoding="utf-8") as file:  # through no link that leads nowhere
                file.write(schema_text())
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or 'cannot be written'}",
            hint="Name another folder with --policies.",
        ) from None


def _say(folder: Path, path: Path, name: str, kind: str) -> None:
    from policyscan.authoring.sources import sources_of

    say(f"wrote {path}: {name} on {kind}, of {', '.join(sources_of(kind)) or 'no source'}")
    from policyscan.authoring.numbers import SHIPPED_PREFIX

    ships = name.startswith(f"{SHIPPED_PREFIX}-")  # then it is judged without being named
    option = "" if ships else f" --policies {folder}"
    say(
        *f"""
Next:
  1. Change title, require, why and fix, and one test after the other.
  2. policyscan policy test {path}
  3. policyscan policy lint {path}
  4. policyscan scan PATH{option} --select {name}""".split("\n")
    )
