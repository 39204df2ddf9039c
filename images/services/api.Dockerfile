ARG BASE=python:3.11-slim-bookworm

FROM $BASE AS build
WORKDIR /build
# pip works from outside the service's virtual environment, so that it stays out of the image.
RUN python3 -m venv /build/tools && python3 -m venv --without-pip /app/venv
# Wheels in the build context are used alone; without them the package index is asked. A directory
# that may be missing needs a wildcard.
COPY requirements/api.txt wheels*/api/*.whl /build/wheels/
RUN set -- --no-cache-dir --disable-pip-version-check --requirement wheels/api.txt; \
    if ls wheels/*.whl > /dev/null 2>&1; then set -- "$@" --no-index --find-links wheels; fi; \
    tools/bin/pip --python /app/venv/bin/python3 install "$@"
COPY service /app/service
COPY backend /app/backend
RUN python3 -m compileall -q /app/service /app/backend

FROM $BASE
RUN install --directory --owner 10001 --group 10001 /app/data /app/logs
COPY --from=build /app /app
WORKDIR /app
ARG VERSION=dev
ENV PATH=/app/venv/bin:$PATH PYTHONUNBUFFERED=1 VERSION=$VERSION
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["python3", "-m", "backend"]
