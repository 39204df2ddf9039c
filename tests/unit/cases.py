"""The stacks that snapshots record, and that many tests render."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.unit.describing import stack_file
from tests.unit.rendering import Rendered, render

# A service whose model files a step downloads before it starts.
VISION: Mapping[str, Any] = {
    "image": "acme/vision:1.0.0",
    "outside": [{"name": "models", "ports": [443], "cidrs": ["0.0.0.0/0"]}],
    "models": {
        "size": "20Gi",
        "fill": {
            "image": "acme/download:2.0.0",
            "command": ["download", "--to", "/models", "acme/vision-large"],
            "env": {"HOME": "/models"},
            "timeout": 3600,
        },
    },
}

# A user's images with the user's own settings, and an additional service in four lines.
OWN: Mapping[str, Any] = {
    "secrets": {"model-key": "given-key", "session-key": None},
    "data": {"decisions": {"retention": "90d"}, "parameters": {"random_page_cost": 1.1}},
    "api": {
        "services": {
            "backend": {
                "image": "registry.example.com/acme/backend:2.3.1",
                "user": "1000:2000",
                "port": 9000,
                "health": "/live",
                "ready": "/serving",
                "metrics": "/internal/metrics",
                "writable": ["/tmp", "/srv/cache"],
                "command": ["serve", "--workers", "2"],
                "database": {"shared": "application"},
                "env": {
                    "MODE": "strict",
                    "DSN": "postgresql+asyncpg://${database.user}:${database.password:url}"
                    "@${database.host}:${database.port}/${database.name}?pool=$${POOL}",
                    "REDIS": "${cache.url}",
                    "MODEL_KEY": "${secret.model-key}",
                    "DECISIONS": "${service.decision.url}/v1",
                },
            },
            "reports": {
                "image": "acme/reports:1.4.2",
                "port": 8100,
                "database": {"shared": "application"},
                "files": {
                    "/etc/reports/config.ini": "user = ${database.user}\n"
                    "password = ${database.password}\nsession = ${secret.session-key}\n",
                },
                "release": {"command": ["alembic", "upgrade", "head"], "timeout": 900},
                "jobs": {
                    "cleanup": {
                        "schedule": "0 3 * * *",
                        "command": ["python", "-m", "app.cleanup", "--older-than=30 days"],
                    }
                },
            },
            "vision": {**VISION, "gpus": [0, "1"]},
        }
    },
    "web": {
        "routes": {
            "/reports/": {
                "to": "reports",
                "strip_prefix": True,
                "max_body_size": "50m",
                "timeout": 300,
            },
            "/events/": {"to": "reports", "stream": True},
            "reports.example.com": "reports",
        },
        "gateway": {"rate_limit": 20},
        "frontend": {
            "image": "acme/page:3.1.0",
            "port": 80,
            "env": {"REPORTS": "${service.reports.url}"},
        },
    },
    "docker": {"ports": {"reports": 8100}},
}

# The same on a cluster with every optional setting.
OWN_KUBERNETES: Mapping[str, Any] = {
    "target": "kubernetes",
    "secrets": {"session-key": None},
    "registry": {"url": "mirror.example.com/cache", "user": "puller", "password": "given-login"},
    "api": {
        "services": {
            "backend": OWN["api"]["services"]["backend"]
            | {
                "replicas": {"min": 2, "max": 6, "cpu_target": 60},
                "outside": [{"name": "models", "ports": [443], "cidrs": ["198.51.100.0/24"]}],
            },
            "decision": {"image": "acme/decision:5.0.1"},
            "reports": OWN["api"]["services"]["reports"]
            | {"data_volume": {"path": "/srv/reports", "size": "20Gi"}},
            "vision": {**VISION, "gpu": 1, "runtime_class": "nvidia"},
            "language": {
                "image": "acme/language:1.0.0",
                "models": {"claim": "language-models"},
                "replicas": 2,
                "node_selector": {"example.com/pool": "language"},
                "tolerations": [{"key": "language", "operator": "Exists"}],
            },
        }
    },
    "web": OWN["web"]
    | {
        "host": "acme.example.com",
        "routes": OWN["web"]["routes"] | {"figures.example.com": "grafana"},
        "gateway": {"replicas": 2, "stop_grace": 320},
    },
    "observability": {
        "receiver": {
            "webhook": {"url": "https://alerts.example.com/given-hook", "cidrs": ["0.0.0.0/0"]},
            "critical": {
                "mail": {
                    "to": "pager@example.com",
                    "sender": "acme@example.com",
                    "smarthost": "mail.example.com:587",
                    "user": "acme",
                    "password": "given-mail-password",
                    "cidrs": ["198.51.100.25/32"],
                },
            },
            "watchdog": {
                "webhook": {
                    "url": "https://watch.example.com/given-watch",
                    "cidrs": ["198.51.100.0/24"],
                }
            },
        }
    },
    "kubernetes": {
        "context": "acme-eu",
        "namespace": "acme",
        "storage_class": "fast",
        "priority_class": "data",
        "ingress": {
            "class_name": "nginx",
            "controller_namespace": "ingress",
            "tls": {"issuer": "letsencrypt"},
            "annotations": {"example.com/team": "decisions"},
        },
        "secrets": {"secret.model-key": {"name": "vault-models", "key": "key", "version": "3"}},
        "dns": {"cidrs": ["169.254.20.10/32"]},
        "node_selector": {"example.com/pool": "apps"},
        "tolerations": [{"key": "apps", "value": "only", "effect": "NoSchedule"}],
    },
}
# The stack file of the repository, where the cluster has some of the secrets already: whole URLs,
# passwords as they are, and one that is a part of a text.
EXISTING: Mapping[str, Any] = stack_file("prod") | {
    "kubernetes": stack_file("prod")["kubernetes"]
    | {
        "secrets": {
            "database-url": {"name": "vault-database", "key": "url"},
            "redis-app-password": {"name": "vault-redis", "key": "password", "version": "7"},
            "grafana-password": {"name": "vault-grafana", "key": "password"},
        }
    }
}


# A cluster on which operators run PostgreSQL and Prometheus. One service has a database of its own,
# and one reads the platform's.
OPERATORS: Mapping[str, Any] = stack_file("prod") | {
    "api": {
        "services": stack_file("prod")["api"]["services"]
        | {
            "sales-eu": {
                "image": "acme/sales:1.0.0",
                "database": {"login": "b", "extensions": ["pg_trgm"]},
            },
            "charts": {
                "image": "acme/charts:0.9.0",
                "database": {"shared": "read-only", "connections": 2},
                "env": {"DATABASE_URL": "${database.url}"},
            },
        }
    },
    "data": {"mode": "cloudnative-pg", "backup": False, "pooler": {}, "wal_size": "2Gi"},
    "observability": {
        "mode": "operator",
        "runbook_base_url": "https://git.example.com/acme/ai-platform/blob/main/",
        "operator": {
            "labels": {"release": "prometheus"},
            "url": "http://prometheus-operated.monitoring:9090",
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """A stack. `like` is the case that it is compared with; None records the whole stack."""

    settings: Mapping[str, Any]
    like: str | None = None
    stack: str = "dev"
    secret: tuple[str, ...] = ()

    def render(self) -> Rendered:
        return render(self.settings, stack_name=self.stack, secret=self.secret)


CASES: Mapping[str, Case] = {
    "dev": Case(settings={}),
    "own": Case(settings=OWN, like="dev", secret=("secrets",)),
    "prod": Case(settings=stack_file("prod"), stack="prod"),
    "own-kubernetes": Case(
        settings=OWN_KUBERNETES, like="prod", stack="acme", secret=("registry", "observability")
    ),
    "existing-secrets": Case(settings=EXISTING, like="prod", stack="prod"),
    "operators": Case(settings=OPERATORS, like="prod", stack="prod"),
}
