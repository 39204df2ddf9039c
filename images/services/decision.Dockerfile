ARG BASE=python:3.11.16-slim-bookworm

FROM $BASE AS build
WORKDIR /build
# pip runs outside the service's virtual environment, so that the image does not contain it.
RUN python3 -m venv /build/tools && python3 -m venv --without-pip /app/venv
# If the build context contains wheels, pip uses only these; otherwise it uses the package index. The
# wildcard allows the directory to be missing.
COPY requirements/decision.txt wheels*/decision/*.whl /build/wheels/
RUN set -- --no-cache-dir --disable-pip-version-check --requirement wheels/decision.txt; \
    if ls wheels/*.whl > /dev/null 2>&1; then set -- "$@" --no-index --find-links wheels; fi; \
    tools/bin/pip --python /app/venv/bin/python3 install "$@"
COPY service /app/service
COPY decision /app/decision
RUN python3 -m compileall -q /app/service /app/decision

FROM $BASE
COPY --from=build /app /app
WORKDIR /app
ARG VERSION=dev
# More threads only cost memory, because the matrices are small.
ENV OPENBLAS_NUM_THREADS=1
ENV PATH=/app/venv/bin:$PATH PYTHONUNBUFFERED=1 VERSION=$VERSION
USER 10001:10001
EXPOSE 8001
STOPSIGNAL SIGTERM
CMD ["python3", "-m", "decision"]
