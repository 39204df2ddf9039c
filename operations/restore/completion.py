"""From recovered data in the backup part to a server with it, verified, and everything back."""

from operations import backups, steps
from operations.restore import plan, recovering, replace, rest, rows
from operations.restore.live import LiveStack


def complete(live: LiveStack, begin: float, away: float | None = None) -> None:
    """Replace the data of the server, verify it, and bring back what writes. `begin` is when the
    verb began to change something, and `away` when it stopped what writes, if it has done so.

    Until nothing writes, the recovered server is closed: whenever the database starts while it is
    open, the step clones it.
    """
    away = away or steps.now()
    recovering.forget(live)
    with steps.step("Stop what writes to the databases") as report:
        writers = live.workloads.running(live.writers)
        live.workloads.stop(live.writers)
        report(", ".join(writers) or "nothing runs")
    before = {backup.id for backup in backups.read(live.part).backups}
    with steps.step("Clone the recovered data, and set the present data aside") as report:
        recovered = rows.recovered(backups.run(live.part, "open"))
        server = replace.replace(live, recovered.id, report)
    with steps.step("Compare the rows with those that were recovered"):
        rows.expect_same(recovered.rows, rows.present(server), live.name)
        backups.run(live.part, "discard")
    back = rest.finish(live, before)
    steps.console.print(rows.table(recovered.rows))
    plan.show_result(live, total=steps.now() - begin, away=back - away)
