"""Blender as a module: found when needed, reset for each scene, set to render soft alpha."""

from __future__ import annotations

import importlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

VERSION = "4.2.0"

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Render:
    """What Cycles measured, first row on top.

    `raw` and `denoised` are linear, premultiplied by `raw`'s alpha, float32 height x width x 4.
    Open Image Denoise works on colour only and leaves alpha as it was sampled. `alpha` is the
    alpha to keep, float32 height x width.
    """

    raw: Float32
    denoised: Float32
    alpha: Float32


def load_bpy() -> Any:
    """Return Blender's Python module.

    Raises
    ------
    OSError
        If it is not installed.
    """
    try:
        return importlib.import_module("bpy")
    except ImportError as error:
        raise OSError(
            "the path-traced scenes need Blender's Python module: "
            f"run `pip install bpy=={VERSION}` on Python 3.11"
        ) from error


def reset(samples: int, seed: int) -> Any:
    """Empty Blender and return a scene set up for Cycles on one thread of the CPU.

    The film is transparent, for clear glass too, so that alpha is what Cycles measured.

    Parameters
    ----------
    samples
        Most samples a pixel; pixels that have settled stop at a quarter of them.
    seed
        Of the sampling pattern.
    """
    bpy = load_bpy()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.film_transparent = True
    scene.render.threads_mode = "FIXED"
    scene.render.threads = 1
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.seed = seed % 2**31
    cycles.samples = samples
    cycles.use_adaptive_sampling = True
    cycles.adaptive_min_samples = max(8, samples // 4)
    cycles.adaptive_threshold = 0.04
    cycles.film_transparent_glass = True
    cycles.max_bounces = 6
    cycles.diffuse_bounces = 2
    cycles.glossy_bounces = 3
    cycles.transmission_bounces = 6
    cycles.transparent_max_bounces = 48
    cycles.sample_clamp_indirect = 3.0
    cycles.blur_glossy = 0.5
    cycles.caustics_refractive = False
    cycles.caustics_reflective = False
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"
    scene.view_layers[0].cycles.denoising_store_passes = True
    return scene


def render(scene: Any, edge_samples: int = 0) -> Render:
    """Render a scene.

    Parameters
    ----------
    scene
        With everything in place.
    edge_samples
        Sample alpha a second time, with so many samples a pixel along outlines and no light to
        follow; 0 keeps the alpha of the first time, as scenes with glass must.
    """
    raw, denoised = _exposed(scene, ("Noisy Image", "Image"))
    alpha = raw[..., 3]
    if edge_samples:
        _flatten(scene, edge_samples)
        alpha = _exposed(scene, ("Image",))[0][..., 3]
    return Render(raw, denoised, np.ascontiguousarray(alpha))


def _flatten(scene: Any, samples: int) -> None:
    """Let all that scatters light shine white instead: pixels off the outlines settle at once.

    Clear shares of a material stay; what remains is weighed, not drawn by chance, so that sheer
    cloth and smoke have the same alpha without noise.
    """
    bpy = load_bpy()
    for material in bpy.data.materials:
        tree = material.node_tree
        for node in list(tree.nodes):
            flat = _flat_twin(tree, node)
            if flat is not None:
                for link in list(node.outputs[0].links):
                    tree.links.new(flat, link.to_socket)
    scene.world = None
    cycles = scene.cycles
    cycles.max_bounces = 0
    cycles.use_denoising = False
    scene.view_layers[0].cycles.denoising_store_passes = False
    cycles.samples = samples
    cycles.adaptive_min_samples = 32 if scene.render.use_motion_blur else 12
    cycles.adaptive_threshold = 0.005


def _flat_twin(tree: Any, node: Any) -> Any:
    """Return the output to take the place of a node that scatters light, or None."""
    kept = ("ShaderNodeBsdfTransparent", "ShaderNodeBsdfGlass")
    if node.bl_idname.startswith("ShaderNodeBsdf") and node.bl_idname not in kept:
        return tree.nodes.new("ShaderNodeEmission").outputs[0]
    if node.bl_idname == "ShaderNodeVolumePrincipled":
        twin = tree.nodes.new("ShaderNodeVolumePrincipled")
        twin.inputs["Color"].default_value = (0.0, 0.0, 0.0, 1.0)
        for name in ("Density", "Emission Strength"):
            tree.links.new(node.inputs["Density"].links[0].from_socket, twin.inputs[name])
        return twin.outputs[0]
    return None


def _exposed(scene: Any, sources: tuple[str, ...]) -> list[Float32]:
    """Render once and return passes, float32 height x width x 4."""
    bpy = load_bpy()
    with tempfile.TemporaryDirectory() as folder:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        layers = tree.nodes.new("CompositorNodeRLayers")
        output = tree.nodes.new("CompositorNodeOutputFile")
        output.base_path = folder
        output.format.file_format = "OPEN_EXR"
        output.format.color_mode = "RGBA"
        output.format.color_depth = "32"
        output.file_slots.clear()
        for number, source in enumerate(sources):
            output.file_slots.new(f"{number}-")
            tree.links.new(layers.outputs[source], output.inputs[number])
        bpy.ops.render.render()
        return [_pixels(path) for path in sorted(Path(folder).iterdir())]


def _pixels(path: Path) -> Float32:
    """Read an OpenEXR picture as it is stored, first row on top."""
    image = load_bpy().data.images.load(str(path))
    image.alpha_mode = "CHANNEL_PACKED"
    width, height = image.size
    values = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(values)
    load_bpy().data.images.remove(image)
    return np.ascontiguousarray(values.reshape(height, width, 4)[::-1])
