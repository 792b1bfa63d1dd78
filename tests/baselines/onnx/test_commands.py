"""From a command line: a run, its cache, its card, its errors; the list; the draft; the docs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from baselines.onnx.__main__ import main
from baselines.onnx.drafting import draft_model_file
from baselines.onnx.method import OnnxMethod
from baselines.onnx.model_file.reading import keys_of
from baselines.onnx.model_file.schema import LISTS, SECTIONS, ModelFile
from baselines.onnx.reference import fill
from benchmark.run import main as run

Write = Callable[..., str]
DOCS = Path(__file__).parents[3] / "docs" / "onnx.md"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two pictures whose matte is their red channel."""
    for name in ("a", "b"):
        image = np.random.default_rng(ord(name)).integers(0, 256, (20, 24, 3), dtype=np.uint8)
        for folder, pixels in (("image", image), ("alpha", image[..., 0])):
            (tmp_path / "data" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / "data" / folder / f"{name}.png")
    return tmp_path / "data"


def test_a_run(
    dataset: Path,
    channel: Callable[..., Path],
    model_file: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The matte is right; another setting is another method to the cache; no path is written."""
    out = tmp_path / "runs"
    channel()
    path = model_file(
        'weights = "net.onnx"\n[card]\nlicence = "MIT"\ntrained_on = ["X"]', "red.toml"
    )
    command = ["--method", f"onnx:{path}", "--dataset", str(dataset), "--out", str(out)]
    assert run(command) == 0
    assert run(command) == 0
    (card_path,) = out.glob("*/red-*/run.json")
    assert str(tmp_path) not in card_path.read_text()
    written = json.loads(card_path.read_text())
    assert written["config"]["method"] == ["onnx:red.toml"]
    assert written["packages"]["onnxruntime"]
    assert written["method_card"]["licence"] == "MIT"
    assert written["method_card"]["trained_on"] == "X"
    matte = np.asarray(Image.open(card_path.parent / "alpha" / "a.png"))
    assert np.array_equal(matte, np.asarray(Image.open(dataset / "alpha" / "a.png")))
    (tmp_path / "b").mkdir()
    other = model_file('weights = "../net.onnx"\n[input]\nmultiple = 8\nfit = "pad"', "b/red.toml")
    assert run(["--method", f"onnx:{other}", *command[2:]]) == 0
    assert len(list(out.glob("*/red-*/run.json"))) == 2
    assert "\nred " in capsys.readouterr().out


def test_bad_input_ends_with_status_2(
    dataset: Path, model_file: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end = ["--dataset", str(dataset), "--out", str(tmp_path / "runs")]
    path = model_file("[input]\nresise = 'area'")
    for method, message in (
        (f"onnx:{path}", f"error: {path}: unknown key input.resise; did you mean resize?\n"),
        ("onnx:isnett", "error: no model file 'isnett'; did you mean isnet?\n"),
        ("onnx:modnet", "error: modnet: its weights do not ship; expected --weights with an ONNX"),
    ):
        assert run(["--method", method, *end]) == 2
        assert capsys.readouterr().err.startswith(message)
    assert not (tmp_path / "runs").exists()


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--list"]) == 0
    listed = capsys.readouterr().out
    assert "onnx:isnet " in listed
    assert "onnx:FILE.toml " in listed
    assert main(["--list"]) == 0
    assert "isnet.toml" in capsys.readouterr().out


def test_a_draft_can_be_run(
    channel: Callable[..., Path], model_file: Write, picture: object
) -> None:
    for sides in ({}, {"height": 64, "width": 96}, {"channels": 4}, {"channels": 6}):
        path = model_file(draft_model_file(channel(**sides)))
        method = OnnxMethod(path)
        assert method.needs_trimap == ("channels" in sides)


def test_a_draft_of_more_inputs(network: Callable[..., Path], model_file: Write) -> None:
    weights = network(
        {"mask": [1, "h", "w", 1], "image": [1, "h", "w", 3], "ratio": [1]},
        {"fgr": [1, "h", "w", 3], "pha": [1, "h", "w", 1]},
        [("Mul", ["image", "ratio"], ["fgr"]), ("Mul", ["mask", "ratio"], ["pha"])],
    )
    text = draft_model_file(weights)
    assert "# left: ratio\n" in text
    method = OnnxMethod(model_file(f"{text}layout = 'nhwc'\n[constant]\nratio = 1\n"))
    assert (method.model.input.name, method.model.output.name) == ("image", "pha")
    assert method.needs_trimap


def test_the_draft_of_no_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "bad.onnx").write_bytes(b"no")
    assert main([str(tmp_path / "bad.onnx")]) == 2
    assert "bad.onnx: unreadable ONNX file" in capsys.readouterr().err


def test_docs_are_as_the_schema_has_them(tmp_path: Path) -> None:
    """``python -m baselines.onnx --docs docs/onnx.md`` writes them."""
    page = DOCS.read_text(encoding="utf-8")
    assert fill(page) == page
    for kind in (ModelFile, *SECTIONS.values(), *LISTS.values()):
        for key in keys_of(kind):
            assert f"| `{key}` |" in page
    with pytest.raises(ValueError, match="has no marker <!-- keys:begin -->"):
        fill("# nothing")


@pytest.mark.slow
def test_hattmatting_exported_and_run_back(tmp_path: Path, model_file: Write) -> None:
    """As the network computes it from the picture padded to 96×160 by reflection."""
    pytest.importorskip("onnxruntime")
    import torch

    from hattmatting.export import export_onnx
    from hattmatting.model.network import HAttMatting

    model = HAttMatting.from_pretrained("hatt-mini")
    export_onnx(model, tmp_path / "hatt.onnx")
    image = np.asarray(
        Image.fromarray(
            np.random.default_rng(0).integers(0, 256, (9, 13, 3), dtype=np.uint8)
        ).resize((130, 90), Image.Resampling.BICUBIC)
    )
    method = OnnxMethod(
        model_file('weights = "hatt.onnx"\n[input]\nmultiple = 32\nfit = "pad"\npad = "reflect"')
    )
    alpha, _ = method(image)
    padded = np.pad(image, ((0, 6), (0, 30), (0, 0)), mode="reflect")
    tensor = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        expected = model(tensor)[0, 0, :90, :130].numpy()
    assert np.ptp(expected) > 0.1
    assert np.abs(alpha - expected).max() < 1e-4


def test_paths_with_a_colon_or_a_home(model_file: Write, channel: Callable[..., Path]) -> None:
    from benchmark.methods.finding import load_method

    path = model_file(f'weights = "{channel().name}"', "a b:c.toml")
    assert load_method(f"onnx:{os.path.relpath(path)}").name == "a b:c"
