"""A model file is read as written, and every mistake in it gets one clear error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from baselines.onnx.model_file.reading import find_model_file, read_model_file, shipped_names
from baselines.onnx.model_file.schema import ModelFile

Write = Callable[..., str]
SHA = "0" * 64

MISTAKES = {
    'size = 320\n[input]\nresise = "lanczos"': "unknown key size; did you mean [input] size?",
    '[input]\nresise = "lanczos"': "unknown key input.resise; did you mean resize?",
    "[input]\npaste = true": "unknown key input.paste; did you mean [output] paste?",
    "[inputs]\nsize = 320": "unknown table [inputs]; did you mean input?",
    "[output]\nxyzzy = 1": "unknown key output.xyzzy; expected one of name, layout, channel",
    "[card]\nlicense = 'MIT'": "unknown key card.license; did you mean licence?",
    '[input]\nsize = "big"': "input.size is 'big'; expected a whole number from 1 on; or a list",
    "[input]\nsize = 0": "input.size is 0; expected a whole number from 1 on",
    "[input]\nsize = true": "input.size is True; expected",
    "[input]\nsize = [320]": "input.size is [320]; expected",
    "[input]\nstd = [1, 0, 1]": "input.std is [1, 0, 1]; expected a list of 3 numbers other than 0",
    "[input]\nmean = [nan, 0, 0]": "input.mean is [nan, 0, 0]; expected a list of 3 numbers",
    "[input]\ndivide = 0": 'input.divide is 0; expected a number other than 0; or "maximum"',
    "[input]\npad = 300": 'input.pad is 300; expected "zero", "reflect" or "edge"; or a',
    '[trimap]\nencode = "hot"': 'trimap.encode is \'hot\'; expected "none"; or "scalar",',
    '[trimap]\nencode = ["two", "two"]': "trimap.encode is ['two', 'two']; expected",
    "[output]\nrange = [0, 1, 2]": "output.range is [0, 1, 2]; expected a list of 2 numbers",
    'sha256 = "309C"': "sha256 is '309C'; expected 64 hexadecimal digits in lower case",
    'trimap = "scalar"': "trimap is 'scalar'; expected a table [trimap]",
    "[known]\nfile = 'a'": "known is one value; expected tables [[known]]",
    "[[known]]\nfile = 'a'\nsource = 'b'": "[[known]] has no sha256; expected it in each",
    "[constant]\nratio = 'half'": "constant.ratio is 'half'; expected a number, or lists of",
    "[constant]\nx = [[1, 2], [3]]": "constant.x is [[1, 2], [3]]; expected a number, or lists of",
    "[constant]\nx = []": "constant.x is []; expected a number",
    '[input]\nsize = "long"': 'input.size is "long"; expected input.side beside it',
    "[input]\nside = 512": 'input.side has no effect here; expected it only with input.size "long"',
    "[input]\nsize = 320\nmultiple = 32": "input.multiple has no effect here; expected",
    '[input]\nround = "down"': "input.round has no effect here; expected",
    '[input]\npad = "edge"': "input.pad has no effect here; expected",
    "[trimap]\nstd = 2": "trimap.std has no effect here; expected it only with trimap.encode",
    "[output]\npaste = true": "output.paste is true, but the method takes no trimap",
    "[output]\nclasses = [1]\nchannel = 1": "output.channel has no effect here; expected it only",
    "[output]\nrange = [1, 1]": "output.range is [1.0, 1.0]; expected two different numbers",
    "[state]\ninputs = ['a']": "state has 1 inputs and 0 outputs; expected as many",
    '[trimap]\nencode = "onehot"\nresize = "bilinear"': 'trimap.resize is "bilinear"; expected',
    "[input]\nname = 'x'\n[constant]\nx = 1": "input 'x' is filled 2 times; expected once",
    "size = ": "not TOML: Invalid value",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes(text: str, model_file: Write) -> None:
    path = model_file(text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        read_model_file(Path(path))
    assert str(caught.value).startswith(f"{path}: {MISTAKES[text]}")


def test_latin_1_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_bytes("name = 'caf\xe9'".encode("latin-1"))
    with pytest.raises(
        ValueError, match=r"net\.toml: not UTF-8 text; expected a model file in TOML"
    ):
        read_model_file(tmp_path / "net.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    {
        "constant.x = " + "[" * 5000 + "1" + "]" * 5000: "not TOML: it is nested too deeply",
        "constant.x = " + "[" * 90 + "1" + "]" * 90: "is nested more than 64 levels deep",
        "input.side = " + "9" * 5000: "not TOML: Exceeds the limit",
    }.items(),
    ids=("endless", "deep", "long number"),
)
def test_what_no_model_file_holds(text: str, told: str, model_file: Write) -> None:
    path = model_file(text)
    with pytest.raises(ValueError, match=told) as caught:
        read_model_file(Path(path))
    assert str(caught.value).startswith(f"{path}: ")


def test_an_empty_file_has_the_defaults(model_file: Write) -> None:
    assert read_model_file(Path(model_file("", "plain.toml"))) == ModelFile(name="plain")


def test_names(tmp_path: Path) -> None:
    assert find_model_file("isnet").name == "isnet.toml"
    with pytest.raises(ValueError, match=r"no model file 'isnett'; did you mean isnet\?"):
        find_model_file("isnett")
    with pytest.raises(ValueError, match=r"no model file 'xyz'; expected one of .*, FILE\.toml"):
        find_model_file("xyz")
    with pytest.raises(ValueError, match=r"a\.onnx: expected a model file; python -m"):
        find_model_file("a.onnx")
    with pytest.raises(ValueError, match=r"gone\.toml: no such file; expected a model file"):
        find_model_file(str(tmp_path / "gone.toml"))


def test_leaks_are_named_as_the_suite_names_its_sets() -> None:
    from distinctions646.sources.datasets import DATASETS

    for name in shipped_names():
        model = read_model_file(find_model_file(name))
        for leak in (model.card.leak, *(known.leak for known in model.known)):
            assert set(leak or ()) <= set(DATASETS)
    assert read_model_file(find_model_file("birefnet-rembg")).card.leak == (
        "p3m-500-p",
        "p3m-500-np",
    )


@pytest.mark.parametrize("name", shipped_names())
def test_what_ships_is_in_order(name: str) -> None:
    model = read_model_file(find_model_file(name))
    assert model.name == name
    assert model.weights is None
    assert "not stated" not in (model.card.paper, model.card.licence, model.card.implementation)


def test_a_base_is_changed_key_by_key(model_file: Write) -> None:
    model_file(
        f"weights = 'a.onnx'\nsha256 = '{SHA}'\n[input]\nsize = 320\nmean = [1, 2, 3]", "a.toml"
    )
    model = read_model_file(Path(model_file("base = 'a.toml'\n[input]\nsize = 512", "b.toml")))
    assert (model.input.size, model.input.mean, model.name) == (512, (1, 2, 3), "b")
    assert model.sha256 == SHA
    assert model.weights is not None
    assert model.weights.name == "a.onnx"
    other = Path(model_file("base = 'a.toml'\nweights = 'b.onnx'", "c.toml"))
    assert read_model_file(other).sha256 is None  # it was of a.onnx


def test_a_base_may_ship(model_file: Write) -> None:
    model = read_model_file(Path(model_file("base = 'isnet'\n[output]\nrange = [0, 1]")))
    assert (model.input.size, model.output.range) == (1024, (0, 1))


def test_a_bases_keys_without_effect_are_no_mistake(model_file: Write) -> None:
    text = "base = 'modnet'\n[input]\nsize = 'native'"  # its side has no effect any more
    assert read_model_file(Path(model_file(text))).input.size == "native"


def test_bad_bases(model_file: Write) -> None:
    with pytest.raises(ValueError, match=r"a\.toml: base: no model file 'isnat'; did you mean"):
        read_model_file(Path(model_file("base = 'isnat'", "a.toml")))
    model_file("base = 'c.toml'", "b.toml")
    with pytest.raises(ValueError, match=r"c\.toml: base leads back to this file"):
        read_model_file(Path(model_file("base = 'b.toml'", "c.toml")))
    model_file("[input]\nsise = 3", "d.toml")
    with pytest.raises(ValueError, match=r"d\.toml: unknown key input\.sise; did you mean si[zd]e"):
        read_model_file(Path(model_file("base = 'd.toml'", "e.toml")))
