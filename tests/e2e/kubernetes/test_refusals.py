"""What is refused before anything is touched, and what is interrupted and converges."""

import yaml

from tests.e2e.kubernetes.stack import NAMESPACE, ClusterStack
from tests.e2e.stack import eventually, interrupt, said


def test_a_claim_that_would_shrink_is_refused_and_nothing_touched(running: ClusterStack) -> None:
    before = running.uids()
    result = running.up(data={"size": "512Mi"}, api={"log_level": "DEBUG"})
    assert result.returncode != 0
    assert "postgres: 512Mi is less than the 1Gi that the claim ai-platform-postgres" in said(
        result
    )
    assert running.rolled(before) == set()


def test_a_context_that_is_not_there_is_one_sentence(running: ClusterStack) -> None:
    result = running.up(kubernetes={"context": "not-there"})
    assert result.returncode != 0
    assert "the context not-there is not in" in said(result)
    assert "Nothing was changed." in said(result)


def test_a_cluster_that_does_not_answer_is_one_sentence(running: ClusterStack) -> None:
    local = running.cluster.local
    gone = yaml.safe_load(local.kubeconfig.read_text())
    for each in gone["clusters"]:
        each["cluster"]["server"] = "https://127.0.0.1:1"
    elsewhere = running.directory / "gone.yaml"
    elsewhere.write_text(yaml.safe_dump(gone))
    running.write({})
    away = running.with_kubeconfig(elsewhere)
    away.prepare()
    result = away.pulumi(
        "up", "--yes", "--skip-preview", "--stack", running.name, quiet=True, check=False
    )
    assert result.returncode != 0
    assert "the cluster at https://127.0.0.1:1 does not answer" in said(result)


def test_another_cluster_is_refused_unless_it_is_said(running: ClusterStack) -> None:
    """The stack is told that it lives elsewhere: on a cluster of another identity."""
    before = running.uids()
    result = running.up(kubernetes={"cluster": "00000000-0000-0000-0000-000000000000"})
    assert result.returncode != 0
    uid = running.cluster.get("namespace", "kube-system")["metadata"]["uid"]
    assert (
        f"lives on the cluster 00000000-0000-0000-0000-000000000000, and the context leads to {uid}"
        in said(result)
    )
    assert running.rolled(before) == set()
    said_so = running.up(kubernetes={"cluster": uid})
    assert said_so.returncode == 0, said(said_so)


def test_two_ups_at_once_one_proceeds_and_the_other_says_why_not(running: ClusterStack) -> None:
    second = running.two_ups_at_once(api={"cache_ttl": 302})
    assert second.returncode != 0
    assert "lock" in said(second), said(second)


def test_up_after_an_interrupted_up_converges(running: ClusterStack) -> None:
    before = running.uids()
    process = running.start_up(api={"cache_ttl": 303})
    eventually(lambda: running.rolled(before), within=60)
    interrupt(process)
    assert process.returncode != 0
    running.pulumi("cancel", "--yes")
    result = running.up()
    assert result.returncode == 0, said(result)
    preview = running.pulumi("preview", "--expect-no-changes")
    assert preview.returncode == 0, said(preview)
    assert running.cluster.get("namespace", NAMESPACE)["status"]["phase"] == "Active"
