"""The page: every number is that of the Parquet, every link leads somewhere, nothing leaves."""

from __future__ import annotations

import base64
import html
import itertools
import json
import math
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from benchmark.board.board import Board, Cell
from benchmark.formats.layout import conditions
from benchmark.page.numbers import shown
from benchmark.page.writing import write_page

Read = Callable[[Path], list[Any]]


def tables_of(board: Board) -> dict[str, pd.DataFrame]:
    """Return by row key image x metric, straight from the Parquet."""
    return {
        key: pd.read_parquet(folder / "results.parquet").pivot(
            index="image_id", columns="metric", values="value"
        )
        for key, folder in board.run_folders.items()
    }


def numbers(elements: list[Any], **wanted: str) -> list[Any]:
    """Return the cells that hold a number of a row, with these attributes."""
    return [
        one
        for one in elements
        if one.tag == "td"
        and "data-metric" in one.attributes
        and "data-row" in one.attributes
        and all(one.attributes.get(f"data-{key}") == value for key, value in wanted.items())
    ]


def text_of(elements: list[Any], cell: Any) -> str:
    """Return the text of a cell, which may stand in the span after it."""
    return str(cell.text or elements[elements.index(cell) + 1].text).strip()


def test_leaderboard_is_the_mean_of_the_results(page: Any, read_page: Read) -> None:
    elements = read_page(page.out / "index.html")
    tables = tables_of(page.board)
    cells = numbers(elements)
    assert len(cells) == sum(table.shape[1] for table in tables.values()) == 4 * 8
    for cell in cells:
        row, metric = cell.attributes["data-row"], cell.attributes["data-metric"]
        column = [value for value in tables[row][metric] if not math.isnan(value)]
        mean = math.fsum(column) / len(column)
        assert float(cell.attributes["data-value"]) == mean
        assert text_of(elements, cell) == shown(mean, metric)
        expected = page.board.row(row).cells[metric]
        assert float(cell.attributes["data-low"]) == expected.low
        assert float(cell.attributes["data-high"]) == expected.high


def test_every_image_has_the_numbers_of_the_results(page: Any, read_page: Read) -> None:
    tables = tables_of(page.board)
    pages = sorted((page.out / page.board.key / "images").glob("*.html"))
    assert [path.stem for path in pages] == list(page.board.image_ids)
    for path in pages:
        elements = read_page(path)
        cells = numbers(elements, image=path.stem)
        assert len(cells) == 4 * 8
        for cell in cells:
            row, metric = cell.attributes["data-row"], cell.attributes["data-metric"]
            value = tables[row].loc[path.stem, metric]
            assert float(cell.attributes["data-value"]) == value
            assert cell.text.strip() == shown(value, metric)


def test_methods_foregrounds_and_groups_have_the_numbers_of_the_results(
    page: Any, read_page: Read
) -> None:
    tables = tables_of(page.board)
    lead = page.board.metrics[0]
    for row, table in tables.items():
        elements = read_page(page.out / page.board.key / "methods" / f"{row}.html")
        by_image = [one for one in numbers(elements, metric=lead) if "data-image" in one.attributes]
        values = [float(one.attributes["data-value"]) for one in by_image]
        assert values == sorted(table[lead], reverse=True)
        mean = numbers(elements, metric=lead)[0]
        assert float(mean.attributes["data-value"]) == page.board.row(row).cells[lead].value
    elements = read_page(page.out / page.board.key / "groups.html")
    group = foreground = ""
    seen = 0
    for one in elements:
        group = one.attributes.get("data-group", group if one.tag != "tr" else "")
        foreground = one.attributes.get("data-foreground", foreground if one.tag != "tr" else "")
        if one.tag != "td" or "data-row" not in one.attributes:
            continue
        names = {"material=fur": ["cat_0", "cat_1"], "material=glass": ["glass_0"]}.get(
            group, [foreground]
        )
        column = tables[one.attributes["data-row"]][one.attributes["data-metric"]]
        values = [value for value in column[names] if not math.isnan(value)]
        assert float(one.attributes["data-value"]) == math.fsum(values) / len(values)
        seen += 1
    assert seen == 8 * 4 * (2 + 3)


def test_comparison_has_the_numbers_of_the_results(page: Any) -> None:
    text = (page.out / page.board.key / "compare.html").read_text()
    found = re.search(r'<script type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    rows = [row for row in page.board.rows if row.key in page.board.values]
    assert data["methods"] == [row.title for row in rows]
    assert [name for name, _ in received(page.out, data["images"])] == list(page.board.image_ids)
    tables = tables_of(page.board)
    for metric, entry in zip(page.board.metrics, data["metrics"], strict=True):
        numbers_by_image = received(page.out, entry["path"])
        for row, packed in zip(rows, numbers_by_image["values"], strict=True):
            assert unpack(packed).tolist() == tables[row.key][metric].tolist()
        pairs = unpack(numbers_by_image["pairs"]).reshape(-1, 6)
        for (first, second), pair in zip(itertools.combinations(rows, 2), pairs, strict=True):
            exact = page.board.compare(first.key, second.key, metric)
            expected = [exact.mean, exact.low, exact.high, exact.p, exact.images, exact.clusters]
            assert pair.tolist() == pytest.approx(expected, rel=1e-12)


def received(out: Path, path: str) -> Any:
    """Return what a data file hands to the page's script."""
    call = (out / path).read_text(encoding="ascii")
    assert call.startswith(f"receive({json.dumps(path)}, ")
    assert call.endswith(");\n")
    return json.loads(call.removeprefix(f"receive({json.dumps(path)}, ").removesuffix(");\n"))


def unpack(packed: str) -> np.ndarray:
    return np.frombuffer(base64.b64decode(packed), "<f8")


def test_curves_have_the_numbers_of_the_results(page: Any, read_page: Read) -> None:
    table = pd.concat(pd.read_parquet(path) for path in page.curves)
    table["trimap_rule"] = table["trimap_rule"].fillna("none")
    means = table.groupby(["method", "metric", "trimap_rule"])["value"].mean()
    cells = [
        one
        for one in read_page(page.out / page.board.key / "curves.html")
        if "data-rule" in one.attributes
    ]
    assert len(cells) == 2 * 3 * 8
    drawn = (page.out / page.board.key / "curves.html").read_text()
    assert not re.search(r"\bnan\b", drawn)  # three foregrounds have no interval
    assert 'class="area"' not in drawn
    for cell in cells:
        method, metric = cell.attributes["data-method"], cell.attributes["data-metric"]
        rule = cell.attributes["data-rule"] if method == "trimap" else "none"
        assert float(cell.attributes["data-value"]) == pytest.approx(
            means[method, metric, rule], rel=1e-15
        )


def test_names_are_escaped(page: Any, read_page: Read) -> None:
    files = list(page.out.rglob("*.html"))
    assert len(files) == 1 + 1 + 3 + 4 + 4
    nasty = next(row.title for row in page.board.rows if row.method == "trimap")
    for path in files:
        text = path.read_text()
        assert "<script>alert" not in text
        scripts = [one for one in read_page(path) if one.tag == "script"]
        assert [one.attributes.get("type", "file") for one in scripts] in (
            ["file"],
            ["file", "application/json"],
        )
    links = [one for one in read_page(page.out / "index.html") if one.tag == "a"]
    assert any(one.text == nasty for one in links)


def test_nothing_leads_outside_and_every_link_leads_somewhere(page: Any, read_page: Read) -> None:
    for path in page.out.rglob("*.html"):
        for one in read_page(path):
            for name in ("href", "src"):
                target = one.attributes.get(name)
                if target is None or target in ("data:,", "#content"):
                    continue
                assert not re.match(r"[a-z]+:|//|/", target), target
                assert (path.parent / target).is_file(), f"{path}: {target}"
        policy = html.unescape(path.read_text())
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    css = (page.out / "assets" / "page.css").read_text()
    assert "url(" not in css
    assert "@import" not in css
    assert not re.search(
        r"https?://",
        css
        + re.sub(
            r"http://www\.w3\.org/2000/svg", "", (page.out / "assets" / "page.js").read_text()
        ),
    )


def test_conditions_stand_at_every_table(page: Any, read_page: Read) -> None:
    elements = read_page(page.out / "index.html")
    text = "".join(one.text for one in elements)
    assert "Without a trimap" in text
    assert "With a trimap" in text
    assert sum(one.tag == "table" for one in elements) == 4
    # In each region's two captions; three foregrounds show no smallest difference.
    assert text.count(conditions(page.board, "whole")) == 2
    assert text.count(conditions(page.board, "unknown")) == 2
    assert "standard" in conditions(page.board, "unknown")
    assert "Synthetic" not in text


def test_kinds_and_ties_look_different(page: Any, read_page: Read, tmp_path: Path) -> None:
    rows = {row.method: row for row in page.board.rows}
    lead = "sad/whole/v1"
    published = replace(
        rows["distance"],
        key="published-x",
        title="X",
        kind="published",
        year=2020,
        source="X et al., Table 1",
        cells={lead: Cell(0.0001)},
        card={},
        seconds=None,
    )
    tied = [
        replace(row, cells={lead: replace(row.cells[lead], rank=1, tied=True)})
        for row in (rows["distance"], rows["trimap"])
    ]
    scored = next(row for row in page.board.rows if row.kind == "scored")
    scored = replace(scored, track="trimap-free")
    board = replace(page.board, synthetic=True, rows=(scored, *tied, published))
    write_page([board], tmp_path, datasets={})
    elements = read_page(tmp_path / "index.html")
    kinds = [one.attributes["data-kind"] for one in elements if "data-kind" in one.attributes]
    assert kinds == ["scored", "published", "measured", "measured", "scored"]
    cells = {one.attributes["data-row"]: one.attributes for one in numbers(elements, metric=lead)}
    assert cells["published-x"]["data-value"] == "0.0001"
    assert "data-low" not in cells["published-x"]
    assert "data-rank" not in cells["published-x"]
    assert cells[tied[0].key]["data-tied"] == f"shares its rank with {tied[1].title}"
    assert cells[tied[0].key]["data-rank"] == cells[tied[1].key]["data-rank"] == "1"
    text = (tmp_path / "index.html").read_text()
    assert "Synthetic, not comparable with Composition-1k or Distinctions-646." in text
    assert "X et al., Table 1" in text
    assert "were not given" in next((tmp_path / board.key / "images").glob("*.html")).read_text()
    assert not list(tmp_path.rglob("*.webp"))


def test_what_a_method_could_not_do_is_said(page: Any) -> None:
    folder = page.out / page.board.key
    row = next(row for row in page.board.rows if row.method == "distance")
    assert row.not_applicable == 1
    assert re.search(
        r"<li>glass_0: .*foreground", (folder / "methods" / f"{row.key}.html").read_text()
    )
    assert "not applicable, its trimap is shown" in (folder / "images" / "glass_0.html").read_text()


def test_pictures(page: Any) -> None:
    folder = page.out / page.board.key / "pictures" / "cat_0"
    row = next(row.key for row in page.board.rows if row.method == "constant")
    assert Image.open(folder / "input.webp").size == (30, 24)
    matte = Image.open(folder / f"{row}.webp").convert("L")
    assert max(abs(value - 128) for value in matte.getextrema()) <= 2
    tile = Image.open(folder / f"tile-{row}-matte.webp").convert("L")
    assert tile.getextrema() == (128, 128)


def test_results_kept_without_mattes_say_so(page: Any, tmp_path: Path) -> None:
    row = next(row for row in page.board.rows if row.kind == "scored")
    kept = tmp_path / "kept"
    shutil.copytree(page.board.run_folders[row.key], kept, ignore=shutil.ignore_patterns("alpha"))
    board = replace(page.board, run_folders={**page.board.run_folders, row.key: kept})
    write_page([board], tmp_path / "site", datasets={"discs": page.dataset}, image_pages=1)
    (image,) = (tmp_path / "site" / board.key / "images").glob("*.html")
    text = image.read_text()
    assert "The results of others-mattes were kept without mattes" in text
    assert f'data-picture="{row.key}"' not in text
    assert f'data-row="{row.key}"' in text
    measured = (page.out / board.key / "images" / image.name).read_text()
    assert "were kept without mattes" not in measured


def test_single_file(page: Any, read_page: Read, tmp_path: Path) -> None:
    out = tmp_path / "one"
    write_page(
        [page.board], out, datasets={"discs": page.dataset}, single_file=True, curves=page.curves
    )
    assert sorted(path.name for path in out.rglob("*")) == ["index.html", "page-files.json"]
    elements = read_page(out / "index.html")
    names = [one.attributes["id"] for one in elements if "id" in one.attributes]
    assert len(names) == len(set(names))
    assert len(numbers(elements)) > 4 * 8
    for one in elements:
        for name in ("href", "src"):
            target = one.attributes.get(name, "data:")
            assert target.startswith("data:") or target.removeprefix("#") in names


def test_a_second_page_removes_what_only_the_first_had(page: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    write_page([page.board], tmp_path, datasets={"discs": page.dataset})
    gone = tmp_path / page.board.key / "images" / "cat_1.html"
    assert gone.is_file()
    write_page([page.board], tmp_path, datasets={}, image_pages=2)
    assert not gone.exists()
    assert len(list((tmp_path / page.board.key / "images").glob("*"))) == 2
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_an_earlier_build_has_numbers_only(page: Any, tmp_path: Path) -> None:
    earlier = replace(page.board, key="earlier", dataset_root="0123456789abcdef")
    write_page([page.board, earlier], tmp_path, datasets={"discs": page.dataset}, image_pages=1)
    assert len(list((tmp_path / page.board.key / "pictures").iterdir())) == 1
    assert not (tmp_path / "earlier" / "pictures").exists()
    assert (tmp_path / "earlier" / "compare.html").is_file()
    text = (tmp_path / "index.html").read_text()
    assert '<section id="earlier">' in text


def test_errors(page: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no leaderboard"):
        write_page([], tmp_path, datasets={})
    other = replace(page.board, dataset_root="0123456789abcdef")
    with pytest.raises(ValueError, match=r"discs: root .*; the results are of discs 0123456789ab"):
        write_page([other], tmp_path, datasets={"discs": page.dataset})
    with pytest.raises(ValueError, match=r"sensitivity.parquet: curves on discs .*no leaderboard"):
        write_page([other], tmp_path, datasets={}, curves=page.curves)
    assert not list(tmp_path.iterdir())
