"""A baseline: what failed on one day, stored, so that only what comes on top of it blocks.

The file is JSON with one failure a line, in an order that no edit elsewhere changes, so that its
own changes are easy to read. It holds nothing that a report does not: values are masked.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from policyscan.errors import FileError, GapReason
from policyscan.findings.difference import BASELINE, Before, Known
from policyscan.findings.model import Finding, GapRecord, ResourceRef, Severity, Verdict
from policyscan.findings.report import Report
from policyscan.resources.base import ProofLevel

FILE_NAME = "policyscan-baseline.json"
VERSION = 1
MAX_BYTES = 200_000_000
_HINT = "Write it again: policyscan baseline write"
_PLACE = re.compile(r"\$\.(failures|gaps)\[(\d+)\]")
_BYTE = re.compile(r"\(byte (\d+)\)")


class _Failure(Struct, forbid_unknown_fields=True, omit_defaults=True):
    policy: str
    unit: str
    address: str
    kind: str
    severity: Severity
    proof: ProofLevel
    fingerprint: str
    message: str
    digest: str = ""
    name: str = ""
    facts: dict[str, Any] = {}


class _Gap(Struct, forbid_unknown_fields=True, omit_defaults=True):
    reason: GapReason
    collector: str
    subject: str
    fingerprint: str
    message: str
    unit: str = ""
    digest: str = ""


class _File(Struct, forbid_unknown_fields=True, kw_only=True):
    policyscan_baseline: int
    commit: str
    """Of the tree that it was written of; empty outside of git."""
    date: str
    """When, in UTC."""
    failures: list[_Failure]
    gaps: list[_Gap]


def written(report: Report) -> bytes:
    """The baseline that a report makes: what fails and is not waived, and what was not seen."""
    head = {
        "policyscan_baseline": VERSION,
        "commit": report.run.commit,
        "date": report.run.started,
    }
    failures = [_failure(one) for one in report.findings if one.verdict is Verdict.FAIL]
    lines = [f"{json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    lines += [
        '"failures": [',
        *_listed(failures, ("policy", "unit", "address", "fingerprint")),
        "],",
        '"gaps": [',
        *_listed([_gap(one) for one in report.gaps], ("collector", "unit", "subject", "message")),
        "]",
    ]
    return "\n".join(["{", *lines, "}", ""]).encode("utf-8", "replace")


def _listed(items: Sequence[_Failure] | Sequence[_Gap], order: Sequence[str]) -> list[str]:
    """The members of a list, one a line."""
    texts = [
        (
            [getattr(item, name) for name in order],
            json.dumps(msgspec.to_builtins(item), ensure_ascii=False),
        )
        for item in items
    ]
    texts.sort()
    last = len(texts) - 1
    return [f"  {text}{',' if place < last else ''}" for place, (_, text) in enumerate(texts)]


def _failure(finding: Finding) -> _Failure:
    ref = finding.resource
    return _Failure(
        finding.policy_id,
        ref.unit,
        ref.address,
        ref.kind,
        finding.severity,
        ref.proof,
        finding.fingerprint,
        finding.message,
        ref.digest,
        ref.name,
        dict(finding.facts),
    )


def _gap(gap: GapRecord) -> _Gap:
    return _Gap(
        gap.reason,
        gap.collector,
        gap.subject,
        gap.fingerprint,
        gap.message,
        gap.unit,
        gap.digest,
    )


def load(name: str, data: bytes) -> Before:
    """What a run is compared with, from the bytes of a baseline; `name` is the path that messages
    and reports show. Raises `FileError`."""
    if len(data) > MAX_BYTES:
        raise FileError(f"larger than {MAX_BYTES:,} bytes", path=name, hint=_HINT)
    try:
        read = msgspec.json.decode(data, type=_File)
    except msgspec.ValidationError as error:
        raise FileError(
            f"no baseline: {error}", path=name, line=_line(data, error), hint=_HINT
        ) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        found = _BYTE.search(str(error))
        line = data.count(b"\n", 0, int(found[1])) + 1 if found else 0
        raise FileError("this is not JSON", path=name, line=line, hint=_HINT) from None
    except RecursionError:
        raise FileError("nested too deeply", path=name, hint=_HINT) from None
    if read.policyscan_baseline != VERSION:
        message = f"policyscan_baseline is {read.policyscan_baseline}, this reads {VERSION}"
        raise FileError(message, path=name, hint=_HINT)
    return Before(
        BASELINE,
        name,
        read.commit,
        tuple(map(_known, read.failures)),
        tuple(map(_record, read.gaps)),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _line(data: bytes, error: msgspec.ValidationError) -> int:
    """The line of the entry that an error is about, as it is written by `written`; 0 if it is not
    known."""
    found = _PLACE.search(str(error))
    if found is None:
        return 0
    before, start, rest = data.partition(f'"{found[1]}": [\n'.encode())
    number = int(found[2])
    lines = rest.splitlines()[: number + 1]
    if not start or len(lines) <= number or not lines[number].startswith(b"  {"):
        return 0
    return before.count(b"\n") + 2 + number


def _known(entry: _Failure) -> Known:
    ref = ResourceRef(
        entry.kind,
        entry.address,
        entry.unit,
        "",
        "",
        entry.proof,
        name=entry.name,
        digest=entry.digest,
    )
    return Known(
        entry.fingerprint,
        entry.policy,
        Verdict.FAIL,
        ref,
        entry.severity,
        entry.message,
        entry.facts,
    )


def _record(entry: _Gap) -> GapRecord:
    return GapRecord(
        entry.reason,
        entry.subject,
        entry.message,
        entry.collector,
        "",
        entry.unit,
        fingerprint=entry.fingerprint,
        digest=entry.digest,
    )
