"""Lambda functions as programs: their text where it is here, and who hears of their errors."""

from __future__ import annotations

import posixpath
import re
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.declared import Declared
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.rotation.types import ALARMS, FUNCTIONS, INVOKE_CONFIGS
from policyscan.collectors.terraform.value import Value
from policyscan.errors import ReadError
from policyscan.resources.rotation.facts import ProgramFacts, unseen
from policyscan.resources.rotation.program import MAX_BYTES, facts_of
from policyscan.text.source import Source
from policyscan.values import Ref, Unknown, Why, first

_ARCHIVE = re.compile(r"\bdata\.archive_file\.([\w-]+)\.output_path\b")
_ENDINGS = (".py",)


class Functions:
    """The functions of a root by address and by name."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._nodes = {node.address: node for node in declared.nodes(*FUNCTIONS)}
        self._names: dict[str, Node] = {}
        for node in self._nodes.values():
            name = text_of(declared, node, "function_name")
            if isinstance(name, str):
                self._names.setdefault(name, node)

    def find(self, target: Any) -> Node | None:
        """The function that an id, a name or an ARN means; None if it is not in the root."""
        if isinstance(target, Ref):
            return self._nodes.get(target.address)
        if not isinstance(target, str):
            return None
        name = target.partition(":function:")[2].partition(":")[0] or target
        return self._names.get(name)

    def texts(self, node: Node) -> tuple[str, ...]:
        """What tells what a function is for."""
        found = [
            text_of(self._declared, node, name)
            for name in ("function_name", "description", "handler")
        ]
        return (node.block.labels[1], *(text for text in found if isinstance(text, str)))

    # -- its program ---------------------------------------------------------------------------

    def facts(self, node: Node) -> ProgramFacts:
        """What the program of a function does."""
        source = self._source(node)
        if source is not None:
            return facts_of(source)
        return unseen(f"the program of {node.address}", node.block.header)

    def _source(self, node: Node) -> Source | None:
        """The file that holds the handler, if an archive of this root is made of it."""
        handler = text_of(self._declared, node, "handler")
        archive = self._archive(node)
        if archive is None or not isinstance(handler, str):
            return None
        module = handler.rpartition(".")[0].replace(".", "/")
        file = text_of(self._declared, archive, "source_file")
        folder = text_of(self._declared, archive, "source_dir")
        paths: list[str] = []
        if isinstance(file, str):
            paths = [file]
        elif isinstance(folder, str):
            paths = [posixpath.join(folder, module + ending) for ending in _ENDINGS]
        return next(filter(None, map(self._read, paths)), None)

    def _archive(self, node: Node) -> Node | None:
        argument = node.block.body.arguments.get("filename")
        named = _ARCHIVE.search(argument.value.span.text) if argument is not None else None
        instance = node.scope.instance
        name = f"data.archive_file.{named[1]}" if named else ""
        if name not in instance.module.resources:
            return None
        nodes = instance.expansion(name).nodes
        return nodes[0] if len(nodes) == 1 else None

    def _read(self, path: str) -> Source | None:
        root = self._declared.root
        inside = posixpath.normpath(posixpath.join(root.path or ".", path))
        if inside.startswith(("..", "/")):
            return None
        try:
            return root.tree.read(inside, limit=MAX_BYTES)
        except ReadError:
            return None

    # -- who hears of its errors ---------------------------------------------------------------

    def tells_of_failure(self, node: Node) -> bool | Unknown:
        """Whether an alarm watches the errors of a function, or a failed run goes somewhere."""
        doubts: list[Unknown] = []
        for answer in (*self._alarms(node), *self._destinations(node)):
            if answer is True:
                return True
            if isinstance(answer, Unknown):
                doubts.append(answer)
        queue, reason = self._declared.view(node).blocks("dead_letter_config")
        if queue:
            needs = f"whether somebody is told of what {node.address} leaves in its queue"
            doubts.append(Unknown(Why.OUTSIDE, needs, node.block.header))
        missing = self._declared.missing(f"an alarm on the errors of {node.address}", node)
        doubt = first(*doubts, reason, missing)
        return False if doubt is None else doubt

    def _alarms(self, node: Node) -> list[bool | Unknown]:
        found: list[bool | Unknown] = []
        for alarm in self._declared.nodes(*ALARMS):
            metric = text_of(self._declared, alarm, "metric_name")
            if isinstance(metric, str) and metric != "Errors":
                continue
            watches = self._watches(alarm, node) if isinstance(metric, str) else None
            acts = self._acts(alarm)
            if watches is True and acts is True and alarm.conditional is None:
                found.append(True)
            elif watches is not False and acts is not False:
                needs = f"what {alarm.address} watches, and whom it tells"
                found.append(Unknown(Why.UNSUPPORTED, needs, alarm.block.header))
        return found

    def _acts(self, alarm: Node) -> bool | None:
        """Whether an alarm tells somebody; None if that is not known."""
        enabled = self._declared.evaluate(alarm, "actions_enabled")
        if enabled is not None and (known := fields.boolean(enabled)) is not True:
            return False if known is False else None
        actions = self._declared.evaluate(alarm, "alarm_actions")
        if actions is None:
            return False
        plain = actions.plain
        return bool(plain) if isinstance(plain, tuple) else None

    def _watches(self, alarm: Node, node: Node) -> bool | None:
        """Whether an alarm is about this function; one without dimensions is about all."""
        space = text_of(self._declared, alarm, "namespace")
        if isinstance(space, str) and space != "AWS/Lambda":
            return False
        dimensions = self._declared.evaluate(alarm, "dimensions")
        if dimensions is None:
            return True if isinstance(space, str) else None
        if not isinstance(dimensions.plain, dict):
            return None
        name = dimensions.plain.get("FunctionName")
        return self._is(name, node) if name is not None else None

    def _destinations(self, node: Node) -> list[bool | Unknown]:
        found: list[bool | Unknown] = []
        for config in self._declared.nodes(*INVOKE_CONFIGS):
            name = self._declared.evaluate(config, "function_name")
            if name is None or self._is(name, node) is False:
                continue
            outer, reason = self._declared.view(config).blocks("destination_config")
            inner = [block for each in outer for block in each.blocks("on_failure")[0]]
            found += [True] if inner else [] if reason is None else [reason]
        return found

    def _is(self, value: Value, node: Node) -> bool | None:
        target = fields.target(value)
        if isinstance(target, (str, Ref)):
            return self.find(target) is node
        return None


def text_of(declared: Declared, node: Node, name: str) -> Any:
    """A text argument: None if it is absent."""
    value = declared.evaluate(node, name)
    return None if value is None else fields.text(value)
