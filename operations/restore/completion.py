"""From recovered data in the backup part to a server with it, verified, and everything back."""

from operations import backups, steps
from operations.restore import plan, replace, rest, rows
from operations.restore.live import LiveStack
from operations.restore.rows import Recovered


def complete(live: LiveStack, recovered: Recovered, begin: float) -> None:
    """Replace the data of the server, verify it, and bring back what writes. `begin` is when the
    verb began to change something."""
    away = steps.now()
    with steps.step("Stop what writes to the databases") as report:
        writers = live.workloads.running(live.writers)
        live.workloads.stop(live.writers)
        report(", ".join(writers) or "nothing runs")
    with steps.step("Clone the recovered server, and set the present data aside") as report:
        server = replace.replace(live, recovered.id, report)
    with steps.step("Compare the rows with those that were recovered"):
        rows.expect_same(recovered.rows, rows.present(server), live.name)
        backups.run(live.part, "discard", *backups.PATIENTLY)
    back = rest.finish(live)
    steps.console.print(rows.table(recovered.rows))
    plan.show_result(live, total=steps.now() - begin, away=back - away)
