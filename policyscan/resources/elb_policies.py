"""The predefined security policies of AWS load balancers: what each of them accepts.

From "Security policies for your Application Load Balancer" and "... Network Load Balancer" in the
AWS documentation, as of September 2026. Predefined policies never change once published; a name
that is missing here is newer than the table, or belongs to a classic load balancer.
"""

from __future__ import annotations

from typing import NamedTuple

DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"
"""What the API, CloudFormation and Terraform get for an HTTPS or TLS listener that names none; only
the console has another default."""


class TlsOffer(NamedTuple):
    """What a security policy accepts."""

    versions: tuple[str, ...]
    """TLS versions, `1.0` to `1.3`, lowest first."""
    aead_only: bool | None
    """Whether every cipher is an AEAD cipher; None if the documentation has not been read."""


_PREFIX = "ELBSecurityPolicy-"

_AEAD = """
TLS13-1-3-2021-06                    1.3
TLS13-1-3-PQ-2025-09                 1.3
TLS13-1-3-FIPS-2023-04               1.3
TLS13-1-3-FIPS-PQ-2025-09            1.3
TLS13-1-3-RFC9151-FIPS-2023-07       1.3
TLS13-1-2-Res-2021-06                1.2 1.3
TLS13-1-2-Res-PQ-2025-09             1.2 1.3
TLS13-1-2-Res-FIPS-2023-04           1.2 1.3
TLS13-1-2-Res-FIPS-PQ-2025-09        1.2 1.3
FS-1-2-Res-2020-10                   1.2
"""

_WITH_CBC = """
TLS13-1-2-2021-06                    1.2 1.3
TLS13-1-2-PQ-2025-09                 1.2 1.3
TLS13-1-2-Ext1-2021-06               1.2 1.3
TLS13-1-2-Ext1-PQ-2025-09            1.2 1.3
TLS13-1-2-Ext2-2021-06               1.2 1.3
TLS13-1-2-Ext2-PQ-2025-09            1.2 1.3
TLS13-1-1-2021-06                    1.1 1.2 1.3
TLS13-1-0-2021-06                    1.0 1.1 1.2 1.3
TLS13-1-0-PQ-2025-09                 1.0 1.1 1.2 1.3
TLS13-1-2-FIPS-2023-04               1.2 1.3
TLS13-1-2-FIPS-PQ-2025-09            1.2 1.3
TLS13-1-2-Ext0-FIPS-2023-04          1.2 1.3
TLS13-1-2-Ext0-FIPS-PQ-2025-09       1.2 1.3
TLS13-1-2-Ext1-FIPS-2023-04          1.2 1.3
TLS13-1-2-Ext1-FIPS-PQ-2025-09       1.2 1.3
TLS13-1-2-Ext2-FIPS-2023-04          1.2 1.3
TLS13-1-2-Ext2-FIPS-PQ-2025-09       1.2 1.3
TLS13-1-1-FIPS-2023-04               1.1 1.2 1.3
TLS13-1-1-FIPS-PQ-2025-09            1.1 1.2 1.3
TLS13-1-0-FIPS-2023-04               1.0 1.1 1.2 1.3
TLS13-1-0-FIPS-PQ-2025-09            1.0 1.1 1.2 1.3
TLS-1-2-2017-01                      1.2
TLS-1-2-Ext-2018-06                  1.2
TLS-1-1-2017-01                      1.1 1.2
TLS-1-0-2015-04                      1.0 1.1 1.2
2016-08                              1.0 1.1 1.2
2015-05                              1.0 1.1 1.2
FS-2018-06                           1.0 1.1 1.2
FS-1-1-2019-08                       1.1 1.2
FS-1-2-2019-08                       1.2
FS-1-2-Res-2019-08                   1.2
"""

_CIPHERS_UNREAD = """
TLS13-1-2-RFC9151-FIPS-2023-07             1.2 1.3
TLS13-1-2-Ext0-RFC9151-FIPS-2023-07        1.2 1.3
TLS13-1-2-RFC9151-INTEROP1-FIPS-2023-07    1.2 1.3
TLS13-1-2-RFC9151-INTEROP2-FIPS-2023-07    1.2 1.3
TLS13-1-2-RFC9151-INTEROP3-FIPS-2023-07    1.2 1.3
TLS13-1-2-RFC9151-INTEROP4-FIPS-2023-07    1.2 1.3
"""

POLICIES: dict[str, TlsOffer] = {
    _PREFIX + name: TlsOffer(tuple(versions), aead_only)
    for table, aead_only in ((_AEAD, True), (_WITH_CBC, False), (_CIPHERS_UNREAD, None))
    for name, *versions in map(str.split, table.strip().splitlines())
}


def lookup(name: str) -> TlsOffer | None:
    """What the policy of this name accepts; None if the table has none."""
    return POLICIES.get(name)
