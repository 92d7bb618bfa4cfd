"""Counts the jobs of a file without its reader, so that the two can be compared."""

from __future__ import annotations


def count_jobs(data: bytes) -> int:
    """The number of lines of a crontab that are neither empty nor a comment nor a setting."""
    jobs = 0
    for line in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"):
        text = line.strip(b" \t")
        name = text.partition(b"=")[0].strip(b" \t")
        is_setting = b"=" in text and name.strip(b"\"'").replace(b"_", b"a").isalnum()
        jobs += bool(text) and not text.startswith(b"#") and not is_setting
    return jobs
