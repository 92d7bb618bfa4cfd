"""Estates of listeners and log groups, as Terraform and as calls that make the same in AWS."""

from __future__ import annotations

from typing import Any

from tests.equivalence.live import Built, Estate
from tests.equivalence.network_estates import TAGGED, VPC, Network
from tests.moto_account import ACCOUNT, Account

LISTENERS = ("TlsServerConfig",)
CERTIFICATE = f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/11111111-2222-3333-4444-555555555555"
HERE = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
AWAY = {
    "Type": "redirect",
    "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
}
_HERE = """default_action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "200"
    }
  }"""
_AWAY = """default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }"""


def certificate(account: Account) -> str:
    """A certificate for listeners to show."""
    made = account.client("acm").request_certificate(DomainName="desk.example")
    return str(made["CertificateArn"])


class Balancer:
    """A load balancer to build listeners of."""

    def __init__(self, account: Account, kind: str, scheme: str = "internet-facing") -> None:
        self.network = Network(account)
        self.elb = account.client("elbv2")
        self.certificate = certificate(account)
        gateway = self.network.ec2.create_internet_gateway()["InternetGateway"]
        self.network.ec2.attach_internet_gateway(
            InternetGatewayId=gateway["InternetGatewayId"], VpcId=self.network.vpc
        )
        self.arn = self.elb.create_load_balancer(
            Name=f"front-{kind}", Type=kind, Scheme=scheme, Subnets=self.network.subnets()
        )["LoadBalancers"][0]["LoadBalancerArn"]

    def listener(self, protocol: str, port: int, action: dict[str, Any], **more: Any) -> str:
        made = self.elb.create_listener(
            LoadBalancerArn=self.arn,
            Protocol=protocol,
            Port=port,
            DefaultActions=[action],
            **more,
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def targets(self, protocol: str, port: int) -> str:
        made = self.elb.create_target_group(
            Name=f"to-{protocol.lower().replace('_', '-')}-{port}",
            Protocol=protocol,
            Port=port,
            VpcId=self.network.vpc,
        )
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def secure(self, protocol: str, port: int, policy: str = "", **more: Any) -> str:
        named = {"SslPolicy": policy} if policy else {}
        action = more.pop("action", HERE)
        certificates = [{"CertificateArn": self.certificate}]
        return self.listener(protocol, port, action, Certificates=certificates, **named, **more)


def _balancer(kind: str, internal: str = "false") -> str:
    return f"""
{VPC}
resource "aws_lb" "front" {{
  name               = "front-{kind}"
  load_balancer_type = "{kind}"
  internal           = {internal}
}}
"""


def _listener(label: str, protocol: str, port: int, action: str = _HERE, policy: str = "") -> str:
    secure = f'certificate_arn = "{CERTIFICATE}"' if protocol in ("HTTPS", "TLS") else ""
    named = f'ssl_policy = "{policy}"' if policy else ""
    return f"""
resource "aws_lb_listener" "{label}" {{
  load_balancer_arn = aws_lb.front.arn
  protocol          = "{protocol}"
  port              = {port}
  {secure}
  {named}
  {action}
}}
"""


OLD = "ELBSecurityPolicy-TLS-1-1-2017-01"
GOOD = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
ONLY = "ELBSecurityPolicy-TLS13-1-3-2021-06"
CBC = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def _policies(account: Account) -> Built:
    front = Balancer(account, "application")
    return {
        "aws_lb_listener.none": front.secure("HTTPS", 443),
        "aws_lb_listener.old": front.secure("HTTPS", 8443, OLD),
        "aws_lb_listener.good": front.secure("HTTPS", 8444, GOOD),
        "aws_lb_listener.only": front.secure("HTTPS", 8445, ONLY),
        "aws_lb_listener.cbc": front.secure("HTTPS", 8446, CBC),
    }


POLICIES = Estate(
    "TLS policies of an application load balancer",
    _balancer("application")
    + _listener("none", "HTTPS", 443)
    + _listener("old", "HTTPS", 8443, policy=OLD)
    + _listener("good", "HTTPS", 8444, policy=GOOD)
    + _listener("only", "HTTPS", 8445, policy=ONLY)
    + _listener("cbc", "HTTPS", 8446, policy=CBC),
    _policies,
    LISTENERS,
    {
        "PS-TLS-011": {
            "aws_lb_listener.none": "fail",
            "aws_lb_listener.old": "fail",
            "aws_lb_listener.good": "pass",
            "aws_lb_listener.only": "pass",
            "aws_lb_listener.cbc": "fail",
        },
        "PS-TLS-001": {
            "aws_lb_listener.none": "fail",
            "aws_lb_listener.good": "fail",
            "aws_lb_listener.only": "pass",
        },
    },
)


def _plain(account: Account) -> Built:
    front = Balancer(account, "application")
    leaky = front.listener("HTTP", 81, AWAY)
    front.elb.create_rule(
        ListenerArn=leaky,
        Priority=10,
        Conditions=[{"Field": "path-pattern", "Values": ["/health"]}],
        Actions=[HERE],
    )
    return {
        "aws_lb_listener.plain": front.listener("HTTP", 8080, HERE),
        "aws_lb_listener.away": front.listener("HTTP", 80, AWAY),
        "aws_lb_listener.leaky": leaky,
    }


PLAIN = Estate(
    "plain HTTP, a redirect, and a redirect with an exception",
    _balancer("application")
    + _listener("plain", "HTTP", 8080)
    + _listener("away", "HTTP", 80, _AWAY)
    + _listener("leaky", "HTTP", 81, _AWAY)
    + """
resource "aws_lb_listener_rule" "health" {
  listener_arn = aws_lb_listener.leaky.arn
  priority     = 10
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
      status_code  = "200"
    }
  }
  condition {
    path_pattern { values = ["/health"] }
  }
}
""",
    _plain,
    LISTENERS,
    {
        "PS-TLS-011": {
            "aws_lb_listener.plain": "fail",
            "aws_lb_listener.away": "pass",
            "aws_lb_listener.leaky": "fail",
        }
    },
)


def _forward(arn: str) -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": arn}


def _network(account: Account) -> Built:
    front = Balancer(account, "network", "internal")
    tcp, udp = front.targets("TCP", 9000), front.targets("UDP", 53)
    return {
        "aws_lb_listener.tls": front.secure("TLS", 443, GOOD, action=_forward(tcp)),
        "aws_lb_listener.none": front.secure("TLS", 8443, action=_forward(tcp)),
        "aws_lb_listener.tcp": front.listener("TCP", 9000, _forward(tcp)),
        "aws_lb_listener.udp": front.listener("UDP", 53, _forward(udp)),
    }


_FORWARD = """default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/to/1"
  }"""

NETWORK = Estate(
    "an internal network load balancer",
    _balancer("network", "true")
    + _listener("tls", "TLS", 443, _FORWARD, GOOD)
    + _listener("none", "TLS", 8443, _FORWARD)
    + _listener("tcp", "TCP", 9000, _FORWARD)
    + _listener("udp", "UDP", 53, _FORWARD),
    _network,
    LISTENERS,
    {
        "PS-TLS-011": {
            "aws_lb_listener.tls": "pass",
            "aws_lb_listener.none": "fail",
            "aws_lb_listener.tcp": "not_applicable",
            "aws_lb_listener.udp": "not_applicable",
        }
    },
)


def _classic(account: Account) -> Built:
    elb = account.client("elb")
    elb.create_load_balancer(
        LoadBalancerName="front",
        AvailabilityZones=["eu-west-1a"],
        Listeners=[
            {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080},
            {
                "Protocol": "HTTPS",
                "LoadBalancerPort": 443,
                "InstancePort": 8080,
                "SSLCertificateId": certificate(account),
            },
            {"Protocol": "TCP", "LoadBalancerPort": 9000, "InstancePort": 9000},
        ],
    )
    _apply_default_policy(elb)
    arn = f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/front"
    return {
        f"aws_elb.front#listener-{number}": f"{arn}#{port}"
        for number, port in ((1, 80), (2, 443), (3, 9000))
    }


def _apply_default_policy(elb: Any) -> None:
    """What AWS does by itself, and moto does not. The attributes are some of those that
    `aws elb describe-load-balancer-policies` gives for the policy."""
    name = "ELBSecurityPolicy-2016-08"
    on = ["Protocol-TLSv1", "Protocol-TLSv1.1", "Protocol-TLSv1.2", "Server-Defined-Cipher-Order"]
    on += ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "AES128-SHA"]
    elb.create_load_balancer_policy(
        LoadBalancerName="front",
        PolicyName=name,
        PolicyTypeName="SSLNegotiationPolicyType",
        PolicyAttributes=[
            {"AttributeName": "Reference-Security-Policy", "AttributeValue": name},
            *({"AttributeName": each, "AttributeValue": "true"} for each in on),
            {"AttributeName": "Protocol-SSLv3", "AttributeValue": "false"},
        ],
    )
    elb.set_load_balancer_policies_of_listener(
        LoadBalancerName="front", LoadBalancerPort=443, PolicyNames=[name]
    )


CLASSIC = Estate(
    "a classic load balancer",
    f"""
resource "aws_elb" "front" {{
  name               = "front"
  availability_zones = ["eu-west-1a"]
  listener {{
    lb_protocol       = "http"
    lb_port           = 80
    instance_protocol = "http"
    instance_port     = 8080
  }}
  listener {{
    lb_protocol        = "https"
    lb_port            = 443
    instance_protocol  = "http"
    instance_port      = 8080
    ssl_certificate_id = "{CERTIFICATE}"
  }}
  listener {{
    lb_protocol       = "tcp"
    lb_port           = 9000
    instance_protocol = "tcp"
    instance_port     = 9000
  }}
}}
""",
    _classic,
    LISTENERS,
    {
        "PS-TLS-011": {
            "aws_elb.front#listener-1": "fail",
            "aws_elb.front#listener-2": "fail",
            "aws_elb.front#listener-3": "not_applicable",
        }
    },
)


def _log_groups(account: Account) -> Built:
    logs = account.client("logs")
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    for name, encrypted, days in (
        ("/app/kept-trading", True, 400),
        ("/app/short-trading", True, 30),
        ("/app/plain-trading", False, 400),
        ("/app/forever-trading", True, 0),
    ):
        logs.create_log_group(logGroupName=name, **({"kmsKeyId": key} if encrypted else {}))
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    # Without tags, which moto does not tell of log groups: their names say what they are for.
    return {
        f"aws_cloudwatch_log_group.{word}": f"/app/{word}-trading"
        for word in ("kept", "short", "plain", "forever")
    }


def _log_group(word: str, key: str, days: str) -> str:
    return f"""
resource "aws_cloudwatch_log_group" "{word}" {{
  name = "/app/{word}-trading"
  {key}
  {days}
}}
"""


_KEY = "kms_key_id = aws_kms_key.logs.arn"

LOG_GROUPS = Estate(
    "log groups with and without a key, kept for long, for a month and for ever",
    """
resource "aws_kms_key" "logs" {}
"""
    + _log_group("kept", _KEY, "retention_in_days = 400")
    + _log_group("short", _KEY, "retention_in_days = 30")
    + _log_group("plain", "", "retention_in_days = 400")
    + _log_group("forever", _KEY, ""),
    _log_groups,
    ("LogGroup",),
    {
        "PS-LOG-008": {
            "aws_cloudwatch_log_group.kept": "pass",
            "aws_cloudwatch_log_group.short": "fail",
            "aws_cloudwatch_log_group.plain": "fail",
            "aws_cloudwatch_log_group.forever": "pass",
        }
    },
)


def _together(account: Account) -> Built:
    front = Balancer(account, "application")
    account.client("logs").create_log_group(logGroupName="/app/requests-trading")
    group = front.network.group(
        "front", [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, **_EVERYONE}]
    )
    front.elb.set_security_groups(LoadBalancerArn=front.arn, SecurityGroups=[group])
    return {
        "aws_vpc.main": front.network.vpc,
        "aws_security_group.front": group,
        "aws_lb_listener.front": front.secure("HTTPS", 443, ONLY),
        "aws_cloudwatch_log_group.requests": "/app/requests-trading",
    }


_EVERYONE = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}

TOGETHER = Estate(
    "a group that is attached to a public load balancer alone, its listener and its log group",
    VPC
    + f"""
resource "aws_security_group" "front" {{
  name        = "front"
  description = "for front"
  vpc_id      = aws_vpc.main.id
  {TAGGED}
  ingress {{
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
resource "aws_lb" "front" {{
  name            = "front-application"
  security_groups = [aws_security_group.front.id]
}}
"""
    + _listener("front", "HTTPS", 443, policy=ONLY)
    + _log_group("requests", "", ""),
    _together,
    ("SecurityGroup", "TlsServerConfig", "LogGroup"),
    {
        "PS-NET-012": {"aws_security_group.front": "pass"},
        "PS-TLS-001": {"aws_lb_listener.front": "pass"},
        "PS-LOG-008": {"aws_cloudwatch_log_group.requests": "fail"},
    },
)

LISTENER_ESTATES = (POLICIES, PLAIN, NETWORK, CLASSIC, LOG_GROUPS, TOGETHER)
