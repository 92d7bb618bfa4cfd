"""Where comments are waivers, by the language of the document, and which line each is about."""

from __future__ import annotations

import time

import pytest

from policyscan.gate.waivers.comments import Comment, comments_of
from policyscan.text.source import Source

W = "policyscan: waive PS-NET-004 until 2027-01-31 because it  moves"


def found(path: str, text: str) -> list[tuple[int, int]]:
    """Where the waivers of a text are, and which lines they are about; `W` stands for one."""
    comments = read(path, text.replace("W!", W))
    assert all(one.reason == "it moves" for one in comments if not one.problem)
    return [(one.line, one.target) for one in comments]


def read(path: str, text: str | bytes) -> tuple[Comment, ...]:
    return comments_of([Source(path, text.encode() if isinstance(text, str) else text)])


@pytest.mark.parametrize(
    ("path", "text", "places"),
    [
        ("a.tf", '# W!\nresource "a" "b" {\n', [(1, 2)]),
        ("a.tf", "\ufeff# W!\nx\n", [(1, 2)]),
        ("a.tf", "# W!\r\nx\r\n", [(1, 2)]),
        ("a.tf", "// W!\nx\n", [(1, 2)]),
        ("a.tf", "a = 1 # W!\n", [(1, 1)]),
        ("a.tf", "a = 1 /* W! */\n", [(1, 1)]),
        ("a.tf", "/* W! */ a = 1\n", [(1, 1)]),
        ("a.tf", "/*\n * W!\n */\n# z\nd = 1\n", [(2, 5)]),
        ("a.tf", "# W!\n# W!\nx\n", [(1, 3), (2, 3)]),
        ("a.tf", "# W!\n\nx\n", [(1, 0)]),
        ("a.tf", "x\n# W!", [(2, 0)]),
        ("a.tf", 'a = "# W!"\n', []),
        ("a.tf", 'a = "\\"" # W!\n', [(1, 1)]),
        ("a.tf", "a = <<EOF\n# W!\nEOF\n# W!\nx\n", [(4, 5)]),
        ("a.tf", "a = <<-EOF\n  # W!\n  EOF\n", []),
        ("a.tf", "# see: W!\nx\n", []),
        ("a.tf.json", '{"//": "W!"}\n', []),
        ("Dockerfile", "# W!\nFROM a\n", [(1, 2)]),
        ("Dockerfile", "FROM a # W!\n", []),
        ("Dockerfile", "RUN <<E\n# W!\nE\n", []),
        ("api.Dockerfile", "  # W!\nFROM a\n", [(1, 2)]),
        ("A.java", '// W!\nint x; String s = "// W!"; /* W! */\n', [(1, 2), (2, 2)]),
        ("A.java", 'String t = """\n// W!\n""";\n', []),
        ("A.java", "char c = '\"'; // W!\n", [(1, 1)]),
        ("a.js", "let t = `\n// W!\n`\n", []),
        ("a.go", "// W!\nx()\n", [(1, 2)]),
        ("a.py", "x = 1  # W!\n", [(1, 1)]),
        ("a.py", 'x = """\n# W!\n"""\n# W!\ny\n', [(4, 5)]),
        ("a.py", "x = '# W!'\n", []),
        ("a.yml", 'a: # W!\n  b: |\n   # W!\n# W!\nc: "# W!"\n', [(1, 1), (4, 5)]),
        ("a.yaml", "a: it's # W!\n", [(1, 1)]),
        ("a.yaml", "a: x#W!\n", []),
        ("logback.xml", "<!-- W! -->\n<a/>\n", [(1, 2)]),
        ("logback.xml", "<!--\n  W!\n-->\n<a/>\n", [(2, 4)]),
        ("logback.xml", "<a><![CDATA[<!-- W! -->]]></a>\n", []),
        ("nginx.conf", "# W!\nssl on; # W!\n", [(1, 2), (2, 2)]),
        ("crontab", "# W!\n* * * * * a # W!\n", [(1, 2)]),
        ("keys.timer", "; W!\n[Timer]\n", [(1, 2)]),
        ("a.sql", "-- W!\nselect 1\n", [(1, 2)]),
        ("log4j2.properties", "# W!\nlevel = x # W!\n", [(1, 2)]),
        ("logging.ini", "# W!\n[x]\n; W!\nlevel = 1\n", [(1, 2), (3, 4)]),
        ("setup.cfg", "# W!\n[x]\n", [(1, 2)]),
        ("pyproject.toml", 'a = "# W!" # W!\n', [(1, 1)]),
        ("a.kt", "x() // W!\n", [(1, 1)]),
        ("a.rs", "/* W! */ x()\n", [(1, 1)]),
        ("a.ts", "// W!\nx()\n", [(1, 2)]),
        ("package.json", "// W!\n{}\n", []),
        ("README.md", "# W!\nx\n", []),
    ],
)
def test_where_they_are(path: str, text: str, places: list[tuple[int, int]]) -> None:
    assert found(path, text) == places


def test_they_come_in_the_order_of_their_places() -> None:
    sources = [Source(name, f"# {W}\nx\n".encode()) for name in ("b.tf", "a.tf")]
    assert [one.place for one in comments_of(sources)] == ["a.tf:1", "b.tf:1"]


@pytest.mark.parametrize("end", [" */", "*/", " -->", "", "  "])
def test_the_end_of_a_comment_is_no_part_of_the_reason(end: str) -> None:
    [one] = read("a.tf", f"# {W}{end}\nx\n")
    assert one.text == "PS-NET-004 until 2027-01-31 because it moves"


HEAD = f"# {W}\nx\n".encode()
SIZE = 2_000_000


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("a.tf", b"/* "), ("a.tf", b"<<EOF\n"), ("a.tf", b"<<A <<B\n"), ("a.tf", b"<<A      "),
        ("a.tf", b'"\\'), ("a.tf", b"/*x*/\n"), ("a.tf", b"   /* x */"), ("a.tf", HEAD),
        ("a.tf", b"/* policyscan: waive */"), ("a.java", b'"""'), ("a.java", b"`"),
        ("a.py", b"'''\\"), ("a.xml", b"<!-- "), ("a.yml", HEAD), ("Dockerfile", b"<<A      "),
        ("a.tf", b"# policyscan: waive A until 2027-01-01 because "),
    ],
)  # fmt: skip
def test_no_text_takes_long(path: str, unit: bytes) -> None:
    data = HEAD + b"  " * (SIZE // 4) + unit * (SIZE // len(unit))
    start = time.process_time()
    assert len(read(path, data)) <= 501
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "data", [b"\xff\xfe# " + W.encode(), b"\x00" * 50 + HEAD, b"\r" * 9 + HEAD]
)
def test_bytes_that_are_no_text_break_nothing(data: bytes) -> None:
    for path in ("a.tf", "a.py", "a.yml", "a.xml", "x"):
        read(path, data)
