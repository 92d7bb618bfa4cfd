"""`python -m policyscan`."""

import sys

# `python -m` looks for modules in the working directory first, which may be the tree to judge.
if not sys.flags.safe_path:
    sys.path.pop(0)

from policyscan.cli import run

if __name__ == "__main__":
    run()
