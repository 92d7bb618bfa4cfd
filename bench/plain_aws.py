"""What `policyscan scan --aws` asks, by boto3 alone and for nothing: the floor of its cost.

The calls are those for the policies in `bench.aws.POLICIES`; `bench.aws` checks that both make the
same ones.
"""

from __future__ import annotations

import boto3

REGION = "eu-west-1"


def main() -> None:
    """Asks everything, and keeps nothing."""
    session = boto3.session.Session(region_name=REGION)
    session.client("sts").get_caller_identity()
    _network(session)
    _secrets(session)
    _identities(session)
    _trails(session)


def _network(session: boto3.session.Session) -> None:
    ec2 = session.client("ec2")
    lists: set[str] = set()
    for page in ec2.get_paginator("describe_security_groups").paginate():
        for group in page["SecurityGroups"]:
            for rule in (*group["IpPermissions"], *group["IpPermissionsEgress"]):
                lists |= {each["PrefixListId"] for each in rule["PrefixListIds"]}
    list(ec2.get_paginator("describe_managed_prefix_lists").paginate())
    for name in lists:
        list(ec2.get_paginator("get_managed_prefix_list_entries").paginate(PrefixListId=name))
    list(ec2.get_paginator("describe_network_interfaces").paginate())
    for service in ("elbv2", "elb"):
        client = session.client(service)
        list(client.get_paginator("describe_load_balancers").paginate())


def _secrets(session: boto3.session.Session) -> None:
    manager = session.client("secretsmanager")
    pages = manager.get_paginator("list_secrets").paginate(IncludePlannedDeletion=True)
    for page in pages:
        for secret in page["SecretList"]:
            manager.list_secret_version_ids(SecretId=secret["ARN"])


def _identities(session: boto3.session.Session) -> None:
    iam = session.client("iam")
    users = [
        user["UserName"]
        for page in iam.get_paginator("list_users").paginate()
        for user in page["Users"]
    ]
    keys = [
        key["AccessKeyId"]
        for user in users
        for page in iam.get_paginator("list_access_keys").paginate(UserName=user)
        for key in page["AccessKeyMetadata"]
    ]
    for key in keys:
        iam.get_access_key_last_used(AccessKeyId=key)
    iam.get_account_summary()


def _trails(session: boto3.session.Session) -> None:
    trails = session.client("cloudtrail")
    for trail in trails.describe_trails()["trailList"]:
        trails.get_trail_status(Name=trail["TrailARN"])
        trails.get_event_selectors(TrailName=trail["TrailARN"])


if __name__ == "__main__":
    main()
