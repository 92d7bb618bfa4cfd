"""Accounts that a Dockerfile creates with user id 0, where that is plain to see."""

from __future__ import annotations

import re

from policyscan.collectors.dockerfile.scope import Scope
from policyscan.resources.accounts import created_roots, entries_of_root, is_zero
from policyscan.text.dockerfile import Instruction, Word


def root_accounts(instruction: Instruction, scope: Scope) -> set[str]:
    """The names that a RUN, or the text of a here-document, gives to user id 0."""
    texts = [word.text for word in instruction.words] if instruction.exec_form else []
    text = " ".join(texts) if instruction.exec_form else instruction.rest.text
    bodies = [text, *(heredoc.text for heredoc in instruction.heredocs)]

    def expands_to_zero(written: str) -> bool:
        if not re.fullmatch(r"['\"$\w{}]{1,64}", written):
            return False
        return is_zero(scope.expand(Word(written, instruction.span)).template)

    names: set[str] = set()
    for body in bodies:
        if "passwd" in text or instruction.keyword != "RUN":
            names |= entries_of_root(body)
        if instruction.keyword == "RUN":
            names |= created_roots(body, expands_to_zero)
    return names
