"""A step in which the pod of a job waits until its policies are in force.

A cluster applies NetworkPolicies to a pod a moment after its start. Until then the pod's
connections are refused. A service tries again, but a job, such as a migration, would fail. Its next
try is a new pod, which meets the same.
"""

from dataclasses import replace

from components.addresses import Address
from components.container import Image, Resources, Step
from components.workload import Job

# Seconds. kube-router applies policies within two, and others sooner.
LONGEST = 60

# nc connects and then becomes a program that does nothing.
WAIT = f"""\
end=$(($(date +%s) + {LONGEST}))
for address; do
    until nc -w 2 "${{address%:*}}" "${{address#*:}}" -e /bin/busybox true 2> /dev/null; do
        if [ "$(date +%s)" -gt "$end" ]; then
            echo "$address does not answer within {LONGEST} s" >&2
            exit 1
        fi
        sleep 0.5
    done
done
"""


def step_name(job: str) -> str:
    return f"{job}-servers"


def awaiting_servers(job: Job, image: Image) -> Job:
    """The job with a first step that connects to every part that it reaches. `image` is busybox."""
    servers = [
        f"{reach.host}:{reach.port}"
        for reach in dict.fromkeys(job.reaches)
        if isinstance(reach, Address)
    ]
    if not servers:
        return job
    step = Step(
        name=step_name(job.name),
        image=image,
        entrypoint=("/bin/busybox", "sh", "-c", WAIT, "sh"),
        command=tuple(servers),
        resources=Resources(memory=16, cpu=0.1, memory_request=8, cpu_request=0.01),
        asked_by=job.asked_by,
        limit=LONGEST,
    )
    return replace(job, init=(step, *job.init))
