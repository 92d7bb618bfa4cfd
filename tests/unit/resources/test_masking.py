"""Masking: what must go goes, what must stay readable stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyscan.resources.masking import (
    HIDDEN,
    mask,
    mask_value,
    secret_name,
    token_format,
)

CANARY = "hunter2Zebra9"
RANDOM_20 = "Q7w2E9r4T1y6U3i8O5p0"
RANDOM_36 = "Q7w2E9r4T1y6U3i8O5p0A1s2D3f4G5h6J7k8"
RANDOM_64 = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


def words(text: str) -> list[str]:
    return text.split()


TOKENS = {
    "an AWS access key id": "AKIA" + "Q7W2E9R4T1Y6U3I8",
    "a GitHub token": "ghp_" + RANDOM_36,
    "a GitLab token": "glpat-" + RANDOM_20,
    "a Slack token": "xoxb-123456789012-" + RANDOM_20,
    "a Slack webhook": "hooks.slack.com/services/T00000000/B00000000/" + RANDOM_20,
    "a Stripe key": "sk_live_" + RANDOM_20,
    "a Google API key": "AIza" + RANDOM_36[:35],
    "an npm token": "npm_" + RANDOM_36,
    "a PyPI token": "pypi-AgEIcHlwaS5vcmc" + RANDOM_36,
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib3QifQ.Zm9vYmFyYmF6",
    "a SendGrid key": f"SG.{RANDOM_20}.{RANDOM_36}",
    "a Twilio key": "SK0123456789abcdef0123456789abcdef",
    "an OpenAI or Anthropic key": "sk-proj-" + RANDOM_36,
    "a Hugging Face token": "hf_" + RANDOM_36,
    "a Vault token": "hvs." + RANDOM_36,
    "a Docker Hub token": "dckr_pat_" + RANDOM_20,
    "a Telegram bot token": "123456789:" + RANDOM_36[:35],
    "a private key": "-----BEGIN RSA PRIVATE KEY-----",
}

ASSIGNMENTS = [
    'password = "{}"',
    "PASSWORD={}",
    "export DB_PASSWORD={}",
    '  "password": "{}",',
    "{{'password': '{}'}}",
    '{{"user":"bot","password":"{}","host":"db"}}',
    "ENV PASSWORD {}",
    "ENV A=1 API_TOKEN={} B=2",
    "ARG NPM_TOKEN={}",
    'LABEL api_key="{}"',
    'master_password = "{}"',
    "secret_key: {}",
    "secret_key: '{}'",
    "- API_SECRET={}",
    "- name: DB_PASSWORD\n  value: {}",
    '{{"name": "DB_PASSWORD", "value": "{}"}}',
    'variable "db_password" {{\n  type    = string\n  default = "{}"\n}}',
    "DbPassword:\n  Type: String\n  Default: {}",
    "password = <<EOF\n{}\nEOF\n",
    "password: |\n  first {}\n\n  {}\nother: 1",
    "connect(user='bot', password='{}')",
    "url?user=bot&password={}&x=1",
    "Server=db;Password={};Database=x",
    "https://bot:{}@example.com/path",
    "postgres://bot:p@{}/x@db/name",
    "redis://:{}@cache:6379/0",
    "Authorization: Bearer {}",
    "curl -H 'X-MBX-APIKEY: {}' https://api.binance.com",
    "curl -u bot:{} https://example.com",
    "mysql --password={} -u bot",
    "mysql --password {} -u bot",
    '["mysql", "--password", "{}"]',
    'const apiKey: string = "{}";',
    'var password string = "{}"',
    'token := "{}"',
    'os.environ["PASSWORD"] = "{}"',
    'os.setenv("TOKEN", "{}")',
    "<password>{}</password>",
    '"{{\\"password\\": \\"{}\\"}}"',
    'password = "abc" + "{}"',
    "PASSWORD='abc'{}",
    "password = 'it''s{}'",
    'password = "{}',
    'password = """{}"""',
    'password = coalesce(var.password, "{}")',
    'api_keys = ["x", "{}"]',
    "PASSWORD=${{PASSWORD:-{}}}",
    'password = "${{var.prefix}}{}"',
    "password: correct horse {}",
    "PASSWORD=a,{}",
    "PASSWORD=a;{}&b",
    "# password = {}",
    "password.tf:{}",
    "ssm:db_password={}",
    '"ssm:DbPassword": "{}"',
]

READABLE = [
    "password = var.db_password",
    "secret_id = aws_secretsmanager_secret.k.id",
    'kms_key_id = "arn:aws:kms:eu-west-1:111122223333:key/abc"',
    'secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:binance"',
    'key_name = "deploy"',
    "token_ttl = 3600",
    'public_key = "ssh-ed25519 AAAA bot"',
    "password = random_password.db.result",
    'password = "${var.db_password}"',
    "PASSWORD=$DB_PASSWORD",
    "PASSWORD=${DB_PASSWORD}",
    "password: ${{ secrets.DB_PASSWORD }}",
    'password = os.environ["DB_PASSWORD"]',
    'password = ""',
    '"token": null,',
    "enable_token: true",
    "DbPassword: !Ref Parameter",
    "image: alpine@sha256:" + "0123456789abcdef" * 4,
    "key = value",
    'cidr_blocks = ["0.0.0.0/0"]',
    "https://example.com:8080/path?email=a@example.com",
    "secrets {",
    "credentials:",
    "if token == other:",
    "PASSWORD_FILE=/run/secrets/db",
    "password = module.db.password",
    "a value for var.zone (infra/prod/secrets.tf:45)",
    "tools/rotate_keys.py:12:5: what it does",
    '["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]',
    'actions = ["ssm:GetParameter", "iam:CreateAccessKey", "s3:GetObject"]',
]


@pytest.mark.parametrize("form", ASSIGNMENTS)
def test_values_that_a_name_announces_are_hidden(form: str) -> None:
    text = form.replace("{{", "\0").replace("}}", "\1").replace("{}", CANARY)
    masked = mask(text.replace("\0", "{").replace("\1", "}"))
    assert CANARY[4:] not in masked
    assert HIDDEN in masked


@pytest.mark.parametrize("text", READABLE)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert mask(text) == text


@pytest.mark.parametrize(("what", "token"), TOKENS.items())
def test_every_token_format_is_named_and_hidden_wherever_it_stands(what: str, token: str) -> None:
    assert token_format(token) == f"the value is {what}"
    if what != "a private key":
        for text in (token, f"see {token}.", f"RUN curl https://x/{token}", f"x={token}&y"):
            assert token[5:] not in mask(text)


def test_a_fifth_of_a_value_shows_and_at_most_four_characters() -> None:
    assert mask_value("abc") == HIDDEN
    assert mask_value("abcdefghij") == "ab" + HIDDEN
    assert mask_value("ghp_" + RANDOM_36) == "ghp_" + HIDDEN


def test_the_neighbours_of_a_secret_stay() -> None:
    assert mask('password = "hunter2Zebra9" # old') == f'password = "hu{HIDDEN}" # old'
    assert mask("url?password=hunter2Zebra9&x=1") == f"url?password=hu{HIDDEN}&x=1"
    assert mask("https://bot:hunter2Zebra9@db/x") == f"https://bot:hu{HIDDEN}@db/x"


def test_a_private_key_goes_with_all_its_lines() -> None:
    body = "MIIEowIBAAKCAQEA" + RANDOM_36
    text = f"a\n-----BEGIN RSA PRIVATE KEY-----\n{body}\n{body}\n-----END RSA PRIVATE KEY-----\nb"
    masked = mask(text)
    assert body[4:] not in masked
    assert masked.count("\n") == text.count("\n")
    assert masked.startswith("a\n") and masked.endswith("\nb")


def test_a_key_of_64_letters_and_digits_goes_without_a_name() -> None:
    assert mask(f'Client("{RANDOM_64}")') == f'Client("vmPU{HIDDEN}")'


@pytest.mark.parametrize(
    "name",
    words(
        "password db_password DB_PASS PGPASSWORD apiKey APIKey X-MBX-APIKEY api_key_1 BINANCE_KEY"
        " secret_string private_key aws_secret_access_key TOKEN1 clientSecret _authToken pwd"
    ),
)
def test_names_of_secrets(name: str) -> None:
    assert secret_name(name).startswith("the name says ")


@pytest.mark.parametrize(
    "name",
    words(
        "public_key ssh_public_key key_name key access_key_id kms_key_id kms_key_arn key_path"
        " gpg_key keyboard monkey cache_key primary_key token_ttl token_expiry token_url"
        " secret_name secret_arn secret_id password_policy minimum_password_length max_tokens"
        " tokenizer compass"
    ),
)
def test_names_that_only_resemble_secrets(name: str) -> None:
    assert secret_name(name) == ""


def test_the_reason_names_the_word() -> None:
    assert secret_name("NPM_TOKEN") == "the name says token"
    assert secret_name("db-password") == "the name says password"


PIECES = st.sampled_from(
    ["password", "token", "=", " = ", ": ", ":", '"', "'", "\\", "\n", " ", "  ", "x1y2z3w4", "$",
     "{", "}", "var.a", "<<EOF\n", "EOF", "|", "ENV ", "://", "@", ",", ";", "&", "value",
     "default", "ghp_" + RANDOM_36, "Bearer ", "-----BEGIN PRIVATE KEY-----", "[",
     "]", "(", ")", "*", HIDDEN]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=60))
@settings(max_examples=600, deadline=None)
def test_masking_keeps_lines_and_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert once.count("\n") == text.count("\n")
    assert mask(once) == once


@pytest.mark.parametrize(
    "pump",
    ["password=", "password='", 'password="\\', "token:", "://a:", "ghp_", "eyJ", "eyJ-", "<<A\n",
     "password = <<A\n", "password: |\n ", "-----BEGIN PRIVATE KEY-----", "Bearer ", " ", "\n", "a",
     "SG.", "key.", "key-", "password = f(", 'token="a" + ', "name: token\n", "secret {", "-u a:",
     "password\t", "token,", "passwordA="]
)  # fmt: skip
def test_time_is_linear(pump: str) -> None:
    text = pump * (100_000 // len(pump))
    started = time.process_time()
    mask(text)
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize(
    "text",
    [
        '<Property name="token">{}</Property>',
        '<property name="password" value="{}"/>',
        '<Property value="{}" name="token"/>',
        '<entry key="db.password">{}</entry>',
        "<Property name='apiKey'>\n  {}\n</Property>",
        '<add key="ApiSecret" value="{}" />',
        '<Property name="token"><![CDATA[{}]]></Property>',
        "proxy_set_header X-MBX-APIKEY {};",
        'proxy_set_header Authorization "Token {}";',
        "set $api_key {};",
        "fastcgi_param API_SECRET {};",
        "sshpass -p {} ssh desk",
        "mysql -u bot -p{} prices",
        "http --auth bot:{} example.com",
    ],
)
def test_secrets_in_markup_directives_and_commands(text: str) -> None:
    masked = mask(text.format("hunter2hunter2"))
    assert "nter2" not in masked
    assert HIDDEN in masked
    assert mask(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        '<Property name="token">${env:TOKEN}</Property>',
        '<Property name="level">debug</Property>',
        '<input name="password">',
        '<Property name="token"/>',
        '<property name="token" value="${TOKEN}"/>',
        "proxy_set_header X-MBX-APIKEY $http_x_mbx_apikey;",
        "set $upstream bots;",
        "mysql -u bot -p prices",
    ],
)
def test_what_is_no_secret_in_them_stays(text: str) -> None:
    assert mask(text) == text
