"""The operations that are asked, all of them: what each is for, and what it needs to be allowed.

Nothing else is ever called; each only reads metadata.
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field


class Operation(Struct, frozen=True):
    """One operation of one service."""

    subject: str
    """boto3's name of the service and the operation: `ec2:DescribeSecurityGroups`."""
    kinds: tuple[str, ...]
    """The kinds that are read from its answers."""
    scope: Literal["region", "account"]
    """Whether it is asked in every region or once."""
    member: str
    """What every answer has: one that lacks it is none, whatever its status says."""
    needs: tuple[str, ...] = ()
    """What else no answer lacks, as paths through its lists (`SecretList[].ARN`) or one of its
    members (`SummaryMap.AccountAccessKeysPresent`). Readers rely on
    it. A list that is absent would read as an empty one, so those that decide are named too."""
    about: str = ""
    """For an operation that is asked once for each thing: the subject that lists the things. It is
    an operation of the same service that stands above."""
    each: str = ""
    """With `about`: where the things are in a page of it, as a JMESPath expression that gives
    texts: `SecretList[].ARN`. `$region` and `$regions` in it are the region and the JSON list of
    all regions that are asked."""
    parameter: str = ""
    """With `about`: the parameter that takes the thing."""
    batch: int = 0
    """With `about`: how many things the parameter takes at once, as a list; 0 if it takes one. The
    answers are then not `about` anything."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What else is sent."""
    leave_out: tuple[str, ...] = ()
    """Members of the answer that may hold a secret: taken out at any depth."""
    disguise: tuple[str, ...] = ()
    """Members of the answer that nobody needs to see: a digest stands for the text of each, and
    for the thing that the operation is asked about if `parameter` is one of them."""
    none: tuple[str, ...] = ()
    """Error codes by which the service says that there is none: the answer is then `{}`."""
    token: str = ""
    """The parameter and the member by which it continues, where botocore has no paginator."""
    action: str = ""
    """The permission, where it is not called like the subject."""

    @property
    def permission(self) -> str:
        """What it needs to be allowed."""
        return self.action or self.subject

    @property
    def service(self) -> str:
        """boto3's name of the service."""
        return self.subject.partition(":")[0]

    @property
    def name(self) -> str:
        """The name of the operation in the service: `DescribeSecurityGroups`."""
        return self.subject.partition(":")[2]


_GROUP = ("SecurityGroup",)
_BALANCER = ("SecurityGroup", "TlsServerConfig")
_LISTENER = ("TlsServerConfig",)
_ELB = "elasticloadbalancing"

_NETWORK = (
    Operation(
        "ec2:DescribeSecurityGroups",
        _GROUP,
        "region",
        "SecurityGroups",
        needs=(
            "SecurityGroups[].GroupId",
            "SecurityGroups[].IpPermissions",
            "SecurityGroups[].IpPermissionsEgress",
        ),
    ),
    Operation(
        "ec2:DescribeManagedPrefixLists",
        _GROUP,
        "region",
        "PrefixLists",
        needs=("PrefixLists[].PrefixListId",),
    ),
    Operation(
        "ec2:GetManagedPrefixListEntries",
        _GROUP,
        "region",
        "Entries",
        about="ec2:DescribeSecurityGroups",
        each="SecurityGroups[].[IpPermissions, IpPermissionsEgress][][].PrefixListIds[]"
        ".PrefixListId",
        parameter="PrefixListId",
        needs=("Entries[].Cidr",),
    ),
    # What a group is attached to.
    Operation(
        "ec2:DescribeNetworkInterfaces",
        _GROUP,
        "region",
        "NetworkInterfaces",
        needs=(
            "NetworkInterfaces[].Groups",
            "NetworkInterfaces[].Groups[].GroupId",
        ),
    ),
)

_LOAD_BALANCERS = (
    Operation(
        "elbv2:DescribeLoadBalancers",
        _BALANCER,
        "region",
        "LoadBalancers",
        action=f"{_ELB}:DescribeLoadBalancers",
        needs=("LoadBalancers[].LoadBalancerArn",),
    ),
    Operation(
        "elbv2:DescribeListeners",
        _LISTENER,
        "region",
        "Listeners",
        about="elbv2:DescribeLoadBalancers",
        each="LoadBalancers[].LoadBalancerArn",
        parameter="LoadBalancerArn",
        leave_out=("ClientSecret",),
        action=f"{_ELB}:DescribeListeners",
        needs=("Listeners[].ListenerArn",),
    ),
    # Only plain listeners are asked about: whether all they do is redirect.
    Operation(
        "elbv2:DescribeRules",
        _LISTENER,
        "region",
        "Rules",
        about="elbv2:DescribeListeners",
        each="Listeners[?Protocol=='HTTP'].ListenerArn",
        parameter="ListenerArn",
        leave_out=("ClientSecret",),
        action=f"{_ELB}:DescribeRules",
        needs=("Rules[].Actions",),
    ),
    Operation(
        "elbv2:DescribeSSLPolicies",
        _LISTENER,
        "region",
        "SslPolicies",
        action=f"{_ELB}:DescribeSSLPolicies",
        needs=("SslPolicies[].Name",),
    ),
    Operation(
        "elbv2:DescribeTags",
        _LISTENER,
        "region",
        "TagDescriptions",
        about="elbv2:DescribeListeners",
        each="Listeners[].ListenerArn",
        parameter="ResourceArns",
        batch=20,
        action=f"{_ELB}:DescribeTags",
        needs=("TagDescriptions[].ResourceArn",),
    ),
    Operation(
        "elb:DescribeLoadBalancers",
        _BALANCER,
        "region",
        "LoadBalancerDescriptions",
        action=f"{_ELB}:DescribeLoadBalancers",
        needs=(
            "LoadBalancerDescriptions[].LoadBalancerName",
            "LoadBalancerDescriptions[].ListenerDescriptions",
        ),
    ),
    Operation(
        "elb:DescribeLoadBalancerPolicies",
        _LISTENER,
        "region",
        "PolicyDescriptions",
        about="elb:DescribeLoadBalancers",
        each="LoadBalancerDescriptions[].LoadBalancerName",
        parameter="LoadBalancerName",
        action=f"{_ELB}:DescribeLoadBalancerPolicies",
        needs=("PolicyDescriptions[].PolicyName",),
    ),
    Operation(
        "elb:DescribeTags",
        _LISTENER,
        "region",
        "TagDescriptions",
        about="elb:DescribeLoadBalancers",
        each="LoadBalancerDescriptions[].LoadBalancerName",
        parameter="LoadBalancerNames",
        batch=20,
        action=f"{_ELB}:DescribeTags",
        needs=("TagDescriptions[].LoadBalancerName",),
    ),
)

_LOGS = (
    Operation(
        "logs:DescribeLogGroups",
        ("LogGroup",),
        "region",
        "logGroups",
        needs=(
            "logGroups[].logGroupName",
            "logGroups[].arn",
        ),
    ),
    Operation(
        "resourcegroupstaggingapi:GetResources",
        ("LogGroup",),
        "region",
        "ResourceTagMappingList",
        parameters={"ResourceTypeFilters": ["logs"]},
        action="tag:GetResources",
        needs=("ResourceTagMappingList[].ResourceARN",),
    ),
)

_AT_HOME = "trailList[?HomeRegion=='$region' || !contains(`$regions`, HomeRegion || '')].TrailARN"
"""The trails that are judged in the region: CloudTrail shows those of several in each of them."""

_SECRETS = (
    Operation(
        "secretsmanager:ListSecrets",
        ("Secret", "IamStatement"),
        "region",
        "SecretList",
        parameters={"IncludePlannedDeletion": True},
        needs=(
            "SecretList[].ARN",
            "SecretList[].Name",
        ),
    ),
    Operation(
        "secretsmanager:ListSecretVersionIds",
        ("Secret",),
        "region",
        "Versions",
        about="secretsmanager:ListSecrets",
        each="SecretList[?!DeletedDate].ARN",
        parameter="SecretId",
        token="NextToken",  # noqa: S106 - the name of a parameter
    ),
    Operation(
        "secretsmanager:GetResourcePolicy",
        ("IamStatement",),
        "region",
        "ARN",
        about="secretsmanager:ListSecrets",
        each="SecretList[?!DeletedDate].ARN",
        parameter="SecretId",
    ),
)

_IDENTITIES = (
    Operation(
        "iam:GetAccountAuthorizationDetails",
        ("IamStatement",),
        "account",
        "IsTruncated",  # a page may hold users alone, or policies alone
        parameters={"MaxItems": 1000},
        needs=(
            "UserDetailList[].Arn",
            "GroupDetailList[].Arn",
            "RoleDetailList[].Arn",
            "RoleDetailList[].AssumeRolePolicyDocument",
            "Policies[].Arn",
            "UserDetailList[].UserPolicyList[].PolicyName",
            "GroupDetailList[].GroupPolicyList[].PolicyName",
            "RoleDetailList[].RolePolicyList[].PolicyName",
            "UserDetailList[].AttachedManagedPolicies[].PolicyArn",
            "GroupDetailList[].AttachedManagedPolicies[].PolicyArn",
            "RoleDetailList[].AttachedManagedPolicies[].PolicyArn",
        ),
    ),
    Operation(
        "iam:ListUsers",
        ("IamAccessKey",),
        "account",
        "Users",
        needs=(
            "Users[].UserName",
            "Users[].Arn",
        ),
    ),
    Operation(
        "iam:ListAccessKeys",
        ("IamAccessKey",),
        "account",
        "AccessKeyMetadata",
        about="iam:ListUsers",
        each="Users[].UserName",
        parameter="UserName",
        disguise=("AccessKeyId",),
        needs=("AccessKeyMetadata[].AccessKeyId",),
    ),
    Operation(
        "iam:GetAccessKeyLastUsed",
        ("IamAccessKey",),
        "account",
        "AccessKeyLastUsed",
        about="iam:ListAccessKeys",
        each="AccessKeyMetadata[].AccessKeyId",
        parameter="AccessKeyId",
        disguise=("AccessKeyId",),
    ),
    Operation(
        "iam:GetAccountSummary",
        ("IamAccessKey",),
        "account",
        "SummaryMap",
        needs=("SummaryMap.AccountAccessKeysPresent",),
    ),
)

_MONITORING = (
    Operation(
        "cloudtrail:DescribeTrails",
        ("Trail",),
        "region",
        "trailList",
        needs=(
            "trailList[].TrailARN",
            "trailList[].Name",
        ),
    ),
    Operation(
        "cloudtrail:GetTrailStatus",
        ("Trail",),
        "region",
        "IsLogging",
        about="cloudtrail:DescribeTrails",
        each=_AT_HOME,
        parameter="Name",
    ),
    Operation(
        "cloudtrail:GetEventSelectors",
        ("Trail",),
        "region",
        "TrailARN",
        about="cloudtrail:DescribeTrails",
        each=_AT_HOME,
        parameter="TrailName",
    ),
    Operation("guardduty:ListDetectors", ("Detector",), "region", "DetectorIds"),
    Operation(
        "guardduty:GetDetector",
        ("Detector",),
        "region",
        "Status",
        about="guardduty:ListDetectors",
        each="DetectorIds[]",
        parameter="DetectorId",
    ),
    Operation(
        "config:DescribeConfigurationRecorders", ("Detector",), "region", "ConfigurationRecorders"
    ),
    Operation(
        "config:DescribeConfigurationRecorderStatus",
        ("Detector",),
        "region",
        "ConfigurationRecordersStatus",
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    *_NETWORK,
    *_LOAD_BALANCERS,
    *_LOGS,
    *_SECRETS,
    *_IDENTITIES,
    *_MONITORING,
)
"""In the order in which they are asked."""

SUBJECTS: Mapping[str, tuple[str, ...]] = {each.subject: each.kinds for each in OPERATIONS}
"""By operation, the kinds that are read from its answers."""

ALLOWED: frozenset[str] = frozenset({"sts:GetCallerIdentity", "sts:AssumeRole", *SUBJECTS})
"""All that is ever sent."""


def _permissions() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for operation in OPERATIONS:
        for kind in operation.kinds:
            found.setdefault(kind, ["sts:GetCallerIdentity"]).append(operation.permission)
    return {kind: tuple(dict.fromkeys(found[kind])) for kind in sorted(found)}


PERMISSIONS: Mapping[str, tuple[str, ...]] = _permissions()
"""By kind, what asking for it needs to be allowed."""
