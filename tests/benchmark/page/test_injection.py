"""Hostile names, notes, cards and rules in results: no view of the page runs or obeys them.

In headless Chromium, and without the page's content security policy, so that what keeps them out is
the page itself.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.board.loading import load_boards
from benchmark.formats.registry import FORMATS
from benchmark.page.writing import write_page
from benchmark.results import result_table
from benchmark.results.run_card import read_card, write_card
from benchmark.run import main as run
from distinctions646.images.png import write_png

pytestmark = pytest.mark.slow
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Each would set `hacked` where it were taken for markup, a script, a style or an address.
HOSTILE = (
    "<script>hacked=1</script>",
    "</script><script>hacked=2</script>",
    "\"><img src=x onerror='hacked=3'>",
    "' onmouseover='hacked=4' x='",
    "javascript:hacked=5",
    "<svg/onload=hacked=6>",
    "--><script>hacked=7</script>",
    "</title></style></textarea><script>hacked=8</script>",
    "${hacked=9}{{hacked=9}}",
    "&lt;script&gt;hacked=10&lt;/script&gt;",
)
# A file's name has no slash.
NAMES = ("<img src=x onerror=hacked=11>", "' onfocus='hacked=12' autofocus='", '"><b>&amp;')
PROBE = """
const seen = {hacked: typeof hacked === "undefined" ? null : hacked};
const many = (selector) => [...document.querySelectorAll(selector)];
for (const one of many("*")) {
  for (const name of one.getAttributeNames()) {
    if (/^on/i.test(name)) seen.handler = one.outerHTML.slice(0, 200);
    if (/^(href|src|action|formaction|xlink:href)$/i.test(name)
        && /^\\s*(javascript|vbscript):/i.test(one.getAttribute(name)))
      seen.address = one.outerHTML;
  }
}
seen.strangers = many("img[src=x], svg[onload], title ~ script:not([src]):empty").length;
seen.images = many("img").length;
const pre = document.createElement("pre");
pre.id = "probe";
pre.textContent = JSON.stringify(seen);
document.body.append(pre);
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next((path for path in map(shutil.which, CHROMIUM) if path), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(CHROMIUM)} is installed")
    return found


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "<i>pets</i>".replace("/", "")
    random = np.random.default_rng(0)
    alpha_u8 = np.zeros((24, 30), np.uint8)
    alpha_u8[6:18, 8:22], alpha_u8[8:16, 10:20] = 128, 255
    trimap = np.where(alpha_u8 == 255, 255, np.where(alpha_u8 == 0, 0, 128)).astype(np.uint8)
    for kind in ("image", "alpha", "trimap"):
        (folder / kind).mkdir(parents=True)
    for name in NAMES:
        write_png(folder / "image" / f"{name}.png", random.integers(0, 256, (24, 30, 3), np.uint8))
        write_png(folder / "alpha" / f"{name}.png", alpha_u8)
        write_png(folder / "trimap" / f"{name}.png", trimap)
    return folder


@pytest.fixture(scope="module")
def boards(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return the board of hostile pictures, and that of results whose every text is hostile."""
    runs = tmp_path_factory.mktemp("runs")
    named = ["--title", HOSTILE[2], "--reference", HOSTILE[3], "--track", "trimap-based"]
    arguments = ["--dataset", str(dataset), "--out", str(runs / "one"), "--method"]
    assert run([*arguments, "distance", f"folder:{dataset / 'alpha'}", *named]) == 0
    attributes = runs / "foregrounds.csv"
    lines = [f'"{name.replace(chr(34), 2 * chr(34))}","{HOSTILE[0]}"' for name in NAMES]
    attributes.write_text("\n".join([f'name,"{HOSTILE[5]}"', *lines]) + "\n")
    shutil.copytree(runs / "one", runs / "two")
    for number, table in enumerate(sorted((runs / "two").rglob("results.parquet"))):
        spoil(table, number)
    return [
        *load_boards([runs / "one"], attributes=attributes),
        *load_boards([runs / "two"]),
    ]


def spoil(path: Path, number: int) -> None:
    """Put a hostile text into every column and entry that may have one."""
    rows = result_table.read_rows(path)
    texts = {"dataset": HOSTILE[1], "trimap_rule": HOSTILE[7], "method": f"{number}{HOSTILE[4]}"}
    notes = json.dumps({HOSTILE[0]: HOSTILE[6], "reason": HOSTILE[8]})
    result_table.write(path, [{**row, **texts, "notes": notes, "status": "n/a"} for row in rows])
    card = read_card(path.with_name("run.json"))
    card["method_card"] = {
        name: HOSTILE[place % len(HOSTILE)]
        for place, name in enumerate(
            ("title", "paper", "implementation", "licence", "weights", "trained_on", HOSTILE[0])
        )
    }
    for name in ("python", "platform", "commit", "device"):
        card[name] = HOSTILE[1]
    card |= {"dataset": texts["dataset"], "method": texts["method"], "split": HOSTILE[9]}
    write_card(path.with_name("run.json"), card)


def views(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.html"))


def probe(chromium: str, view: Path, profile: Path) -> dict[str, Any]:
    """Open a view without its policy, and return what a script of ours finds in it."""
    text = view.read_text(encoding="utf-8")
    opened, policies = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
    assert policies == 1
    (view.parent / "probe.js").write_text(f'addEventListener("load", () => {{ {PROBE} }});')
    probed = view.with_name(f"probed-{view.name}")
    assert opened.count("</body>") == 1, "a closing tag of a stranger"
    probed.write_text(opened.replace("</body>", '<script src="probe.js"></script></body>'))
    done = subprocess.run(
        [
            *(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"),
            *("--no-first-run", "--disable-background-networking", "--virtual-time-budget=3000"),
            *(f"--user-data-dir={profile}", probed.as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    probed.unlink()
    found = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stdout[-2000:]
    seen: dict[str, Any] = json.loads(html.unescape(found[1]))
    return seen


@pytest.fixture(scope="module")
def site(boards: list[Any], dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    write_page(boards, out, datasets={boards[0].dataset: dataset})
    return out


def test_no_view_obeys(chromium: str, site: Path, tmp_path: Path) -> None:
    checked = 0
    for view in list(views(site)):
        seen = probe(chromium, view, tmp_path / "profile")
        assert seen["hacked"] is None, view
        assert not seen.keys() & {"handler", "address"}, (view, seen)
        assert seen["strangers"] == 0, view
        checked += 1
    assert checked > 5


def test_the_single_file_obeys_nothing(
    chromium: str, boards: list[Any], dataset: Path, tmp_path: Path
) -> None:
    write_page(boards, tmp_path / "one", datasets={boards[0].dataset: dataset}, single_file=True)
    seen = probe(chromium, tmp_path / "one" / "index.html", tmp_path / "profile")
    assert seen["hacked"] is None
    assert not seen.keys() & {"handler", "address"}, seen


def test_hostile_names_are_shown_as_text(site: Path) -> None:
    text = "".join(view.read_text(encoding="utf-8") for view in views(site))
    assert html.escape(NAMES[0]) in text or html.escape(NAMES[0], quote=False) in text
    assert "<img src=x" not in text
    assert "<script>hacked" not in text


@pytest.mark.parametrize("name", ["markdown", "latex", "csv", "json"])
def test_tables_have_no_raw_markup(name: str, boards: list[Any]) -> None:
    text = FORMATS[name].render(boards).decode()
    if name == "markdown":
        assert not re.search(r"(?<!\\)<(script|img|svg)", text)
    if name == "csv":
        assert not re.search(r"(?m)(^|,)[=+@]", text)
    assert text
