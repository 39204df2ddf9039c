"""The flat program that previews are measured against: tests/flat_program.py."""

from typing import Any

from tests.flat_program import SIGNATURE, program, state

START = "urn:pulumi:dev::ai-platform::"
ROOT = f"{START}pulumi:pulumi:Stack::ai-platform-dev"
TIER = f"{START}ai-platform:index:DataTier::data"
PROVIDER = f"{START}pulumi:providers:docker::docker"
NETWORK = f"{START}docker:index/network:Network::edge"
CONTAINER = f"{START}ai-platform:index:DataTier$docker:index/container:Container::postgres"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2"'}

RESOURCES: list[dict[str, Any]] = [
    {"urn": ROOT, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": {"target": "docker"}},
    {"urn": TIER, "custom": False, "type": "ai-platform:index:DataTier", "parent": ROOT},
    {
        "urn": PROVIDER,
        "custom": True,
        "type": "pulumi:providers:docker",
        "inputs": {"version": "5.2.0+compiled", "registryAuth": '[{"address": "localhost"}]'},
    },
    {
        "urn": NETWORK,
        "custom": True,
        "type": "docker:index/network:Network",
        "provider": f"{PROVIDER}::1234",
        "inputs": {"__defaults": ["driver"], "driver": "bridge", "name": "edge"},
    },
    {
        "urn": CONTAINER,
        "custom": True,
        "type": "docker:index/container:Container",
        "parent": TIER,
        "provider": f"{PROVIDER}::1234",
        "dependencies": [NETWORK],
        "protect": True,
        "resourceHooks": {"onError": ["explain"]},
        "inputs": {"mustRun": True, "uploads": [{"__defaults": [], "content": SECRET}]},
    },
]

PROGRAM = """\
import os

import pulumi
import pulumi_docker

os.environ.pop("KUBECONFIG", None)
resource_1 = pulumi_docker.Provider('docker', registry_auth=[{'address': 'localhost'}], \
opts=pulumi.ResourceOptions(version='5.2.0+compiled'))
resource_2 = pulumi_docker.Network('edge', name='edge', \
opts=pulumi.ResourceOptions(provider=resource_1))
resource_3 = pulumi_docker.Container('postgres', must_run=True, \
uploads=[{'content': pulumi.Output.secret('hunter2')}], \
opts=pulumi.ResourceOptions(provider=resource_1, depends_on=[resource_2], protect=True))
"""


def test_the_program_has_one_call_for_each_resource_and_no_component() -> None:
    assert program(RESOURCES) == PROGRAM


def test_the_classes_of_the_kubernetes_sdk_are_named_by_group_and_version() -> None:
    policy = {
        "urn": f"{START}kubernetes:networking.k8s.io/v1:NetworkPolicy::web",
        "custom": True,
        "type": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "inputs": {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {}},
    }
    call = "resource_1 = pulumi_kubernetes.networking.v1.NetworkPolicy('web', spec={})"
    assert program([policy]).splitlines()[-1] == call


def test_the_state_has_every_resource_directly_below_the_stack() -> None:
    start = "urn:pulumi:flat::flat::"
    root = f"{start}pulumi:pulumi:Stack::flat-flat"
    of_stack, provider, network, container = RESOURCES[0], *RESOURCES[2:]
    hookless = {key: value for key, value in container.items() if key != "resourceHooks"}
    assert state({"deployment": {"resources": RESOURCES}}, "flat", "flat") == {
        "deployment": {
            "resources": [
                {"urn": root, "custom": False, "type": of_stack["type"]},
                {**provider, "urn": f"{start}pulumi:providers:docker::docker"},
                {
                    **network,
                    "urn": f"{start}docker:index/network:Network::edge",
                    "provider": f"{start}pulumi:providers:docker::docker::1234",
                },
                {
                    **hookless,
                    "urn": f"{start}docker:index/container:Container::postgres",
                    "parent": root,
                    "provider": f"{start}pulumi:providers:docker::docker::1234",
                    "dependencies": [f"{start}docker:index/network:Network::edge"],
                },
            ]
        }
    }
