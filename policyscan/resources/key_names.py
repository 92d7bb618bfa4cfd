"""How keys of KMS are called."""

from __future__ import annotations


def is_key_of_aws(key: str) -> bool:
    """Whether a name is that of a key that AWS manages: `alias/aws/ssm`, alone or at the end of an
    ARN, the same without `alias/`, and nothing."""
    return not key or "alias/aws/" in key or key.startswith("aws/")
