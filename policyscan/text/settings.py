"""Reads a small YAML file that a person wrote to steer the tool; every value keeps its place.

Only plain data: no anchors, no tags, no merge keys, no key twice. Every complaint is a `UsageError`
that begins with `path:line:column` and names the next step.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

import yaml
from msgspec import Struct
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from policyscan.errors import UsageError

MAX_SETTINGS_BYTES = 1_000_000
_YAML = "tag:yaml.org,2002:"
_PLAIN = {_YAML + name for name in ("null", "bool", "int", "float", "str")}


class Entry(Struct, frozen=True):
    """One value of a settings file, with its place."""

    path: str
    """The file, as messages name it."""
    key: str
    """The way to the value: `scope.assign[2].match`; empty for the whole file."""
    node: Node

    @property
    def place(self) -> str:
        """`path:line:column`, 1-based."""
        mark = self.node.start_mark
        return f"{self.path}:{mark.line + 1}:{mark.column + 1}"

    def error(self, message: str, *, hint: str = "") -> UsageError:
        """A complaint about this value, for the caller to raise."""
        return UsageError(f"{self.place}: {message}", hint=hint)

    def entries(self) -> dict[str, Entry]:
        """The members of a mapping, in order."""
        if not isinstance(self.node, MappingNode):
            raise self.error(f"{self._name} must be a mapping of keys to values, {self._found}")
        found: dict[str, Entry] = {}
        for key, value in self.node.value:
            name = Entry(self.path, self.key, key)
            if not isinstance(key, ScalarNode):
                raise name.error("a key must be plain text")
            if key.value in found:
                raise name.error(f"the key {key.value!r} is there twice", hint="Keep one of them.")
            found[key.value] = Entry(self.path, f"{self.key}.{key.value}".lstrip("."), value)
        return found

    def fields(self, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, Entry]:
        """The members of a mapping whose keys are known; unknown and missing keys are errors."""
        found = self.entries()
        for name, entry in found.items():
            if name not in allowed:
                raise entry.error(
                    f"{name!r} is not a key of {self._name}", hint=suggestion(name, allowed)
                )
        missing = [name for name in required if name not in found]
        if missing:
            raise self.error(f"{self._name} needs {' and '.join(map(repr, missing))}")
        return found

    def items(self) -> tuple[Entry, ...]:
        """The members of a list, in order."""
        if not isinstance(self.node, SequenceNode):
            raise self.error(f"{self._name} must be a list, {self._found}")
        return tuple(
            Entry(self.path, f"{self.key}[{index}]", node)
            for index, node in enumerate(self.node.value)
        )

    def text(self) -> str:
        """A piece of text that is not empty."""
        if self.node.tag != _YAML + "str":
            raise self.error(f"{self._name} must be text, {self._found}", hint="Put it in quotes.")
        if not self.node.value.strip():
            raise self.error(f"{self._name} must not be empty")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """A list of pieces of text."""
        return tuple(item.text() for item in self.items())

    def choice(self, allowed: Collection[str]) -> str:
        """One of a few words."""
        word = str(self.node.value) if isinstance(self.node, ScalarNode) else self.text()
        if word not in allowed:
            raise self.error(
                f"{word!r} is not one of {', '.join(allowed)}", hint=suggestion(word, allowed)
            )
        return word

    def plain(self) -> object:
        """The value as Python data: None, bool, int, float, str, list and dict."""
        if isinstance(self.node, MappingNode):
            return {key: entry.plain() for key, entry in self.entries().items()}
        if isinstance(self.node, SequenceNode):
            return [entry.plain() for entry in self.items()]
        return _scalar(self)

    @property
    def _name(self) -> str:
        return repr(self.key) if self.key else "the file"

    @property
    def _found(self) -> str:
        kind = self.node.tag.removeprefix(_YAML)
        words = {"str": "text", "null": "nothing", "map": "a mapping", "seq": "a list"}
        return f"found {words.get(kind, kind)}"


def suggestion(word: str, allowed: Collection[str]) -> str:
    """The next step after an unknown word: the nearest known one, or all of them."""
    near = get_close_matches(word, allowed, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(allowed)}."


def read_settings(path: str, data: bytes) -> Entry | None:
    """The top of a YAML file named `path`; None if it holds nothing but comments."""
    if len(data) > MAX_SETTINGS_BYTES:
        raise UsageError(f"{path}: larger than {MAX_SETTINGS_BYTES:,} bytes")
    try:
        text = data.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path}: byte {error.start} is not UTF-8", hint="Save as UTF-8."
        ) from None
    except RecursionError:
        raise UsageError(f"{path}: lists or mappings are nested too deeply") from None
    except yaml.reader.ReaderError as error:
        raise UsageError(f"{path}: character {error.position + 1} is not allowed in YAML") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise UsageError(f"{place}: not YAML: {error.problem or error.context}") from None
    if node is None:
        return None
    _refuse_sharing(path, node)
    return Entry(path, "", node)


def read_file(
    path: str, data: bytes, allowed: Collection[str], version: int
) -> Mapping[str, Entry]:
    """The top-level fields of a settings file that must carry `version`; empty if it is empty."""
    top = read_settings(path, data)
    if top is None:
        return {}
    fields = top.fields(allowed, required=("version",))
    if fields["version"].plain() != version:
        raise fields["version"].error(f"'version' must be {version}")
    return fields


def _refuse_sharing(path: str, top: Node) -> None:
    """An alias would let a short file stand for an endless one, and hides what is in force."""
    seen: set[int] = set()
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            raise Entry(path, "", node).error(
                "anchors and aliases are not read here", hint="Write the value out in both places."
            )
        seen.add(id(node))
        if isinstance(node, MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            waiting += node.value


def _scalar(entry: Entry) -> object:
    if entry.node.tag not in _PLAIN:
        raise entry.error("not a plain value", hint="Put it in quotes.")
    try:
        return SafeConstructor().construct_object(entry.node)
    except (ValueError, OverflowError):
        raise entry.error("not a number that can be read", hint="Put it in quotes.") from None
