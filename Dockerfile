# docker build -t policyscan .                 with all extras: source code, accounts, engines, servers
# docker build -t policyscan --build-arg LOCK=runtime .    files of infrastructure alone, much smaller
ARG BASE=docker.io/library/python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

FROM ${BASE} AS build
ARG LOCK=all
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -I -m venv /opt/policyscan
COPY requirements ./requirements
RUN python -I -m venv /opt/tools \
    && /opt/tools/bin/python -I -m pip install --require-hashes --only-binary :all: \
        -r requirements/build.lock \
    && /opt/policyscan/bin/python -I -m pip install --require-hashes --only-binary :all: \
        -r "requirements/$LOCK.lock"
COPY pyproject.toml README.md LICENSE ./
COPY policies ./policies
COPY policyscan ./policyscan
RUN /opt/tools/bin/python -I -m hatchling build -t wheel -d /build/dist \
    && /opt/policyscan/bin/python -I -m pip install --no-index --no-deps /build/dist/*.whl \
    && /opt/policyscan/bin/python -I -m pip uninstall --yes pip

FROM ${BASE}
ARG BASE
# Of an image alone, nobody could tell what it was built on.
LABEL org.opencontainers.image.base.name="${BASE}"
# Git lists the files of a work tree and reads commits; the scan runs none of its hooks and helpers.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/policyscan /opt/policyscan
ENV HOME=/tmp PATH=/opt/policyscan/bin:/usr/local/bin:/usr/bin:/bin
WORKDIR /src
# A number, so that an orchestrator can see that it is not root; it owns nothing in the image.
USER 65532:65532
HEALTHCHECK NONE
ENTRYPOINT ["/opt/policyscan/bin/python", "-I", "-m", "policyscan"]
CMD ["scan"]
