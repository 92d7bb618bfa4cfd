"""Machines, tasks and functions, and what they are attached to."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.resources.base import Tally
from policyscan.values import Unknown
from tests.unit.collectors.terraform.written import collected, field, resources

WORLD = """
variable "u" {}
resource "aws_iam_role" "r" { name = "bot-${var.u}" }
resource "aws_iam_role" "n" { name = "named" }
resource "aws_iam_instance_profile" "p" {
  name = "profile-${var.u}"
  role = aws_iam_role.r.name
}
resource "aws_iam_instance_profile" "either" {
  name = var.u ? "a" : "b"
  role = aws_iam_role.r.name
}
resource "aws_iam_instance_profile" "bare" { name = "bare" }
resource "aws_security_group" "g" {}
resource "aws_security_group" "h" {}
resource "aws_subnet" "s" {}
resource "aws_secretsmanager_secret" "k" { name = "prod/binance" }
resource "aws_secretsmanager_secret" "v" { name = "${var.u}/kraken" }
resource "aws_secretsmanager_secret_version" "k" { secret_id = aws_secretsmanager_secret.k.id }
resource "aws_ssm_parameter" "p" {
  name = "/bot/okx"
  type = "SecureString"
}
data "aws_secretsmanager_secret" "d" { name = "shared/bybit" }
data "aws_secretsmanager_secret" "own" { name = "prod/binance" }
data "aws_secretsmanager_secret_version" "d" { secret_id = "legacy/gate" }
data "aws_secretsmanager_secret" "any" { name = var.u }
resource "aws_cloudwatch_log_group" "l" { name = "/bot/${var.u}" }
"""


def workload(text: str, address: str, files: dict[str, str] | None = None) -> Any:
    return resources({"main.tf": WORLD + text, **(files or {})})[address]


def facts(text: str, address: str, *names: str, files: dict[str, str] | None = None) -> Any:
    found = workload(text, address, files)
    values = tuple(field(getattr(found, name)) for name in names)
    return values[0] if len(values) == 1 else values


# -- machines ----------------------------------------------------------------------------------

INSTANCE = 'resource "aws_instance" "i" {\n%s\n}\n'
I = "aws_instance.i"  # noqa: E741 - the address
ROLE = "&aws_iam_role.r.name"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("", None),
        ("iam_instance_profile = null", None),
        ("iam_instance_profile = aws_iam_instance_profile.p.name", ROLE),
        ("iam_instance_profile = aws_iam_instance_profile.p.id", ROLE),
        ('iam_instance_profile = "profile-${var.u}"', "<a value for var.u>"),
        ('iam_instance_profile = "bare"', None),
        ('iam_instance_profile = "${aws_iam_instance_profile.p.name}"', ROLE),
        ("iam_instance_profile = aws_iam_instance_profile.either.name", ROLE),
        ('iam_instance_profile = "a-${aws_iam_instance_profile.p.name}"', "<a value for var.u>"),
        ("iam_instance_profile = var.u", "<a value for var.u>"),
        ('iam_instance_profile = "other"', "<the role of the instance profile other>"),
        ("iam_instance_profile = var.u ? aws_iam_instance_profile.p.id : null", (ROLE, None)),
    ],
)
def test_the_role_of_a_machine_is_that_of_its_profile(text: str, role: Any) -> None:
    assert facts(INSTANCE % text, I, "iam_role") == role


def test_the_way_to_the_role_leads_through_the_profile() -> None:
    found = workload(INSTANCE % "iam_instance_profile = aws_iam_instance_profile.p.name", I)
    labels = [step.label for step in found.chains["iam_role"]]
    assert labels[0] == "iam_instance_profile = aws_iam_instance_profile.p.name"
    assert "aws_iam_instance_profile.p" in labels
    assert "role = aws_iam_role.r.name" in labels


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", ("<the default security group of the VPC>",)),
        ("vpc_security_group_ids = [aws_security_group.g.id]", ("&aws_security_group.g.id",)),
        ('security_groups = ["sg-1", "sg-1"]', ("sg-1",)),
        ("vpc_security_group_ids = var.u", "<a value for var.u>"),
        ("vpc_security_group_ids = [var.u]", ("<a value for var.u>",)),
        ('vpc_security_group_ids = var.u ? ["sg-1"] : ["sg-2"]', (("sg-1",), ("sg-2",))),
        ('vpc_security_group_ids = concat(["sg-1"], var.u)', ["sg-1", ..., "<a value for var.u>"]),
        ("vpc_security_group_ids = []", ("<the default security group of the VPC>",)),
    ],
)
def test_the_groups_of_a_machine(text: str, groups: Any) -> None:
    assert facts(INSTANCE % text, I, "groups") == groups


def test_interfaces_and_attachments_add_groups() -> None:
    text = (
        INSTANCE % "network_interface {\nnetwork_interface_id = aws_network_interface.n.id\n}"
        + """
        resource "aws_network_interface" "n" {
          subnet_id       = aws_subnet.s.id
          security_groups = [aws_security_group.g.id]
        }
        resource "aws_network_interface_sg_attachment" "a" {
          security_group_id    = aws_security_group.h.id
          network_interface_id = aws_network_interface.n.id
        }
        """
    )
    groups = ("&aws_security_group.g.id", "&aws_security_group.h.id")
    assert facts(text, I, "groups", "subnets") == (groups, ("&aws_subnet.s.id",))


def test_a_group_that_is_attached_to_the_first_interface() -> None:
    text = (
        INSTANCE % 'vpc_security_group_ids = ["sg-1"]'
        + """
        resource "aws_network_interface_sg_attachment" "a" {
          security_group_id    = aws_security_group.h.id
          network_interface_id = aws_instance.i.primary_network_interface_id
        }
        """
    )
    assert facts(text, I, "groups") == ("sg-1", "&aws_security_group.h.id")


@pytest.mark.parametrize(
    ("text", "public"),
    [
        (INSTANCE % "", None),
        (INSTANCE % "associate_public_ip_address = true", True),
        (INSTANCE % "associate_public_ip_address = var.u", "<a value for var.u>"),
        (
            INSTANCE % "associate_public_ip_address = false"
            + 'resource "aws_eip" "e" {\ninstance = aws_instance.i.id\n}',
            True,
        ),
        (
            INSTANCE % ""
            + 'resource "aws_eip_association" "e" {\ninstance_id = aws_instance.i.id\n}',
            True,
        ),
    ],
)
def test_public_addresses(text: str, public: Any) -> None:
    assert facts(text, I, "public_ip") == public


def test_a_machine_takes_from_its_template_what_it_does_not_say() -> None:
    text = (
        INSTANCE % 'subnet_id = "subnet-1"\nlaunch_template {\nid = aws_launch_template.t.id\n}'
        + """
        resource "aws_launch_template" "t" {
          vpc_security_group_ids = [aws_security_group.g.id]
          iam_instance_profile { arn = aws_iam_instance_profile.p.arn }
          network_interfaces {
            subnet_id                   = "subnet-2"
            associate_public_ip_address = true
          }
        }
        """
    )
    names = ("iam_role", "groups", "subnets", "public_ip")
    groups = ("&aws_security_group.g.id",)
    assert facts(text, I, *names) == (ROLE, groups, ("subnet-1",), True)


def test_a_template_that_is_elsewhere_leaves_open_what_it_may_say() -> None:
    text = INSTANCE % 'subnet_id = "subnet-1"\nlaunch_template {\nid = "lt-1"\n}'
    unseen = "<the launch template of this machine>"
    names = ("iam_role", "groups", "subnets", "public_ip", "secrets")
    assert facts(text, I, *names) == (unseen, unseen, ("subnet-1",), unseen, unseen)


TEMPLATE = 'resource "aws_launch_template" "t" {\n%s\n}\n'
SCALING = """
resource "aws_autoscaling_group" "%s" {
  launch_template { id = aws_launch_template.t.id }
  vpc_zone_identifier = ["%s"]
  tag {
    key                 = "Environment"
    value               = "%s"
    propagate_at_launch = %s
  }
}
"""
T = "aws_launch_template.t"


def test_a_template_gets_subnets_and_tags_from_what_launches_it() -> None:
    text = TEMPLATE % 'tags = { Team = "desk" }' + SCALING % ("a", "subnet-1", "prod", "true")
    tags = {"Team": "desk", "Environment": "prod"}
    assert facts(text, T, "subnets", "tags", "form") == (("subnet-1",), tags, "launch_template")
    hidden = TEMPLATE % "" + SCALING % ("a", "subnet-1", "prod", "false")
    assert facts(hidden, T, "tags") == {}


def test_scaling_groups_that_disagree_leave_the_tag_open() -> None:
    text = TEMPLATE % "" + "".join(
        SCALING % (name, f"subnet-{name}", environment, "true")
        for name, environment in (("a", "prod"), ("b", "staging"))
    )
    needs = "<which of what runs aws_launch_template.t gives it the tag Environment>"
    expected = (("subnet-a", "subnet-b"), {"Environment": needs})
    assert facts(text, T, "subnets", "tags") == expected


def test_a_template_that_nothing_launches_has_subnets_elsewhere() -> None:
    needs = "<what launches machines from aws_launch_template.t>"
    assert facts(TEMPLATE % "", T, "subnets") == needs


@pytest.mark.parametrize(
    "name",
    [
        "aws_launch_configuration.c[0].name",
        '"${aws_launch_configuration.c[0].name}"',
        'join("", aws_launch_configuration.c[*].name)',
        '"${join("", aws_launch_configuration.c.*.name)}"',
    ],
)
def test_launch_configurations_are_launched_by_name(name: str) -> None:
    text = """
    resource "aws_launch_configuration" "c" {
      count                = 1
      name_prefix          = "bot-"
      iam_instance_profile = "bare"
      security_groups      = [aws_security_group.g.id]
    }
    resource "aws_autoscaling_group" "a" {
      launch_configuration = NAME
      vpc_zone_identifier  = [aws_subnet.s.id]
    }
    """.replace("NAME", name)
    expected = (None, ("&aws_security_group.g.id",), ("&aws_subnet.s.id",))
    address = "aws_launch_configuration.c[0]"
    assert facts(text, address, "iam_role", "groups", "subnets") == expected
    assert workload(text, address).name.fragments == ("bot-",)


# -- scripts -----------------------------------------------------------------------------------

FETCH = "aws secretsmanager get-secret-value --secret-id"
K, P, V = (
    "&aws_secretsmanager_secret.k.name",
    "&aws_ssm_parameter.p.name",
    "&aws_secretsmanager_secret.v.arn",
)


@pytest.mark.parametrize(
    ("script", "secrets"),
    [
        ("echo hello", ()),
        (f"{FETCH} prod/binance --query x", (K,)),
        (f"{FETCH}=prod/binance", (K,)),
        (f"{FETCH} \\\\\\n 'elsewhere/key'", ("elsewhere/key",)),
        (f"{FETCH} $${{NAME}}", ("<the secret ${NAME} that a script fetches>",)),
        (f"NAME=elsewhere/key\\n{FETCH} $NAME", ("elsewhere/key",)),
        ("aws ssm get-parameter --with-decryption --name /bot/okx", (P,)),
        ("aws ssm put-parameter --name /bot/okx", ()),
        ("get_secret_value(SecretId='prod/binance')", (K,)),
        (f"{FETCH} ${{aws_secretsmanager_secret.v.arn}}", (V,)),
        ("S=${aws_secretsmanager_secret.v.arn}", (V,)),
        (f"{FETCH} ${{aws_secretsmanager_secret.v.name}}", ("<a value for var.u>",)),
        (f"{FETCH} ${{var.u}}", ("<a value for var.u>",)),
        (f"{FETCH} ${{var.u}}/binance", ("<a value for var.u>",)),
        ("echo ${aws_security_group.g.id}", ()),
        ("echo ${var.u}", "<a value for var.u>"),
    ],
)
def test_scripts_tell_what_they_fetch(script: str, secrets: Any) -> None:
    assert facts(INSTANCE % f'user_data = "{script}"', I, "secrets") == secrets
    encoded = TEMPLATE % f'user_data = base64encode("{script}")'
    assert facts(encoded, T, "secrets") == secrets


@pytest.mark.parametrize(
    ("expression", "secrets"),
    [
        ("local.encoded", (V,)),
        ("true ? local.encoded : null", (V,)),
        ("false ? local.encoded : null", ()),
        ("var.u ? local.encoded : null", "<"),
        ("local.missing", "<"),
    ],
)
def test_scripts_that_are_encoded_elsewhere(expression: str, secrets: Any) -> None:
    text = (
        TEMPLATE % f"user_data = {expression}"
        + 'locals {\nencoded = base64gzip("S=${aws_secretsmanager_secret.v.arn}")\n}\n'
    )
    found = facts(text, T, "secrets")
    assert found == secrets or (isinstance(found, str) and found.startswith(secrets))


def test_a_script_in_a_file_that_is_encoded() -> None:
    text = TEMPLATE % 'user_data = filebase64("x.sh")'
    assert facts(text, T, "secrets", files={"x.sh": f"{FETCH} prod/binance\n"}) == (K,)


def test_a_name_that_is_known_in_part_keeps_its_words() -> None:
    (name,) = workload(INSTANCE % f'user_data = "{FETCH} ${{var.u}}/binance"', I).secrets
    assert name.fragments == ("/binance",)


def test_scripts_in_templates_and_data_sources() -> None:
    files = {"x.sh": f"{FETCH} ${{arn}}\nexport BINANCE_API_KEY=x\n"}
    text = INSTANCE % 'user_data = templatefile("x.sh", {arn = aws_secretsmanager_secret.v.arn})'
    assert facts(text, I, "secrets", files=files) == (V,)
    text = INSTANCE % "user_data = data.template_file.t.rendered" + (
        'data "template_file" "t" {\ntemplate = file("x.sh")\n'
        "vars = {arn = aws_secretsmanager_secret.v.arn}\n}\n"
    )
    assert facts(text, I, "secrets", files=files) == (V,)
    names = facts(text, I, "environment_names", files=files)
    assert names == ["BINANCE_API_KEY", ..., "<the variables that programs on it have>"]


def test_variables_that_a_script_hands_to_a_container() -> None:
    script = "docker run -e BINANCE_API_KEY=$K --env OKX_PASSPHRASE=$P bot"
    names = facts(INSTANCE % f'user_data = "{script}"', I, "environment_names")
    assert names[:2] == ["BINANCE_API_KEY", "OKX_PASSPHRASE"]


@pytest.mark.parametrize(
    ("script", "variables"),
    [
        ("echo hello", ()),
        ("export API_SECRET=k9Fq2LxV7bTz", ("API_SECRET literal",)),
        ("API_SECRET='k9Fq2LxV7bTz' python bot.py", ("API_SECRET literal",)),
        ("docker run -e API_SECRET=k9Fq2LxV7bTz bot", ("API_SECRET literal",)),
        ("Environment='API_SECRET=k9Fq2LxV7bTz'", ("API_SECRET literal",)),
        ("- [docker, run, -e, 'API_SECRET=k9Fq2LxV7bTz']", ("API_SECRET literal",)),
        ("echo 'export API_SECRET=k9Fq2LxV7bTz' >> /etc/profile", ("API_SECRET literal",)),
        ("echo 'API_SECRET=k9Fq2LxV7bTz' >> .env", ("API_SECRET literal",)),
        ("cd /bot && export API_SECRET=k9Fq2LxV7bTz", ("API_SECRET literal",)),
        ("# export API_SECRET=k9Fq2LxV7bTz", ()),
        # What is empty here may be a variable of Terraform that is empty by default.
        ("API_SECRET=", "<what API_SECRET holds>"),
        ("export API_SECRET=", "<what API_SECRET holds>"),
        ("export API_SECRET=changeme", ()),
        ("export API_SECRET=/run/secrets/bot", ()),
        ("export API_SECRET=${var.u}", ("API_SECRET terraform",)),
        ("export API_SECRET=x${var.u}", ("API_SECRET terraform",)),
        ("export API_SECRET=${aws_secretsmanager_secret.v.arn}", ()),
        (
            f"export API_SECRET=$({FETCH} prod/binance)",
            ("API_SECRET store",),
        ),
        (
            f"API_SECRET=$({FETCH} prod/binance)\\ncat > .env <<E\\nAPI_SECRET=$API_SECRET\\nE",
            ("API_SECRET store",),
        ),
        (
            f"S=$({FETCH} prod/binance)",
            "<whether programs get what its script fetches through their environment>",
        ),
        ("export API_SECRET=$OTHER", "<what API_SECRET holds>"),
        # The token of the metadata service stays in the script.
        ("TOKEN=$(curl -X PUT http://169.254.169.254/latest/api/token)", ()),
        ("set -e\\n${var.u}\\n", "<a value for var.u>"),
        ("${var.u}", "<a value for var.u>"),
    ],
)
def test_credentials_in_the_variables_of_a_script(script: str, variables: Any) -> None:
    found = workload(INSTANCE % f'user_data = "{script}"', I).secret_variables
    if isinstance(found, tuple):
        found = tuple(f"{variable.name} {variable.source}" for variable in found)
    assert (found if isinstance(found, tuple) else field(found)) == variables


def test_credentials_in_a_template_of_a_data_source() -> None:
    text = INSTANCE % "user_data = data.template_file.t.rendered" + (
        'data "template_file" "t" {\ntemplate = file("x.sh")\nvars = {\n'
        "key = var.u\narn = aws_secretsmanager_secret.v.arn\n}\n}\n"
    )
    files = {"x.sh": "export API_SECRET=${key}\nexport OTHER_SECRET=${arn}\n"}
    (variable,) = workload(text, I, files).secret_variables
    assert (variable.name, variable.source) == ("API_SECRET", "terraform")


def test_a_machine_without_a_script_has_no_variables_of_ours() -> None:
    assert workload(INSTANCE % "", I).secret_variables == ()
    elsewhere = INSTANCE % 'launch_template {\nid = "lt-1"\n}'
    assert isinstance(workload(elsewhere, I).secret_variables, Unknown)


# -- functions ---------------------------------------------------------------------------------

FUNCTION = 'resource "aws_lambda_function" "f" {\nfunction_name = "trader"\n%s\n}\n'
F = "aws_lambda_function.f"
VARIABLES = FUNCTION % "environment {\nvariables = {\n%s\n}\n}"


def test_a_function_outside_of_a_vpc() -> None:
    names = ("name", "iam_role", "groups", "subnets", "secrets", "environment_names", "public_ip")
    text = FUNCTION % "role = aws_iam_role.r.arn"
    expected = ("trader", "&aws_iam_role.r.arn", (), (), (), (), False)
    assert facts(text, F, *names) == expected


def test_a_role_by_its_name_or_arn() -> None:
    arn = "arn:aws:iam::123456789012:role/elsewhere"
    assert facts(FUNCTION % f'role = "{arn}"', F, "iam_role") == arn


@pytest.mark.parametrize(
    ("end", "role"),
    [
        ("${aws_iam_role.n.name}", "&aws_iam_role.n.name"),
        ("named", "&aws_iam_role.n.name"),
        ("desk/named", "&aws_iam_role.n.name"),
        ("elsewhere", "<the text of data.aws_caller_identity.c.account_id>"),
        ("${var.u}", "<the text of data.aws_caller_identity.c.account_id>"),
    ],
)
def test_a_role_by_an_arn_of_this_account(end: str, role: str) -> None:
    account = "${data.aws_caller_identity.c.account_id}"
    text = FUNCTION % f'role = "arn:aws:iam::{account}:role/{end}"'
    text += 'data "aws_caller_identity" "c" {}\n'
    assert facts(text, F, "iam_role") == role


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ('"elsewhere"', "elsewhere"),
        ('"named"', "&aws_iam_role.n.name"),
        ("var.u", "&data.aws_iam_role.d.arn"),
    ],
)
def test_a_role_that_is_looked_up(name: str, role: str) -> None:
    text = FUNCTION % "role = data.aws_iam_role.d.arn"
    assert facts(text + f'data "aws_iam_role" "d" {{\nname = {name}\n}}', F, "iam_role") == role


def test_a_function_in_a_vpc() -> None:
    block = """
    vpc_config {
      subnet_ids         = [aws_subnet.s.id]
      security_group_ids = [aws_security_group.g.id]
    }
    """
    expected = (("&aws_security_group.g.id",), ("&aws_subnet.s.id",))
    assert facts(FUNCTION % block, F, "groups", "subnets") == expected


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        ('"debug"', ()),
        ('"production"', ()),
        ("3", ()),
        ("null", ()),
        ("aws_secretsmanager_secret.v.arn", (V,)),
        ("aws_secretsmanager_secret.k.name", (K,)),
        ('"prod/binance"', (K,)),
        ("aws_secretsmanager_secret_version.k.arn", ("&aws_secretsmanager_secret.k.id",)),
        ("aws_ssm_parameter.p.name", (P,)),
        ("aws_ssm_parameter.p.value", (P.replace("name", "value"),)),
        ("data.aws_secretsmanager_secret.d.arn", ("shared/bybit",)),
        ("data.aws_secretsmanager_secret.own.arn", (K,)),
        ("data.aws_secretsmanager_secret.any.arn", ("&data.aws_secretsmanager_secret.any.arn",)),
        ("data.aws_secretsmanager_secret_version.d.secret_string", ("legacy/gate",)),
        (
            'jsondecode(data.aws_secretsmanager_secret_version.d.secret_string)["key"]',
            ("legacy/gate",),
        ),
        ('"arn:aws:secretsmanager:eu-west-1:1:secret:prod/binance-AbCdEf"', (K,)),
        (
            '"arn:aws:secretsmanager:eu-west-1:1:secret:other-AbCdEf"',
            ("arn:aws:secretsmanager:eu-west-1:1:secret:other-AbCdEf",),
        ),
        ('"arn:aws:ssm:${var.u}:${var.u}:parameter/bot/okx"', (P,)),
        ('"arn:aws:ssm:${var.u}:${var.u}:parameter/other"', ("/other",)),
        ('"arn:aws:ssm:eu-west-1:1:parameter/${var.u}"', "<a value for var.u>"),
        ("var.u", "<a value for var.u>"),
        ('"https://${var.u}"', "<a value for var.u>"),
        ("aws_security_group.g.id", ()),
        ("aws_security_group.g.owner_id", ()),
        ("aws_security_group.g.owner", ()),
        ("var.u ? aws_secretsmanager_secret.v.arn : null", "<whether var.u>"),
        ('var.u ? "a" : "b"', ()),
        ('"/bot"', "<which of the parameters below /bot it reads>"),
        ('"/"', ()),
    ],
)
def test_the_secrets_in_variables(value: str, secrets: Any) -> None:
    found = facts(VARIABLES % f"X = {value}", F, "secrets", "environment_names")
    assert found == (secrets, () if value == "null" else ("X",))


def test_a_secret_is_told_once_however_often_it_is_named() -> None:
    variables = "A = aws_secretsmanager_secret.v.arn\nB = aws_secretsmanager_secret.v.id"
    assert facts(VARIABLES % variables, F, "secrets") == (V,)


def test_no_value_of_a_variable_is_kept() -> None:
    found = workload(VARIABLES % 'API_SECRET = "hunter2-hunter2"', F)
    steps = [step.label for chain in found.chains.values() for step in chain]
    assert steps
    assert "hunter2" not in repr((steps, found.environment_names, found.secrets))


@pytest.mark.parametrize(
    ("default", "sources"),
    [
        ('""', ["terraform"]),
        ('"change me"', ["terraform"]),
        ("null", ["terraform"]),
        ('"k9Fq2LxV7bTz"', ["literal"]),
        ('"/bot/key"', []),
    ],
)
def test_a_variable_with_a_default_that_is_no_secret_is_given_one_later(
    default: str, sources: list[str]
) -> None:
    text = VARIABLES % "API_SECRET = var.k" + f'variable "k" {{\ndefault = {default}\n}}\n'
    found = workload(text, F)
    assert [variable.source for variable in found.secret_variables] == sources
    assert found.environment_names == ("API_SECRET",)


def test_what_is_empty_in_a_document_may_be_filled_by_a_variable() -> None:
    document = '[{"environment": [{"name": "API_SECRET", "value": "%s"}]}]'
    text = 'resource "aws_ecs_task_definition" "t" {\ncontainer_definitions = <<E\n%s\nE\n}\n'
    task = "aws_ecs_task_definition.t"
    empty = workload(text % (document % ""), task)
    assert empty.secret_variables == ()
    default = 'variable "k" {\ndefault = ""\n}\n'
    filled = workload(default + text % (document % "${var.k}"), task)
    assert filled.secret_variables.needs == "what API_SECRET holds"


def test_a_variable_that_is_written_empty_holds_no_secret() -> None:
    assert workload(VARIABLES % 'API_SECRET = ""', F).secret_variables == ()


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ("var.u", "<a value for var.u>"),
        ('merge({A = "1"}, var.u)', "<a value for var.u>"),
        (
            'var.u ? {A = "1", B = "2"} : {A = "3"}',
            ["A", ..., "<whether var.u>"],
        ),
        ('{for k in ["A", "B"] : k => "1"}', ("A", "B")),
    ],
)
def test_names_of_variables_that_are_not_written_out(variables: str, names: Any) -> None:
    text = FUNCTION % f"environment {{\nvariables = {variables}\n}}"
    assert facts(text, F, "environment_names") == names


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("", ("/aws/lambda/trader",)),
        ('logging_config {\nlog_group = "/own"\n}', ("/own",)),
        ("logging_config {}", ("/aws/lambda/trader",)),
        (
            "logging_config {\nlog_group = aws_cloudwatch_log_group.l.name\n}",
            ("&aws_cloudwatch_log_group.l.name",),
        ),
    ],
)
def test_the_log_group_of_a_function(text: str, groups: Any) -> None:
    assert facts(FUNCTION % text, F, "log_groups") == groups


@pytest.mark.parametrize(
    ("function", "group"),
    [
        ('"trader"', '"/aws/lambda/trader"'),
        ('"trader-${var.u}"', '"/aws/lambda/${aws_lambda_function.f.function_name}"'),
        ("random_pet.p.id", '"/aws/lambda/${random_pet.p.id}"'),
    ],
)
def test_a_log_group_is_known_by_the_name_of_the_function(function: str, group: str) -> None:
    text = f"""
    resource "random_pet" "p" {{}}
    resource "aws_lambda_function" "f" {{ function_name = {function} }}
    resource "aws_cloudwatch_log_group" "own" {{ name = {group} }}
    """
    assert facts(text, F, "log_groups") == ("&aws_cloudwatch_log_group.own.name",)


# -- tasks -------------------------------------------------------------------------------------

TASK = 'resource "aws_ecs_task_definition" "t" {\nfamily = "bot"\n%s\n}\n'
E = "aws_ecs_task_definition.t"
SERVICE = """
resource "aws_ecs_service" "%s" {
  task_definition = %s
  network_configuration {
    subnets          = ["%s"]
    security_groups  = [aws_security_group.g.id]
    assign_public_ip = %s
  }
}
"""
ARN = "aws_ecs_task_definition.t.arn"


def test_the_roles_of_a_task() -> None:
    text = TASK % "task_role_arn = aws_iam_role.r.arn\nexecution_role_arn = aws_iam_role.n.arn"
    expected = ("bot", "&aws_iam_role.r.arn", "&aws_iam_role.n.arn")
    assert facts(text, E, "name", "iam_role", "execution_role") == expected


@pytest.mark.parametrize(
    "task", [ARN, '"bot"', '"bot:3"', '"${aws_ecs_task_definition.t.family}:${var.u}"']
)
def test_a_service_gives_a_task_its_network(task: str) -> None:
    text = TASK % "" + SERVICE % ("s", task, "subnet-1", "true")
    expected = (("&aws_security_group.g.id",), ("subnet-1",), True)
    assert facts(text, E, "groups", "subnets", "public_ip") == expected


def test_several_services_and_a_schedule() -> None:
    text = (
        TASK % ""
        + SERVICE % ("a", ARN, "subnet-1", "false")
        + SERVICE % ("b", ARN, "subnet-2", "true")
        + """
        resource "aws_cloudwatch_event_target" "c" {
          ecs_target {
            task_definition_arn = aws_ecs_task_definition.t.arn
            network_configuration { subnets = ["subnet-3"] }
          }
        }
        """
    )
    groups = ("&aws_security_group.g.id", "<the default security group of the VPC>")
    expected = (groups, ("subnet-1", "subnet-2", "subnet-3"), True)
    assert facts(text, E, "groups", "subnets", "public_ip") == expected


def test_a_scheduler_runs_a_task() -> None:
    text = (
        TASK % ""
        + """
        resource "aws_scheduler_schedule" "s" {
          target {
            ecs_parameters {
              task_definition_arn = aws_ecs_task_definition.t.arn
              network_configuration {
                subnets         = ["subnet-1"]
                security_groups = ["sg-1"]
              }
            }
          }
        }
        """
    )
    expected = (("sg-1",), ("subnet-1",), False)
    assert facts(text, E, "groups", "subnets", "public_ip") == expected


def test_a_task_without_a_service_and_one_that_any_may_run() -> None:
    needs = "<what runs aws_ecs_task_definition.t>"
    assert facts(TASK % "", E, "groups", "subnets", "public_ip") == (needs, needs, needs)
    stray = TASK % "" + SERVICE % ("s", "var.u", "subnet-1", "false")
    assert facts(stray, E, "groups") == "<a value for var.u>"


def test_a_service_on_instances_has_their_network() -> None:
    text = TASK % "" + f'resource "aws_ecs_service" "s" {{\ntask_definition = {ARN}\n}}\n'
    assert facts(text, E, "groups") == "<where aws_ecs_task_definition.t runs>"


CONTAINER = """{
  "name": "bot",
  "environment": [{"name": "MODE", "value": "live"}],
  "secrets": [
    {
      "name": "BINANCE_API_KEY",
      "valueFrom": "arn:aws:secretsmanager:eu-west-1:1:secret:prod/binance-AbCdEf:key::"
    },
    {"name": "OKX", "valueFrom": "/bot/okx"},
    {"name": "K", "valueFrom": "%s"}
  ],
  "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/bot"}}
}"""
NAMES = "environment_names"
HEREDOC = "container_definitions = <<EOT\n[%s]\nEOT"


@pytest.mark.parametrize(
    "definition",
    [
        HEREDOC % (CONTAINER % "${aws_secretsmanager_secret.v.arn}"),
        "container_definitions = jsonencode([%s])"
        % (CONTAINER % "${aws_secretsmanager_secret.v.arn}"),
        'container_definitions = templatefile("c.json", {arn = aws_secretsmanager_secret.v.arn})',
    ],
    ids=["heredoc", "jsonencode", "templatefile"],
)
def test_containers_in_every_spelling(definition: str) -> None:
    files = {"c.json": "[%s]" % (CONTAINER % "${arn}")}
    names = ("secrets", "environment_names", "log_groups")
    expected = ((K, P, V), ("MODE", "BINANCE_API_KEY", "OKX", "K"), ("/bot",))
    assert facts(TASK % definition, E, *names, files=files) == expected


@pytest.mark.parametrize(
    ("container", "field_name", "expected"),
    [
        ("{secrets = var.u}", "secrets", "<a value for var.u>"),
        ("{environment = var.u}", NAMES, "<a value for var.u>"),
        ('{secrets = [{name = "A", valueFrom = var.u}]}', "secrets", ("<a value for var.u>",)),
        ('{environment = [{name = "A", value = "prod/binance"}]}', "secrets", (K,)),
        ('{environment = [{name = var.u, value = "1"}]}', NAMES, "<a value for var.u>"),
        (
            '{environmentFiles = [{value = "s3"}]}', NAMES,
            "<the variables in the files of a container>",
        ),
        (f'{{command = ["sh", "-c", "{FETCH} prod/binance"]}}', "secrets", (K,)),
        ('{logConfiguration = {logDriver = "splunk"}}', "log_groups", ()),
        ("{logConfiguration = {logDriver = var.u}}", "log_groups", "<where a container logs>"),
        ("{logConfiguration = var.u}", "log_groups", "<a value for var.u>"),
        ('{name = "bot"}', "secrets", ()),
        ("var.u", "secrets", "<a value for var.u>"),
    ],
)  # fmt: skip
def test_parts_of_a_container(container: str, field_name: str, expected: Any) -> None:
    text = TASK % f"container_definitions = jsonencode([{container}])"
    assert facts(text, E, field_name) == expected


@pytest.mark.parametrize("text", ["var.u", '"no JSON"', '"{}"', 'file("missing.json")'])
def test_containers_that_cannot_be_read_are_not_known(text: str) -> None:
    names = ("secrets", "environment_names", "log_groups")
    for found in facts(TASK % f"container_definitions = {text}", E, *names):
        assert isinstance(found, str) and found.startswith("<")


# -- the books ---------------------------------------------------------------------------------


def test_what_is_joined_is_told_in_the_books() -> None:
    text = (
        WORLD
        + INSTANCE % "iam_instance_profile = aws_iam_instance_profile.p.name"
        + TEMPLATE % ""
        + SCALING % ("a", "subnet-1", "prod", "true")
        + TASK % ""
        + SERVICE % ("s", ARN, "subnet-1", "false")
        + SERVICE % ("other", '"elsewhere"', "subnet-1", "false")
        + FUNCTION % "count = 0"
    )
    (tally,) = (i for i in collected(text) if isinstance(i, Tally) and i.kind == "Workload")
    assert (tally.found, tally.normalised) == (10, 3)
    assert tally.dropped == {
        "joined to its machine": 1,
        "no machine here uses it": 2,
        "joined to what it launches": 1,
        "joined to its task": 1,
        "its task is not here": 1,
        "it stands for no instance": 1,
    }


# -- credentials -------------------------------------------------------------------------------

KEY = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP" + "1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
"""64 letters and digits, as Binance writes its keys; this one is of nobody."""


def credentials(text: str, address: str, files: dict[str, str] | None = None) -> Any:
    found = workload(text, address, files).secret_variables
    if isinstance(found, tuple):
        return {variable.name: variable.source for variable in found}
    return "open"


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (f'"{KEY}"', "literal"),
        (f'"${{"{KEY[:30]}"}}{KEY[30:]}"', "literal"),
        (f'jsonencode({{api_secret = "{KEY}"}})', "literal"),
        ('jsonencode({db = {password = "hunter2hunter2"}})', "literal"),
        ("jsonencode({db = {password = var.u}})", "terraform"),
        ('jsonencode({password_file = "/run/secrets/db"})', None),
        ('"postgres://bot:hunter2hunter2@db/prices"', "literal"),
        ('"postgres://bot:hunter2hunter2@${var.u}/prices"', "literal"),
        ('"postgres://bot:${var.u}@db/prices"', "terraform"),
        ('"postgres://bot@db:5432/prices"', None),
        ('"http://proxy:3128"', None),
        ('"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq"', "literal"),
        ("data.aws_secretsmanager_secret_version.d.secret_string", "terraform"),
        ('jsondecode(data.aws_secretsmanager_secret_version.d.secret_string)["k"]', "terraform"),
        ("aws_secretsmanager_secret.k.arn", None),
        ("aws_secretsmanager_secret.k.name", None),
        ("aws_secretsmanager_secret_version.k.arn", None),
        ("random_password.p.result", "terraform"),
        ("var.hidden", "terraform"),
        ('"debug"', None),
        ('"' + "0a1b" * 16 + '"', None),
        (f'var.u ? "{KEY}" : ""', "open"),
        ('var.u ? "a" : "b"', None),
    ],
)
def test_credentials_by_the_form_or_source_of_the_value(value: str, source: str | None) -> None:
    more = 'resource "random_password" "p" {}\nvariable "hidden" { sensitive = true }\n'
    expected = source if source == "open" else {"SETTING": source} if source else {}
    assert credentials(more + VARIABLES % f"SETTING = {value}", F) == expected


@pytest.mark.parametrize(
    ("name", "value", "source"),
    [
        ("API_KEY", "/bot/api-key", None),
        ("API_KEY", "/" + "aB3+" * 11, "literal"),
        ("SSH_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA bot", None),
        ("SEED_PHRASE", "abandon ability able about", "literal"),
    ],
)
def test_credentials_by_their_names(name: str, value: str, source: str | None) -> None:
    expected = {name: source} if source else {}
    assert credentials(VARIABLES % f'{name} = "{value}"', F) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("export API_SECRET=hunter2hunter2", {"API_SECRET": "literal"}),
        ("docker run -e API_SECRET=hunter2hunter2 bot", {"API_SECRET": "literal"}),
        ("API_SECRET='hunter2hunter2'", {"API_SECRET": "literal"}),
        ("API_SECRET=$(aws secretsmanager get-secret-value --secret-id x)", "open"),
        ('API_SECRET="$1"', {}),
        ("API_SECRET=changeme", {}),
        ("API_KEY=/etc/bot/key.pem", {}),
        ("LEVEL=debug", {}),
        (f"SETTING={KEY}", {"SETTING": "literal"}),
        ("API_SECRET=${var.u}", {"API_SECRET": "terraform"}),
        ("echo ${var.u}", {}),
        ("${var.u}", "open"),
    ],
)
def test_credentials_that_a_script_sets(script: str, expected: Any) -> None:
    text = f"#!/bin/sh\n{script.replace(chr(34), chr(92) + chr(34))}".replace("\n", "\\n")
    assert credentials(INSTANCE % f'user_data = "{text}"', I) == expected
    assert credentials(TEMPLATE % f'user_data = base64encode("{text}")', T) == expected


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ('secrets = [{name = "X", valueFrom = aws_secretsmanager_secret.k.arn}]', {"X": "store"}),
        ('secrets = [{name = "X", valueFrom = "/bot/level"}]', {}),
        ('command = ["sh", "-c", "API_SECRET=hunter2hunter2 bot"]', {"API_SECRET": "literal"}),
        (f'command = ["bot", "--sign-with", "{KEY}"]', {"command": "literal"}),
        ('command = ["bot", "--level", "debug"]', {}),
        ('Environment = [{Name = "API_SECRET", Value = "hunter2x"}]', {"API_SECRET": "literal"}),
    ],
)
def test_credentials_of_containers(container: str, expected: Any) -> None:
    text = (
        'resource "aws_ecs_task_definition" "t" {\nfamily = "t"\n'
        f'container_definitions = jsonencode([{{name = "bot", {container}}}])\n}}\n'
    )
    assert credentials(text, "aws_ecs_task_definition.t") == expected
