"""The gateways through which people read Prometheus and Alertmanager.

Neither has a read-only mode or a login, and their ports are published.
"""

from collections.abc import Iterable

from components import plain_files
from components.addresses import Address
from components.catalogue import Catalogue
from components.container import File, Health, Http, Port, Resources
from components.observability import TIER
from components.text import Text
from components.workload import Exposure, Workload

DIRECTORY = "/etc/gateway"
HEALTH = "/.gateway/health"

# start.sh leaves out the line for IPv6 if the kernel lacks it.
ROUTES = """\
server {{
    listen {port};
    listen [::]:{port};
    set $service http://{host}$search_domain:{port};
    location = {health} {{
        return 200 "ok\\n";
    }}
    # Debian's Prometheus has these pages below /classic, and answers 404 here.
    location ~ ^/(alerts|targets|rules|status|flags|service-discovery)$ {{
        limit_except GET {{ deny all; }}
        # Not 404, which leads to /classic.
        if ($allowed = "") {{
            return 403;
        }}
        proxy_pass $service;
        proxy_intercept_errors on;
        error_page 404 = @classic;
    }}
    location @classic {{
        return 302 /classic$request_uri;
    }}
    # The pages that alerts link to, at the gateway that has them.
    location /docs/runbooks/ {{
        root {directory};
        default_type "text/plain; charset=utf-8";
    }}
    location / {{
        limit_except GET {{ deny all; }}
        if ($allowed = "") {{
            return 404;
        }}
        proxy_pass $service;
    }}
}}
"""


def gateway(server: Address, catalogue: Catalogue, pages: Iterable[File] = ()) -> Workload:
    """The gateway in front of a server. It passes the paths in `monitoring/<server>/paths.conf`.

    It serves `pages`, which are files below its directory, itself.
    """
    name, port = server.workload, server.port
    routes = ROUTES.format(port=port, host=server.host, health=HEALTH, directory=DIRECTORY)
    contents = {
        "nginx.conf": plain_files.text("monitoring/gateway/nginx.conf"),
        "paths.conf": plain_files.text(f"monitoring/{name}/paths.conf"),
        "routes.conf": Text(template=routes),
        "start.sh": plain_files.text("gateway/start.sh"),
    }
    return Workload(
        name=f"{name}-gateway",
        tier=TIER,
        monitoring=True,
        image=catalogue.image("nginx"),
        entrypoint=("sh", f"{DIRECTORY}/start.sh"),
        env={"SHUTDOWN_SECONDS": "5"},
        files=(
            *(File(path=f"{DIRECTORY}/{file}", content=text) for file, text in contents.items()),
            *pages,
        ),
        scratch=("/tmp",),
        ports=(Port(name="http", number=port),),
        ready=Health(ask=Http(path=HEALTH, port=port)),
        reaches=(server,),
        starts_after=(name,),
        resources=Resources(memory=32, cpu=0.1, cpu_request=0.01),
        exposure=Exposure(endpoint=name, port=port),
    )
