"""From the answers of endpoints to resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from policyscan.resources.base import Chain, Step, StepKind, Tally
from policyscan.resources.exchanges import endpoint_of
from policyscan.resources.tls import TlsEndpoint
from policyscan.values import PartialList, Unknown, Why

if TYPE_CHECKING:
    from policyscan.collectors.interface import Answer, Item, Reading

VERSIONS = ("1.0", "1.1", "1.2", "1.3")

_CERTIFICATE = ("not_before", "not_after", "key_type", "key_bits", "signature_hash")


def read_all(answers: Sequence[Answer], reading: Reading) -> Iterator[Item]:
    """One resource for each endpoint, in order, and a tally that counts their names alone."""
    units: dict[str, list[Answer]] = {}
    for answer in answers:
        units.setdefault(answer.unit, []).append(answer)
    for unit, of_unit in units.items():
        yield _endpoint(unit, of_unit, reading)
        yield Tally(reading.target, TlsEndpoint.kind, found=1, normalised=1, unit=unit)


def _endpoint(unit: str, answers: Sequence[Answer], reading: Reading) -> TlsEndpoint:
    host, _, port = unit.rpartition(":")
    host = host.strip("[]")
    by_subject = {each.subject: each for each in answers if each.subject != "handshake"}
    hands = {each.about: each for each in answers if each.subject == "handshake"}
    refused = (v for v in VERSIONS if v in hands and hands[v].data["outcome"] == "refused")
    fields: dict[str, Any] = {
        "accepted_versions": _versions(unit, hands),
        "refused_versions": tuple(refused),
    }
    fields |= _chain(unit, by_subject.get("chain"))
    fields |= _name(unit, by_subject.get("name"))
    fields |= _certificate(unit, by_subject.get("certificate"))
    owned = reading.options.get("owned")
    return TlsEndpoint(
        address=unit,
        origin=answers[0].origin("tls", reading.target),
        chains=_chains(by_subject, hands),
        host=host,
        port=int(port),
        owned=endpoint_of(host) is None if owned is None else bool(owned),
        **fields,
    )


# -- versions --------------------------------------------------------------------------------------


def _versions(unit: str, hands: Mapping[str, Answer]) -> tuple[str, ...] | PartialList[str]:
    outcomes = {version: hands[version].data["outcome"] for version in VERSIONS if version in hands}
    accepted = tuple(version for version, told in outcomes.items() if told == "accepted")
    missing = [v for v in VERSIONS if outcomes.get(v) not in ("accepted", "refused")]
    if not missing:
        return accepted
    told = "; ".join(_doubt(version, hands.get(version)) for version in missing)
    versions = " and ".join(f"TLS {version}" for version in missing)
    return PartialList(
        accepted, Unknown(Why.NOT_SEEN, f"whether {unit} accepts {versions} ({told})")
    )


def _doubt(version: str, answer: Answer | None) -> str:
    if answer is None:
        return f"{version} cannot be offered from here"
    return f"{version}: it {answer.data.get('why', 'gave no clear answer')}"


# -- its certificate -------------------------------------------------------------------------------


def _chain(unit: str, answer: Answer | None) -> dict[str, Any]:
    data = answer.data if answer else {}
    why = f": {data['why']}" if data.get("why") else ""
    unseen = Unknown(Why.NOT_SEEN, f"a verified handshake with {unit}{why}")
    trusted = data.get("trusted", unseen)
    if trusted is not True:
        of_chain = Unknown(Why.NOT_SEEN, f"a chain of {unit} that is trusted")
        return {"chain_trusted": trusted, "chain_in_time": of_chain, "chain_strong": of_chain}
    strong = Unknown(Why.NOT_SEEN, f"a handshake with {unit} at the security level 2 of OpenSSL")
    return {
        "chain_trusted": True,
        "chain_in_time": data.get("in_time", unseen),
        "chain_strong": data.get("strong", strong),
    }


def _name(unit: str, answer: Answer | None) -> dict[str, Any]:
    data = answer.data if answer else {}
    why = f": {data['why']}" if data.get("why") else ""
    unseen = Unknown(Why.NOT_SEEN, f"the names in the certificate of {unit}{why}")
    return {"hostname_match": data.get("matches", unseen)}


def _certificate(unit: str, answer: Answer | None) -> dict[str, Any]:
    data = answer.data if answer else {}
    unseen = Unknown(Why.NOT_SEEN, f"the certificate of {unit}")
    fields = {name: data.get(name, unseen) for name in _CERTIFICATE}
    for name in ("not_before", "not_after"):
        if isinstance(fields[name], str):
            fields[name] = datetime.fromisoformat(fields[name])
    return fields


# -- provenance ------------------------------------------------------------------------------------


def _chains(by_subject: Mapping[str, Answer], hands: Mapping[str, Answer]) -> dict[str, Chain]:
    found: dict[str, Chain] = {}
    if hands:
        told = ", ".join(f"{v} {hands[v].data['outcome']}" for v in VERSIONS if v in hands)
        call = _call(next(iter(hands.values())))
        found["accepted_versions"] = (Step(StepKind.ANSWER, told), call)
        found["refused_versions"] = found["accepted_versions"]
    for field, subject, reason in (
        ("chain_trusted", "chain", "why"),
        ("chain_in_time", "chain", "lapse"),
        ("chain_strong", "chain", "weakness"),
        ("hostname_match", "name", "why"),
        *((name, "certificate", "") for name in _CERTIFICATE),
    ):
        answer = by_subject.get(subject)
        if answer is not None:
            label = answer.data.get(reason) or f"{subject}.{field}"
            found[field] = (Step(StepKind.ANSWER, label), *_trust(answer), _call(answer))
    named = by_subject["certificate"].data.get("names") if "certificate" in by_subject else None
    if named and "hostname_match" in found:
        step = Step(StepKind.ANSWER, f"its certificate is for {', '.join(named)}")
        found["hostname_match"] = (step, *found["hostname_match"])
    return found


def _trust(answer: Answer) -> tuple[Step, ...]:
    trust = answer.data.get("trust")
    return (Step(StepKind.ANSWER, f"against {trust}"),) if trust else ()


def _call(answer: Answer) -> Step:
    parts = [f"TLS handshake with {answer.unit}"]
    parts += [f"at {answer.data['address']}"] if answer.data.get("address") else []
    parts += [f"at {answer.at:%Y-%m-%dT%H:%M:%SZ}"] if answer.at else []
    return Step(StepKind.CALL, ", ".join(parts))
