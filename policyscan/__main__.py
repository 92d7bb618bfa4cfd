"""`python -P -m policyscan`.

Without `-P`, Python looks for modules in the working directory first: a `policyscan` that lies
there is run in the place of this one, and nothing in here could tell. So that no pipeline comes to
rely on that, it is refused wherever it can be.
"""

import sys

if not sys.flags.safe_path:
    print(
        "policyscan: `python -m` takes modules from the working directory, which may be the tree "
        "to judge\n  Run `policyscan`, or `python -P -m policyscan`.",
        file=sys.stderr,
    )
    sys.exit(2)

from policyscan.cli import run

if __name__ == "__main__":
    run()
