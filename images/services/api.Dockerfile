ARG BASE=python:3.11.16-slim-bookworm

FROM $BASE AS build
WORKDIR /build
# pip runs outside the service's virtual environment, so that the image does not contain it.
RUN python3 -m venv /build/tools && python3 -m venv --without-pip /app/venv
# If the build context contains wheels, pip uses only these; otherwise it uses the package index. The
# wildcard allows the directory to be missing.
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
