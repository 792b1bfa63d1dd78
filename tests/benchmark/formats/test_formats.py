"""What each format writes: the numbers of the board, marked, escaped, with their conditions."""

from __future__ import annotations

import html
import io
import json
import re

import pandas as pd
import pytest

from benchmark.board.loading import load_boards
from benchmark.formats.html import to_html
from benchmark.formats.huggingface import eval_results, model_index
from benchmark.formats.json_document import to_json
from benchmark.formats.latex import to_latex
from benchmark.formats.long_table import to_csv, to_parquet, to_table
from benchmark.formats.markdown import to_markdown
from benchmark.formats.screen import render_board
from benchmark.page.writing import write_page

NAMES = [f"fg{place:02d}" for place in range(50)]


def whole(base):
    return {name: [base + place] * 20 for place, name in enumerate(NAMES)}


@pytest.fixture
def boards(tmp_path, make_run):
    """Four methods on a pretended Distinctions-646; best, second, third and one alone."""
    options = {"dataset": "distinctions646"}
    make_run(tmp_path, "best_&_<b>|", whole(10), **options)
    make_run(tmp_path, "second", whole(20), not_applicable=("fg00_0",), **options)
    make_run(tmp_path, "third", whole(30), kind="scored", **options)
    make_run(tmp_path, "alone", whole(15), needs_trimap=False, **options)
    return load_boards([tmp_path])


def test_latex_marks_best_and_second_of_what_was_measured(boards):
    text = to_latex(boards)
    assert r"best\_\&\_\textless{}b\textgreater{}\textbar{} & \textbf{34.500} &" in text
    assert r"second (1 n/a) & \underline{44.500} &" in text
    third = r"\n\d?=? ?& third \(scored\) & 54\.500 & [\d.]+--[\d.]+ & 0\.0545 \\\\"
    assert re.search(third, text)
    assert r"Rank & Method & SAD & 95~\% & MSE \\" in text
    assert "Intervals: 95" in text
    assert r"alone & 39.500 &" in text  # nobody to be better than
    assert r" & \textit{DIM} [2] & \textit{47.56} &  & \textit{0.009} \\" in text


def test_latex_has_its_sentence_of_protocol_and_booktabs_rules(boards):
    text = to_latex(boards)
    caption = re.search(r"\\caption\{(.*)\}", text)[1]
    assert caption.startswith("Distinctions-646, 1000 images of 50 foregrounds; protocol paper:")
    for command in ("toprule", "midrule", "bottomrule", "begin{table}", "end{table}"):
        assert "\\" + command in text
    assert text.count("{") == text.count("}")
    assert text.count("dilate-25/v1") == 1  # with the caption, not in every line


def test_few_foregrounds_are_printed_without_intervals(tmp_path, make_run, boards):
    make_run(tmp_path / "few", "knn", {"a": [1.0], "b": [9.0]})
    text = to_markdown(load_boards([tmp_path / "few"]))
    assert "mean over images*" in text
    assert "| 1 | knn | 5.000 | 0.0050 |" in text
    assert "mean over images (95 % interval)*" in to_markdown(boards)


@pytest.mark.parametrize(("foregrounds", "told"), [(7, False), (8, True)])
def test_more_methods_than_foregrounds_can_tell_are_said_so_in_one_line(
    tmp_path, make_run, foregrounds, told
):
    for place, method in enumerate(("knn", "closed-form", "sss", "global")):
        errors = {f"{name:02}": [place + 1.0] for name in range(foregrounds)}
        make_run(tmp_path / "few", method, errors)
    words = (
        "7 foregrounds cannot tell any two of the 4 methods with a trimap apart, however much they "
        "differ; the 5 % test with Holm's correction for 6 comparisons can on 8 or more"
    )
    found = load_boards([tmp_path / "few"])
    write_page(found, tmp_path / "page", datasets={})
    texts = (render_board(found[0]), to_markdown(found), to_latex(found).replace("~\\%", " %"))
    for text in (*texts, html.unescape((tmp_path / "page/index.html").read_text())):
        assert (text.count(words) == 1) is not told
    assert ("1=" in render_board(found[0])) is not told


def test_markdown_rows_have_as_many_cells_as_the_heading(boards):
    text = to_markdown(boards)
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert "| 1 | best\\_&\\_\\<b\\>\\| | **34.500** (" in text
    assert "| 3 | third (scored) | 54.500 (" in text
    assert "*DIM, 2017* (published \\[2\\]) | *47.56* |" in text
    assert "2. Qiao et al. CVPR 2020 Table 2" in text
    assert "protocol paper: whole image, trimaps dilate-25/v1" in text


def test_data_have_the_boards_numbers_unrounded(boards):
    (board,) = boards
    wanted = {(row.title, metric): cell for row in board.rows for metric, cell in row.cells.items()}
    for table in (
        to_table(boards),
        pd.read_parquet(io.BytesIO(to_parquet(boards))),
        pd.read_csv(io.StringIO(to_csv(boards)), float_precision="round_trip"),
    ):
        assert len(table) == len(wanted)
        for line in table.to_dict("records"):
            cell = wanted[line["title"], line["metric"]]
            assert line["value"] == cell.value
            assert (cell.low is None) == pd.isna(line["low"])
            assert cell.low is None or line["low"] == cell.low
            assert (cell.rank is None) == pd.isna(line["rank"])
            assert line["protocol"] == "paper"


def test_json_has_everything_and_no_nan(tmp_path, make_run):
    folder = make_run(tmp_path, "knn", {"a": [1.0], "b": [float("nan")]}, dataset="mini")
    (folder.parent / "foregrounds.csv").write_text("name,group\na,x\nb,y\n")
    boards = load_boards([tmp_path])
    document = json.loads(to_json(boards), parse_constant=pytest.fail)
    (board,) = document["boards"]
    assert board["synthetic"] is True
    assert board["rows"][0]["cells"]["sad/whole/v1"]["value"] == 1
    key = board["rows"][0]["key"]
    assert board["by_foreground"][1]["values"][key]["sad/whole/v1"] is None


def test_a_synthetic_set_says_so_everywhere(tmp_path, make_run):
    make_run(tmp_path, "knn", {"a": [1.0], "b": [2.0]}, dataset="mini")
    boards = load_boards([tmp_path])
    for text in (to_markdown(boards), to_latex(boards)):
        assert "not comparable with Composition-1k or Distinctions-646" in text


def test_captions_promise_only_the_marks_that_are_there(tmp_path, make_run):
    """Two methods that cannot be told apart: nothing is bold, and the caption says why."""
    make_run(tmp_path / "tied", "first", {"a": [1.0], "b": [2.0]})
    make_run(tmp_path / "tied", "second", {"a": [2.0], "b": [1.5]})
    make_run(tmp_path / "alone", "only", {"a": [1.0], "b": [2.0]})
    tied, alone = (to_latex(load_boards([tmp_path / name])) for name in ("tied", "alone"))
    assert "textbf" not in tied
    assert "is bold" not in tied
    assert "share a rank in their track, so none is marked" in tied
    assert "is bold" not in alone
    assert "is marked" not in alone


def test_a_caption_counts_one_image_as_one(tmp_path, make_run):
    make_run(tmp_path, "knn", {"a": [1.0]})
    assert "1 image of 1 foreground;" in to_latex(load_boards([tmp_path]))


def test_a_leak_is_shown_in_every_format(tmp_path, make_run):
    make_run(
        tmp_path,
        "seen",
        whole(5),
        dataset="distinctions646",
        method_card={"paper": "none", "leak": "distinctions646"},
    )
    make_run(tmp_path, "unseen", whole(10), dataset="distinctions646")
    boards = load_boards([tmp_path])
    note = "Trained on pictures of this test set, so not ranked: seen."
    screen = render_board(boards[0])
    assert re.search(r"^seen † +1000 ", screen, re.MULTILINE)
    assert f"† {note}" in screen
    markdown = to_markdown(boards)
    assert "|  | seen † | 29.500 (" in markdown
    assert f"† {note}" in markdown
    latex = to_latex(boards)
    assert r"seen\,$\dagger$ & 29.500 &" in latex
    assert rf"$\dagger$ {note}" in latex
    assert "<td>seen †</td>" in to_html(boards)
    table = to_table(boards)
    assert dict(zip(table["method"], table["leak"], strict=True))["seen"]
    assert not table.loc[table["method"] != "seen", "leak"].any()
    rows = json.loads(to_json(boards))["boards"][0]["rows"]
    assert {row["method"] for row in rows if row["leak"]} == {"seen"}
    (board,) = boards
    entries = eval_results(board, board.row("seen"), "me/board")
    assert all("trained on pictures of this test set" in entry["notes"] for entry in entries)
    model = model_index(board, board.row("seen"))["model-index"][0]["results"][0]
    assert model["dataset"]["args"]["leak"] is True
