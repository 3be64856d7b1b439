# Copyright (c) 2026, the comindware.platform authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of a run in a real browser: both schemes, wide and narrow, with 3 and with 300 instances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.comindware.platform.plugins.plugin_utils.fleet import record, report
from end_to_end import browser
from unit.fleet import records
from unit.fleet.pages import Page

RUNS = {"3": records.small(), "300": records.large()}

LOOK = """
const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (color) => {
  const [r, g, b] = numbers(color).slice(0, 3)
    .map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one, other) => {
  const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const clear = (color) => numbers(color).length === 4 && numbers(color)[3] === 0;
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (!clear(color)) return color;
  }
  return "rgb(255, 255, 255)";
};
for (const details of document.querySelectorAll("details")) details.open = true;
const weak = [];
let measured = 0;
for (const element of document.body.querySelectorAll("*")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  if (!own || !element.getClientRects().length || ["SCRIPT", "STYLE", "title"].includes(element.nodeName)) continue;
  const style = getComputedStyle(element);
  const found = contrast(element.nodeName === "text" ? style.fill : style.color, behind(element));
  measured += 1;
  if (found < 4.5) weak.push(`${element.nodeName} ${element.className} ${element.textContent.slice(0, 20)} ${found.toFixed(2)}`);
}
const span = document.querySelector(".plot .span");
for (const text of document.querySelectorAll(".plot text")) {
  if (contrast(getComputedStyle(text).fill, getComputedStyle(span).fill) < 4.5) weak.push(`on a batch: ${text.textContent}`);
}
for (const bar of document.querySelectorAll(".plot .down:not(.open)")) {
  for (const back of [getComputedStyle(span).fill, behind(bar)]) {
    if (contrast(getComputedStyle(bar).fill, back) < 3) weak.push("a bar");
  }
}
const search = document.getElementById("search");
if (contrast(getComputedStyle(search, "::placeholder").color, behind(search)) < 4.5) weak.push("the placeholder");
const wide = [...document.body.querySelectorAll("body *")].filter((element) => {
  const box = element.getBoundingClientRect();
  return box.right > innerWidth + 1 && !element.closest("pre, svg");
}).map((element) => `${element.nodeName} ${element.className} ${element.textContent.slice(0, 30)}`);
const thin = [...document.querySelectorAll("#table tr:first-child > *")]
  .filter((cell) => cell.getClientRects().length && cell.getBoundingClientRect().width < 70).map((cell) => cell.textContent);
return {
  thin,
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
  back: light(getComputedStyle(document.body).backgroundColor),
  ink: light(getComputedStyle(document.body).color),
  width: innerWidth,
  scroll: document.documentElement.scrollWidth,
  wide,
  weak,
  measured,
  resources: performance.getEntriesByType("resource").map((one) => one.name),
  bars: [...document.querySelectorAll(".plot .down")].filter((bar) => bar.getBoundingClientRect().width >= 1).length,
  seconds: performance.now() / 1000,
};
"""

USE = """
const shown = () => [...document.querySelectorAll("tbody")].filter((row) => row.getClientRects().length);
const cells = (column) => shown().map((row) => row.rows[0].cells[column].textContent);
const type = (text) => { const box = document.getElementById("search"); box.value = text; box.dispatchEvent(new Event("input")); };
const choose = (id, value) => {
  const box = document.getElementById(id); box.value = value; box.dispatchEvent(new Event("change"));
};
const button = (column) => document.querySelectorAll("thead button")[column];
const order = () => [...document.querySelectorAll("thead th")].map((cell) => cell.getAttribute("aria-sort"));
const found = {tools: !document.getElementById("tools").hidden, all: shown().length};
type("app01 ПРОДАЖИ"); found.typed = cells(1); found.told = document.getElementById("shown").textContent;
type("nothing like it"); found.nothing = shown().length;
type("");
choose("state", "handed_over"); found.state = cells(0);
choose("state", ""); choose("batch", "1"); found.batch = cells(4);
choose("batch", "");
button(6).click(); found.up = cells(6); found.marks = order();
button(6).click(); found.down = cells(6); found.marks_down = order();
button(1).click(); found.names = cells(1);
document.querySelector("a[data-state=upgraded]").click(); found.legend = cells(0);
const open = () => shown().map((row) => row.querySelector("details").open);
choose("state", "");
found.closed = open();
shown()[0].rows[0].click(); found.clicked = open();
document.getElementById("open").click(); found.opened = open();
document.getElementById("close").click(); found.closed_again = open();
return found;
"""


def page_of(run: record.RunRecord, folder: Path, probe: str = "", language: str = "ru") -> Path:
    text = report.contents(run, language)["html"]
    file = folder / "page.html"
    file.write_text(browser.with_probe(text, probe) if probe else text, encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(RUNS))
def test_the_page_can_be_read(size: str, scheme: str, width: int, tmp_path: Path, figures: list[str]) -> None:
    shown = browser.show(page_of(RUNS[size], tmp_path, LOOK), tmp_path, scheme, width)
    assert (shown.console, shown.asked) == ([], [])
    found = shown.found
    assert found["dark"] == (scheme == "dark")
    assert (
        (found["back"] < 0.05 and found["ink"] > 0.6)
        if scheme == "dark"
        else (found["back"] > 0.8 and found["ink"] < 0.05)
    )
    assert (found["width"], found["scroll"], found["wide"]) == (width, width, [])
    assert found["thin"] == []
    assert found["weak"] == [] and found["measured"] > 40 * int(size)
    assert found["resources"] == []
    assert found["bars"] == sum(bool(one["downtime"]["last_answer"]) for one in RUNS[size]["instances"])
    assert found["seconds"] < 20
    figures.append(
        f"report page, {size} instances, {scheme}, {width} px: laid out with all details in {found['seconds']:.1f} s"
    )


@pytest.mark.parametrize("size", list(RUNS))
@pytest.mark.parametrize("language", report.LANGUAGES)
def test_everything_in_the_record_is_on_the_page(size: str, language: str, tmp_path: Path) -> None:
    shown = browser.show(page_of(RUNS[size], tmp_path, language=language), tmp_path)
    made = Page(shown.dom)
    told = " ".join(made.words.split())
    moments = {value for tag, name, value in made.attributes if (tag, name) == ("time", "datetime")}
    for one in RUNS[size]["instances"]:
        texts = [
            one["name"],
            one["host"],
            one["brand"],
            one["url"] or "",
            one["message"],
            one["next_step"],
            one["target"],
        ]
        texts += [
            *one["path"],
            *one["backups"],
            *one["warnings"],
            *one["logs"],
            *(hop["transaction"] or "" for hop in one["hops"]),
        ]
        texts += [text for change in one["changes"] for text in (change["file"], *change["diff"].splitlines())]
        assert [text for text in texts if " ".join(text.split()) not in told] == []
        times = {one["began"], one["ended"], *(hop["downtime"]["last_answer"] for hop in one["hops"])}
        assert times - {None} <= moments


def test_the_table_sorts_and_filters(tmp_path: Path) -> None:
    shown = browser.show(page_of(records.small(), tmp_path, USE, "en"), tmp_path)
    assert shown.console == []
    found: dict[str, Any] = shown.found
    rolled_back, handed_over, upgraded = "2 min 50 s", "3 min", "1 min 50 s"
    assert (found["tools"], found["all"]) == (True, 3)
    assert (len(found["typed"]), found["told"], found["nothing"]) == (1, "1", 0)
    assert found["typed"][0].startswith("<script>alert('x')</script>")
    assert found["state"] == ["Handed over"]
    assert found["batch"] == ["Canary", "Canary"]
    assert found["up"] == [upgraded, rolled_back, handed_over] and found["down"] == found["up"][::-1]
    assert found["marks"] == [None] * 6 + ["ascending", None]
    assert found["marks_down"] == [None] * 6 + ["descending", None]
    assert [name.split()[0] for name in found["names"]] == ["<script>alert('x')</script>", "sales", "Продажи"]
    assert found["legend"] == ["Upgraded"]
    assert found["closed"] == [False] * 3
    assert found["clicked"] == [True, False, False]
    assert found["opened"] == [True] * 3 and found["closed_again"] == [False] * 3


def test_a_link_opens_the_details_that_it_leads_to(tmp_path: Path) -> None:
    probe = "location.hash = 'i1'; dispatchEvent(new Event('hashchange'));"
    probe += "return [...document.querySelectorAll('details[open] .details')].map((one) => one.id);"
    assert browser.show(page_of(records.small(), tmp_path, probe), tmp_path).found == ["i1"]


def test_nothing_foreign_can_run_or_be_fetched(tmp_path: Path) -> None:
    """Were something of a record to get into the page unescaped, its policy would stop it. It proves too that this file would see it."""
    foreign = "<script>document.body.id = 'owned'</script><img src='http://foreign.invalid/a.png' onerror=\"document.body.id = 'owned'\">"
    page = page_of(records.small(), tmp_path)
    text = page.read_text(encoding="utf-8").replace("</main>", f"{foreign}</main>")
    page.write_text(text, encoding="utf-8")
    shown = browser.show(page, tmp_path)
    assert "owned" not in [value for tag, name, value in Page(shown.dom).attributes if (tag, name) == ("body", "id")]
    assert len([line for line in shown.console if "Content Security Policy" in line]) >= 2
    assert shown.asked == []
    start = text.index('<meta http-equiv="Content-Security-Policy"')
    page.write_text(text[:start] + text[text.index(">", start) + 1 :], encoding="utf-8")
    unguarded = browser.show(page, tmp_path)
    assert ("body", "id", "owned") in Page(unguarded.dom).attributes
    assert unguarded.asked == ["http://foreign.invalid/a.png"]
