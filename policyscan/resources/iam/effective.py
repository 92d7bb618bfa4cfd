"""Statements together: what each Allow still grants to whom it is for, where other statements deny
and permission boundaries hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from policyscan.resources.iam.admin import is_admin
from policyscan.resources.iam.matching import Grant, Subjects
from policyscan.resources.iam.model import IamStatement, allows
from policyscan.resources.iam.principals import within
from policyscan.resources.iam.reach import Layers, doubted, granted, within_boundary, without
from policyscan.resources.units import set_unit
from policyscan.values import Many, Maybe, OneOf, PartialList, Ref, Unknown, Why

JUDGED = ("identity", "resource")
"""Kinds of policies whose statements give rights to act."""
Who = str | Ref | Unknown | None
"""Whom a statement is for; None for somebody who is not seen here."""


class Allow(Struct, frozen=True, eq=False):
    """An Allow with what is left of it for each of those it is for."""

    grant: Grant
    left: tuple[tuple[Who, Layers], ...]

    @property
    def layers(self) -> Layers:
        """What is left for anybody."""
        return tuple(dict.fromkeys(layer for _, layers in self.left for layer in layers))


class Effective:
    """All statements of a run that concern one another."""

    def __init__(self, grants: Iterable[Grant], subjects: Subjects) -> None:
        self._subjects = subjects
        self._denials: list[Grant] = []
        self._of_role: dict[tuple[str, str], list[Grant]] = {}
        """Those that are attached to roles of their root alone."""
        self._of_any: list[Grant] = []
        """The others."""
        self._boundaries: list[Grant] = []
        self.allows: list[Grant] = []
        """Those whose effect is Allow, or may be."""
        for grant in grants:
            statement = grant.statement
            if statement.policy_kind == "boundary":
                self._boundaries.append(grant)
            elif statement.policy_kind in JUDGED:
                if _denies(statement):
                    self._enter(grant)
                if allows(statement) is not False:
                    self.allows.append(grant)

    def _enter(self, denial: Grant) -> None:
        self._denials.append(denial)
        statement = denial.statement
        attached = _seen(statement.attached_to)
        listed = attached if isinstance(attached, tuple) else ()
        roles = [one for one in listed if isinstance(one, Ref) and one.certain]
        if statement.policy_kind != "identity" or not roles or len(roles) < len(listed):
            self._of_any.append(denial)
            return
        for role in roles:
            key = set_unit(statement.origin.unit), role.address
            self._of_role.setdefault(key, []).append(denial)

    def _near(self, grant: Grant, who: Who) -> Iterator[Grant]:
        """Statements that may deny somebody a part of what an Allow grants."""
        found = self._denials
        if isinstance(who, Ref) and who.certain:
            key = set_unit(grant.statement.origin.unit), who.address
            found = [*self._of_role.get(key, ()), *self._of_any]
        secrets, actions = grant.secrets.may, grant.actions.may
        return (d for d in found if d.secrets.may & secrets and d.actions.may & actions)

    def of(self, grant: Grant) -> Allow:
        """What is left of an Allow."""
        layers = granted(grant, self._subjects)
        if not layers:
            return Allow(grant, ())
        who = principals(grant.statement)
        return Allow(grant, tuple((one, self._left(grant, layers, one)) for one in who))

    def _left(self, grant: Grant, layers: Layers, who: Who) -> Layers:
        for denial in self._near(grant, who):
            applies = _applies(denial.statement, grant.statement, who)
            if applies is not False:
                certain = applies is True and denial.statement.conditional is None
                layers = without(layers, denial, certain)
        here, open_ended = self._boundary(grant.statement, who)
        if here:
            return within_boundary(layers, here)
        return doubted(layers) if open_ended else layers

    def _boundary(self, statement: IamStatement, who: Who) -> tuple[list[Grant], bool]:
        """The statements of the boundary of somebody, and whether there may be others."""
        here: list[Grant] = []
        open_ended = statement.boundary is not None
        for grant in self._boundaries:
            one_unit = set_unit(statement.origin.unit) == set_unit(grant.statement.origin.unit)
            answer = _among(who, grant.statement.attached_to, one_unit)
            if answer is True:
                here.append(grant)
            open_ended = open_ended or answer is None
        return here, open_ended

    def admin(self, statement: IamStatement) -> Maybe[bool]:
        """Whether a statement allows everything, and no boundary limits all whom it is for."""
        admin = is_admin(statement)
        if admin is False:
            return False
        answers = [self._unlimited(statement, who) for who in principals(statement)]
        if True in answers:
            return admin
        if None in answers:
            return Unknown(Why.NOT_SEEN, f"the permission boundary of {statement.address}")
        return False

    def _unlimited(self, statement: IamStatement, who: Who) -> bool | None:
        """Whether the boundary of somebody allows everything as well, or there is none."""
        here, open_ended = self._boundary(statement, who)
        if not here:
            return None if open_ended else True
        answers = [
            is_admin(grant.statement.model_copy(update={"policy_kind": "identity"}))
            for grant in here
        ]
        if True in answers:
            return True
        return None if any(isinstance(answer, Unknown) for answer in answers) else False


def principals(statement: IamStatement) -> tuple[Who, ...]:
    """Whom a statement is for; None stands for those who are not seen."""
    resource = statement.policy_kind == "resource"
    named = statement.principals if resource else statement.attached_to
    if isinstance(named, (Unknown, OneOf)):
        return (None,)
    known: Sequence[Maybe[str]] = named.known if isinstance(named, PartialList) else named
    who: list[Who] = [one.unknown if isinstance(one, OneOf) else one for one in known]
    return tuple(who) if who and not isinstance(named, PartialList) else (*who, None)


def _applies(denial: IamStatement, allow: IamStatement, who: Who) -> bool | None:
    """Whether a statement that denies holds for somebody whom another one allows."""
    one_unit = set_unit(denial.origin.unit) == set_unit(allow.origin.unit)
    if one_unit and document_of(denial) == document_of(allow) and denial.policy_kind == "identity":
        return True
    if denial.policy_kind == "identity":
        return _among(who, _seen(denial.attached_to), one_unit)
    spared = denial.not_principals
    if not isinstance(spared, tuple) or spared:
        answer = _among(who, spared, one_unit)
        return None if answer is None else not answer
    return _among(who, denial.principals, one_unit)


def _denies(statement: IamStatement) -> bool:
    """Whether a statement denies, or may. One of which nothing is known is no more a Deny than
    those that no file tells of."""
    if allows(statement) is not None:
        return allows(statement) is False
    return not (isinstance(statement.actions, Unknown) and isinstance(statement.resources, Unknown))


def _seen(attached: Many[Maybe[str]]) -> Many[Maybe[str]]:
    """To what a policy is attached here; whatever it may be attached to elsewhere."""
    if isinstance(attached, PartialList) and attached.unknown.why is Why.OUTSIDE:
        return attached.known
    return attached


def _among(who: Who, listed: Many[Maybe[str]], one_unit: bool) -> bool | None:
    """Somebody who is not seen is among all, and is not taken to be one of a list."""
    if who is None:
        return isinstance(listed, tuple) and any(
            isinstance(one, str) and one == "*" for one in listed
        )
    return within(who, listed, one_unit)


def document_of(statement: IamStatement) -> str:
    """The policy that a statement is part of."""
    return statement.address.rpartition("#")[0] or statement.address
