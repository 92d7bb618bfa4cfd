"""What tells one secret from another without telling either.

No resource holds the text of a secret. Whether it is another than before is asked of digests with
a key that is made for each run and leaves it in nothing.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache


def seal(text: str) -> str:
    """The same for the same text in one run, and for nothing else."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=_key()).hexdigest()


@cache
def _key() -> bytes:
    return os.urandom(32)
