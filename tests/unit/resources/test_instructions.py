"""Lines of histories as the classic builder and BuildKit write them, in one form."""

from __future__ import annotations

import pytest

from policyscan.resources.instructions import MAX_LINE, Fit, canonical, fit

HASH = "747be8a655eada8c65751c3cefbad4688bbfd61bc35d2682d6374b4bd05c9679"
NOP = "/bin/sh -c #(nop) "


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # As an engine 20.10 answered for a Dockerfile with each of them, built by its own builder.
        (f"{NOP} LABEL extra=1", "LABEL extra"),
        (f'{NOP} CMD ["/bin/sh" "-c" "echo hi"]', "CMD echo hi"),
        (f'{NOP} ENTRYPOINT ["/bot" "a b"]', "ENTRYPOINT /bot a b"),
        (f"{NOP} USER 1000:1000", "USER 1000:1000"),
        (f"{NOP} ONBUILD RUN x", "ONBUILD"),
        (f'{NOP} HEALTHCHECK &{{["CMD" "/bot"] "0s" "0s" "0s" \'\\x00\'}}', "HEALTHCHECK"),
        (f"{NOP}ADD multi:{HASH} in /x/ ", "ADD ? -> /x/"),
        (f"{NOP}COPY --chown=1:1file:{HASH} in /bot ", "COPY ? -> /bot"),
        (f"{NOP}COPY file:{HASH} in ./bot2 ", "COPY ? -> ./bot2"),
        (f"{NOP}WORKDIR /app", "WORKDIR /app"),
        (f"{NOP} ENV A=b C=d e DESK=hunter2", "ENV A C DESK"),
        (f"{NOP} ARG NPM_TOKEN=abcdef A=2", "ARG NPM_TOKEN A"),
        (f"{NOP}", ""),
        ("/bin/sh -c make all", "RUN make all"),
        ("|1 V=x /bin/bash -o pipefail -c make   all", "RUN make all"),
        # As BuildKit writes them.
        (
            "RUN |2 V=x y TOKEN=hunter2 /bin/sh -c apt-get update && x # buildkit",
            "RUN apt-get update && x",
        ),
        ("COPY --chown=1:1 a b /dst # buildkit", "COPY a b -> /dst"),
        ("COPY a b /dst # buildkit", "COPY a b -> /dst"),
        ('CMD ["python" "bot.py"]', "CMD python bot.py"),
        ("EXPOSE map[80/tcp:{}]", "EXPOSE"),
        ("RUN python -m pip", "RUN python -m pip"),
        ("ENV API_KEY=hunter2", "ENV API_KEY"),
        ("LABEL org.opencontainers.image.title=bot", "LABEL org.opencontainers.image.title"),
        # What cannot be told apart from its build arguments goes.
        ("|1 TOKEN=hunter2 /app/bot", "RUN ?"),
        ("", ""),
    ],
)
def test_every_spelling_has_one_form(line: str, expected: str) -> None:
    assert canonical(line) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize(
    "line",
    [
        "ENV DESK=correct-horse",
        "ARG DESK=correct-horse",
        "LABEL desk=correct-horse",
        "RUN |1 DESK=correct-horse /bin/sh -c make # buildkit",
        "|1 DESK=correct-horse /bin/sh -c make",
        "RUN API_SECRET=correct-horse make",
        'CMD ["bot" "--api-secret=correct-horse"]',
        "HEALTHCHECK CMD curl -u desk:correct-horse http://x",
        "ONBUILD RUN echo correct-horse",
    ],
)
def test_no_value_that_may_be_secret_stays(line: str) -> None:
    assert "correct-horse" not in canonical(line)


def test_a_long_line_is_cut() -> None:
    assert len(canonical("RUN " + "x" * 100_000)) <= MAX_LINE


@pytest.mark.parametrize(
    ("written", "told", "expected"),
    [
        ("RUN make", "RUN make", Fit.TELLING),
        ("RUN make", "RUN make all", Fit.NO),
        ("RUN make", "CMD make", Fit.NO),
        ("COPY a -> /app/", "COPY ? -> /app", Fit.TELLING),
        ("COPY a -> /app", "COPY b -> /app", Fit.NO),
        ("COPY a -> app", "COPY ? -> /srv/app", Fit.TELLING),
        ("COPY a -> .", "COPY a -> /srv", Fit.TELLING),
        ("COPY a -> /srv/app", "COPY a -> app", Fit.NO),
        ("USER ?", "USER trader", Fit.OPEN),
        ("WORKDIR app", "WORKDIR /srv/app", Fit.OPEN),
        ("WORKDIR /app", "WORKDIR /srv/app", Fit.NO),
        ("EXPOSE", "EXPOSE", Fit.OPEN),
        ("ENV A B", "ENV A", Fit.NO),
    ],
)
def test_how_lines_fit(written: str, told: str, expected: Fit) -> None:
    assert fit(written, told) is expected
