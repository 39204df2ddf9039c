"""Mistakes are refused before anything changes, and an interrupted `up` can be completed."""

import yaml

from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, interrupt, output_of, variables


def test_a_smaller_claim_is_refused_before_anything_changes(stack: ClusterStack) -> None:
    before = stack.uids()
    result = stack.up(data={"size": "512Mi"}, api=variables(LOG_LEVEL="DEBUG"))
    assert result.returncode != 0
    assert "postgres: 512Mi is less than the 1Gi that the claim ai-platform-postgres" in output_of(
        result
    )
    assert stack.rolled(before) == set()


def test_a_missing_context_is_explained_in_one_sentence(stack: ClusterStack) -> None:
    result = stack.up(kubernetes={"context": "not-there"})
    assert result.returncode != 0
    assert "the context not-there is not in" in output_of(result)
    assert "Nothing was changed." in output_of(result)


def test_a_cluster_that_does_not_answer_is_explained_in_one_sentence(stack: ClusterStack) -> None:
    kubeconfig = yaml.safe_load(stack.cluster.local_cluster.kubeconfig.read_text())
    for entry in kubeconfig["clusters"]:
        entry["cluster"]["server"] = "https://127.0.0.1:1"
    path = stack.directory / "unreachable.yaml"
    path.write_text(yaml.safe_dump(kubeconfig))
    stack.write({})
    workspace = stack.with_kubeconfig(path)
    workspace.prepare()
    result = workspace.pulumi(
        "up", "--yes", "--skip-preview", "--stack", stack.name, quiet=True, check=False
    )
    assert result.returncode != 0
    assert "the cluster at https://127.0.0.1:1 does not answer" in output_of(result)


def test_another_cluster_is_refused_unless_the_stack_file_names_it(stack: ClusterStack) -> None:
    """The setting names a cluster with another uid. The login may read this one's."""
    before = stack.uids()
    stack.write({"kubernetes": {"cluster": "00000000-0000-0000-0000-000000000000"}})
    workspace = stack.with_kubeconfig(stack.cluster.local_cluster.kubeconfig)
    workspace.write_files()
    up = ("up", "--yes", "--skip-preview", "--stack", stack.name)
    result = workspace.pulumi(*up, quiet=True, check=False)
    assert result.returncode != 0
    assert (
        "runs on the cluster 00000000-0000-0000-0000-000000000000, but the context leads to "
        f"{stack.cluster.uid()}" in output_of(result)
    )
    assert stack.rolled(before) == set()
    result = stack.up()
    assert result.returncode == 0, output_of(result)


def test_a_login_that_may_not_read_the_clusters_identity_needs_it_in_the_stack_file(
    stack: ClusterStack,
) -> None:
    result = stack.up(kubernetes={"cluster": None})
    assert result.returncode != 0
    assert "Set kubernetes.cluster to that UID." in output_of(result)


def test_a_second_up_at_the_same_time_is_locked_out(stack: ClusterStack) -> None:
    second = stack.two_ups_at_once(api=variables(CACHE_TTL_SECONDS="302"))
    assert second.returncode != 0
    assert "lock" in output_of(second), output_of(second)


def test_up_completes_an_interrupted_up(stack: ClusterStack) -> None:
    before = stack.uids()
    process = stack.start_up(api=variables(CACHE_TTL_SECONDS="303"))
    eventually(lambda: stack.rolled(before), within=60)
    interrupt(process)
    assert process.returncode != 0
    stack.pulumi("cancel", "--yes")
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)
    assert stack.cluster.get("namespace", NAMESPACE)["status"]["phase"] == "Active"
