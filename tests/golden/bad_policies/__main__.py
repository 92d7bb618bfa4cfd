"""Writes `messages.txt` anew."""

from tests.golden.bad_policies import MESSAGES, messages

MESSAGES.write_text(messages(), "utf-8")
