"""Every rendered object against the API's own schemas, which must know every field."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from jsonschema.protocols import Validator
from jsonschema.validators import Draft202012Validator
from kubernetes_validate import utils as published  # type: ignore[import-untyped]
from referencing import Registry, Resource

from tests.unit.objects import Object, objects
from tests.unit.rendering import Rendered

# The version of `make cluster` and the SDK, the next version, and the newest published one.
VERSIONS = ("1.34", "1.35", "1.37")
# Operators' kinds have no schema there, because Kubernetes does not define them.
OF_OPERATORS = ("postgresql.cnpg.io/", "barmancloud.cnpg.io/", "monitoring.coreos.com/")


@cache
def directory(version: str) -> str:
    return f"kubernetes-json-schema/v{version}.0-local-strict"


@cache
def definitions(version: str) -> Registry[Any]:
    """The schemas, parsed once; the package's own `validate` parses them for each object."""
    shared = published.schema_contents(f"{directory(version)}/_definitions.json", version)
    return Resource.from_contents(shared) @ Registry()


@cache
def validator(version: str, api_version: str, kind: str) -> Validator:
    group, slash, number = api_version.rpartition("/")
    name = f"{kind}-{group.partition('.')[0]}{slash and '-'}{number}".lower()
    schema = published.schema_contents(f"{directory(version)}/{name}.json", version)
    return Draft202012Validator(schema, registry=definitions(version))


def faults(version: str, manifest: Object) -> list[str]:
    errors = validator(version, manifest["apiVersion"], manifest["kind"]).iter_errors(manifest)
    return [f"{error.json_path}: {error.message}" for error in errors]


@pytest.fixture(scope="module")
def distinct(
    prod: Rendered, own_kubernetes: Rendered, existing_secrets: Rendered, operators: Rendered
) -> dict[str, Object]:
    """Each object once, even if several stacks have the same one."""
    return {
        json.dumps(manifest, sort_keys=True): manifest
        for rendered in (prod, own_kubernetes, existing_secrets, operators)
        for manifest in objects(rendered).values()
        if not manifest["apiVersion"].startswith(OF_OPERATORS)
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_matches_the_apis_schema(version: str, distinct: dict[str, Object]) -> None:
    wrong = {
        f"{manifest['kind']} {manifest['metadata']['name']}": errors
        for manifest in distinct.values()
        if (errors := faults(version, manifest))
    }
    assert wrong == {}


def test_these_kinds_are_checked(distinct: dict[str, Object]) -> None:
    assert {manifest["kind"] for manifest in distinct.values()} >= {
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Ingress",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "Secret",
        "Service",
        "ServiceAccount",
        "StatefulSet",
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_the_check_finds_unknown_fields_at_any_depth(version: str, prod: Rendered) -> None:
    wrong = deepcopy(objects(prod)["Deployment ai-platform-backend"])
    assert faults(version, wrong) == []
    wrong["spec"]["template"]["spec"]["containers"][0]["volumeMount"] = []
    (fault,) = faults(version, wrong)
    assert "volumeMount" in fault


def test_the_check_finds_values_of_a_wrong_type(prod: Rendered) -> None:
    wrong = deepcopy(objects(prod)["Deployment ai-platform-backend"])
    wrong["spec"]["replicas"] = "3"
    assert len(faults(VERSIONS[0], wrong)) == 1
