# acm_etl with the extras mssql, fast, fleet and notify, as a user without rights. Build: docker build --tag acm_etl .
# One command: docker run --rm --volume acm:/var/lib/acm acm_etl demo --no-open
# On a schedule: docker run --entrypoint acm-schedule acm_etl 86400 backfill --all (compose.yaml has all of it)
FROM python:3.12.12-slim-bookworm AS build
WORKDIR /src
# First the dependencies: they change less often than the code, so this layer is kept.
COPY docker/requirements.txt docker/
RUN python -m venv /opt/acm \
    && /opt/acm/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement docker/requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY acm_etl acm_etl
RUN pip wheel --no-cache-dir --disable-pip-version-check --no-deps --wheel-dir dist . \
    && /opt/acm/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps dist/*.whl \
    && /opt/acm/bin/pip uninstall --yes pip

FROM python:3.12.12-slim-bookworm
LABEL org.opencontainers.image.source="https://github.com/acm-etl/acm_etl" org.opencontainers.image.licenses="MIT"
# Microsoft's driver needs these; its wheel does not contain them.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libltdl7 libkrb5-3 libgssapi-krb5-2 libodbc2 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/acm /opt/acm
COPY docker/schedule.sh /usr/local/bin/acm-schedule
# A number, so that Kubernetes can see that it is not root.
RUN useradd --uid 10001 --create-home --home-dir /var/lib/acm acm
USER 10001
WORKDIR /var/lib/acm
# State and compiled kernels in the one folder that is written: everything else may be read-only.
ENV PATH=/opt/acm/bin:$PATH PYTHONUNBUFFERED=1 XDG_STATE_HOME=/var/lib/acm NUMBA_CACHE_DIR=/var/lib/acm/numba
VOLUME /var/lib/acm
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s CMD ["acm-schedule", "--check"]
ENTRYPOINT ["acm-etl"]
CMD ["--help"]
