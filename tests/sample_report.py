"""Reports for the tests of reporters: one that holds everything once, and one that attacks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from policyscan.errors import GapReason
from policyscan.findings import (
    Change,
    Coverage,
    Criterion,
    Document,
    Drift,
    DriftAttribute,
    DriftDoubt,
    DriftState,
    Excerpt,
    Exclusion,
    Finding,
    GapRecord,
    LedgerEntry,
    Location,
    Mark,
    Plane,
    PolicyRecord,
    Profile,
    ProvenanceStep,
    Report,
    ResourceRef,
    RunRecord,
    ScopeAnswer,
    ScopeQuestion,
    Severity,
    Strength,
    Summary,
    ToolRecord,
    Unpaired,
    Verdict,
    VerdictPair,
    Waiver,
    Witness,
)
from policyscan.findings.controls import ControlRule
from policyscan.findings.derivation import Derivation, Link
from policyscan.findings.difference import Difference, Gone
from policyscan.findings.frameworks import controls_of, criteria_of, with_controls
from policyscan.findings.report import InForce
from policyscan.resources.base import ProofLevel

HOSTILE_STRINGS = (
    "::error file=x::forged",
    "##[error]forged",
    "##vso[task.complete result=Succeeded]",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<!-- --> <![CDATA[ ]]> &amp; &lt;",
    "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "=HYPERLINK(1)",
    "[link](javascript:alert(1)) ![i](http://example.invalid/i) @everyone `code` | cell |",
    "\x1b[2J\x1b]0;title\x07\x1b]8;;http://example.invalid\x07link\x9b31m",
    "carriage\rreturn",
    "nul\x00bell\x07delete\x7f",
    "lone \ud800 \udfff \udcff surrogates",
    "\ufffe \uffff",
    "\u202egnp.exe\u202c \u2066isolate\u2069 zero\u200bwidth \ufeff",
    "line\u2028separator\u2029",
    "non-BMP 𝄞 😀 combined é",
    "%00 %0a %2e%2e/ ../../etc \\ /",
)
HOSTILE = "\n".join(HOSTILE_STRINGS)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


TERRAFORM: Any = {"collector": "terraform", "target": ".", "proof": ProofLevel.CONFIGURED}
GROUP = ResourceRef("SecurityGroup", "aws_security_group.bot", "infra/prod", **TERRAFORM)
PUBLIC = ResourceRef("SecurityGroup", "aws_security_group.lb[0]", "infra/prod", **TERRAFORM)
MODULE = ResourceRef("SecurityGroup", "module.net.aws_security_group.db", "infra/prod", **TERRAFORM)
SECRET = ResourceRef(
    "Secret", 'aws_secretsmanager_secret.venue["kraken"]', "infra/prod", **TERRAFORM
)
STAGE = ResourceRef(
    "DockerfileStage", "bot/Dockerfile#stage-2", "bot/Dockerfile", "dockerfile", ".",
    ProofLevel.CONFIGURED,
)  # fmt: skip
LIVE = ResourceRef(
    "TlsServerConfig", "api.example.com:443", "api.example.com", "tls", "api.example.com:443",
    ProofLevel.OBSERVED,
)  # fmt: skip

ACCOUNT = "123456789012/eu-west-1"
LIVE_GROUP = ResourceRef(
    "SecurityGroup", "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0b07", ACCOUNT, "aws",
    "aws", ProofLevel.OBSERVED, "2026-08-17T09:15:01Z", "ec2:DescribeSecurityGroups",
)  # fmt: skip
LIVE_DATABASE = replace(
    LIVE_GROUP, address="arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0db5"
)

OPEN_CIDR = Location("infra/prod/main.tf", 14, 20, 14, 31, line_hash="3d1a7cf60b2e94aa:1")
VARIABLE = Location("infra/prod/variables.tf", 3, 1, 6, 2)
TFVARS = Location("infra/prod/prod.auto.tfvars", 2, 15, 2, 28)
USER_LINE = Location("bot/Dockerfile", 9, 1, 9, 10, line_hash="9bb12f0045ac3e17:1")
SECRET_BLOCK = Location("infra/prod/secrets.tf", 1, 1, 8, 2, line_hash="77aa01bc9d3fe210:2")

GROUP_EXCERPT = Excerpt(
    path="infra/prod/main.tf",
    first_line=12,
    lines=(
        "  ingress {",
        "    from_port   = 22",
        '    cidr_blocks = ["0.0.0.0/0"]',
        "    to_port     = 22",
        "  }",
    ),
    marks=(Mark(14, 19, 30),),
)

OPEN_SSH = Witness(
    path="ingress[0].cidrs[0]",
    value='"0.0.0.0/0"',
    note="port 22 is reachable from 0.0.0.0/0",
    location=OPEN_CIDR,
    excerpt=GROUP_EXCERPT,
    provenance=(
        ProvenanceStep("attribute", "cidr_blocks", OPEN_CIDR),
        ProvenanceStep("reference", "var.admin_cidrs", VARIABLE),
        ProvenanceStep("tfvars", "admin_cidrs", TFVARS),
    ),
)
SEEN_OPEN = Witness(
    path="ingress[2].cidrs[0]",
    value='"0.0.0.0/0"',
    note="port 3389 is reachable from 0.0.0.0/0",
    provenance=(
        ProvenanceStep("answer", "SecurityGroups[3].IpPermissions[2].IpRanges[0].CidrIp"),
        ProvenanceStep(
            "call", f"ec2:DescribeSecurityGroups in {ACCOUNT} page 2 at 2026-08-17T09:15:01Z"
        ),
    ),
)
OPEN_RDP = Witness(
    path="ingress[1].cidrs[0]",
    value='"::/0"',
    note="port 3389 is reachable from ::/0",
    location=Location("infra/prod/main.tf", 21, 24, 21, 30, line_hash="10ffee0200000001:1"),
)


OPEN_DERIVATION = Derivation(
    "resource.ingress.all(r, !opens(r, params.ports))",
    "false",
    True,
    label="require",
    rest="1 more member, not needed",
    parts=(
        Derivation("resource.ingress", "2 members", path="ingress"),
        Derivation(
            "!opens(r, params.ports)",
            "false",
            True,
            label="r = resource.ingress[0]",
            parts=(
                Derivation(
                    "resource.ingress[0].cidrs[0]",
                    '"0.0.0.0/0"',
                    True,
                    path="ingress[0].cidrs[0]",
                    note="port 22 is reachable from 0.0.0.0/0",
                    provenance=(
                        Link("attribute", "cidr_blocks", OPEN_CIDR, "cidr_blocks = var.admin"),
                        Link("reference", "var.admin_cidrs", VARIABLE, 'variable "admin_cidrs" {'),
                        Link("tfvars", "admin_cidrs", TFVARS, 'admin_cidrs = ["0.0.0.0/0"]'),
                    ),
                ),
                Derivation("params.ports", "[22, 3389]"),
            ),
        ),
    ),
)
ROLE_DERIVATION = Derivation('resource.role == "trading"', "true", True, label="when")
OPEN_EGRESS_DERIVATION = Derivation(
    "sends_only_to(resource.egress, params.allowed) && resource.closed",
    "unknown",
    True,
    label="require",
    parts=(
        Derivation(
            "resource.egress",
            "unknown",
            True,
            path="egress",
            owner="aws_security_group.other",
            needs=("a value for var.exchange_cidrs (infra/prod/variables.tf:9)",),
            provenance=(Link("call", "ec2:DescribeSecurityGroups"),),
        ),
        Derivation("resource.closed"),
    ),
)


def finding(policy: PolicyRecord, resource: ResourceRef, verdict: Verdict, **rest: Any) -> Finding:
    return Finding(
        policy_id=policy.id,
        policy_version=policy.version,
        title=policy.title,
        severity=policy.severity,
        plane=policy.plane,
        verdict=verdict,
        resource=resource,
        fingerprint=digest(f"{policy.id} {resource.unit} {resource.address}")[:32],
        **rest,
    )


def policy(id_: str, slug: str, severity: Severity, kind: str, **rest: Any) -> PolicyRecord:
    family = {"SecurityGroup": "network", "Secret": "secrets", "DockerfileStage": "containers"}
    values: dict[str, Any] = {
        "id": id_,
        "slug": slug,
        "version": 1,
        "severity": severity,
        "plane": Plane.CHANGE,
        "kind": kind,
        "path": f"policies/{family.get(kind, 'tls')}/{slug}.yaml",
        "sha256": digest(id_),
        "control": "CTL-NET-01",
        "criteria": ("SOC2:CC6.6", "ISO27001:A.8.20"),
        "guide": ("4.1 Network isolation",),
        "parameters": {},
        "when": "",
        "require": "true",
        "counts": {},
    }
    return PolicyRecord(**values | rest)


ADMIN_PORT = policy(
    "PS-NET-001",
    "world-open-admin-port",
    Severity.CRITICAL,
    "SecurityGroup",
    title="Administration ports are closed to the internet",
    why="Everyone on the internet can try passwords and exploits against an open port.",
    fix="Name the ranges of your office or VPN, or use Session Manager and open no port.",
    parameters={"ports": [22, 3389], "max_public": {"v4": "/8", "v6": "/16"}, "strict": True},
    require="none(rule in resource.ingress, opens(rule, params.ports))",
)
EGRESS = policy(
    "PS-NET-004",
    "trading-egress-anywhere",
    Severity.HIGH,
    "SecurityGroup",
    title="Trading workloads send only to their exchange",
    why="Stolen keys leave through any open way out.",
    fix="Allow the exchange's published ranges and nothing else.",
    when='resource.role == "trading"',
)
ROTATION = policy(
    "PS-SEC-002",
    "unrotated-exchange-secret",
    Severity.HIGH,
    "Secret",
    version=3,
    title="Exchange secrets rotate",
    why="A key that never changes is valid for whoever copied it years ago.",
    fix="Configure a rotation within the limit of the account's tier.",
    control="CTL-KEY-02",
    criteria=("SOC2:CC6.1",),
    parameters={"max_age_days": {"high": 7, "medium": 30, "low": 90}},
)
ROOT_USER = policy(
    "PS-CON-001",
    "root-container",
    Severity.MEDIUM,
    "DockerfileStage",
    title="Containers do not run as root",
    why="Root in the container is one kernel bug away from root on the host.",
    fix="Create a user and switch to it: `USER 10001`.",
    control="",
    criteria=(),
)
MUTABLE_TAG = policy(
    "PS-CON-003",
    "floating-base-image",
    Severity.LOW,
    "DockerfileStage",
    title="Base images are pinned",
    why="Tomorrow's build may hold something else than today's.",
    fix="Pin the base image by its digest.",
)
OLD_TLS = policy(
    "PS-TLS-001",
    "obsolete-tls",
    Severity.HIGH,
    "TlsServerConfig",
    plane=Plane.ACCOUNT,
    title="Servers refuse obsolete TLS",
    why="TLS 1.0 and 1.1 have known breaks.",
    fix="Choose a policy of TLS 1.2 and later.",
)

FINDINGS = (
    finding(
        ADMIN_PORT,
        GROUP,
        Verdict.FAIL,
        message="aws_security_group.bot lets 0.0.0.0/0 reach port 22",
        location=OPEN_CIDR,
        excerpt=GROUP_EXCERPT,
        witnesses=(OPEN_SSH, OPEN_RDP),
        blocking=True,
        blocking_reason="critical, configured, plane change",
        derivation=(OPEN_DERIVATION,),
    ),
    finding(
        ADMIN_PORT,
        PUBLIC,
        Verdict.NOT_APPLICABLE,
        message="Attached only to a public load balancer",
        reason="only_public_load_balancer is true",
    ),
    finding(
        ADMIN_PORT,
        MODULE,
        Verdict.PASS,
        message="No administration port is open",
        location=Location("modules/net/main.tf", 1, 1, 9, 2),
        assumes=('var.db_cidr = "10.0.0.0/8"', "var.port = 5432"),
    ),
    finding(
        EGRESS,
        GROUP,
        Verdict.UNKNOWN,
        message="Whether aws_security_group.bot sends only to its exchange is not known",
        location=Location("infra/prod/main.tf", 30, 3, 33, 4),
        reason="var.exchange_cidrs has no value",
        residual="PASS iff var.exchange_cidrs within kraken's published ranges",
        needs=("a value for var.exchange_cidrs (infra/prod/variables.tf:9)",),
        derivation=(ROLE_DERIVATION, OPEN_EGRESS_DERIVATION),
        conditional="if created: count depends on var.enabled",
        scope=(
            ScopeAnswer(
                "role",
                "trading",
                "named",
                (ProvenanceStep("implied", "the label bot says bot"),),
            ),
        ),
        scope_basis="named",
        blocking_reason="unresolved values do not block in ci",
    ),
    finding(
        EGRESS,
        MODULE,
        Verdict.UNKNOWN,
        message="The role of module.net.aws_security_group.db is not known",
        reason="no role is declared",
        needs=("scope.assign for infra/prod in policyscan.yaml",),
        blocking=True,
        blocking_reason="audit: every unknown blocks",
    ),
    finding(
        EGRESS,
        PUBLIC,
        Verdict.PASS,
        message="aws_security_group.lb[0] sends only to its exchange",
        location=Location("infra/prod/main.tf", 40, 1, 52, 2),
    ),
    finding(
        ROTATION,
        SECRET,
        Verdict.WAIVED,
        message="The secret of kraken has no rotation",
        location=SECRET_BLOCK,
        witnesses=(Witness("rotation_enabled", "false", "no rotation is configured"),),
        blocking_reason="waived by WVR-7 until 2026-12-31",
        waiver="WVR-7",
        scope_basis="derived",
    ),
    finding(
        ROOT_USER,
        STAGE,
        Verdict.FAIL,
        message="Stage 2 of bot/Dockerfile runs as root",
        location=USER_LINE,
        excerpt=Excerpt("bot/Dockerfile", 8, ("WORKDIR /bot", "USER root"), (Mark(9, 5, 9),)),
        witnesses=(Witness("user", '"root"', "", USER_LINE),),
        conditional="if created: only built with target bot",
        blocking_reason="medium does not block in ci",
    ),
    finding(
        MUTABLE_TAG,
        STAGE,
        Verdict.FAIL,
        message="The base image python:3.12 has no digest",
        location=Location("bot/Dockerfile", 1, 6, 1, 17, line_hash="5ee0a9b1c1d2e3f4:1"),
        witnesses=(Witness("base_digest", "null", "the tag may move"),),
        blocking_reason="low does not block in ci",
    ),
    finding(
        OLD_TLS,
        LIVE,
        Verdict.FAIL,
        message="api.example.com:443 accepts TLS 1.0",
        witnesses=(Witness("versions[0]", '"1.0"', "accepted in the handshake"),),
        blocking=True,
        blocking_reason="high, observed",
    ),
    finding(
        ADMIN_PORT,
        LIVE_GROUP,
        Verdict.FAIL,
        message=f"port 3389 is reachable from 0.0.0.0/0, by {LIVE_GROUP.address}",
        witnesses=(SEEN_OPEN,),
        blocking=True,
        blocking_reason="critical, observed, plane change",
    ),
    finding(
        ADMIN_PORT,
        LIVE_DATABASE,
        Verdict.PASS,
        message="No administration port is open",
    ),
)

GAPS = (
    GapRecord(
        GapReason.UNPARSEABLE,
        "infra/prod/broken.tf",
        "expected a closing brace",
        "terraform",
        ".",
        location=Location("infra/prod/broken.tf", 7, 1, 7, 2),
        hides=("SecurityGroup", "Secret"),
        blocking=True,
        blocking_reason="every gap but not_fetched and unsupported blocks",
        fingerprint=digest("gap 1")[:32],
    ),
    GapRecord(
        GapReason.NOT_FETCHED,
        "git::https://example.com/modules.git",
        "remote modules are not fetched",
        "terraform",
        ".",
        hides=("SecurityGroup",),
        blocking_reason="not_fetched does not block in ci",
        fingerprint=digest("gap 2")[:32],
    ),
    GapRecord(
        GapReason.DENIED,
        "secretsmanager:ListSecrets",
        "the role may not list secrets",
        "aws",
        "aws",
        unit=ACCOUNT,
        hides=("Secret",),
        blocking=True,
        blocking_reason="every gap but not_fetched and unsupported blocks",
        fingerprint=digest("gap 3")[:32],
    ),
)


RULES = (
    ControlRule(
        "CTL-NET-01",
        "Only what must be reachable is reachable",
        "platform",
        "continuous",
        {"SOC2:CC6.6": Strength.DIRECT, "ISO27001:A.8.20": Strength.SUPPORTING},
        policies=("PS-NET-001", "PS-NET-004"),
        own_criteria=True,
    ),
    ControlRule(
        "CTL-KEY-02",
        "Production keys are rotated within their tier's limit",
        "",
        "daily",
        {"SOC2:CC6.1": Strength.DIRECT, "SOC2:A1.1": Strength.PARTIAL},
        suggested_owner="head of trading",
        draft=True,
    ),
)
_TSC = ("SOC 2", "Logical access to what must be protected", "2017, points of focus of 2022")
CRITERIA = {
    criterion.id: criterion
    for criterion in (
        Criterion("SOC2:CC6.1", *_TSC),
        Criterion("SOC2:CC6.6", "SOC 2", "Protection against threats from outside", _TSC[2]),
        Criterion("SOC2:CC9.1", "SOC 2", "Disruptions are mitigated", _TSC[2]),
        Criterion("SOC2:A1.1", "SOC 2", "Capacity is watched", _TSC[2], "availability", False),
        Criterion("ISO27001:A.8.20", "ISO/IEC 27001", "Networks are secured", "2022"),
    )
}


DRIFT = (
    Drift(
        "SecurityGroup", GROUP, LIVE_GROUP, "name and tags", DriftState.DIFFERS, 6,
        attributes=(
            DriftAttribute("description", '"Managed by Terraform"', '"opened for a test"'),
            DriftAttribute("ingress", "tcp 22 10.0.0.0/8", ""),
            DriftAttribute("ingress", "", "tcp 3389 0.0.0.0/0"),
            DriftAttribute('tags["Owner"]', '"desk"', ""),
        ),
        not_known=("egress", "vpc"),
        verdicts=(
            VerdictPair("PS-NET-001", Verdict.FAIL, Verdict.FAIL),
            VerdictPair("PS-NET-004", Verdict.UNKNOWN, Verdict.PASS),
            VerdictPair("PS-NET-009", Verdict.NOT_APPLICABLE, None),
        ),
        location=Location("infra/prod/main.tf", 10, 1, 28, 2),
    ),
    Drift(
        "SecurityGroup", MODULE, LIVE_DATABASE, "ARN", DriftState.SAME, 7,
        verdicts=(VerdictPair("PS-NET-001", Verdict.PASS, Verdict.PASS),),
        location=Location("modules/net/main.tf", 1, 1, 9, 2),
    ),
)  # fmt: skip


def sample_report() -> Report:
    """Everything a report can hold, at least once, with books that balance."""
    counted = [_with_counts(record) for record in (
        ADMIN_PORT, EGRESS, ROTATION, ROOT_USER, MUTABLE_TAG, OLD_TLS,
        policy(
            "PS-LOG-001", "trail-of-one-region", Severity.HIGH, "Trail",
            title="A trail covers all regions", why="What happens elsewhere leaves no trace.",
            fix="Set is_multi_region_trail.", idle="no resource of kind Trail was found",
        ),
    )]  # fmt: skip
    policies = with_controls(counted, RULES)
    controls = controls_of(RULES, policies, GAPS)
    return Report(
        tool=ToolRecord(
            "policyscan", "0.1.0", digest("tool"), "3.11.9", {"jinja2": "3.1.6", "pydantic": "2.11"}
        ),
        run=RunRecord(
            id="20260817T091500Z-4f2a",
            trigger="pull_request",
            actor="octocat",
            started="2026-08-17T09:15:00Z",
            ended="2026-08-17T09:15:02Z",
            arguments=("scan", ".", "--base", "main"),
            command="policyscan scan . --base main",
            commit="0f1e2d3c4b5a69788796a5b4c3d2e1f001122334",
            dirty=True,
            base="main",
            policies_digest=digest("policies"),
            configuration="policyscan.yaml",
            configuration_digest=digest("configuration"),
            waivers_digest=digest("waivers"),
            controls="controls.yaml",
            controls_digest=digest("controls"),
        ),
        profile=Profile("ci", digest("ci"), ("A fail of severity high or critical blocks.",)),
        summary=summary_of(FINDINGS, GAPS),
        findings=FINDINGS,
        gaps=GAPS,
        ledger=(
            _books("terraform", "SecurityGroup", found=5, dropped={"count is 0": 2}, policies=2),
            _books("terraform", "Secret", found=1, policies=1),
            _books("dockerfile", "DockerfileStage", found=2, dropped={"unused": 1}, policies=2),
            _books("tls", "TlsServerConfig", found=1, policies=1, target="api.example.com:443"),
            replace(
                _books("aws", "Secret", found=0, policies=1, target="aws"),
                unit=ACCOUNT, asked=1, returned=0, calls=3, pages=0, denied=1,
            ),
            replace(
                _books("aws", "SecurityGroup", found=3, dropped={"shared by another account": 1},
                       policies=2, target="aws"),
                unit=ACCOUNT, asked=2, returned=2, calls=4, pages=3, gaps=0,
            ),
        ),
        coverage=Coverage(
            targets_declared=(".", "api.example.com:443", "aws", "aws:staging"),
            targets_reached=(".", "api.example.com:443", "aws"),
            excluded=(Exclusion("node_modules", "ignored by git", 1204),),
            units={"terraform": ("infra/prod",), "dockerfile": ("bot/Dockerfile",)},
            files_seen=41,
            files_read=6,
            files_unclaimed={".py": 30, ".md": 4, "": 1},
            types_without_kind={"aws_instance": 3, "aws_lambda_function": 1},
            idle_assignments=("policyscan.yaml:7:5",),
        ),
        documents=(
            Document("bot/Dockerfile", digest("Dockerfile"), 310),
            Document("infra/prod/main.tf", digest("main.tf"), 1840),
            Document("infra/prod/secrets.tf", digest("secrets.tf"), 402),
            Document("infra/prod/variables.tf", digest("variables.tf"), 655),
        ),
        policies=policies,
        controls=controls,
        criteria=criteria_of(CRITERIA, RULES, controls, policies),
        waivers=(
            Waiver(
                "WVR-7", "PS-SEC-002", SECRET.address, "the venue has no rotation API", "ana",
                "bo", "2026-12-31", "in force", 1,
            ),
            Waiver(
                "WVR-3", "PS-NET-001", "aws_security_group.old", "migration", "ana", "bo",
                "2026-01-31", "expired",
            ),
            Waiver(
                "WVR-9", "PS-CON-001", "ci/Dockerfile#stage-0", "build only", "cy", "bo",
                "2026-11-30", "unused", because="nothing fails that it is for",
            ),
            Waiver(
                "WVR-10", "PS-NET-004", "aws_security_group.bot*", "until the bastion moves", "cy",
                "bo", "2026-11-30", "lapsed", ticket="SEC-12", place="waivers.yaml:40:5",
                since="2026-08-01", because="1 of 1 failure got worse than it accepts",
            ),
            Waiver(
                "bot/Dockerfile:8", "PS-CON-001", "bot/Dockerfile:9", "needs root", "",
                "the trusted side (main)", "2026-11-30", "refused", inline=True,
                place="bot/Dockerfile:8", because="main does not have it",
            ),
        ),
        scope_questions=(
            ScopeQuestion(
                "Which role does infra/prod have?", 14, "scope.assign",
                '- match: {path: "infra/prod/*"}\n  role: trading\n',
            ),
            ScopeQuestion("Which tier is account 123456789012?", 2, "tier"),
        ),
        drift=DRIFT,
        drift_doubts=(
            DriftDoubt(
                SECRET,
                (
                    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kraken-a1B2c3",
                    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:kraken-d4E5f6",
                ),
                "2 things that were seen have the same name",
            ),
        ),
        unpaired=(
            Unpaired(
                "Secret", 1, 2, not_told=("not every Secret of 123456789012 was seen",),
            ),
            Unpaired(
                "SecurityGroup", 2, 1,
                missing=(PUBLIC,),
                unmanaged=(replace(LIVE_GROUP, address="sg-by-hand"),),
                not_told=(
                    "1 declared in infra/edge: which account they belong to, or whether they are "
                    "made, is not known",
                ),
            ),
        ),
    )  # fmt: skip


def compared_report() -> Report:
    """The sample of a pull request, as it is compared with its base: with facts, every change, and
    waivers of every status."""
    report = sample_report()
    changes = (
        Change.WORSE, Change.NARROWED, Change.BETTER, Change.NEWLY_UNKNOWN, Change.UNCHANGED,
        Change.NEW, Change.UNCHANGED, Change.UNCHANGED, Change.BETTER, Change.NEW, Change.NEW,
        Change.UNCHANGED,
    )  # fmt: skip
    before = {
        Change.WORSE: "port 22 was open to 10.0.0.0/8",
        Change.BETTER: "it failed, with more",
        Change.NEWLY_UNKNOWN: "it passed",
        Change.NARROWED: "it failed",
    }
    findings = tuple(
        replace(
            one,
            change=change,
            before=before.get(change, ""),
            facts=_facts(one) if one.verdict in (Verdict.FAIL, Verdict.WAIVED) else {},
        )
        for one, change in zip(report.findings, changes, strict=True)
    )
    broken, remote, denied = report.gaps
    gaps = (
        replace(broken, change=Change.NEW),
        replace(remote, change=Change.UNCHANGED),
        replace(
            denied, change=Change.UNCHANGED, blocking=False,
            blocking_reason="not seen before this change either",
        ),
    )  # fmt: skip
    counts = Counter(changes)
    return replace(
        report,
        run=replace(
            report.run,
            trust="origin/main",
            trust_commit=digest("base")[:40],
            in_force=(InForce("waivers", "waivers.yaml", "origin/main"),),
            waivers="waivers.yaml",
        ),
        findings=findings,
        gaps=gaps,
        summary=replace(
            summary_of(findings, gaps),
            waivers=Counter(one.status for one in (*report.waivers, *MORE_WAIVERS)),
        ),
        waivers=(*report.waivers, *MORE_WAIVERS),
        difference=Difference(
            "base",
            "main",
            digest("base")[:40],
            {change: counts[change] for change in Change} | {Change.GONE: len(GONE)},
            GONE,
        ),
    )


MORE_WAIVERS = (
    Waiver(
        "WVR-10", "PS-NET-001", GROUP.address, "the bastion", "ana", "bo", "2026-09-30",
        "lapsed", because="port 22 was accepted from 10.0.0.0/8 and is open to 0.0.0.0/0",
        ticket="OPS-12", place="waivers.yaml:31",
    ),
    Waiver(
        "infra/prod/main.tf:52", "PS-NET-004", PUBLIC.address, "until the proxy is there", "cy",
        "", "2026-08-31", "refused", because="it is not on the trusted side",
        place="infra/prod/main.tf:52", inline=True,
    ),
    Waiver(
        "WVR-12", "PS-TLS-001", "api.example.org:443", "old clients", "ana", "bo", "2026-08-20",
        "expiring", 1, because="3 days are left", ticket="OPS-14", place="waivers.yaml:40",
    ),
)  # fmt: skip
GONE = (
    Gone(
        digest("gone 1")[:32], "PS-NET-001", Verdict.FAIL, Severity.CRITICAL, "infra/prod",
        "aws_security_group.old", "aws_security_group.old lets 0.0.0.0/0 reach port 22",
        Location("infra/prod/old.tf", 3, 5, 3, 30),
    ),
    Gone(
        digest("gone 2")[:32], "PS-SEC-002", Verdict.UNKNOWN, Severity.HIGH, "infra/prod",
        "aws_secretsmanager_secret.old", "whether the secret rotates is not known",
    ),
)  # fmt: skip


def _facts(finding: Finding) -> dict[str, Any]:
    """As the policies of the sample would tell them."""
    return {
        "ingress": [{"ports": [[22, 22]], "cidrs": ["0.0.0.0/0"]}, {"ports": None, "cidrs": []}],
        "location": None,
        "witness": finding.witnesses[0].value,
        "age_days": 12.5,
        "public": True,
    }


def hostile_report(text: str = HOSTILE, report: Report | None = None) -> Report:
    """The sample with `text` in front of every string, keys of mappings and paths included;
    only `schema`, which is ours, stays."""
    report = report or sample_report()
    attacked: Report = _attack(report, text)
    return replace(attacked, schema=report.schema)


def large_report(findings: int) -> Report:
    """As many failures, half of them low, each on a resource and line of its own."""
    critical, medium, low = (
        finding for finding in FINDINGS if finding.verdict is Verdict.FAIL and finding.location
    )
    sources = (critical, medium, low, low)
    made = tuple(_again(sources[number % 4], number) for number in range(findings))
    return replace(sample_report(), findings=made, summary=summary_of(made, GAPS))


def _again(source: Finding, number: int) -> Finding:
    assert source.location
    line = number + 1
    place = Location(source.location.path, line, 1, line, 9, line_hash=f"{number:x}:1")
    return replace(
        source,
        fingerprint=digest(str(number))[:32],
        resource=replace(source.resource, address=f"{source.resource.address}.{number}"),
        location=place,
        witnesses=(replace(source.witnesses[0], location=place),),
    )


def summary_of(findings: tuple[Finding, ...], gaps: tuple[GapRecord, ...]) -> Summary:
    counts = Counter(finding.verdict for finding in findings)
    return Summary(
        verdicts={verdict: counts[verdict] for verdict in Verdict},
        blocking_findings=sum(finding.blocking for finding in findings),
        blocking_gaps=sum(gap.blocking for gap in gaps),
        gaps=len(gaps),
        assumed_passes=sum(bool(finding.assumes) for finding in findings),
        complete=False,
        exit_code=1,
        outcome="at least one blocking failure",
        waivers={"in force": 1, "expired": 1, "unused": 1, "lapsed": 1, "refused": 1},
    )


def _books(
    collector: str,
    kind: str,
    *,
    found: int,
    policies: int,
    target: str = ".",
    dropped: Mapping[str, int] | None = None,
) -> LedgerEntry:
    dropped = dropped or {}
    normalised = found - sum(dropped.values())
    return LedgerEntry(
        collector=collector,
        target=target,
        kind=kind,
        asked=4,
        returned=4,
        found=found,
        normalised=normalised,
        dropped=dropped,
        gaps=1,
        judged=normalised * policies,
        policies=policies,
        resources=normalised,
    )


def _with_counts(record: PolicyRecord) -> PolicyRecord:
    counts = Counter(one.verdict for one in FINDINGS if one.policy_id == record.id)
    return replace(record, counts={verdict: counts[verdict] for verdict in Verdict})


def _attack(value: Any, text: str) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text + value
    if isinstance(value, Mapping):
        return {_attack(key, text): _attack(member, text) for key, member in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_attack(member, text) for member in value)
    if isinstance(value, Struct):
        return replace(
            value, **{name: _attack(getattr(value, name), text) for name in value.__struct_fields__}
        )
    return value
