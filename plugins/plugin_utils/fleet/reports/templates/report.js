// Copyright (c) 2026, the comindware.platform authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// Sorts and filters the table of instances. The page is complete without it.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const table = byId("table");
  if (!table) return;
  const rows = [...table.tBodies];
  const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
  const [search, state, batch] = ["search", "state", "batch"].map(byId);

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const fits =
        words.every((word) => texts.get(row).includes(word)) &&
        (!state.value || row.dataset.state === state.value) &&
        (!batch || !batch.value || row.dataset.batch === batch.value);
      row.hidden = !fits;
      shown += fits;
    }
    byId("shown").textContent = shown;
  };

  const valueOf = (row, column) => {
    const cell = row.rows[0].cells[column];
    return "v" in cell.dataset ? cell.dataset.v : cell.textContent;
  };

  // What has no value comes last, whichever way the others are sorted.
  const sort = (heading, column) => {
    const up = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of heading.parentNode.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const keys = new Map(rows.map((row) => [row, valueOf(row, column)]));
    rows.sort((one, other) => {
      const [a, b] = [keys.get(one), keys.get(other)];
      if (!a || !b) return Number(!a) - Number(!b);
      return collator.compare(a, b) * (up ? 1 : -1);
    });
    table.append(...rows);
  };

  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading, column));
    heading.append(button);
  });

  // A link to an instance that the filter hides, or whose details are closed, leads there all the same.
  const reveal = () => {
    const target = location.hash && byId(location.hash.slice(1));
    const row = target && target.closest("tbody");
    if (!row) return;
    row.hidden = false;
    target.closest("details").open = true;
    row.scrollIntoView({ block: "start" });
  };

  for (const link of document.querySelectorAll("a[data-state]")) {
    link.addEventListener("click", () => {
      state.value = link.dataset.state;
      filter();
    });
  }
  for (const row of rows) {
    row.rows[0].addEventListener("click", () => {
      if (String(getSelection())) return;
      const details = row.querySelector("details");
      details.open = !details.open;
    });
  }
  const openAll = (open) => () => {
    for (const row of rows) if (!row.hidden) row.querySelector("details").open = open;
  };
  byId("open").addEventListener("click", openAll(true));
  byId("close").addEventListener("click", openAll(false));
  search.addEventListener("input", filter);
  state.addEventListener("change", filter);
  if (batch) batch.addEventListener("change", filter);
  addEventListener("hashchange", reveal);
  byId("tools").hidden = false;
  filter();
  reveal();
})();
