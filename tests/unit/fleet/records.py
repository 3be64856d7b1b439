# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records of runs as the fleet keeps them; tests change what they need."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import record

OLD, STOP, NEW = "5.0.13334.0", "5.0.18000.0", "5.0.24055.0"
BEGAN = datetime(2026, 11, 23, 2, 0, tzinfo=timezone.utc)
NASTY = "<script>alert('x')</script> \"&amp; Продажи \u202eтест"
"""A name with everything that a page could stumble over."""

DIFF = """--- instance.yml
+++ instance.yml
@@ -1,4 +1,4 @@
 instanceName: sales
-version: 5.0.13334.0
+version: 5.0.24055.0
 mq.server: localhost:9092
 mq.password: (secret 1)
"""


def at(seconds: float) -> str:
    """That many seconds after the beginning of the run."""
    return f"{BEGAN + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def down(start: float, seconds: float | None) -> record.Downtime:
    return {
        "seconds": seconds,
        "last_answer": at(start),
        "first_answer": None if seconds is None else at(start + seconds),
    }


def instance(
    host: str, name: str, state: str = record.UPGRADED, batch: int | None = 1, begin: float = 30
) -> record.InstanceRecord:
    """One in that state, with everything that is known of such a one."""
    one = record.new_instance(host, "Comindware", name, NEW)
    one.update(
        {
            "url": f"https://{host}.example.com/{name}",
            "start": OLD,
            "version": OLD,
            "path": [OLD, NEW],
            "batch": batch,
            "state": state,
        }
    )
    if state not in (record.PLANNED, record.BLOCKED, record.UNREACHABLE, record.NOT_BEGUN, record.UNCHANGED):
        seconds = None if state in (record.LOST, record.RUNNING, record.FAILED) else 90 + (begin * 7) % 120
        _begun(one, begin, seconds)
    if state in (record.UPGRADED, record.HANDED_OVER, record.HELD):
        one["version"] = NEW
    if state == record.UPGRADED:
        one.update({"verdict": "healthy", "message": f"Runs {NEW} and is healthy."})
        one["warnings"] = ["The directive 'oldThing' is not known to the new version and was kept."]
    if state == record.HANDED_OVER:
        one.update(
            {"verdict": "handed_over", "message": "The product waits in service mode for an administrator's login."}
        )
        one["next_step"] = "Log in as an administrator at the URL, and run the same run again."
    if state in record.BAD:
        one["message"] = "The start of the pool failed: the worker process ended 3 times within 60 s (0x80070005)."
        one["next_step"] = "Look into the logs, correct the cause, and run the same run again."
    return one


def _begun(one: record.InstanceRecord, begin: float, seconds: float | None) -> None:
    host, name = one["host"], one["name"]
    folder = rf"D:\Backups\Comindware\{name}\{at(begin)[:10]}-{OLD}"
    one.update(
        {
            "began": at(begin),
            "ended": None if seconds is None else at(begin + seconds + 60),
            "downtime": down(begin + 20, seconds),
        }
    )
    one["hops"] = [
        {
            "start": OLD,
            "target": NEW,
            "verdict": "unhealthy" if one["state"] in record.BAD else "healthy",
            "transaction": f"20261123-{host}-{name}",
            "backup": folder,
            "began": one["began"],
            "ended": one["ended"],
            "downtime": one["downtime"],
        }
    ]
    one["backups"] = [folder]
    one["changes"] = [{"file": "instance.yml", "diff": DIFF}, {"file": "Config/Web.config", "diff": DIFF * 2}]
    one["logs"] = [rf"C:\ProgramData\Comindware\Instances\{name}\Logs\Heartbeat_2026-11-23.log"]


def run(*instances: record.InstanceRecord, outcome: str = "succeeded") -> record.RunRecord:
    """A run of those, in the batches that they name."""
    numbers = sorted({one["batch"] for one in instances if one["batch"] is not None})
    bad = [one for one in instances if one["state"] in record.BAD]
    unknown = sum(one["state"] in (record.UNKNOWN, record.LOST) for one in bad)
    unreachable = sum(one["state"] == record.UNREACHABLE for one in bad)
    return {
        "format": record.FORMAT,
        "run": "20261123T020000Z",
        "target": NEW,
        "language": "en",
        "began": at(0),
        "ended": at(600 * len(numbers) + 60),
        "outcome": outcome,
        "reason": "",
        "budget": {
            "max_failed": 5,
            "max_percent": 2.5,
            "failed": len(bad) - unknown - unreachable,
            "unknown": unknown,
            "unreachable": unreachable,
            "handed_over": sum(one["state"] == record.HANDED_OVER for one in instances),
            "breached": "",
        },
        "batches": [_batch(number, [one for one in instances if one["batch"] == number]) for number in numbers],
        "instances": list(instances),
    }


def _batch(number: int, instances: list[record.InstanceRecord]) -> record.BatchRecord:
    began = 600 * (number - 1)
    return {
        "number": number,
        "name": "canary" if number == 1 else f"batch {number}",
        "hosts": sorted({one["host"] for one in instances}),
        "began": at(began),
        "ended": at(began + 580),
    }


def small() -> record.RunRecord:
    """Three instances: one well, one handed over, one with an odd name that was rolled back."""
    made = run(
        instance("app01", "sales", begin=20),
        instance("app01", NASTY, record.ROLLED_BACK, begin=200),
        instance("app02", "Продажи", record.HANDED_OVER, batch=2, begin=630),
        outcome="stopped",
    )
    made["reason"] = "The window ended at 02:20 UTC; no new instance was begun after it."
    made["budget"]["breached"] = "1 instance failed, 0 are allowed."
    return made


def large(number: int = 300) -> record.RunRecord:
    """A fleet in which every state occurs, two instances on each host, in five batches."""
    rare = dict(enumerate((state for state in record.STATES if state not in record.GOOD), start=3))
    made = []
    for count in range(number):
        batch = 1 + min(4, count * 6 // number)
        begin = 600 * (batch - 1) + 10 + (count * 37) % 380
        state = rare.get(count // 7 if count % 7 == 0 else 0, record.UPGRADED if count % 23 else record.UNCHANGED)
        late = state in (record.NOT_BEGUN, record.BLOCKED)
        name = ("sales", "hr", "Продажи", "crm-test")[count % 4]
        made.append(instance(f"app{count // 2:03}.corp.example", name, state, None if late else batch, begin))
    return run(*made, outcome="failed")
