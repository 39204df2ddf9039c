"""The cluster behind a context, and the errors without one."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pulumi
import pytest
import yaml
from kubernetes.client import ApiException
from urllib3.exceptions import MaxRetryError

from components.targets.kubernetes import cluster

SERVER = "https://192.0.2.1:6443"


@pytest.fixture
def kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A kubeconfig with one context, `acme`, which is not the current one."""
    path = tmp_path / "kubeconfig"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "acme", "cluster": {"server": SERVER}}],
        "users": [{"name": "me", "user": {"token": "x"}}],
        "contexts": [{"name": "acme", "context": {"cluster": "acme", "user": "me"}}],
    }
    path.write_text(yaml.safe_dump(content))
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    # The client read the variable when it was imported, long before the test.
    with patch("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(path)):
        yield path


@pytest.fixture
def answer() -> Iterator[list[Any]]:
    """A cluster that returns the one answer in the list, or raises it."""
    answers: list[Any] = []

    def read_namespace(name: str, **_: Any) -> Any:
        assert name == "kube-system"
        if isinstance(answers[0], Exception):
            raise answers[0]
        return SimpleNamespace(metadata=SimpleNamespace(uid=answers[0]))

    with (
        patch.object(cluster, "client", lambda _: CLIENT),
        patch(
            "kubernetes.client.CoreV1Api", lambda _: SimpleNamespace(read_namespace=read_namespace)
        ),
    ):
        yield answers


CLIENT = SimpleNamespace(configuration=SimpleNamespace(host=SERVER))


def refusal(context: str | None) -> str:
    with pytest.raises(pulumi.RunError) as error:
        cluster.find(context)
    return str(error.value)


@pytest.mark.usefixtures("kubeconfig")
def test_a_context_of_the_kubeconfig_leads_to_its_server() -> None:
    assert cluster.client("acme").configuration.host == SERVER


def test_the_error_for_an_unknown_context_names_it_and_the_kubeconfig(
    kubeconfig: Path,
) -> None:
    assert refusal("acne") == (
        f"the context acne is not in {kubeconfig} (Invalid kube-config file. Expected object with "
        f"name acne in {kubeconfig}/contexts list). Nothing was changed. Name a kubeconfig with "
        "KUBECONFIG, or a context with kubernetes.context."
    )


def test_a_kubeconfig_without_a_current_context_is_an_error(kubeconfig: Path) -> None:
    message = refusal(None)
    assert message.startswith(f"{kubeconfig} has no current context (")
    assert "Nothing was changed." in message
    assert "\n" not in message


def test_a_missing_kubeconfig_is_an_error(kubeconfig: Path) -> None:
    kubeconfig.unlink()
    assert refusal(None).startswith(f"{kubeconfig} has no current context (")


@pytest.mark.usefixtures("kubeconfig")
def test_without_a_context_a_pod_uses_its_own_cluster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    with patch.object(cluster, "_inside", lambda: CLIENT):
        assert cluster.client(None) is CLIENT
        with pytest.raises(pulumi.RunError, match="the context acne"):
            cluster.client("acne")


def test_the_uid_of_kube_system_identifies_a_cluster(answer: list[Any]) -> None:
    answer.append("uid-1")
    acme = cluster.find("acme")
    assert (acme.uid, acme.server, acme.client) == ("uid-1", SERVER, CLIENT)


def test_the_settings_identify_a_cluster_whose_identity_may_not_be_read(answer: list[Any]) -> None:
    answer.append(ApiException(status=403, reason="Forbidden"))
    assert cluster.find("acme", "uid-named").uid == "uid-named"
    assert refusal("acme") == (
        f"these credentials may not read the namespace kube-system of the cluster at {SERVER}, "
        "whose UID identifies the cluster. Nothing was changed. Set kubernetes.cluster to that "
        "UID. An administrator reads it with: kubectl get namespace kube-system "
        "--output=jsonpath='{.metadata.uid}'"
    )


def test_the_settings_identify_no_cluster_that_only_the_current_context_leads_to(
    answer: list[Any], kubeconfig: Path
) -> None:
    answer.append(ApiException(status=403, reason="Forbidden"))
    # A pod that runs `up` has no context.
    assert cluster.find(None, "uid-named").uid == "uid-named"
    with patch.object(cluster, "current_context", lambda: "acme"):
        assert cluster.find("acme", "uid-named").uid == "uid-named"
        with pytest.raises(pulumi.RunError, match=r"Name .* with kubernetes\.context"):
            cluster.find(None, "uid-named")


def test_an_identity_that_can_be_read_is_not_taken_from_the_settings(answer: list[Any]) -> None:
    answer.append("uid-1")
    assert cluster.find("acme", "uid-named").uid == "uid-1"


def test_the_error_for_rejected_credentials_has_the_clusters_answer(answer: list[Any]) -> None:
    answer.append(ApiException(status=401, reason="Unauthorized"))
    assert refusal("acme") == (
        f"the cluster at {SERVER} rejects these credentials: it answers 401 Unauthorized when "
        "asked for its namespace kube-system. Nothing was changed. Renew the context's login."
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MaxRetryError(SimpleNamespace(), "/x", Exception("refused")), "refused"),  # type: ignore[arg-type]
        (ConnectionRefusedError("nobody listens"), "nobody listens"),
    ],
    ids=["no retry left", "refused"],
)
def test_the_error_for_a_cluster_that_does_not_answer_has_the_reason(
    answer: list[Any], error: Exception, words: str
) -> None:
    answer.append(error)
    message = refusal("acme")
    assert message.startswith(f"the cluster at {SERVER} does not answer: ")
    assert words in message
    assert message.endswith("Nothing was changed.")
