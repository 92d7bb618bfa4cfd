"""Secrets, and the keys of exchanges."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal

from policyscan.resources.base import Part, Resource
from policyscan.resources.scope import UNASKED
from policyscan.values import UNSEEN, Many, Maybe

Function = Literal[
    "read_only", "trading", "account", "monitoring", "strategy", "arbitrage", "emergency"
]
Network = Literal["mainnet", "testnet"]
Cadence = Literal["hft", "standard"]
Storage = Literal[
    "aws_sm", "vault", "gcp_sm", "azure_kv", "ssm", "offline", "env_file", "config_file"
]

ValueSource = Literal[
    "literal",
    "file",
    "variable",
    "generated",
    "resource",
    "read_back",
    "placeholder",
    "write_only",
    "outside",
]
"""Where the value of a secret is written, or what it is computed from. `read_back` is a parameter
whose value is set elsewhere and read into the state; `placeholder`, `write_only` and `outside`
leave no value in it."""


class Secret(Resource):
    """One secret in a store, its rotation joined; never the value."""

    kind: ClassVar[str] = "Secret"

    store: Literal["aws_sm", "ssm", "vault"] = "aws_sm"
    name: Maybe[str | None] = None
    description: Maybe[str | None] = None
    purpose: Maybe[Literal["exchange_api_key", "other"]]
    """By the words in name, tags and description."""
    kms: Maybe[Literal["customer", "aws_managed", "none"]]
    """Whose key encrypts it at rest. Secrets Manager always encrypts; a parameter of the Parameter
    Store that is no SecureString lies there in plain text."""
    rotation_enabled: Maybe[bool]
    rotation_interval_days: Maybe[float | None] = None
    """From the rule or the schedule expression; None without rotation."""
    rotation_function: Maybe[str | None] = None
    """The function that rotates it, by its ARN."""
    value_from: Maybe[ValueSource] = "outside"
    """What puts its value there, as far as Terraform has a part in it."""
    observed: bool = False
    """Whether it was seen in its store: what is declared has no history."""
    last_rotated_at: Maybe[datetime | None] = UNSEEN
    """None if it never was."""
    current_versions: Maybe[int] = UNSEEN
    """How many versions are labelled `AWSCURRENT`."""
    pending_since: Maybe[datetime | None] = UNSEEN
    """When the version was made that is labelled `AWSPENDING` and not `AWSCURRENT`; None if there
    is none, so that no rotation is under way."""
    reader_environments: Many[Maybe[str]] = UNASKED
    """The environments of the workloads that name it, each once; decided in the inventory."""


class Permissions(Part):
    """What an exchange lets a key do."""

    reading: Maybe[bool]
    spot_margin: Maybe[bool]
    """Orders on the spot and margin markets, which some exchanges grant together."""
    margin: Maybe[bool]
    """To borrow and repay."""
    futures: Maybe[bool]
    withdrawals: Maybe[bool]
    internal_transfer: Maybe[bool]
    universal_transfer: Maybe[bool]
    vanilla_options: Maybe[bool]
    portfolio_margin: Maybe[bool]
    fix_trade: Maybe[bool]
    fix_read: Maybe[bool]


class ApiKey(Resource):
    """One API key of an exchange, never the key itself: as the register states it, or as it must
    be there because a secret is for one."""

    kind: ClassVar[str] = "ApiKey"

    registered: bool = True
    """Whether a register lists it. Of a key that none lists nothing else is known."""
    stated: Many[str] = ()
    """The fields that its entry in the register states."""
    name: Maybe[str | None] = None
    """What people call it."""
    fingerprint: Maybe[str]
    """The first 12 digits of the SHA-256 of the key."""
    exchange: Maybe[str]
    """The name of the exchange as in its data file."""
    account: Maybe[str]
    network: Maybe[Network]
    owner: Maybe[str]
    function: Maybe[Function]
    emergency: Maybe[bool]
    """Whether its function is stated to be `emergency`."""
    custodians: Maybe[int]
    """How many people must come together to use it."""
    cadence: Maybe[Cadence | None]
    """The cadence of its strategy; None if the entry states none, so that the tier decides."""
    permissions: Permissions
    ip_restricted: Maybe[bool]
    allowed_ips: Many[Maybe[str]]
    """The addresses and networks from which it works."""
    used_by: Many[Maybe[str]]
    """The workloads that use it, as the register calls them."""
    regions: Many[Maybe[str]]
    replicas: Maybe[int]
    instance: Maybe[str | None]
    """The one instance that uses it; None if the entry names none."""
    exchange_pairs: Many[Maybe[str]]
    """For arbitrage, the pairs of exchanges between which it trades: `binance-kraken`."""
    created_at: Maybe[datetime]
    rotated_at: Maybe[datetime]
    """When it was last replaced, or else made."""
    storage: Maybe[Storage]
    secrets: Many[Maybe[str]]
    """The secrets in its store that hold it, as the register calls them."""
    used_in: Many[Maybe[str]] = ()
    """The environments in which the register lists a key of this fingerprint, and those of the
    workloads that use it. Like the next it is joined in the inventory."""
    declared_here: Maybe[bool | None] = None
    """Whether its secret or a workload that uses it is declared here; None if no secret and no
    workload is, so that there is nothing to compare the register with."""
