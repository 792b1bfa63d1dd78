"""The table of metrics: every entry works and is documented; one more is a file and an entry."""

from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from benchmark.board.loading import load_boards
from benchmark.formats.screen import render_board
from benchmark.metrics import METRICS, evaluate, metric_id, registry

DOCS = Path(__file__).parents[3] / "docs" / "metrics.md"
LARGEST = '''
"""The largest absolute difference of two mattes."""

import numpy as np


def largest_of_pair(pair):
    return float(np.abs(pair.alpha.astype(float) - pair.alpha_gt).max() / 255)
'''


@pytest.fixture
def largest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> registry.Metric:
    """Add a metric as its author would: a file, and an entry of the table."""
    (tmp_path / "largest_difference.py").write_text(LARGEST)
    monkeypatch.syspath_prepend(tmp_path)
    metric = registry.Metric(
        name="largest",
        label="Largest",
        unit="largest absolute difference",
        thousands=False,
        digits=2,
        meaning="largest error of any pixel",
        high=1.0,
        empty=0.0,
        reference="this test",
        function="largest_difference:largest_of_pair",
    )
    monkeypatch.setitem(registry.BY_NAME, metric.name, metric)
    for entry in registry.ids(metric):
        monkeypatch.setitem(METRICS, entry.id, entry)
    return metric


@pytest.mark.parametrize("metric", registry.TABLE, ids=lambda metric: metric.name)
def test_every_entry_computes_and_names_what_exists(metric):
    alpha = np.eye(12)
    assert evaluate(alpha, alpha, metrics=[metric.name]) == {metric.name: metric.low}
    assert importlib.import_module(metric.kernel)
    assert metric_id(metric.name, "unknown") in METRICS


def test_the_docs_name_every_metric():
    text = DOCS.read_text()
    missing = [
        key for key, metric in METRICS.items() if _documented(key, metric.region) not in text
    ]
    assert not missing


def _documented(key: str, region: str) -> str:
    """Return an id as the docs write it: regions and readings in common are not repeated."""
    if region in registry.REGIONS:
        return f"`{key.replace(f'/{region}/', '/<region>/').replace('float/', '')}`"
    return f"`{key}`"


def test_one_more_metric_is_in_the_scored_table(largest, dataset, start, tmp_path):
    out = tmp_path / "runs"
    assert start(dataset, out, "--method", "trimap", "--more-metrics", largest.name) == 0
    (board,) = load_boards([out])
    cell = board.row("trimap").cells["largest/whole/v1"]
    values = board.values[board.row("trimap").key]["largest/whole/v1"]
    assert cell.value == pytest.approx(values.mean())
    assert 0 < cell.value <= 1
    table = render_board(board)
    assert "LARGEST" in table
    assert f"{cell.value:.2f}" in table
    assert "MSE, Largest absolute" in table


def test_one_more_metric_has_a_torch_twin(largest):
    torch = pytest.importorskip("torch")
    from benchmark.metrics import batched

    alpha, alpha_gt = torch.zeros(2, 3, 4), torch.ones(2, 3, 4) * torch.tensor([[[0.2]], [[1.0]]])
    assert batched.largest(alpha, alpha_gt).tolist() == [0.2, 1.0]


def test_a_name_outside_the_table_is_refused():
    with pytest.raises(ValueError, match="no metric 'ssim'; expected one of sad, mse"):
        evaluate(np.eye(3), np.eye(3), metrics=["ssim"])
