"""What a container may say: for each property whether a change updates or replaces it, and its
defaults.

From the recorded answers of the official plugin 5.1.0. `refused` properties are known to Diff (a
stack that the official plugin deployed may hold them) but Check does not let them in.
"""

from __future__ import annotations

from functools import partial

from airgap.plugins.docker.label import LABEL_FIELDS
from airgap.plugins.schema import Field, Kind, Table

TIMEOUTS = (
    '"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":'
    '{"create":1200000000000,"delete":1200000000000,"update":1200000000000}'
)
"""The official plugin's time-outs in the form in which it keeps them in the state."""
DURATION = r"0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+"
"""Go's form of a duration."""

updating = Field
replacing = partial(Field, replaces=True)
refused = partial(Field, implemented=False)
refused_replacing = partial(Field, replaces=True, implemented=False)

CAPABILITIES = (
    Field(name="adds", kind=Kind.SET, empty=[]),
    Field(name="drops", kind=Kind.SET, empty=[]),
)
HEALTHCHECK = (
    Field(name="tests", kind=Kind.LIST, required=True),
    Field(name="interval", default="0s", pattern=DURATION),
    Field(name="timeout", default="0s", pattern=DURATION),
    Field(name="startPeriod", default="0s", pattern=DURATION),
    Field(name="startInterval", default="0s", pattern=DURATION),
    Field(name="retries", kind=Kind.NUMBER, empty=0),
)
HOSTS = (Field(name="host", required=True), Field(name="ip", required=True))
MOUNTS = (
    Field(name="target", required=True),
    Field(name="type", required=True, pattern="bind|volume|tmpfs"),
    Field(name="source", empty=""),
    Field(name="readOnly", kind=Kind.FLAG, empty=False),
    Field(name="bindOptions", kind=Kind.OBJECT, fields=(Field(name="propagation"),)),
    Field(
        name="tmpfsOptions",
        kind=Kind.OBJECT,
        fields=(Field(name="mode", kind=Kind.NUMBER), Field(name="sizeBytes", kind=Kind.NUMBER)),
    ),
    refused(name="volumeOptions", kind=Kind.OBJECT),
)
NETWORKS = (
    Field(name="name", required=True),
    Field(name="aliases", kind=Kind.SET, empty=[]),
    refused(name="driverOpts", kind=Kind.SET, empty=[]),
    refused(name="gwPriority", kind=Kind.NUMBER),
    refused(name="ipv4Address", empty=""),
    refused(name="ipv6Address", empty=""),
    refused(name="linkLocalIps", kind=Kind.SET, empty=[]),
    refused(name="macAddress", empty=""),
)
PORTS = (
    Field(name="internal", kind=Kind.NUMBER, required=True),
    Field(name="external", kind=Kind.NUMBER, computed=True),
    Field(name="ip", default="0.0.0.0"),
    Field(name="protocol", default="tcp"),
)
ULIMITS = (
    Field(name="name", required=True),
    Field(name="soft", kind=Kind.NUMBER, required=True),
    Field(name="hard", kind=Kind.NUMBER, required=True),
)
UPLOADS = (
    Field(name="file", required=True),
    Field(name="content", empty=""),
    Field(name="contentBase64", empty=""),
    Field(name="source", empty=""),
    Field(name="sourceHash", empty=""),
    Field(name="executable", kind=Kind.FLAG, empty=False),
    Field(name="permissions", empty="", pattern="0[0-7]{3}"),
)
VOLUMES = (
    Field(name="containerPath", required=True),
    Field(name="hostPath", empty="", pattern="/.*"),
    Field(name="volumeName", empty=""),
    Field(name="readOnly", kind=Kind.FLAG),
    refused(name="fromContainer", empty=""),
    refused(name="selinuxRelabel", empty=""),
)

FIELDS = (
    replacing(name="name", required=True),
    replacing(name="image", required=True),
    updating(name="attach", kind=Kind.FLAG, empty=False),
    replacing(name="capabilities", kind=Kind.OBJECT, fields=CAPABILITIES),
    refused_replacing(name="cgroupParent"),
    refused_replacing(name="cgroupnsMode"),
    replacing(name="command", kind=Kind.LIST, computed=True, empty=[]),
    updating(name="containerReadRefreshTimeoutMilliseconds", kind=Kind.NUMBER, default=15000),
    refused(name="cpuPeriod", kind=Kind.NUMBER),
    refused(name="cpuQuota", kind=Kind.NUMBER),
    updating(name="cpuSet", empty="", pattern=r"\d+([,-]\d+)*"),
    updating(name="cpuShares", kind=Kind.NUMBER, empty=0),
    replacing(name="cpus", pattern=r"\d+(\.\d+)?"),
    updating(name="destroyGraceSeconds", kind=Kind.NUMBER),
    refused(name="deviceReadBps", kind=Kind.OBJECTS, empty=[]),
    refused(name="deviceReadIops", kind=Kind.OBJECTS, empty=[]),
    refused_replacing(name="deviceRequests", kind=Kind.OBJECTS, empty=[]),
    refused(name="deviceWriteBps", kind=Kind.OBJECTS, empty=[]),
    refused(name="deviceWriteIops", kind=Kind.OBJECTS, empty=[]),
    refused_replacing(name="devices", kind=Kind.OBJECTS, empty=[]),
    replacing(name="dns", kind=Kind.SET),
    refused_replacing(name="dnsOpts", kind=Kind.SET),
    refused_replacing(name="dnsSearches", kind=Kind.SET),
    replacing(name="domainname", empty=""),
    replacing(name="entrypoints", kind=Kind.LIST, computed=True, empty=[]),
    replacing(name="envs", kind=Kind.SET, computed=True, empty=[]),
    refused_replacing(name="gpus"),
    replacing(name="groupAdds", kind=Kind.SET),
    updating(name="healthcheck", kind=Kind.OBJECT, computed=True, fields=HEALTHCHECK),
    replacing(name="hostname", computed=True, empty=""),
    replacing(name="hosts", kind=Kind.OBJECTS, empty=[], fields=HOSTS),
    updating(name="init", kind=Kind.FLAG, computed=True, empty=False),
    refused_replacing(name="ipcMode", computed=True, empty=""),
    replacing(name="labels", kind=Kind.OBJECTS, computed=True, empty=[], fields=LABEL_FIELDS),
    replacing(name="logDriver", computed=True, empty=""),
    replacing(name="logOpts", kind=Kind.MAP),
    updating(name="logs", kind=Kind.FLAG, empty=False),
    updating(name="maxRetryCount", kind=Kind.NUMBER, empty=0),
    updating(name="memory", kind=Kind.NUMBER, empty=0),
    updating(name="memoryReservation", kind=Kind.NUMBER, empty=0),
    updating(name="memorySwap", kind=Kind.NUMBER, empty=0),
    replacing(name="mounts", kind=Kind.OBJECTS, empty=[], fields=MOUNTS),
    updating(name="mustRun", kind=Kind.FLAG, default=True),
    replacing(name="networkMode", default="bridge", pattern="bridge"),
    replacing(name="networksAdvanced", kind=Kind.OBJECTS, empty=[], fields=NETWORKS),
    refused_replacing(name="pidMode"),
    refused_replacing(name="platform", computed=True, empty=""),
    replacing(name="ports", kind=Kind.OBJECTS, empty=[], fields=PORTS),
    refused_replacing(name="privileged", kind=Kind.FLAG, empty=False),
    refused_replacing(name="publishAllPorts", kind=Kind.FLAG, empty=False),
    replacing(name="readOnly", kind=Kind.FLAG, empty=False),
    updating(name="removeVolumes", kind=Kind.FLAG, default=True),
    updating(name="restart", default="no", pattern="no|on-failure|always|unless-stopped"),
    updating(name="rm", kind=Kind.FLAG, empty=False),
    refused_replacing(name="runtime", computed=True, empty=""),
    replacing(name="securityOpts", kind=Kind.SET, computed=True, empty=[]),
    replacing(name="shmSize", kind=Kind.NUMBER, computed=True, empty=0),
    updating(name="start", kind=Kind.FLAG, default=True),
    replacing(name="stdinOpen", kind=Kind.FLAG, empty=False),
    replacing(name="stopSignal", computed=True, empty=""),
    replacing(name="stopTimeout", kind=Kind.NUMBER, computed=True, empty=0),
    refused_replacing(name="storageOpts", kind=Kind.MAP),
    replacing(name="sysctls", kind=Kind.MAP),
    updating(name="tmpfs", kind=Kind.MAP),
    replacing(name="tty", kind=Kind.FLAG, empty=False),
    replacing(name="ulimits", kind=Kind.OBJECTS, empty=[], fields=ULIMITS),
    replacing(name="uploads", kind=Kind.OBJECTS, empty=[], fields=UPLOADS),
    replacing(name="user", computed=True, empty=""),
    refused_replacing(name="usernsMode", empty=""),
    replacing(name="volumes", kind=Kind.OBJECTS, empty=[], fields=VOLUMES),
    updating(name="wait", kind=Kind.FLAG, empty=False),
    updating(name="waitTimeout", kind=Kind.NUMBER, default=60),
    replacing(name="workingDir", computed=True, empty=""),
)

TABLE = Table(
    token="docker:index/container:Container",
    delete_first=True,
    meta=f'{{{TIMEOUTS},"schema_version":"2"}}',
    fields=FIELDS,
    outputs={"bridge": "", "containerLogs": None, "exitCode": None, "id": "", "networkDatas": []},
)
