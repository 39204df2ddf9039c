"""Files and secret variables as ConfigMaps and Secrets, and the effects of changes."""

import re
from itertools import product

import pytest

from components.settings import LONGEST_FILE
from components.targets.kubernetes.configuration import DIGITS, digest, encoded, key, keyed
from tests.unit.describing import KUBERNETES
from tests.unit.objects import contents, files, named, objects, templates
from tests.unit.rendering import PASSWORD, Rendered, render

FIRST_START = "ai-platform-postgres-first-start"
ROLES = key("/docker-entrypoint-initdb.d/10-roles.sql")


def names(rendered: Rendered, kind: str, workload: str) -> set[str]:
    return {
        resource["metadata"]["name"]
        for resource in objects(rendered, kind).values()
        if resource["metadata"]["labels"]["app.kubernetes.io/name"] == workload
    }


def changed(one: Rendered, other: Rendered) -> set[str]:
    """The pod templates in which two renders differ."""
    before, after = templates(one), templates(other)
    assert set(before) == set(after)
    return {name for name in before if before[name] != after[name]}


@pytest.fixture(scope="module")
def other() -> Rendered:
    """A render with one changed file, of Redis."""
    return render({**KUBERNETES, "cache": {"maxmemory": "64Mi"}})


def test_a_hash_changes_with_every_name_and_content() -> None:
    digests = [
        digest({"a": "1"}),
        digest({"a": "2"}),
        digest({"b": "1"}),
        digest({"a": "1", "b": ""}),
        digest({"a": "1b"}),
        digest({}),
    ]
    assert len(set(digests)) == len(digests)
    assert {len(digits) for digits in digests} == {DIGITS}


def test_a_hash_distinguishes_names_from_contents() -> None:
    assert digest({"a": "1b", "c": ""}) != digest({"a": "1", "bc": ""})
    assert digest({"a": "1", "b": "2"}) == digest({"b": "2", "a": "1"})


def test_the_hash_of_a_secret_depends_on_the_key() -> None:
    assert keyed("key", a="weak") != digest({"a": "weak"})
    assert keyed("key", a="weak") != keyed("other", a="weak")
    assert keyed("key", a="weak") == keyed("key", a="weak")
    assert keyed("key", a="weak") != keyed("key", a="week")


def test_the_key_is_generated_and_each_stack_has_its_own(least: Rendered) -> None:
    assert "kubernetes-name-key" in least.of_type("RandomPassword")
    (name,) = names(least, "Secret", "decision")
    content = {"run.secrets.api-token": f"{PASSWORD}api-token"}
    assert (
        name == f"ai-platform-decision-secrets-{keyed(f'{PASSWORD}kubernetes-name-key', **content)}"
    )


def test_a_config_maps_name_contains_the_hash_of_its_content(kubernetes: Rendered) -> None:
    immutable = [
        config_map
        for config_map in objects(kubernetes, "ConfigMap").values()
        if config_map.get("immutable")
    ]
    assert immutable
    for config_map in immutable:
        assert config_map["metadata"]["name"].endswith(f"-{digest(config_map['data'])}")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/run/secrets/api-token", "run.secrets.api-token"),
        ("/etc/prometheus/rules/api.yml", "etc.prometheus.rules.api_.yml"),
        ("/srv/my_app/.env", "srv.my__app._.env"),
    ],
)
def test_a_files_path_becomes_its_key(path: str, name: str) -> None:
    assert key(path) == name


def test_two_paths_never_have_the_same_key() -> None:
    parts = ("a", "b.", "_", ".a", "a_b", "a.b", "a__b", "_env.X")
    paths = {"/" + "/".join(path) for n in (1, 2, 3) for path in product(parts, repeat=n)}
    assert len({key(path) for path in paths}) == len(paths)


def test_every_key_is_valid_in_the_api() -> None:
    longest = "/" + "_" * (LONGEST_FILE - 1)
    for path in ("/.", "/..a", longest):
        assert re.fullmatch(r"(?!\.\.)[-._a-zA-Z0-9]{1,253}", key(path)), path


def test_files_and_variables_of_one_container_never_share_a_key() -> None:
    """No path or name may overwrite another one's secret."""
    service = {
        "image": "acme/app:1",
        "database": {"shared": "application"},
        "env": {"TOKEN": "${cache.password}"},
        "files": {
            "/env/TOKEN": "${api-token}",
            "/a/b": "${database.password}",
            "/a.b": "${cache.password}",
            "/part/redis-app-password": "${api-token}",
        },
    }
    rendered = render({**KUBERNETES, "api": {"services": {"reports": service}}})
    app, token = f"{PASSWORD}redis-app-password", f"{PASSWORD}api-token"
    assert files(rendered, "ai-platform-reports") == {
        "/env/TOKEN": token,
        "/a/b": f"{PASSWORD}postgres-app-password",
        "/a.b": app,
        "/part/redis-app-password": token,
    }
    data = contents(rendered.of_type("Secret")["reports-secrets"].inputs)
    assert data["_env.TOKEN"] == app


def test_a_secrets_data_is_in_base64() -> None:
    assert encoded("pä") == "cMOk"


def test_each_file_is_mounted_at_its_path_without_hiding_the_images_files(
    least: Rendered,
) -> None:
    texts = files(least, "ai-platform-redis")
    assert set(texts) == {
        "/etc/redis/redis.conf",
        "/run/secrets/users.acl",
        "/run/secrets/redis-monitor-password",
    }
    assert texts["/run/secrets/redis-monitor-password"] == f"{PASSWORD}redis-monitor-password"
    assert "aclfile /run/secrets/users.acl" in texts["/etc/redis/redis.conf"]


def test_a_container_reads_every_plain_file_of_its_description(kubernetes: Rendered) -> None:
    for workload in kubernetes.workloads:
        plain = {
            file.path: file.content.template for file in workload.files if not file.content.secrets
        }
        texts = files(kubernetes, f"ai-platform-{workload.name}")
        assert plain.items() <= texts.items(), workload.name


def test_a_changed_file_rolls_out_only_the_pods_that_read_it(
    least: Rendered, other: Rendered
) -> None:
    assert changed(least, other) == {"StatefulSet ai-platform-redis"}
    assert names(least, "ConfigMap", "redis") != names(other, "ConfigMap", "redis")


def test_a_changed_link_to_the_runbooks_rolls_out_only_what_has_it(least: Rendered) -> None:
    more = render({**KUBERNETES, "observability": {"runbook_base_url": "https://example.com/"}})
    assert changed(least, more) == {
        "StatefulSet ai-platform-prometheus",
        "StatefulSet ai-platform-grafana",
    }


def test_a_changed_secret_rolls_out_only_the_pods_that_read_it() -> None:
    def stack(url: str) -> Rendered:
        receiver = {"receiver": {"webhook": {"url": url, "cidrs": ["192.0.2.0/24"]}}}
        return render({**KUBERNETES, "observability": receiver}, secret=("observability",))

    one, other = stack("https://a.example.com/1"), stack("https://a.example.com/2")
    assert changed(one, other) == {"StatefulSet ai-platform-alertmanager"}


def test_the_old_object_stays_until_the_new_pods_run(least: Rendered, other: Rendered) -> None:
    """Only the name on the cluster changes, so Pulumi creates the new object before it deletes the
    old one."""
    before, after = (
        rendered.of_type("ConfigMap")["redis-files"].inputs for rendered in (least, other)
    )
    assert before["metadata"]["name"] != after["metadata"]["name"]


def test_the_config_map_for_the_first_start_keeps_its_name(least: Rendered) -> None:
    config_map = named(least, "ConfigMap", FIRST_START)
    assert "immutable" not in config_map
    assert ROLES in contents(config_map)
    assert least.of_type("kubernetes")["kubernetes"].inputs["enableConfigMapMutable"] == "true"
