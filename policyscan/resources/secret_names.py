"""How secrets are named in AWS: by name, by ARN, and by the ARN with more behind it."""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_ARN = 2_048
_ARN = re.compile(
    r"arn:[a-z0-9-]+:(?:secretsmanager:[a-z0-9-]*:[0-9]*:secret:(?P<secret>[^:]+)"
    r"|ssm:[a-z0-9-]*:[0-9]*:parameter(?P<parameter>/[^:]+))(?P<rest>(?::[^:]*)*)"
)
_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}")
"""What Secrets Manager writes behind the name of a secret in its ARN."""


class SecretArn(NamedTuple):
    """The ARN of a secret or parameter."""

    text: str
    """Without a JSON key, version stage and version id behind it."""
    names: tuple[str, ...]
    """The names that the secret may have, the likeliest first."""


def secret_of_arn(text: str) -> SecretArn | None:
    """The secret or parameter that the text is an ARN of; None if it is none."""
    match = _ARN.fullmatch(text) if len(text) <= MAX_ARN else None
    if match is None:
        return None
    arn = text[: match.start("rest")]
    parameter = match["parameter"]
    if parameter is not None:
        # The ARN of a parameter `key` ends in `/key`, as does that of `/key`.
        names = (parameter,) if parameter.count("/") > 1 else (parameter, parameter[1:])
        return SecretArn(arn, names)
    secret = match["secret"]
    whole = (secret,) if _SUFFIX.fullmatch(secret, len(secret) - 7) is None else ()
    return SecretArn(arn, whole or (secret[:-7], secret))
