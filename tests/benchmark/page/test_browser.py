"""The page in headless Chromium, from disk: no error, no request, and its controls work.

A copy of each view gets one more script, a file in the same folder, that uses the controls as a
visitor would and leaves what it saw in the document, which Chromium prints.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from benchmark.board.loading import load_boards
from benchmark.page.tabs import methods
from benchmark.page.writing import write_page
from perf.boards.synthetic import make_results

pytestmark = pytest.mark.slow
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REPORT = """
const seen = {};
addEventListener("error", (event) => { seen.error = event.message; });
addEventListener("securitypolicyviolation", (event) => { seen.blocked = event.blockedURI; });
const one = (selector) => document.querySelector(selector);
const many = (selector) => [...document.querySelectorAll(selector)];
function report() {
  seen.requests = performance.getEntriesByType("resource").map((entry) => entry.name)
    .filter((name) => !/^(file|data):/.test(name));
  const pre = document.createElement("pre");
  pre.id = "report";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
}
const later = () => new Promise((resolve) => { setTimeout(resolve, 300); });
addEventListener("load", async () => { DRIVE; report(); });
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is installed")
    return found


def drive(chromium: str, view: Path, script: str, tmp_path: Path, fragment: str = "") -> Any:
    """Open a view with a script of ours, and return what the script saw."""
    driver = view.with_name("drive.js")
    driver.write_text(REPORT.replace("DRIVE", script))
    driven = view.with_name(f"driven-{view.name}")
    text = view.read_text().replace("</body>", '<script src="drive.js"></script></body>')
    driven.write_text(text.replace("script-src ", "script-src &#39;self&#39; file: "))
    done = subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--dump-dom",
            "--no-first-run",
            "--disable-background-networking",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=4000",
            "--window-size=1280,900",
            f"{driven.as_uri()}{fragment}",
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    assert "CONSOLE" not in done.stderr, done.stderr
    found = re.search(r'<pre id="report">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stdout[-2000:]
    seen = json.loads(html.unescape(found[1]))
    assert seen.pop("requests") == []
    assert "error" not in seen
    assert "blocked" not in seen
    return seen


@pytest.fixture(scope="module")
def copy(page: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the page, to which scripts may be added."""
    target = tmp_path_factory.mktemp("driven") / "site"
    shutil.copytree(page.out, target)
    return target


def test_sorting(chromium: str, copy: Path, page: Any, tmp_path: Path) -> None:
    script = """
const table = many("table.board").find((each) => each.tBodies[0].rows.length > 2);
const rows = () => [...table.tBodies[0].rows];
const names = () => rows().map((row) => row.cells[1].querySelector("a").textContent);
const buttons = [...table.querySelectorAll("th button")];
const button = (text) => buttons.find((each) => each.textContent === text);
seen.before = names();
button("Grad").click();
seen.grad = names();
seen.sorted = button("Grad").closest("th").getAttribute("aria-sort");
seen.heading = table.querySelector("[data-rank-heading]").textContent;
seen.ranks = rows().map((row) => row.cells[0].textContent.trim());
button("Grad").click();
seen.down = names();
button("Method").click();
seen.method = names();
seen.said = one("#announce").textContent;
"""
    seen = drive(chromium, copy / "index.html", script, tmp_path)
    rows = [row for row in page.board.rows if row.track == "trimap-based"]
    by_grad = sorted(rows, key=lambda row: row.cells["grad/whole/v1"].value)
    assert seen["before"] == [row.title for row in rows]
    assert seen["grad"] == [row.title for row in by_grad]
    assert seen["down"] == seen["grad"][::-1]
    assert seen["method"] == sorted(seen["grad"])
    assert seen["sorted"] == "ascending"
    assert seen["heading"] == "Rank by Grad"
    assert [int(rank.split()[0]) for rank in seen["ranks"]] == [
        row.cells["grad/whole/v1"].rank for row in by_grad
    ]
    assert seen["said"] == "Sorted by Method, ascending"


def test_slider_composite_and_keys(chromium: str, copy: Path, page: Any, tmp_path: Path) -> None:
    script = """
const viewer = one(".viewer");
const [left, right] = viewer.querySelectorAll("select");
const range = viewer.querySelector("input[type=range]");
const [below, above] = viewer.querySelectorAll("svg");
seen.clip = getComputedStyle(above).clipPath;
range.value = 20;
range.dispatchEvent(new Event("input"));
seen.slid = getComputedStyle(above).clipPath;
seen.left = below.lastChild.getAttribute("href").split("/").pop();
const colour = viewer.querySelector("input[type=color]");
colour.value = "#ff0000";
colour.dispatchEvent(new Event("input"));
seen.ground = below.querySelector("rect").getAttribute("fill");
seen.mask = below.querySelector("mask image").getAttribute("href").split("/").pop();
seen.picture = below.lastChild.getAttribute("href").split("/").pop();
right.value = "input";
right.dispatchEvent(new Event("change"));
seen.right = above.lastChild.getAttribute("href").split("/").pop();
seen.masked = above.lastChild.hasAttribute("mask");
addEventListener("click", (event) => {
  const link = event.target.closest("a[rel]");
  if (link) { seen.turned = link.getAttribute("href"); event.preventDefault(); }
}, true);
range.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
seen.inside = seen.turned ?? null;
document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
"""
    view = copy / page.board.key / "images" / "cat_1.html"
    seen = drive(chromium, view, script, tmp_path)
    assert seen["clip"] == "inset(0px 0px 0px 50%)"
    assert seen["slid"] == "inset(0px 0px 0px 20%)"
    assert seen["left"] == "truth.webp"
    assert seen["ground"] == "#ff0000"
    assert (seen["mask"], seen["picture"]) == ("truth.webp", "input.webp")
    assert (seen["right"], seen["masked"]) == ("input.webp", False)
    assert seen["inside"] is None  # arrow keys on the slider move the slider
    assert seen["turned"].endswith("glass_0.html")


def test_comparing(chromium: str, copy: Path, page: Any, tmp_path: Path) -> None:
    script = """
const [first, second, metric] = many("form.compare select");
const pick = (select, text) => {
  select.value = [...select.options].find((option) => option.textContent.startsWith(text)).value;
  select.dispatchEvent(new Event("change"));
};
pick(first, "constant");
pick(second, "distance");
pick(metric, "MSE");
await later();
seen.verdict = one("[data-verdict]").textContent;
seen.marks = many("svg[data-plot=scatter] .dot").length;
seen.bars = many("svg[data-plot=differences] .dot").length;
seen.rows = many("form.compare tbody tr").map(
  (row) => [row.cells[0].textContent, Number(row.cells[3].dataset.value)]);
"""
    seen = drive(chromium, copy / page.board.key / "compare.html", script, tmp_path)
    pair = page.board.compare("constant", "distance", "mse/whole/v1")
    assert f"constant minus distance is {pair.mean:.4f}".replace("-", "−") in seen["verdict"]
    assert f"p = {pair.p:.3f}" in seen["verdict"]
    assert (seen["marks"], seen["bars"]) == (3, 3)
    columns = [
        page.board.values[page.board.row(name).key]["mse/whole/v1"]
        for name in ("constant", "distance")
    ]
    differences = dict(zip(page.board.image_ids, columns[0] - columns[1], strict=True))
    order = sorted(differences, key=lambda name: -abs(differences[name]))
    assert seen["rows"] == [[name, differences[name]] for name in order]


@pytest.mark.parametrize("single_file", [False, True])
def test_images_are_paged(
    chromium: str, page: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, single_file: bool
) -> None:
    monkeypatch.setattr(methods, "SHOWN", 2)
    write_page([page.board], tmp_path / "site", datasets={}, single_file=single_file)
    row = page.board.rows[0]
    lead = page.board.values[row.key]["sad/whole/v1"]
    worst = [page.board.image_ids[i] for i in sorted(range(3), key=lambda i: -lead[i])]
    key = f"{page.board.key}/methods/{row.key}"
    view = tmp_path / "site" / ("index.html" if single_file else f"{key}.html")
    script = f"""
const view = document.getElementById({json.dumps(key)});
const table = view.querySelector("table.paged");
const pager = view.querySelector(".pager");
const names = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent.trim());
const [before, after] = pager.querySelectorAll("button");
const click = async (button) => {{ button.click(); await later(); return names(); }};
seen.hidden = pager.hidden;
seen.first = names();
seen.second = await click(after);
seen.words = pager.querySelector("span").textContent;
seen.ends = [before.disabled, after.disabled];
seen.value = Number(table.tBodies[0].rows[0].cells[1].dataset.value);
seen.href = table.querySelector("tbody a").getAttribute("href");
seen.back = await click(before);
seen.named = await click(table.querySelector("thead th button"));
seen.best = await click(table.querySelectorAll("thead th button")[1]);
"""
    seen = drive(chromium, view, script, tmp_path, f"#{key}" if single_file else "")
    assert not seen["hidden"]
    assert (seen["first"], seen["second"], seen["back"]) == (worst[:2], worst[2:], worst[:2])
    assert (seen["words"], seen["ends"]) == ("3 to 3 of 3", [False, True])
    assert seen["value"] == min(lead)
    image = f"{page.board.key}/images/{worst[2]}"
    assert seen["href"] == (f"#{image}" if single_file else f"../../{image}.html")
    assert (seen["named"], seen["best"]) == (sorted(worst)[:2], worst[::-1][:2])


def test_choosing_a_metric_and_the_phone(
    chromium: str, copy: Path, page: Any, tmp_path: Path
) -> None:
    script = """
const parts = () => many("[data-switched]").filter((part) => !part.hidden).map((part) => part.id);
seen.before = parts();
const select = one("select[data-switch]");
select.selectedIndex = 2;
select.dispatchEvent(new Event("change"));
seen.after = parts();
seen.names = [...select.options].map((option) => option.textContent);
"""
    seen = drive(chromium, copy / page.board.key / "curves.html", script, tmp_path)
    assert [len(seen["before"]), len(seen["after"])] == [1, 1]
    assert seen["before"] != seen["after"]
    assert seen["names"][0] == "SAD, whole image"
    assert len(seen["names"]) == 8


def test_single_file(chromium: str, page: Any, tmp_path: Path) -> None:
    write_page(
        [page.board],
        tmp_path / "one",
        datasets={"discs": page.dataset},
        single_file=True,
        curves=page.curves,
    )
    script = """
const open = () => many(".view").filter((view) => !view.hidden).map((view) => view.id);
seen.first = open();
seen.title = document.title;
seen.widths = many(`#${CSS.escape(open()[0])} img[data-picture=input]`).map((i) => i.naturalWidth);
"""
    view = tmp_path / "one" / "index.html"
    assert drive(chromium, view, script, tmp_path)["first"] == ["index"]
    key = f"{page.board.key}/images/cat_0"
    seen = drive(chromium, view, script, tmp_path, f"#{key}")
    assert seen["first"] == [key]
    assert seen["widths"] == [30]
    assert seen["title"] == f"cat_0, {page.board.title} · Image matting leaderboard"


def test_a_hundred_methods_on_a_thousand_images(chromium: str, tmp_path: Path) -> None:
    """Every two are compared at once, in 25 MB, and pages of images are turned."""
    results = make_results(tmp_path / "results", 100, 1000)
    (board,) = load_boards([results])
    write_page([board], tmp_path / "site", datasets={})
    site = tmp_path / "site"
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 25e6
    seen = drive(
        chromium,
        site / "index.html",
        "seen.rows = many('table.board tbody tr').map((row) => row.textContent);",
        tmp_path,
    )
    assert all(any(row.title in text for text in seen["rows"]) for row in board.rows)
    script = """
const [first, second, metric] = many("form.compare select");
seen.choices = [first.options.length, second.options.length, metric.options.length];
const pick = (select, text) => {
  select.value = [...select.options].find((option) => option.textContent.startsWith(text)).value;
  select.dispatchEvent(new Event("change"));
};
pick(metric, "Conn");
await later();
pick(first, "made-up-097");
pick(second, "made-up-003");
await later();
seen.verdict = one("[data-verdict]").textContent;
seen.marks = many("svg[data-plot=scatter] .dot").length;
"""
    start = time.monotonic()
    seen = drive(chromium, site / board.key / "compare.html", script, tmp_path)
    assert time.monotonic() - start < 30  # with Chromium's own start and end
    pair = board.compare("made-up-097", "made-up-003", "conn/whole/v1")
    assert seen["choices"] == [100, 100, len(board.metrics)]
    assert f"made-up-097 minus made-up-003 is {pair.mean:.3f}" in seen["verdict"]
    assert seen["marks"] == 1000
    view = site / board.key / "methods" / f"{board.rows[0].key}.html"
    script = """
many(".pager button")[1].click();
await later();
seen.pager = one(".pager span").textContent;
"""
    seen = drive(chromium, view, script, tmp_path)
    assert seen["pager"] == "51 to 100 of 1000"
