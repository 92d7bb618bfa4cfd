"""What holds for the tests of this folder."""

import pytest

# Imported before them, so that a failed comparison shows what differs.
pytest.register_assert_rewrite("tests.equivalence.live")
