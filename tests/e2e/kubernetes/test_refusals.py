"""What is refused before anything is touched, and what is interrupted and converges."""

import yaml

from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, interrupt, output_of


def test_a_claim_that_would_shrink_is_refused_and_nothing_touched(stack: ClusterStack) -> None:
    before = stack.uids()
    result = stack.up(data={"size": "512Mi"}, api={"log_level": "DEBUG"})
    assert result.returncode != 0
    assert "postgres: 512Mi is less than the 1Gi that the claim ai-platform-postgres" in output_of(
        result
    )
    assert stack.rolled(before) == set()


def test_a_context_that_is_not_there_is_one_sentence(stack: ClusterStack) -> None:
    result = stack.up(kubernetes={"context": "not-there"})
    assert result.returncode != 0
    assert "has not the context not-there" in output_of(result)
    assert "Nothing was changed." in output_of(result)


def test_a_cluster_that_does_not_answer_is_one_sentence(stack: ClusterStack) -> None:
    local = stack.cluster.local
    gone = yaml.safe_load(local.kubeconfig.read_text())
    for each in gone["clusters"]:
        each["cluster"]["server"] = "https://127.0.0.1:1"
    elsewhere = stack.directory / "gone.yaml"
    elsewhere.write_text(yaml.safe_dump(gone))
    stack.write({})
    away = stack.with_kubeconfig(elsewhere)
    away.prepare()
    result = away.pulumi(
        "up", "--yes", "--skip-preview", "--stack", stack.name, quiet=True, check=False
    )
    assert result.returncode != 0
    assert "the cluster at https://127.0.0.1:1 does not answer" in output_of(result)


def test_another_cluster_is_refused_unless_it_is_said(stack: ClusterStack) -> None:
    """The stack is told that it lives elsewhere: on a cluster of another identity."""
    before = stack.uids()
    result = stack.up(kubernetes={"cluster": "00000000-0000-0000-0000-000000000000"})
    assert result.returncode != 0
    uid = stack.cluster.get("namespace", "kube-system")["metadata"]["uid"]
    assert (
        f"lives on the cluster 00000000-0000-0000-0000-000000000000, and the context leads to {uid}"
        in output_of(result)
    )
    assert stack.rolled(before) == set()
    said_so = stack.up(kubernetes={"cluster": uid})
    assert said_so.returncode == 0, output_of(said_so)


def test_two_ups_at_once_one_proceeds_and_the_other_says_why_not(stack: ClusterStack) -> None:
    second = stack.two_ups_at_once(api={"cache_ttl": 302})
    assert second.returncode != 0
    assert "lock" in output_of(second), output_of(second)


def test_up_after_an_interrupted_up_converges(stack: ClusterStack) -> None:
    before = stack.uids()
    process = stack.start_up(api={"cache_ttl": 303})
    eventually(lambda: stack.rolled(before), within=60)
    interrupt(process)
    assert process.returncode != 0
    stack.pulumi("cancel", "--yes")
    result = stack.up()
    assert result.returncode == 0, output_of(result)
    preview = stack.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, output_of(preview)
    assert stack.cluster.get("namespace", NAMESPACE)["status"]["phase"] == "Active"
