"""Statements of policies: of the identities of the account, and of the secrets of a region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from policyscan.collectors.aws.answers import Item, Unit, distinct, tags_of
from policyscan.collectors.aws.kinds import statements
from policyscan.collectors.aws.kinds.secrets import DELETED, SECRETS
from policyscan.collectors.aws.kinds.statements import EMPTY, Place, made
from policyscan.resources.base import Resource, Tally
from policyscan.resources.iam.documents import statements_of
from policyscan.resources.iam.model import IamStatement

POLICY = "secretsmanager:GetResourcePolicy"
NONE = "the secret has no policy"
UNSEEN = "not answered (see the gaps)"


def read(unit: Unit) -> Iterator[Resource | Tally]:
    """Every statement that belongs to the account or region."""
    yield from statements.read(unit)
    if not unit.pages(SECRETS):
        return
    secrets, doubles = distinct(unit.items(SECRETS, "SecretList"), "ARN")
    counts: Counter[str] = Counter(doubles)
    for secret in secrets:
        if secret.data.get("DeletedDate") is not None:
            counts[DELETED] += 1
            continue
        found = list(_of_secret(unit, secret))
        yield from found
        counts["" if found else _why_none(unit, secret)] += 1
    dropped = {reason: number for reason, number in counts.items() if reason}
    yield unit.tally(IamStatement.kind, unit.count(SECRETS, "SecretList"), counts[""], dropped)


def _pages(unit: Unit, secret: Item) -> Iterator[Item]:
    for answer in unit.pages(POLICY, about=secret.data["ARN"]):
        yield Item(answer.data, answer, "ResourcePolicy")


def _why_none(unit: Unit, secret: Item) -> str:
    pages = list(_pages(unit, secret))
    if not pages:
        return UNSEEN
    return EMPTY if any(page.data.get("ResourcePolicy") for page in pages) else NONE


def _of_secret(unit: Unit, secret: Item) -> Iterator[IamStatement]:
    """The statements of the policy of one secret."""
    for page in _pages(unit, secret):
        document = page.data.get("ResourcePolicy")
        if document:
            arn, tags = secret.data["ARN"], tags_of(secret.data.get("Tags"))
            service = "secretsmanager"
            place = Place(page, arn, "resource", (arn,), "other", tags=tags, service=service)
            yield from made(unit, place, statements_of(document, page.chain))
