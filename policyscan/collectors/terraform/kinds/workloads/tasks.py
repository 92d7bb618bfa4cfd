"""Task definitions of ECS, the services that run them joined."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import ObjectView, View
from policyscan.collectors.terraform.documents import document_of
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.links import without_way
from policyscan.collectors.terraform.kinds.workloads.environment_variables import Variables
from policyscan.collectors.terraform.kinds.workloads.functions import LOG_GROUP
from policyscan.collectors.terraform.kinds.workloads.joined_tags import with_joined
from policyscan.collectors.terraform.kinds.workloads.shared import Context
from policyscan.collectors.terraform.kinds.workloads.task_runs import Runs
from policyscan.collectors.terraform.kinds.workloads.types import ROLE, TASKS
from policyscan.collectors.terraform.value import JsonText, UnknownJson, Value, root_defaults
from policyscan.resources.workloads import Workload
from policyscan.values import PartialList, Ref, Unknown, Why

_SECRETS_MANAGER = "secretsmanager"
"""In the ARNs of secrets and in the types of resources for them, not in those of parameters."""


def tasks(context: Context) -> Iterator[Workload]:
    """Every task definition of the root."""
    runs = Runs(context)
    for node in context.declared.nodes(*TASKS):
        context.declared.note(node.block, "")
        yield _task(context, node, runs)
    runs.note()


def _task(context: Context, node: Node, runs: Runs) -> Workload:
    view = context.declared.view(node)
    built = fields.Fields(node.block.header)
    built.put("name", "family", view.get("family"), fields.text, None, "")
    for field, name in (("iam_role", "task_role_arn"), ("execution_role", "execution_role_arn")):
        built.put(field, name, view.get(name), _role(context), None, "no role")
    runs.put_network(built, node, view)
    containers = _Containers(context, built)
    containers.read(view)
    containers.settle(view)
    common = with_joined(context.declared, node, built, runs.tags_of(node))
    return Workload(**common, **built.values, form="ecs_task")


def _role(context: Context) -> fields.Convert:
    return lambda value: context.links.linked(value, ROLE)


class _Containers:
    """What the containers of one task are given."""

    def __init__(self, context: Context, built: fields.Fields) -> None:
        self._context = context
        self._variables = Variables(context.secrets, built)
        self._log_groups = Gathering("log_groups", built)
        self._made = False
        """Whether the document was made of values that know their own way."""
        self._filled = False
        """Whether it is a text into which values were put that do not."""

    def read(self, view: View) -> None:
        """Read `container_definitions`."""
        text = view.get("container_definitions")
        if text is None:
            return
        self._made = isinstance(text.plain, (JsonText, UnknownJson))
        self._filled = not self._made and bool(root_defaults(text))
        items, reason = _objects(document_of(text))
        for item in items:
            self._container(ObjectView(item, item.trail.step.span or view.span))
        self._more(reason)

    def settle(self, view: View) -> None:
        """Put the lists into their fields."""
        none = fields.implied("container_definitions", view.span, "no container has any")
        for listed in (*self._variables.lists, self._log_groups):
            listed.settle(none)

    def _more(self, reason: Unknown | None) -> None:
        for listed in (*self._variables.lists, self._log_groups):
            listed.more(reason)

    def _container(self, container: ObjectView) -> None:
        for name, take in (("environment", self._set), ("secrets", self._secret)):
            items, reason = _objects(_get(container, name))
            for item in items:
                take(ObjectView(item, item.trail.step.span or container.span))
            for listed in self._variables.lists:
                listed.more(reason)
        files, reason = _objects(_get(container, "environmentFiles"))
        if files or reason is not None:
            needs = "the variables in the files of a container"
            elsewhere = Unknown(Why.OUTSIDE, needs, container.span)
            for listed in self._variables.lists:
                listed.more(elsewhere)
        for name in ("command", "entryPoint"):
            self._command(_get(container, name))
        self._logging(container)

    def _linked(self, value: Value) -> Value:
        return value if self._made else without_way(value)

    def _set(self, variable: ObjectView) -> None:
        name, value = _get(variable, "name"), _get(variable, "value")
        text = fields.text(name) if name is not None else None
        if isinstance(text, str):
            linked = None if value is None else self._linked(value)
            self._variables.add(text, linked, filled=self._filled)
        elif name is not None:
            self._variables.unknown(name)

    def _secret(self, variable: ObjectView) -> None:
        name, source = _get(variable, "name"), _get(variable, "valueFrom")
        secret = None if source is None else self._context.secrets.named(self._linked(source))
        if name is not None:
            is_secret = _is_in_secrets_manager(secret)
            why = fields.chain(name, "name")
            self._variables.stored(fields.text(name), why, is_secret=is_secret)
        if source is not None:
            self._variables.secrets.add(secret, fields.chain(source, "valueFrom"))

    def _command(self, words: Value | None) -> None:
        """A command may fetch a secret itself."""
        for word in words.plain if words is not None and isinstance(words.plain, tuple) else ():
            if isinstance(word.plain, str):
                why = fields.chain(word, "command")
                self._context.scripts.text(word, why, self._variables.secrets)
                self._variables.command(word)

    def _logging(self, container: ObjectView) -> None:
        configuration = _get(container, "logConfiguration")
        if configuration is None:
            return
        view = ObjectView(configuration, container.span)
        driver, options = view.get("logDriver"), view.get("options")
        word = fields.text(driver) if driver is not None else None
        if isinstance(word, str) and word != "awslogs":
            return
        group = None if options is None else ObjectView(options, view.span).get("awslogs-group")
        if group is not None and isinstance(word, str):
            found = self._context.links.linked(self._linked(group), LOG_GROUP)
            self._log_groups.add(found, fields.chain(group, "awslogs-group"))
        else:
            self._log_groups.more(_unclear(configuration, "where a container logs"))


def _is_in_secrets_manager(secret: Any) -> bool:
    """Whether what a variable is filled from is a secret; a parameter may be anything."""
    named = secret.address if isinstance(secret, Ref) else secret
    return isinstance(named, str) and _SECRETS_MANAGER in named


def _unclear(value: Value, needs: str) -> Unknown:
    reason = value.unknown
    return Unknown(Why.MISSING, needs, value.trail.step.span) if reason is None else reason.derived


def _get(document: ObjectView, name: str) -> Value | None:
    """A member of an object, whose name the provider reads in any case."""
    found = document.get(name)
    members = document.value.plain
    if found is not None or not isinstance(members, dict):
        return found
    spelled = next((each for each in members if each.lower() == name.lower()), None)
    return None if spelled is None else document.get(spelled)


def _objects(listed: Value | None) -> tuple[list[Value], Unknown | None]:
    """The objects of a list in a document, and why there may be more."""
    if listed is None or listed.plain is None:
        return [], None
    plain = listed.plain
    if isinstance(plain, PartialList):
        return [item for item in plain.known if item.plain is not None], plain.unknown
    if isinstance(plain, tuple):
        return [item for item in plain if item.plain is not None], None
    return [], _unclear(listed, "a list of objects")
