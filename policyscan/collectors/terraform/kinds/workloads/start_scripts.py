"""What a start script tells: the secrets that it fetches, and the variables that it sets."""

from __future__ import annotations

import base64
import binascii
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import replace

from policyscan.collectors.terraform import fields
from policyscan.collectors.terraform.body import BodyView, View
from policyscan.collectors.terraform.expansion import Node
from policyscan.collectors.terraform.expressions import evaluate
from policyscan.collectors.terraform.kinds.gathering import Gathering
from policyscan.collectors.terraform.kinds.links import Links
from policyscan.collectors.terraform.kinds.workloads.script_variables import (
    HOLE,
    credentials,
    settings,
)
from policyscan.collectors.terraform.kinds.workloads.secret_links import SecretLinks
from policyscan.collectors.terraform.operators import truth
from policyscan.collectors.terraform.scope import Scope
from policyscan.collectors.terraform.value import Value, derive, members
from policyscan.resources.base import Chain, Step, StepKind
from policyscan.text.hcl.syntax import Attribute, Call, Conditional, Expression, Name
from policyscan.text.source import Span
from policyscan.values import OneOf, Ref, Unknown, Why, glued

MAX_SCRIPT = 200_000
"""Characters of a script that are looked through."""

_MAX_HOPS = 10
_ENCODERS = ("base64encode", "base64gzip")
_WORD = r"[\"']?([^\s\"'`);|&]{1,2048})"
_FETCHES = re.compile(
    rf"--secret-id[=\s]\s{{0,20}}{_WORD}"
    rf"|\bget-parameters?\b[^\n;|&]{{0,300}}?--names?[=\s]\s{{0,20}}{_WORD}"
    rf"|\bSecretId\s{{0,5}}[=:]\s{{0,5}}{_WORD}"
)
_ASSIGNED = re.compile(
    r"(?m)^\s{0,20}(?:export\s{1,5})?([A-Za-z_]\w{0,80})=[\"']?([^\s\"';]{1,2048})"
)
_VARIABLE = re.compile(r"\$\{?(\w{1,80})\}?")
NOTHING: Mapping[str, Value] = {}
_RENDERED = ("template_file", "template_cloudinit_config", "cloudinit_config")
"""Data sources that make a script out of others."""


class Scripts:
    """Looks through the scripts of a root."""

    def __init__(self, links: Links, secrets: SecretLinks) -> None:
        self._links = links
        self._secrets = secrets

    def programs(self, built: fields.Fields) -> Programs:
        """What the start script of one machine tells about its programs."""
        return Programs(self, built)

    def search(self, value: Value, why: Chain, into: Programs) -> None:
        """Look through a script, or what the data source that renders it is made of."""
        source = self._links.source(value)
        node = self._links.node(source.address) if source is not None else None
        if node is not None and node.block.labels[0] in _RENDERED:
            self._rendered(node, why, into)
            return
        into.set_in(value, why)
        self.text(value, why, into.secrets)

    def _rendered(self, node: Node, why: Chain, into: Programs) -> None:
        """The script that a data source makes of a template or of parts."""
        view = self._links.declared.view(node)
        variables, template = view.get("vars"), view.get("template")
        table = variables.plain if variables is not None else {}
        for item in members(variables) if variables is not None else ():
            self._secrets.of_value(item, why, into.secrets)
        if template is not None:
            given = table if isinstance(table, dict) else {}
            into.set_in(template, why, given)
            self.text(template, why, into.secrets, given)
        parts, reason = view.blocks("part")
        for part in parts:
            content = part.get("content")
            if content is not None:
                self.search(content, why, into)
        into.more(reason, why)

    def text(
        self, value: Value, why: Chain, into: Gathering, given: Mapping[str, Value] = NOTHING
    ) -> None:
        """Add the secrets that a text names or fetches; those in variables that it is `given`
        were looked at before."""
        plain = value.plain
        if isinstance(plain, str) or not (isinstance(plain, Unknown) and plain.parts):
            self._secrets.of_value(value, why, into)
        whole, holes = _pieces(value)
        if holes is None:
            into.more(value.unknown, why)
            return
        if len(whole) > MAX_SCRIPT:
            into.more(Unknown(Why.BUDGET, "a shorter script", why[0].span), why)
        used: set[int] = set()
        for name, first in _fetched(whole[:MAX_SCRIPT]):
            taken = holes[first : first + name.count(HOLE)]
            used.update(range(first, first + len(taken)))
            self._fetch(name, taken, why, into, given)
        for number, hole in enumerate(holes):
            if number not in used:
                self._secrets.of_hole(hole, why, into)

    def _fetch(
        self,
        name: str,
        holes: list[Ref | Unknown],
        why: Chain,
        into: Gathering,
        given: Mapping[str, Value],
    ) -> None:
        """Add the secret of a name in which some pieces may not be known."""
        if name == HOLE and len(holes) == 1:
            found = self._secrets.in_hole(holes[0])
            into.add(holes[0] if found is None else found, why)
        elif holes:
            words = name.split(HOLE)
            pieces = [words[0]] + [p for pair in zip(holes, words[1:], strict=True) for p in pair]
            into.add(glued(pieces), why)
        elif "$" in name:
            variable = _VARIABLE.fullmatch(name)
            if variable is None or variable[1] not in given:
                which = f"the secret {name}" if variable is not None else "a secret"
                needs = f"{which} that a script fetches"
                into.add(Unknown(Why.UNSUPPORTED, needs, why[0].span), why)
        else:
            into.add(self._secrets.by_name(name), why)


class Programs:
    """The secrets and variables of one machine."""

    def __init__(self, scripts: Scripts, built: fields.Fields) -> None:
        self.secrets = Gathering("secrets", built)
        self._names = Gathering("environment_names", built)
        self._credentials = Gathering("secret_variables", built)
        self._scripts = scripts

    def user_data(self, view: View) -> bool:
        """Look through `user_data` or `user_data_base64`, if it has one of them."""
        given = [(name, _decoded(view, name)) for name in ("user_data", "user_data_base64")]
        for name, value in given:
            if value is not None:
                self._scripts.search(value, fields.chain(value, name), self)
        return any(value is not None for _, value in given)

    def more(self, reason: Unknown | None, why: Chain) -> None:
        """Keep why there may be a script elsewhere, if there may."""
        self.secrets.more(reason, why)
        self._credentials.more(reason, why)

    def set_in(self, value: Value, why: Chain, given: Mapping[str, Value] = NOTHING) -> None:
        """Keep the variables that a script sets; `given` are the values of its template."""
        whole, holes = _pieces(value)
        script = whole[:MAX_SCRIPT]
        for setting in settings(script):
            self._names.add(setting.name, (Step(StepKind.ATTRIBUTE, setting.name, why[0].span),))
        if holes is None or not whole:
            self._credentials.more(value.unknown, why)
        elif len(whole) > MAX_SCRIPT:
            self._credentials.more(Unknown(Why.BUDGET, "a shorter script", why[0].span), why)
        for found in credentials(script, holes or (), given, bool(_FETCHES.search(script))):
            if isinstance(found, Unknown):
                self._credentials.more(replace(found, where=found.where or why[0].span), why)
            else:
                step = Step(StepKind.ATTRIBUTE, f"variable {found.name} of the script", why[0].span)
                self._credentials.add(found, (step, *why))

    def settle(self, span: Span) -> None:
        """Put both into their fields."""
        self.secrets.settle(fields.implied("user_data", span, "no script"))
        image = Unknown(Why.OUTSIDE, "the variables that programs on it have", span)
        self._names.more(image, fields.implied("environment", span, "not told here"))
        self._names.settle()
        self._credentials.settle(fields.implied("user_data", span, "no script"))


def _pieces(value: Value) -> tuple[str, list[Ref | Unknown] | None]:
    """A script with holes for what is not known of it, and these; None if nothing is known."""
    plain = value.plain
    pieces = plain.parts if isinstance(plain, Unknown) else (plain,)
    if isinstance(plain, OneOf) or not all(isinstance(p, (str, Ref, Unknown)) for p in pieces):
        return "", None
    holes = [piece for piece in pieces if isinstance(piece, (Ref, Unknown))]
    return "".join(p if isinstance(p, str) else HOLE for p in pieces), holes


def _fetched(script: str) -> Iterator[tuple[str, int]]:
    """The names of secrets that a script asks for, each with the number of holes before it.
    A variable that the script sets to a text is replaced."""
    joined = script.replace("\\\n", " ")
    places = [match.start() for match in re.finditer(HOLE, joined)]
    assigned = {match[1]: match for match in _ASSIGNED.finditer(joined)}
    for match in _FETCHES.finditer(joined):
        group = match.lastindex
        assert group is not None
        name, start = match[group], match.start(group)
        variable = _VARIABLE.fullmatch(name)
        setting = assigned.get(variable[1]) if variable is not None else None
        if setting is not None:
            name, start = setting[2], setting.start(2)
        yield name, bisect_left(places, start)


def _decoded(view: View, name: str) -> Value | None:
    """A script as text, also where it is handed over in base64."""
    value = view.get(name)
    argument = view.body.arguments.get(name) if isinstance(view, BodyView) else None
    if argument is not None and isinstance(view, BodyView):
        encoded = _encoded(argument.value, view.scope, _MAX_HOPS)
        if encoded is not None:
            return encoded
    if value is None or not isinstance(value.plain, str):
        return value
    try:
        text = base64.b64decode("".join(value.plain.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return value
    return derive(text, view.span, (value,))


def _encoded(expression: Expression, scope: Scope, hops: int) -> Value | None:
    """What an expression puts into base64, seen through locals and conditions; None if nothing."""
    if isinstance(expression, Call) and expression.name in _ENCODERS and expression.arguments:
        return evaluate(expression.arguments[0], scope)
    if isinstance(expression, Call) and expression.name == "filebase64":
        plain = Call("file", expression.arguments, expression.expand, expression.span)
        return evaluate(plain, scope)
    if isinstance(expression, Conditional) and hops:
        chosen = truth(evaluate(expression.condition, scope))
        branch = expression.then if chosen else expression.otherwise
        return None if chosen is None else _encoded(branch, scope, hops - 1)
    if isinstance(expression, Attribute) and isinstance(expression.target, Name) and hops:
        local = scope.instance.module.locals.get(expression.name)
        if expression.target.name == "local" and local is not None:
            return _encoded(local.value, scope.instance.scope, hops - 1)
    return None
