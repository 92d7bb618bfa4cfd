"""The operations that are asked, all of them: what each is for, and what it needs to be allowed.

Nothing else is ever called; each only reads metadata.
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from __future__ import annotations

from collections.abc import Mapping

from policyscan.collectors.aws.operation import Operation

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
