"""Policies and what AWS's documented evaluation says of them, in pairs: the second document of a
pair is the first with the one thing changed that changes the answer.

From the IAM user guide: "Policy evaluation logic", "IAM JSON policy elements" (Action, NotAction,
Resource, NotResource, Principal, NotPrincipal, Condition, condition operators, policy variables),
"Permissions boundaries"; from the Secrets Manager user guide: "Resource-based policies" and
"Permissions policy examples".

Texts are Terraform templates. `&{…}` is a policy variable.
"""

from __future__ import annotations

from typing import Any, NamedTuple

Statement = dict[str, Any]

GRID = "${aws_secretsmanager_secret.grid.arn}"
DCA = "${aws_secretsmanager_secret.dca.arn}"
GRID_NAME, DCA_NAME = "binance-api-key-production-grid", "binance-api-key-staging-dca"
SECRETS: dict[str, dict[str, Any]] = {
    "grid": {"name": GRID_NAME, "tags": {"Environment": "production", "Bot": "grid"}},
    "dca": {"name": DCA_NAME, "tags": {"Environment": "staging", "Bot": "dca"}},
}
ROLE = "arn:aws:iam::123456789012:role/grid-bot"
GET = "secretsmanager:GetSecretValue"


def sm(name: str, place: str = "*:*") -> str:
    """The ARN of a secret by a pattern of its name."""
    return f"arn:aws:secretsmanager:{place}:secret:{name}"


LITERAL = "eu-west-1:123456789012"
HERE = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"


def allow(action: Any = GET, resource: Any = "*", when: Any = None, **more: Any) -> Statement:
    """An Allow; `None` leaves an element out."""
    given = {"Action": action, "Resource": resource, "Condition": when, **more}
    return {"Effect": "Allow", **{key: value for key, value in given.items() if value is not None}}


def deny(action: Any = GET, resource: Any = "*", when: Any = None, **more: Any) -> Statement:
    """A Deny."""
    return {**allow(action, resource, when, **more), "Effect": "Deny"}


def but(action: Any = None, resource: Any = None, **more: Any) -> Statement:
    """An Allow of everything but some actions or resources."""
    return allow(
        GET if action is None else None,
        "*" if resource is None else None,
        NotAction=action,
        NotResource=resource,
        **more,
    )


def tag(operator: str, name: str, value: Any, prefix: str = "aws:ResourceTag") -> dict[str, Any]:
    """A condition on a tag of the secret."""
    return {operator: {f"{prefix}/{name}": value}}


class Document(NamedTuple):
    """The identity policy of a role, and what it makes of the two secrets."""

    about: str
    statements: list[Statement]
    grid: str
    """Whether the role may read the value of that secret: `allowed`, `denied`, `if` (a condition
    on the request holds), `unknown`."""
    dca: str
    admin: str = "no"
    """Whether a statement allows everything: `yes`, `no`, `unknown`."""
    boundary: list[Statement] | str | None = None
    """The permission boundary of the role: its statements, or the ARN of one that is elsewhere."""
    of_secret: list[Statement] | None = None
    """The resource policy of the secret `grid`."""


class Principal(NamedTuple):
    """A statement of the resource policy of a secret, and what each of its principals is."""

    about: str
    principal: Any
    forms: list[str]
    when: Any = None
    element: str = "Principal"


YES, NO, IF, OPEN = "allowed", "denied", "if", "unknown"
VPCE = {"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}
NOT_VPCE = {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

ACTIONS = [
    Document("one action on one secret", [allow(GET, GRID)], YES, NO),
    Document("… on the other secret", [allow(GET, DCA)], NO, YES),
    Document("actions know no case", [allow("SecretsManager:GETSECRETVALUE", GRID)], YES, NO),
    Document("… but another name", [allow("SecretsManager:GETSECRETVALUES", GRID)], NO, NO),
    Document("a star at the end", [allow("secretsmanager:Get*", GRID)], YES, NO),
    Document("… of another verb", [allow("secretsmanager:Describe*", GRID)], NO, NO),
    Document("stars on both sides", [allow("secretsmanager:*Secret*", GRID)], YES, NO),
    Document("… a star in front only", [allow("secretsmanager:*Secret", GRID)], NO, NO),
    Document("a question mark", [allow("secretsmanager:GetSecretValu?", GRID)], YES, NO),
    Document("… where nothing is left", [allow("secretsmanager:GetSecretValue?", GRID)], NO, NO),
    Document("one character in front", [allow("secretsmanager:?etSecretValue", GRID)], YES, NO),
    Document("… that are three", [allow("secretsmanager:?SecretValue", GRID)], NO, NO),
    Document("every action", [allow("*", GRID)], YES, NO),
    Document("… of another service", [allow("s3:*", GRID)], NO, NO),
    Document("every action of the service", [allow("secretsmanager:*", GRID)], YES, NO),
    Document("… of parameters", [allow("ssm:*", GRID)], NO, NO),
    Document(
        "the batch call needs the single one",
        [allow([GET, "secretsmanager:BatchGetSecretValue"])],
        YES,
        YES,
    ),
    Document("… and gives nothing alone", [allow("secretsmanager:BatchGetSecretValue")], NO, NO),
    Document("a list of actions", [allow(["secretsmanager:DescribeSecret", GET], GRID)], YES, NO),
    Document(
        "… without the one",
        [allow(["secretsmanager:DescribeSecret", "secretsmanager:ListSecrets"], GRID)],
        NO,
        NO,
    ),
    Document("an action with a hole", [allow("secretsmanager:${var.verb}", GRID)], OPEN, NO),
    Document("… behind another verb", [allow("secretsmanager:Describe${var.verb}", GRID)], NO, NO),
    Document("an action that is not known", [allow("${var.verb}", GRID)], OPEN, NO),
    Document("… on the other secret", [allow("${var.verb}", DCA)], NO, OPEN),
]

RESOURCES = [
    Document("everything", [allow(GET, "*")], YES, YES),
    Document("… one secret", [allow(GET, GRID)], YES, NO),
    Document("six characters of AWS's choice", [allow(GET, sm(GRID_NAME + "-??????"))], YES, NO),
    Document("… and not five", [allow(GET, sm(GRID_NAME + "-?????"))], NO, NO),
    Document("a dash and a star", [allow(GET, sm(GRID_NAME + "-*"))], YES, NO),
    Document("… the name alone is no ARN", [allow(GET, sm(GRID_NAME))], NO, NO),
    Document("a star right behind the name", [allow(GET, sm(GRID_NAME + "*"))], YES, NO),
    Document("… a folder of that name", [allow(GET, sm(GRID_NAME + "/*"))], NO, NO),
    Document(
        "characters that AWS may have chosen", [allow(GET, sm(GRID_NAME + "-AbCdEf"))], OPEN, NO
    ),
    Document("… that it cannot have", [allow(GET, sm(GRID_NAME + "-AbC_Ef"))], NO, NO),
    Document(
        "a prefix with the environment", [allow(GET, sm("binance-api-key-production-*"))], YES, NO
    ),
    Document("… with the other one", [allow(GET, sm("binance-api-key-staging-*"))], NO, YES),
    Document("a prefix of both", [allow(GET, sm("binance-api-key-*"))], YES, YES),
    Document("… of neither", [allow(GET, sm("kraken-api-key-*"))], NO, NO),
    Document("a part of the name", [allow(GET, sm("binance*"))], YES, YES),
    Document("… without a star", [allow(GET, sm("binance"))], NO, NO),
    Document("names know case", [allow(GET, sm(GRID_NAME.upper() + "-*"))], NO, NO),
    Document("… as it is", [allow(GET, sm(GRID_NAME + "-*"))], YES, NO),
    Document("a star goes past colons", [allow(GET, "arn:aws:secretsmanager:*")], YES, YES),
    Document("… of another service", [allow(GET, "arn:aws:s3:*")], NO, NO),
    Document("all secrets", [allow(GET, sm("*"))], YES, YES),
    Document("… all parameters", [allow(GET, "arn:aws:ssm:*:*:parameter/*")], NO, NO),
    Document("a word anywhere", [allow(GET, "*binance*")], YES, YES),
    Document("… that is not there", [allow(GET, "*:secret:bitstamp*")], NO, NO),
    Document("where one is", [allow(GET, sm(GRID_NAME + "-*", HERE))], YES, NO),
    Document("… where one may be", [allow(GET, sm(GRID_NAME + "-*", LITERAL))], OPEN, NO),
    Document(
        "a region that is not known",
        [allow(GET, sm(GRID_NAME + "-*", "${var.region}:*"))],
        OPEN,
        NO,
    ),
    Document(
        "… with the other name", [allow(GET, sm(DCA_NAME + "-*", "${var.region}:*"))], NO, OPEN
    ),
    Document(
        "an environment that is not known",
        [allow(GET, sm("binance-api-key-${var.env}-grid-*"))],
        OPEN,
        NO,
    ),
    Document("… that is", [allow(GET, sm("binance-api-key-production-grid-*"))], YES, NO),
    Document("the ARN and a star", [allow(GET, GRID + "*")], YES, NO),
    Document("… a dash is one too many", [allow(GET, GRID + "-*")], NO, NO),
    Document("two references", [allow(GET, [GRID, DCA])], YES, YES),
    Document("… to one and a bucket", [allow(GET, [GRID, "${aws_s3_bucket.logs.arn}"])], YES, NO),
    Document(
        "a secret that is looked up",
        [allow(GET, "${data.aws_secretsmanager_secret.one.arn}")],
        OPEN,
        OPEN,
    ),
    Document("… a bucket that is", [allow(GET, "${data.aws_s3_bucket.logs.arn}")], NO, NO),
    Document("an ARN that is not known", [allow(GET, "${var.arn}")], OPEN, OPEN),
    Document("… of a bucket", [allow(GET, "arn:aws:s3:::${var.arn}")], NO, NO),
    Document(
        "a policy variable",
        [allow(GET, sm("binance-api-key-&{aws:PrincipalTag/Bot}-*"))],
        OPEN,
        OPEN,
    ),
    Document(
        "… behind another name",
        [allow(GET, sm("kraken-api-key-&{aws:PrincipalTag/Bot}-*"))],
        NO,
        NO,
    ),
    Document("a star that means itself", [allow(GET, sm("&{*}"))], NO, NO),
    Document("… that does not", [allow(GET, sm("*"))], YES, YES),
    Document("no statement about secrets", [allow("s3:GetObject", "*")], NO, NO),
    Document("… and one", [allow("s3:GetObject", "*"), allow(GET, GRID)], YES, NO),
]

NEGATED = [
    Document("all actions but those of buckets", [but("s3:*")], YES, YES, "yes"),
    Document("… but those of secrets", [but("secretsmanager:*")], NO, NO, "yes"),
    Document("all but all", [but("*")], NO, NO),
    Document("… all but identities", [but("iam:*")], YES, YES, "yes"),
    Document(
        "all actions but changes, of one secret",
        [allow(None, GRID, NotAction="secretsmanager:Put*")],
        YES,
        NO,
    ),
    Document("… but reading", [allow(None, GRID, NotAction="secretsmanager:Get*")], NO, NO),
    Document("all secrets but one", [but(resource=GRID)], NO, YES),
    Document("… but the other", [but(resource=DCA)], YES, NO),
    Document("all but those of the exchange", [but(resource=sm("binance-*"))], NO, NO),
    Document("… but those of another", [but(resource=sm("kraken-*"))], YES, YES),
    Document("all but what is not known", [but(resource="${var.arn}")], OPEN, OPEN),
    Document("… but everything", [but(resource="*")], NO, NO),
    Document("all but actions that are not known", [but("${var.verb}")], OPEN, OPEN, "unknown"),
    Document(
        "… on a bucket", [allow(None, "${aws_s3_bucket.logs.arn}", NotAction="${var.verb}")], NO, NO
    ),
]

DENIALS = [
    Document("a Deny of one secret", [allow(), deny(GET, GRID)], NO, YES),
    Document("… of the other", [allow(), deny(GET, DCA)], YES, NO),
    Document("a Deny of changes", [allow(), deny("secretsmanager:Put*")], YES, YES),
    Document("… of reading", [allow(), deny("secretsmanager:Get*")], NO, NO),
    Document("a Deny in front", [deny(), allow()], NO, NO),
    Document("… an Allow there", [allow(), allow()], YES, YES),
    Document("a Deny of all but buckets", [allow(), deny(None, NotAction="s3:*")], NO, NO),
    Document("… of all but secrets", [allow(), deny(None, NotAction="secretsmanager:*")], YES, YES),
    Document(
        "a Deny of all but one secret", [allow(), deny(resource=None, NotResource=GRID)], YES, NO
    ),
    Document("… but the other", [allow(), deny(resource=None, NotResource=DCA)], NO, YES),
    Document("a Deny outside of an endpoint", [allow(), deny(when=NOT_VPCE)], OPEN, OPEN),
    Document("… anywhere", [allow(), deny()], NO, NO),
    Document("a Deny of what is not known", [allow(), deny(GET, "${var.arn}")], OPEN, OPEN),
    Document("… of another exchange", [allow(), deny(GET, sm("kraken-*"))], YES, YES),
    Document("a Deny of an action that is not known", [allow(), deny("${var.verb}")], OPEN, OPEN),
    Document("… of another service", [allow(), deny("s3:${var.verb}")], YES, YES),
    Document(
        "a Deny of production",
        [allow(), deny(when=tag("StringEquals", "Environment", "production"))],
        NO,
        YES,
    ),
    Document(
        "… of staging", [allow(), deny(when=tag("StringEquals", "Environment", "staging"))], YES, NO
    ),
    Document(
        "a Deny of all but production",
        [allow(), deny(when=tag("StringNotEquals", "Environment", "production"))],
        YES,
        NO,
    ),
    Document(
        "… but staging",
        [allow(), deny(when=tag("StringNotEquals", "Environment", "staging"))],
        NO,
        YES,
    ),
    Document(
        "a Deny in an account that may be this",
        [allow(), deny(GET, sm(GRID_NAME + "-*", LITERAL))],
        OPEN,
        YES,
    ),
    Document("… in all", [allow(), deny(GET, sm(GRID_NAME + "-*"))], NO, YES),
    Document("nothing but a Deny", [deny()], NO, NO),
    Document("… and an Allow of one", [deny(GET, DCA), allow()], YES, NO),
]

CONDITIONS = [
    Document(
        "the tag of production",
        [allow(when=tag("StringEquals", "Environment", "production"))],
        YES,
        NO,
    ),
    Document("… of staging", [allow(when=tag("StringEquals", "Environment", "staging"))], NO, YES),
    Document(
        "the key of the service",
        [
            allow(
                when=tag("StringEquals", "Environment", "production", "secretsmanager:ResourceTag")
            )
        ],
        YES,
        NO,
    ),
    Document(
        "… values know case",
        [
            allow(
                when=tag("StringEquals", "Environment", "Production", "secretsmanager:ResourceTag")
            )
        ],
        NO,
        NO,
    ),
    Document(
        "keys know no case",
        [allow(when=tag("StringEquals", "environment", "production", "AWS:resourcetag"))],
        YES,
        NO,
    ),
    Document(
        "… another tag",
        [allow(when=tag("StringEquals", "environments", "production", "AWS:resourcetag"))],
        NO,
        NO,
    ),
    Document(
        "values that know no case",
        [allow(when=tag("StringEqualsIgnoreCase", "Environment", "PRODUCTION"))],
        YES,
        NO,
    ),
    Document("… that do", [allow(when=tag("StringEquals", "Environment", "PRODUCTION"))], NO, NO),
    Document("a star in a value", [allow(when=tag("StringLike", "Environment", "prod*"))], YES, NO),
    Document(
        "… that means itself", [allow(when=tag("StringEquals", "Environment", "prod*"))], NO, NO
    ),
    Document(
        "not production", [allow(when=tag("StringNotEquals", "Environment", "production"))], NO, YES
    ),
    Document(
        "… not development",
        [allow(when=tag("StringNotEquals", "Environment", "development"))],
        YES,
        YES,
    ),
    Document(
        "not like production", [allow(when=tag("StringNotLike", "Environment", "prod*"))], NO, YES
    ),
    Document(
        "… not equal to a pattern",
        [allow(when=tag("StringNotEquals", "Environment", "prod*"))],
        YES,
        YES,
    ),
    Document("a tag that is missing", [allow(when=tag("StringEquals", "Owner", "desk"))], NO, NO),
    Document(
        "… if it exists", [allow(when=tag("StringEqualsIfExists", "Owner", "desk"))], YES, YES
    ),
    Document(
        "not a tag that is missing", [allow(when=tag("StringNotEquals", "Owner", "desk"))], YES, YES
    ),
    Document("… is it", [allow(when=tag("StringLike", "Owner", "*"))], NO, NO),
    Document("no such tag", [allow(when=tag("Null", "Owner", "true"))], YES, YES),
    Document("… there is one", [allow(when=tag("Null", "Owner", "false"))], NO, NO),
    Document("a tag that is there", [allow(when=tag("Null", "Bot", "false"))], YES, YES),
    Document("… that is not", [allow(when=tag("Null", "Bot", "true"))], NO, NO),
    Document(
        "all of no values",
        [allow(when=tag("ForAllValues:StringEquals", "Owner", "desk"))],
        YES,
        YES,
    ),
    Document(
        "… any of none", [allow(when=tag("ForAnyValue:StringEquals", "Owner", "desk"))], NO, NO
    ),
    Document(
        "two tags",
        [
            allow(
                when={
                    "StringEquals": {
                        "aws:ResourceTag/Environment": "production",
                        "aws:ResourceTag/Bot": "grid",
                    }
                }
            )
        ],
        YES,
        NO,
    ),
    Document(
        "… that no secret has both",
        [
            allow(
                when={
                    "StringEquals": {
                        "aws:ResourceTag/Environment": "production",
                        "aws:ResourceTag/Bot": "dca",
                    }
                }
            )
        ],
        NO,
        NO,
    ),
    Document(
        "one of two values",
        [allow(when=tag("StringEquals", "Environment", ["production", "staging"]))],
        YES,
        YES,
    ),
    Document("… of one", [allow(when=tag("StringEquals", "Environment", ["production"]))], YES, NO),
    Document("through an endpoint", [allow(GET, GRID, VPCE)], IF, NO),
    Document("… from anywhere", [allow(GET, GRID)], YES, NO),
    Document("with a second factor", [allow(GET, GRID, MFA)], IF, NO),
    Document("… or without", [allow(GET, GRID, MFA), allow(GET, GRID)], YES, NO),
    Document(
        "from an address", [allow(when={"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}})], IF, IF
    ),
    Document(
        "… and of production",
        [
            allow(
                when={
                    "IpAddress": {"aws:SourceIp": "198.51.100.0/24"},
                    **tag("StringEquals", "Environment", "production"),
                }
            )
        ],
        IF,
        NO,
    ),
    Document(
        "the tag of the role",
        [allow(when=tag("StringEquals", "Bot", "&{aws:PrincipalTag/Bot}"))],
        OPEN,
        OPEN,
    ),
    Document("… that is known", [allow(when=tag("StringEquals", "Bot", "grid"))], YES, NO),
    Document(
        "a value that is not known",
        [allow(when=tag("StringEquals", "Environment", "${var.env}"))],
        OPEN,
        OPEN,
    ),
    Document(
        "… of a tag that is missing",
        [allow(when=tag("StringEquals", "Owner", "${var.env}"))],
        NO,
        NO,
    ),
    Document(
        "a number that is missing", [allow(when=tag("NumericLessThan", "Level", "3"))], NO, NO
    ),
    Document(
        "… if it exists", [allow(when=tag("NumericLessThanIfExists", "Level", "3"))], YES, YES
    ),
]

EVERYTHING = [allow("*", "*")]
BOUNDARIES = [
    Document("a boundary of secrets", [allow()], YES, YES, boundary=[allow("secretsmanager:*")]),
    Document("… of buckets", [allow()], NO, NO, boundary=[allow("s3:*")]),
    Document("a boundary of one secret", [allow()], YES, NO, boundary=[allow("*", GRID)]),
    Document("… of the other", [allow()], NO, YES, boundary=[allow("*", DCA)]),
    Document("a boundary that denies", [allow()], NO, NO, boundary=[*EVERYTHING, deny()]),
    Document("… something else", [allow()], YES, YES, boundary=[*EVERYTHING, deny("s3:*")]),
    Document(
        "a boundary in two statements",
        [allow()],
        YES,
        NO,
        boundary=[allow("s3:*"), allow(GET, GRID)],
    ),
    Document(
        "… that lack the action", [allow()], NO, NO, boundary=[allow("s3:*"), allow("iam:*", GRID)]
    ),
    Document("a boundary gives nothing", [allow("s3:*")], NO, NO, boundary=EVERYTHING),
    Document("… to what is not allowed", [allow("s3:*"), allow()], YES, YES, boundary=EVERYTHING),
    Document("a boundary through an endpoint", [allow()], OPEN, OPEN, boundary=[allow(when=VPCE)]),
    Document("… from anywhere", [allow()], YES, YES, boundary=[allow()]),
    Document(
        "a boundary that is elsewhere",
        [allow()],
        OPEN,
        OPEN,
        boundary="arn:aws:iam::123456789012:policy/boundary",
    ),
    Document("… none", [allow()], YES, YES),
    Document(
        "a boundary of what is not known",
        [allow()],
        OPEN,
        OPEN,
        boundary=[allow("*", "${var.arn}")],
    ),
    Document("… for a bucket", [allow("s3:*")], NO, NO, boundary=[allow("*", "${var.arn}")]),
    Document(
        "an administrator within a boundary", EVERYTHING, NO, NO, "no", boundary=[allow("s3:*")]
    ),
    Document("… that has none", EVERYTHING, YES, YES, "yes", boundary=EVERYTHING),
]

ADMINISTRATORS = [
    Document("everything", EVERYTHING, YES, YES, "yes"),
    Document("… on one secret", [allow("*", GRID)], YES, NO),
    Document("all services, all actions", [allow("*:*")], YES, YES, "yes"),
    Document("… one service", [allow("secretsmanager:*")], YES, YES),
    Document("everything in a list", [allow(["s3:*", "*"], [GRID, "*"])], YES, YES, "yes"),
    Document("… that lacks it", [allow(["s3:*", GET], [GRID, "*"])], YES, YES),
    Document("two stars", [allow("**", "**")], YES, YES, "yes"),
    Document("… of one service", [allow("iam:**", "**")], NO, NO),
    Document("everything but one resource", [allow("*", None, NotResource=GRID)], NO, YES, "yes"),
    Document("… but everything", [allow("*", None, NotResource="*")], NO, NO),
    Document("with a second factor", [allow("*", "*", MFA)], IF, IF, "yes"),
    Document(
        "… on what has a tag",
        [allow("*", "*", tag("StringEquals", "Bot", "grid"))],
        YES,
        NO,
        "unknown",
    ),
    Document("actions that are not known", [allow("${var.verb}")], OPEN, OPEN, "unknown"),
    Document("… of one service", [allow("s3:${var.verb}")], NO, NO),
    Document("resources that are not known", [allow("*", "${var.arn}")], OPEN, OPEN, "unknown"),
    Document("… of one service", [allow("*", "arn:aws:s3:::${var.arn}")], NO, NO),
    Document("everything is denied", [deny("*")], NO, NO),
    Document("… and allowed elsewhere", [deny("s3:*"), *EVERYTHING], YES, YES, "yes"),
]

THIS_ROLE, OTHER_ROLE = "${aws_iam_role.bot.arn}", "${aws_iam_role.other.arn}"
ANYONE: dict[str, Any] = {"Principal": "*"}
SECRET_DENIALS = [
    Document("the secret denies everybody", [allow()], NO, YES, of_secret=[deny(**ANYONE)]),
    Document(
        "… everybody changes",
        [allow()],
        YES,
        YES,
        of_secret=[deny("secretsmanager:Put*", **ANYONE)],
    ),
    Document(
        "the secret denies another role",
        [allow()],
        YES,
        YES,
        of_secret=[deny(Principal={"AWS": OTHER_ROLE})],
    ),
    Document("… this role", [allow()], NO, YES, of_secret=[deny(Principal={"AWS": THIS_ROLE})]),
    Document(
        "the secret denies all but this role",
        [allow()],
        YES,
        YES,
        of_secret=[deny(NotPrincipal={"AWS": THIS_ROLE})],
    ),
    Document(
        "… but another", [allow()], NO, YES, of_secret=[deny(NotPrincipal={"AWS": OTHER_ROLE})]
    ),
    Document(
        "the secret denies plain requests",
        [allow()],
        OPEN,
        YES,
        of_secret=[deny(when={"Bool": {"aws:SecureTransport": "false"}}, **ANYONE)],
    ),
    Document("… all", [allow()], NO, YES, of_secret=[deny(**ANYONE)]),
    Document(
        "the secret denies an account that may be this",
        [allow()],
        OPEN,
        YES,
        of_secret=[deny(Principal={"AWS": "123456789012"})],
    ),
    Document("… nobody", [allow()], YES, YES),
]

DOCUMENTS = [
    *ACTIONS,
    *RESOURCES,
    *NEGATED,
    *DENIALS,
    *CONDITIONS,
    *BOUNDARIES,
    *ADMINISTRATORS,
    *SECRET_DENIALS,
]
PAIRS = list(zip(DOCUMENTS[::2], DOCUMENTS[1::2], strict=True))

ORGANISATION = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
PRINCIPALS = [
    Principal("a role", {"AWS": ROLE}, ["role"]),
    Principal("… a user", {"AWS": "arn:aws:iam::123456789012:user/bot"}, ["user"]),
    Principal("a role that is declared", {"AWS": THIS_ROLE}, ["role"]),
    Principal("… everybody", {"AWS": "*"}, ["anyone"]),
    Principal(
        "a session of a role", {"AWS": "arn:aws:sts::123456789012:assumed-role/bot/x"}, ["session"]
    ),
    Principal("… the account", {"AWS": "arn:aws:iam::123456789012:root"}, ["account"]),
    Principal("a role of another account", {"AWS": "arn:aws:iam::210987654321:role/bot"}, ["role"]),
    Principal("… that account", {"AWS": "210987654321"}, ["account"]),
    Principal("the id of a role", {"AWS": "AROAEXAMPLEEXAMPLE123"}, ["role"]),
    Principal("… of a user", {"AWS": "AIDAEXAMPLEEXAMPLE123"}, ["user"]),
    Principal("a role on a path", {"AWS": "arn:aws:iam::123456789012:role/desk/bot"}, ["role"]),
    Principal("… all of the path", {"AWS": "arn:aws:iam::123456789012:role/desk/*"}, ["anyone"]),
    Principal("two roles", {"AWS": [ROLE, THIS_ROLE]}, ["role", "role"]),
    Principal("… and everybody", {"AWS": [ROLE, "*"]}, ["role", "anyone"]),
    Principal(
        "a role in an account that is not known",
        {"AWS": "arn:aws:iam::${var.account}:role/bot"},
        ["role"],
    ),
    Principal("… that account", {"AWS": "arn:aws:iam::${var.account}:root"}, ["account"]),
    Principal("a principal that is not known", {"AWS": "${var.principal}"}, ["unknown"]),
    Principal(
        "… the current account",
        {"AWS": "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"},
        ["account"],
    ),
    Principal("a service", {"Service": "lambda.amazonaws.com"}, ["service"]),
    Principal(
        "… an identity provider", {"Federated": "cognito-identity.amazonaws.com"}, ["federated"]
    ),
    Principal(
        "everybody who is that role", "*", ["role"], {"StringEquals": {"aws:PrincipalArn": ROLE}}
    ),
    Principal("… of the organisation", "*", ["anyone"], ORGANISATION),
    Principal("everybody with that ARN", "*", ["role"], {"ArnEquals": {"aws:PrincipalArn": ROLE}}),
    Principal(
        "… if they have one", "*", ["anyone"], {"ArnEqualsIfExists": {"aws:PrincipalArn": ROLE}}
    ),
    Principal(
        "the account, as one role",
        {"AWS": "123456789012"},
        ["role"],
        {"ArnLike": {"aws:PrincipalArn": ROLE}},
    ),
    Principal(
        "… as any role",
        {"AWS": "123456789012"},
        ["anyone"],
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}},
    ),
    Principal("everybody but that role", {"AWS": ROLE}, ["anyone"], None, "NotPrincipal"),
    Principal("… that role", {"AWS": ROLE}, ["role"]),
]
