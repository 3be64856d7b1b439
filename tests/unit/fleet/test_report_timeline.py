# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the timeline draws what was measured."""

from __future__ import annotations

from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import record
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet.reports import timeline
from unit.fleet import records


def of(run: record.RunRecord) -> timeline.Timeline:
    found = timeline.of(run, "en")
    assert found is not None
    return found


def test_downtime_lies_where_it_was_measured() -> None:
    one = records.instance("app01", "sales", begin=100)
    one.update({"began": records.at(0), "ended": records.at(300), "downtime": records.down(50, 100.0), "hops": []})
    run = records.run(one)
    run["ended"] = records.at(1000)
    found = of(run)
    ((line,),) = (group.lines for group in found.groups)
    assert line.work == timeline.Stretch(0, 30)
    assert line.downs == (timeline.Stretch(5, 10),)
    assert line.label == "\u2068sales\u2069 · \u2068app01\u2069 · 1 min 40 s"
    assert line.title == "\u2068sales\u2069 · \u2068app01\u2069 · Upgraded · 1 min 40 s"
    assert [tick for _, tick in found.ticks] == ["02:00", "02:05", "02:10", "02:15"]
    assert found.groups[0].span == timeline.Stretch(0, 58)


def test_each_hop_has_its_own_downtime() -> None:
    one = records.instance("app01", "sales")
    second = {**one["hops"][0], "downtime": records.down(400, 50.0)}
    one["hops"].append(second)  # type: ignore[arg-type]
    assert len(of(records.run(one)).groups[0].lines[0].downs) == 2


def test_a_downtime_without_an_end_goes_on_to_the_end() -> None:
    run = records.run(records.instance("app01", "sales", record.LOST))
    (piece,) = of(run).groups[0].lines[0].downs
    assert piece.open and round(piece.end, 3) == 100


def test_instances_without_a_batch_have_a_group_of_their_own() -> None:
    run = records.run(records.instance("app01", "sales"), records.instance("app02", "hr", batch=None))
    assert [group.batch["number"] if group.batch else None for group in of(run).groups] == [1, None]


def test_a_host_with_a_wrong_clock_squeezes_nobody() -> None:
    run = records.run(records.instance("app01", "sales"), records.instance("app02", "hr", begin=86400 * 30))
    found = of(run)
    assert [one["name"] for one in found.strays] == ["hr"]
    assert [line.instance["name"] for line in found.groups[0].lines] == ["sales"]
    assert found.groups[0].states == {record.UPGRADED: 2}


def test_a_run_that_goes_on_may_take_long() -> None:
    one = records.instance("app01", "sales", begin=5 * 3600)
    run = records.run(one, outcome="running")
    run["ended"] = None
    assert of(run).strays == ()
    assert of(run).ticks[-1][1] == "07:00"


def test_a_host_that_came_back_long_after_the_run_is_drawn_to_the_end() -> None:
    one = records.instance("app01", "sales", record.LOST)
    one["hops"][0]["downtime"] = records.down(60, 40000.0)
    found = of(records.run(one))
    (piece,) = found.groups[0].lines[0].downs
    assert (found.strays, piece.end, found.ticks[-1][1]) == ((), 100, "03:00")


def test_in_a_large_run_only_bad_ones_have_words() -> None:
    lines = [line for group in of(records.large()).groups for line in group.lines]
    assert {line.instance["state"] for line in lines if line.label} == record.BAD - {record.UNREACHABLE}
    assert all(line.title for line in lines)


def test_nothing_lies_outside() -> None:
    for group in of(records.large()).groups:
        for line in group.lines:
            for piece in [line.work, *line.downs, group.span]:
                assert piece is None or (piece.x >= 0 and piece.width > 0 and piece.end <= 100.001)
            assert 0 <= line.y < group.height


def test_days_are_days() -> None:
    run = records.run(records.instance("app01", "sales"))
    run["ended"] = records.at(86400 * 30)
    assert [tick for _, tick in of(run).ticks][:2] == ["11-26", "12-01"]
