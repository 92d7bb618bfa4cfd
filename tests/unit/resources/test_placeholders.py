"""What is plainly no secret."""

from __future__ import annotations

import pytest

from policyscan.resources.placeholders import is_placeholder, may_be_placeholder

KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{}", "-", "***", "change me", "CHANGE_ME", "changeme", "<your-api-key>"),
        *("REPLACE_ME", "TODO", "placeholder", "dummy-value", "xxxxxxxx", "none", "null"),
        *("set in the console", "replace this after apply"),
    ],
)
def test_placeholders(text: str) -> None:
    assert is_placeholder(text)
    assert may_be_placeholder(text)


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"change me {KEY}",
        "hunter2",
        "correct horse battery staple",
        "12345678",
        "example-password",
        "MyTestPassword1",
        "nothing-none",
        "change-is-good-2024",
        "xxxx1234",
        "пароль",
        "change " * 100,
    ],
)
def test_what_may_be_a_secret(text: str) -> None:
    assert not is_placeholder(text)


@pytest.mark.parametrize(
    ("text", "may"), [("initial", True), ("set in console", True), (KEY, False)]
)
def test_what_is_replaced_later_may_say_anything_but_a_key(text: str, may: bool) -> None:
    assert may_be_placeholder(text) is may


def test_long_texts_take_no_time() -> None:
    for text in ("a" * 10**6, "a " * 10**6, "+/" * 10**6, "change" * 10**6):
        assert not is_placeholder(text)
