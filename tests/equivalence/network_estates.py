"""Estates of groups, as Terraform and as calls that make the same in AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.equivalence.live import Built, Estate
from tests.moto_account import Account

Permissions = Sequence[Mapping[str, Any]]

TAGS = {"Role": "trading", "Environment": "production", "policyscan:tier": "high"}
TAGGED = """tags = {
    Role              = "trading"
    Environment       = "production"
    "policyscan:tier" = "high"
  }"""
ANYWHERE = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
EVERYTHING = {"IpProtocol": "-1", **ANYWHERE}


def tagged(kind: str) -> list[dict[str, Any]]:
    listed = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    return [{"ResourceType": kind, "Tags": listed}]


def tcp(first: int, last: int, **peers: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": first, "ToPort": last, **peers}


def ranges(*texts: str) -> dict[str, Any]:
    v4 = [{"CidrIp": text} for text in texts if ":" not in text]
    v6 = [{"CidrIpv6": text} for text in texts if ":" in text]
    return {"IpRanges": v4, "Ipv6Ranges": v6}


class Network:
    """A VPC to build in, in one region."""

    def __init__(self, account: Account, region: str = "eu-west-1") -> None:
        self.region = region
        self.ec2 = account.client("ec2", region)
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def group(self, name: str, ingress: Permissions = (), egress: Permissions = ()) -> str:
        """A group as Terraform makes it, which takes away the rule that AWS adds."""
        made = self.ec2.create_security_group(
            GroupName=name,
            Description=f"for {name}",
            VpcId=self.vpc,
            TagSpecifications=tagged("security-group"),
        )["GroupId"]
        self.ec2.revoke_security_group_egress(GroupId=made, IpPermissions=[EVERYTHING])
        self.rules(made, ingress, egress)
        return made

    def rules(self, group: str, ingress: Permissions = (), egress: Permissions = ()) -> None:
        if ingress:
            self.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=list(ingress))
        if egress:
            self.ec2.authorize_security_group_egress(GroupId=group, IpPermissions=list(egress))

    def subnets(self) -> list[str]:
        return [
            self.ec2.create_subnet(
                VpcId=self.vpc,
                CidrBlock=f"10.0.{number}.0/24",
                AvailabilityZone=f"{self.region}{zone}",
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]


def written_group(label: str, rules: str, name: str = "") -> str:
    return f"""
resource "aws_security_group" "{label}" {{
  name        = "{name or label}"
  description = "for {name or label}"
  vpc_id      = aws_vpc.main.id
  {TAGGED}
  {rules}
}}
"""


VPC = """
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
"""
GROUPS = ("SecurityGroup",)


# -- groups ------------------------------------------------------------------------------------


def _inline(account: Account) -> Built:
    network = Network(account)
    names = {"aws_vpc.main": network.vpc}
    names["aws_security_group.open"] = network.group(
        "open", [tcp(22, 22, **ANYWHERE), tcp(443, 443, **ranges("10.0.0.0/8"))], [EVERYTHING]
    )
    names["aws_security_group.closed"] = network.group(
        "closed",
        [tcp(22, 22, **ranges("10.20.0.0/16"))],
        [tcp(443, 443, **ranges("52.84.25.0/24", "54.230.137.0/24"))],
    )
    return names


INLINE = Estate(
    "rules inside groups",
    VPC
    + written_group(
        "open",
        """
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/8"]
  }
  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }""",
    )
    + written_group(
        "closed",
        """
  ingress {
    protocol    = "tcp"
    from_port   = 22
    to_port     = 22
    cidr_blocks = ["10.20.0.0/16"]
  }
  egress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["52.84.25.0/24", "54.230.137.0/24"]
  }""",
    ),
    _inline,
    GROUPS,
    {
        "PS-NET-004": {"aws_security_group.open": "fail", "aws_security_group.closed": "pass"},
        "PS-NET-001": {"aws_security_group.open": "fail", "aws_security_group.closed": "pass"},
        "PS-NET-003": {"aws_security_group.open": "fail", "aws_security_group.closed": "pass"},
    },
)


def _standalone(account: Account) -> Built:
    network = Network(account)
    names = {"aws_vpc.main": network.vpc}
    names["aws_security_group.old"] = network.group("old")
    network.rules(
        names["aws_security_group.old"],
        [tcp(5432, 5432, **ranges("0.0.0.0/1", "128.0.0.0/1"))],
        [tcp(443, 443, **ranges("52.84.26.0/24"))],
    )
    names["aws_security_group.new"] = network.group("new")
    network.rules(
        names["aws_security_group.new"],
        [tcp(6379, 6379, **ranges("10.1.0.0/16")), tcp(6379, 6379, **ranges("10.2.0.0/16"))],
        [tcp(9443, 9443, **ranges("52.84.26.0/24"))],
    )
    return names


STANDALONE = Estate(
    "rules of both generations beside their groups",
    VPC
    + written_group("old", "")
    + written_group("new", "")
    + """
resource "aws_security_group_rule" "in" {
  security_group_id = aws_security_group.old.id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 5432
  to_port           = 5432
  cidr_blocks       = ["0.0.0.0/1", "128.0.0.0/1"]
}
resource "aws_security_group_rule" "out" {
  security_group_id = aws_security_group.old.id
  type              = "egress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["52.84.26.0/24"]
}
resource "aws_vpc_security_group_ingress_rule" "each" {
  for_each          = toset(["10.1.0.0/16", "10.2.0.0/16"])
  security_group_id = aws_security_group.new.id
  ip_protocol       = "tcp"
  from_port         = 6379
  to_port           = 6379
  cidr_ipv4         = each.value
}
resource "aws_vpc_security_group_egress_rule" "out" {
  security_group_id = aws_security_group.new.id
  ip_protocol       = "tcp"
  from_port         = 9443
  to_port           = 9443
  cidr_ipv4         = "52.84.26.0/24"
}
""",
    _standalone,
    GROUPS,
    {
        "PS-NET-004": {"aws_security_group.old": "fail", "aws_security_group.new": "pass"},
        "PS-NET-003": {"aws_security_group.old": "pass", "aws_security_group.new": "pass"},
    },
)


def _references(account: Account) -> Built:
    network = Network(account)
    proxy = network.group("proxy")
    bot = network.group("bot")
    network.rules(
        proxy,
        [tcp(3128, 3128, UserIdGroupPairs=[{"GroupId": bot}])],
        [tcp(443, 443, **ranges("52.84.25.0/24"))],
    )
    network.rules(
        bot,
        [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": bot}]}],
        [tcp(3128, 3128, UserIdGroupPairs=[{"GroupId": proxy}])],
    )
    return {
        "aws_vpc.main": network.vpc,
        "aws_security_group.proxy": proxy,
        "aws_security_group.bot": bot,
    }


REFERENCES = Estate(
    "groups that name each other and themselves",
    VPC
    + written_group("proxy", "")
    + written_group(
        "bot",
        """
  ingress {
    protocol  = "-1"
    from_port = 0
    to_port   = 0
    self      = true
  }
  egress {
    protocol        = "tcp"
    from_port       = 3128
    to_port         = 3128
    security_groups = [aws_security_group.proxy.id]
  }""",
    )
    + """
resource "aws_security_group_rule" "in" {
  security_group_id        = aws_security_group.proxy.id
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = 3128
  to_port                  = 3128
  source_security_group_id = aws_security_group.bot.id
}
resource "aws_security_group_rule" "out" {
  security_group_id = aws_security_group.proxy.id
  type              = "egress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_blocks       = ["52.84.25.0/24"]
}
""",
    _references,
    GROUPS,
    {
        "PS-NET-001": {"aws_security_group.bot": "pass", "aws_security_group.proxy": "pass"},
        "PS-NET-004": {"aws_security_group.bot": "pass", "aws_security_group.proxy": "pass"},
    },
)


def _prefix_lists(account: Account) -> Built:
    network = Network(account)
    made = {
        name: network.ec2.create_managed_prefix_list(
            PrefixListName=name,
            AddressFamily="IPv4",
            MaxEntries=5,
            Entries=[{"Cidr": cidr} for cidr in cidrs],
        )["PrefixList"]["PrefixListId"]
        for name, cidrs in (
            ("exchange", ["52.84.25.0/24", "52.84.26.0/24"]),
            ("everyone", ["0.0.0.0/1", "128.0.0.0/1"]),
        )
    }
    lists = {name: {"PrefixListIds": [{"PrefixListId": made[name]}]} for name in made}
    return {
        "aws_vpc.main": network.vpc,
        "aws_ec2_managed_prefix_list.exchange": made["exchange"],
        "aws_ec2_managed_prefix_list.everyone": made["everyone"],
        "aws_security_group.bot": network.group("bot", [], [tcp(443, 443, **lists["exchange"])]),
        "aws_security_group.open": network.group(
            "open", [tcp(22, 22, **lists["everyone"])], [tcp(443, 443, **lists["everyone"])]
        ),
    }


PREFIX_LISTS = Estate(
    "prefix lists with entries",
    VPC
    + """
resource "aws_ec2_managed_prefix_list" "exchange" {
  name           = "exchange"
  address_family = "IPv4"
  max_entries    = 5
  entry { cidr = "52.84.25.0/24" }
  entry { cidr = "52.84.26.0/24" }
}
resource "aws_ec2_managed_prefix_list" "everyone" {
  name           = "everyone"
  address_family = "IPv4"
  max_entries    = 5
  entry { cidr = "0.0.0.0/1" }
  entry { cidr = "128.0.0.0/1" }
}
"""
    + written_group(
        "bot",
        """
  egress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    prefix_list_ids = [aws_ec2_managed_prefix_list.exchange.id]
  }""",
    )
    + written_group(
        "open",
        """
  ingress {
    protocol        = "tcp"
    from_port       = 22
    to_port         = 22
    prefix_list_ids = [aws_ec2_managed_prefix_list.everyone.id]
  }
  egress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    prefix_list_ids = [aws_ec2_managed_prefix_list.everyone.id]
  }""",
    ),
    _prefix_lists,
    GROUPS,
    {
        "PS-NET-001": {"aws_security_group.bot": "pass", "aws_security_group.open": "fail"},
        "PS-NET-004": {"aws_security_group.bot": "pass", "aws_security_group.open": "fail"},
    },
)


def _protocols(account: Account) -> Built:
    network = Network(account)
    ping = {"IpProtocol": "icmp", "FromPort": 8, "ToPort": 0, **ranges("10.0.0.0/8")}
    any_icmp = {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, **ANYWHERE}
    icmp_v6 = {"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1, **ranges("::/0")}
    tunnel = {"IpProtocol": "50", "FromPort": 0, "ToPort": 0, **ranges("192.0.2.0/24")}
    udp = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, **ranges("10.0.0.2/32")}
    return {
        "aws_vpc.main": network.vpc,
        "aws_security_group.mixed": network.group("mixed", [ping, tunnel], [udp]),
        "aws_security_group.pinged": network.group("pinged", [any_icmp, icmp_v6]),
    }


PROTOCOLS = Estate(
    "ICMP, ICMPv6, UDP and a protocol by number",
    VPC
    + written_group(
        "mixed",
        """
  ingress {
    protocol    = "icmp"
    from_port   = 8
    to_port     = 0
    cidr_blocks = ["10.0.0.0/8"]
  }
  ingress {
    protocol    = "50"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["192.0.2.0/24"]
  }
  egress {
    protocol    = "udp"
    from_port   = 53
    to_port     = 53
    cidr_blocks = ["10.0.0.2/32"]
  }""",
    )
    + written_group(
        "pinged",
        """
  ingress {
    protocol    = "icmp"
    from_port   = -1
    to_port     = -1
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    protocol         = "icmpv6"
    from_port        = -1
    to_port          = -1
    ipv6_cidr_blocks = ["::/0"]
  }""",
    ),
    _protocols,
    GROUPS,
    {"PS-NET-004": {"aws_security_group.mixed": "pass", "aws_security_group.pinged": "pass"}},
)


def _version_six(account: Account) -> Built:
    network = Network(account)
    return {
        "aws_vpc.main": network.vpc,
        "aws_security_group.open": network.group(
            "open", [tcp(22, 22, **ranges("::/0"))], [tcp(443, 443, **ranges("::/0"))]
        ),
        "aws_security_group.both": network.group(
            "both", [tcp(8000, 8080, **ranges("203.0.113.0/24", "fd00::/8"))]
        ),
    }


VERSION_SIX = Estate(
    "IPv6 ranges",
    VPC
    + written_group(
        "open",
        """
  ingress {
    protocol         = "tcp"
    from_port        = 22
    to_port          = 22
    ipv6_cidr_blocks = ["::/0"]
  }
  egress {
    protocol         = "tcp"
    from_port        = 443
    to_port          = 443
    ipv6_cidr_blocks = ["::/0"]
  }""",
    )
    + written_group(
        "both",
        """
  ingress {
    protocol         = "tcp"
    from_port        = 8000
    to_port          = 8080
    cidr_blocks      = ["203.0.113.0/24"]
    ipv6_cidr_blocks = ["fd00::/8"]
  }""",
    ),
    _version_six,
    GROUPS,
    {
        "PS-NET-004": {"aws_security_group.open": "fail", "aws_security_group.both": "pass"},
        "PS-NET-012": {"aws_security_group.open": "pass", "aws_security_group.both": "pass"},
        "PS-NET-001": {"aws_security_group.open": "fail"},
    },
)


def _everything(account: Account) -> Built:
    network = Network(account)
    return {
        "aws_vpc.main": network.vpc,
        "aws_security_group.all": network.group("all", [EVERYTHING]),
        "aws_security_group.every_port": network.group("every_port", [tcp(0, 65535, **ANYWHERE)]),
        "aws_security_group.none": network.group("none"),
    }


ALL_PROTOCOLS = Estate(
    "all protocols, all ports, and no rule",
    VPC
    + written_group(
        "all",
        """
  ingress {
    protocol    = "all"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }""",
    )
    + written_group(
        "every_port",
        """
  ingress {
    protocol    = "6"
    from_port   = 0
    to_port     = 65535
    cidr_blocks = ["0.0.0.0/0"]
  }""",
    )
    + written_group("none", ""),
    _everything,
    GROUPS,
    {
        "PS-NET-004": {
            "aws_security_group.all": "fail",
            "aws_security_group.every_port": "fail",
            "aws_security_group.none": "pass",
        },
        "PS-NET-012": {
            "aws_security_group.all": "fail",
            "aws_security_group.every_port": "fail",
            "aws_security_group.none": "pass",
        },
    },
)


def _default_group(account: Account) -> Built:
    network = Network(account)
    (group,) = network.ec2.describe_security_groups(
        Filters=[
            {"Name": "vpc-id", "Values": [network.vpc]},
            {"Name": "group-name", "Values": ["default"]},
        ]
    )["SecurityGroups"]
    made = group["GroupId"]
    if group["IpPermissions"]:
        network.ec2.revoke_security_group_ingress(
            GroupId=made, IpPermissions=group["IpPermissions"]
        )
    network.ec2.revoke_security_group_egress(
        GroupId=made, IpPermissions=group["IpPermissionsEgress"]
    )
    network.rules(made, [tcp(3389, 3389, **ANYWHERE)])
    return {"aws_vpc.main": network.vpc, "aws_default_security_group.main": made}


DEFAULT_GROUP = Estate(
    "the default group of a VPC",
    VPC
    + """
resource "aws_default_security_group" "main" {
  vpc_id = aws_vpc.main.id
  ingress {
    protocol    = "tcp"
    from_port   = 3389
    to_port     = 3389
    cidr_blocks = ["0.0.0.0/0"]
  }
}
""",
    _default_group,
    GROUPS,
    {"PS-NET-004": {"aws_default_security_group.main": "fail"}},
)


def _two_regions(account: Account) -> Built:
    names = {}
    for region, label, port in (("eu-west-1", "west", 22), ("us-east-1", "east", 8443)):
        network = Network(account, region)
        names[f"aws_vpc.{label}"] = network.vpc
        names[f"aws_security_group.{label}"] = network.group(
            f"bot-{label}", [tcp(port, port, **ANYWHERE)]
        )
    return names


def _region(label: str, port: int, provider: str) -> str:
    return f"""
resource "aws_vpc" "{label}" {{
  {provider}
  cidr_block = "10.0.0.0/16"
}}
resource "aws_security_group" "{label}" {{
  {provider}
  name        = "bot-{label}"
  description = "for bot-{label}"
  vpc_id      = aws_vpc.{label}.id
  {TAGGED}
  ingress {{
    protocol    = "tcp"
    from_port   = {port}
    to_port     = {port}
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
"""


TWO_REGIONS = Estate(
    "groups in two regions",
    _region("west", 22, "") + _region("east", 8443, "provider = aws.east"),
    _two_regions,
    GROUPS,
    {
        "PS-NET-004": {"aws_security_group.west": "fail", "aws_security_group.east": "pass"},
        "PS-NET-012": {"aws_security_group.west": "pass", "aws_security_group.east": "fail"},
    },
    regions=("eu-west-1", "us-east-1"),
)


def _unions(account: Account) -> Built:
    network = Network(account)
    return {
        "aws_vpc.main": network.vpc,
        'aws_security_group.each["halves"]': network.group(
            "halves", [tcp(22, 22, **ranges("0.0.0.0/1")), tcp(20, 25, **ranges("128.0.0.0/1"))]
        ),
        'aws_security_group.each["eighth"]': network.group(
            "eighth", [tcp(22, 22, **ranges("52.0.0.0/8"))]
        ),
    }


UNIONS = Estate(
    "the internet in two halves, by for_each and dynamic blocks",
    VPC
    + f"""
locals {{
  groups = {{
    halves = [
      {{ first = 22, last = 22, range = "0.0.0.0/1" }},
      {{ first = 20, last = 25, range = "128.0.0.0/1" }},
    ]
    eighth = [{{ first = 22, last = 22, range = "52.0.0.0/8" }}]
  }}
}}
resource "aws_security_group" "each" {{
  for_each    = local.groups
  name        = each.key
  description = "for ${{each.key}}"
  vpc_id      = aws_vpc.main.id
  {TAGGED}
  dynamic "ingress" {{
    for_each = each.value
    content {{
      protocol    = "tcp"
      from_port   = ingress.value.first
      to_port     = ingress.value.last
      cidr_blocks = [ingress.value.range]
    }}
  }}
}}
""",
    _unions,
    GROUPS,
    {
        "PS-NET-004": {
            'aws_security_group.each["halves"]': "fail",
            'aws_security_group.each["eighth"]': "pass",
        }
    },
)

GROUP_ESTATES = (
    INLINE,
    STANDALONE,
    REFERENCES,
    PREFIX_LISTS,
    PROTOCOLS,
    VERSION_SIX,
    ALL_PROTOCOLS,
    DEFAULT_GROUP,
    TWO_REGIONS,
    UNIONS,
)
