"""What `pulumi stack output` shows, under Pulumi's mocks."""

import json

from components import outputs
from components.secrets import Secrets
from components.targets import RunningStack
from components.text import Secret
from components.tier import Tier
from tests.unit.describing import KUBERNETES, settings
from tests.unit.rendering import PASSWORD, Rendered, run

KEY = Secret(name="redis-app-password")
TIERS = (
    Tier((), endpoints=("web", "grafana"), logins={"page": {"user": "admin", "password": KEY}}),
    Tier((), endpoints=("api",)),
)
DEPLOYMENT = RunningStack(
    endpoints={"web": "http://127.0.0.1:8080", "other": "http://127.0.0.1:1"},
    images={"frontend": "acme/page:1"},
)


def exported(**values: object) -> Rendered:
    def program() -> None:
        loaded = settings(values)
        outputs.export(loaded, TIERS, DEPLOYMENT, Secrets(loaded))

    return run(program)


def test_the_outputs_are_the_target_the_endpoints_the_images_and_the_logins() -> None:
    assert exported().outputs == {
        "target": "docker",
        "endpoints": {"web": "http://127.0.0.1:8080", "grafana": None, "api": None},
        "images": {"frontend": "acme/page:1"},
        "logins": {"page": {"user": "admin", "password": f"{PASSWORD}{KEY.name}"}},
    }


def test_a_login_names_the_clusters_secret_and_stays_secret() -> None:
    secrets = {KEY.name: {"name": "vault", "key": "password"}}
    rendered = exported(**KUBERNETES, kubernetes={"secrets": secrets})
    assert rendered.outputs["logins"]["page"]["password"] == "key password of Secret vault"
    assert rendered.secret_outputs == {"logins"}


def test_only_the_logins_are_secret_outputs(dev: Rendered) -> None:
    assert dev.secret_outputs == {"logins"}
    open_outputs = {key: value for key, value in dev.outputs.items() if key != "logins"}
    assert PASSWORD not in json.dumps(open_outputs)


def test_both_targets_have_the_same_keys(dev: Rendered, prod: Rendered) -> None:
    assert dev.outputs.keys() == prod.outputs.keys()
    assert dev.outputs["endpoints"].keys() == prod.outputs["endpoints"].keys()
