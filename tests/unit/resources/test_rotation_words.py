"""Which names and commands rotate keys, and which keys those are."""

from __future__ import annotations

import pytest

from policyscan.resources.rotation.words import purpose_of, rotates_keys
from policyscan.values import Unknown

KEYS = [
    "/usr/local/bin/rotate-binance-keys.sh",
    "rotate_api_key.py",
    "RotateApiKeys",
    "rotateSecrets",
    "/opt/keys/rotation/run.sh",
    "python -m desk.key_rotation",
    "aws secretsmanager rotate-secret --secret-id maker",
    "/opt/logrotate/rotate-keys.sh",
    "regenerate-api-keys.sh",
    "/opt/rotate.sh --what keys",
    "/opt/bin/rekey",
    "rotate-logs-and-keys.sh",
    "/usr/sbin/logrotate -f /etc/lr.conf && /opt/rotate-keys.sh",
]
OTHERS = [
    "/usr/sbin/logrotate /etc/logrotate.conf",
    "/usr/sbin/logrotate /etc/logrotate.d/keys",
    "rotatelogs /var/log/access.log 86400",
    "log-rotate.sh",
    "rotate-logs.sh",
    "/srv/keys/rotate-logs.sh",
    "rotate_proxies.py",
    "rotate-backups /backup",
    "rotate-wallpaper",
    "/usr/bin/certbot renew",
    "renew-listen-key.py",
    "python trade.py --api-key x",
    "",
]
PERHAPS = ["rotate.sh", "/opt/bin/rotate-all", "rotation", "rotate.py --env prod"]


@pytest.mark.parametrize("text", KEYS)
def test_a_job_that_rotates_keys(text: str) -> None:
    assert rotates_keys(text) is True


@pytest.mark.parametrize("text", OTHERS)
def test_a_job_that_does_not(text: str) -> None:
    assert rotates_keys(text) is False


@pytest.mark.parametrize("text", PERHAPS)
def test_a_job_that_does_not_say_what_it_rotates(text: str) -> None:
    assert rotates_keys(text) is None


@pytest.mark.parametrize(
    ("text", "purpose"),
    [
        ("rotate-binance-keys.sh", "exchange_api_key"),
        ("/opt/okx/rotate-keys", "exchange_api_key"),
        ("rotate-ssh-keys", "other"),
        ("rotate_db_password.py", "other"),
        ("rotate-jwt-secret", "other"),
    ],
)
def test_what_the_keys_are_for(text: str, purpose: str) -> None:
    assert purpose_of([text], "the job") == purpose


@pytest.mark.parametrize(
    "text", ["rotate-keys.sh", "sudo -u ssh /opt/rotate-keys", "cd /srv/redis && ./rotate-keys.sh"]
)
def test_what_they_are_for_may_be_a_question(text: str) -> None:
    purpose = purpose_of([text], "the job")
    assert isinstance(purpose, Unknown)
    assert purpose.question == "purpose"


def test_long_and_odd_text_is_looked_at_in_no_time() -> None:
    for text in (
        "rotate" * 100_000,
        "a/" * 200_000,
        "log" * 100_000,
        "-" * 300_000,
        "Aa" * 200_000,
    ):
        rotates_keys(text)
        purpose_of([text], "the job")
