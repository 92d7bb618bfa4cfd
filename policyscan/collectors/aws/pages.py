"""All pages of one question: the only place that sends anything but the session's own requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from policyscan.collectors.aws.answers import token_of
from policyscan.collectors.aws.errors import WrongShapeError
from policyscan.collectors.aws.operation import Operation
from policyscan.collectors.aws.plain import lacks, plain
from policyscan.errors import GapReason, ReadError

if TYPE_CHECKING:
    from policyscan.collectors.aws.session import Meter

MOST_EMPTY = 25
"""Pages in a row without a member: a service that continues for ever. (AWS does send some.)"""


def pages_of(
    client: Any, operation: Operation, parameters: Mapping[str, Any], meter: Meter
) -> Iterator[tuple[Any, Any]]:
    """Each page as plain data, with botocore's own parse of it. Raises what asking may raise
    (`errors.expected`); what came before stands."""
    sent = {**operation.parameters, **parameters}
    shape = client.meta.service_model.operation_model(operation.name).output_shape
    watch = _Watch(operation)
    for response in _responses(client, operation, sent):
        if not isinstance(response, dict) or response.get(operation.member) is None:
            raise WrongShapeError(f"the answer to {operation.subject} has no {operation.member}")
        data = plain({k: v for k, v in response.items() if k != _METADATA}, shape, _left(operation))
        missing = next((path for path in operation.needs if lacks(data, path)), None)
        if missing:
            raise WrongShapeError(f"an answer to {operation.subject} lacks {missing}")
        watch.look(data)
        yield data, response
        if token_of(data) and meter.over:
            raise _endless(operation, "the time for it was over before the last page")


_METADATA = "ResponseMetadata"


def _left(operation: Operation) -> frozenset[str]:
    return frozenset(operation.leave_out)


def _responses(client: Any, operation: Operation, sent: Mapping[str, Any]) -> Iterator[Any]:
    """The responses as botocore parses them. What can be paged is paged."""
    from botocore import xform_name

    method = xform_name(operation.name)
    if client.can_paginate(method):
        yield from client.get_paginator(method).paginate(**sent)
        return
    call = getattr(client, method)
    response = call(**sent)
    yield response
    while operation.token and (token := response.get(operation.token)):
        response = call(**sent, **{operation.token: token})
        yield response


class _Watch:
    """Notices a service that repeats itself or never ends."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._tokens: set[str] = set()
        self._last = ""
        self._empty = 0

    def look(self, data: Mapping[str, Any]) -> None:
        """Raises `ReadError` if the page leads nowhere."""
        token = token_of(data)
        if not token:
            return
        if token in self._tokens:
            raise _endless(self._operation, "a page led back to an earlier one")
        self._tokens.add(token)
        members = _members(data, self._operation)
        if not members:
            self._empty += 1
            if self._empty > MOST_EMPTY:
                raise _endless(self._operation, f"more than {MOST_EMPTY} pages were empty")
            return
        self._empty = 0
        text = json.dumps(members, sort_keys=True)
        if text == self._last:
            raise _endless(self._operation, "the same page came again")
        self._last = text


def _members(data: Mapping[str, Any], operation: Operation) -> Any:
    """What a page holds: its list, or all of them if it may have one sort of things or another."""
    member = data.get(operation.member)
    if isinstance(member, bool):
        return [each for each in data.values() if isinstance(each, list) and each]
    return member


def _endless(operation: Operation, message: str) -> ReadError:
    return ReadError(GapReason.TRUNCATED, operation.subject, f"{message}; there may be more")
