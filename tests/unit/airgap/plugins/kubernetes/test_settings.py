from __future__ import annotations

import pytest

from airgap.plugins.kubernetes.settings import Settings, read, refused


def test_flags_come_as_texts() -> None:
    given = {"context": "prod", "enablePatchForce": "true", "enableSecretMutable": "false"}
    assert read(given) == Settings(context="prod", patch_force=True)


def test_a_flag_that_is_left_out_is_looked_for_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE", "true")
    assert read({}) == Settings(config_map_mutable=True)
    assert read({"enableConfigMapMutable": "false"}) == Settings()


def test_a_kubeconfig_given_as_an_object_is_its_content() -> None:
    assert read({"kubeconfig": {"kind": "Config"}}).kubeconfig == '{"kind": "Config"}'


def test_to_apply_on_the_clients_side_is_refused() -> None:
    assert refused({"enableServerSideApply": "true"}) == []
    assert [failure.path for failure in refused({"enableServerSideApply": "false"})] == [
        "enableServerSideApply"
    ]
