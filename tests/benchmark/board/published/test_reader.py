"""The shipped numbers are whole, and a bad table is refused by line."""

from __future__ import annotations

import pytest

from benchmark.board.published import read_published

HEAD = "method,year,dataset,region,trimap,sad,mse,grad,conn,source,note\n"
GOOD = "DIM,2017,composition1k,unknown,yes,50.4,0.014,31,50.8,Xu et al. CVPR 2017,\n"


def test_the_papers_tables_are_there():
    """Table 1 and 2 of Qiao et al. have 21 and 16 rows; two figures of each as printed."""
    entries = [entry for entry in read_published() if entry.source.startswith("Qiao et al.")]
    counts = {name: 0 for name in ("composition1k", "distinctions646")}
    for entry in entries:
        counts[entry.dataset] += 1
        assert entry.region == "whole"
        assert set(entry.values) == {"sad", "mse", "grad", "conn"}
    assert counts == {"composition1k": 21, "distinctions646": 16}
    ours = {e.dataset: e.values for e in entries if e.method == "HAttMatting"}
    assert ours["composition1k"] == {"sad": 44.01, "mse": 0.007, "grad": 29.26, "conn": 46.41}
    assert ours["distinctions646"]["conn"] == 49.93


def test_keys_are_safe_and_unique():
    entries = read_published()
    keys = {(entry.dataset, entry.key) for entry in entries}
    assert len(keys) == len(entries) > 100
    assert all(set(entry.key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for entry in entries)


def test_a_number_that_a_source_leaves_out_is_not_there(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_text(HEAD + GOOD.replace("31,50.8", ","))
    (entry,) = read_published(path)
    assert entry.values == {"sad": 50.4, "mse": 0.014}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("50.4", "many"), "line 3: sad is 'many'"),
        (GOOD.replace("50.4", "nan"), "line 3: sad is 'nan'"),
        (GOOD.replace("0.014", "14"), "line 3: mse is '14'"),
        (GOOD.replace("50.4", "-1"), "line 3: sad is '-1'"),
        (GOOD.replace("2017,c", "17,c"), "line 3: year is '17'"),
        (GOOD.replace("unknown", "border"), "line 3: region is 'border'; expected whole or"),
        (GOOD.replace("yes", "maybe"), "line 3: trimap is 'maybe'"),
        (GOOD.replace("Xu et al. CVPR 2017", ""), "line 3: source is empty"),
        (GOOD.replace("50.4,0.014,31,50.8", ",,,"), "line 3: DIM has no number"),
        (GOOD, "line 3: DIM comes twice"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    path = tmp_path / "numbers.csv"
    path.write_text(HEAD + GOOD + line)
    with pytest.raises(ValueError, match=message):
        read_published(path)


def test_other_columns_are_refused(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_text("method,sad\nDIM,50\n")
    with pytest.raises(ValueError, match=r"columns are \['method', 'sad'\]"):
        read_published(path)
