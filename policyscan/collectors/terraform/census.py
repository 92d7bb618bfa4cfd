"""Counts the resource blocks of a file without the parser: the other half of the books.

It shares no code with the reader on purpose. Lines are followed with just enough state to know
when text is inside a comment, a string or a heredoc.
"""

from __future__ import annotations

import json
import re
from collections import Counter

from policyscan.text.source import Source

_BLOCK = re.compile(r'\s*resource\s*("?)([A-Za-z_][\w-]*)\1\s*("?)[A-Za-z_][\w-]*\3\s*\{')
_SIGNS = ("resource", "/*", "<<")
"""A line without any of these neither holds a block nor changes the state."""
_HEREDOC = re.compile(r"<<-?\s*([A-Za-z_][\w.-]*)\s*$")


def count_resources(source: Source) -> Counter[str]:
    """The number of `resource` blocks by type."""
    text = source.data.decode("utf-8-sig", "replace")
    if source.path.endswith(".json"):
        return _count_json(text)
    counts: Counter[str] = Counter()
    end_of_heredoc = ""
    in_comment = False
    for line in text.splitlines():
        if end_of_heredoc:
            end_of_heredoc = "" if line.strip() == end_of_heredoc else end_of_heredoc
            continue
        if not in_comment and not any(sign in line for sign in _SIGNS):
            continue
        code, in_comment = _code(line, in_comment)
        match = _BLOCK.match(code)
        if match:
            counts[match[2]] += 1
        opening = _HEREDOC.search(code)
        end_of_heredoc = opening[1] if opening else ""
    return counts


def _code(line: str, in_comment: bool) -> tuple[str, bool]:
    """The line without comments; strings keep their place. Also whether a comment goes on."""
    kept: list[str] = []
    quoted = False
    index = 0
    while index < len(line):
        pair = line[index : index + 2]
        if in_comment:
            in_comment = pair != "*/"
            index += 1 if in_comment else 2
        elif quoted:
            step = 2 if line[index] == "\\" else 1
            quoted = line[index] != '"'
            kept.append(line[index : index + step])
            index += step
        elif line[index] == "#" or pair == "//":
            break
        elif pair == "/*":
            in_comment = True
            index += 2
        else:
            quoted = line[index] == '"'
            kept.append(line[index])
            index += 1
    return "".join(kept), in_comment


def _count_json(text: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return counts  # the reader reports the file; nothing of it is counted on either side
    top = document if isinstance(document, list) else [document]
    for part in top:
        resources = part.get("resource", {}) if isinstance(part, dict) else {}
        for group in resources if isinstance(resources, list) else [resources]:
            for type_, named in group.items() if isinstance(group, dict) else ():
                for item in named if isinstance(named, list) else [named]:
                    counts[type_] += len(item) if isinstance(item, dict) else 0
    return counts
