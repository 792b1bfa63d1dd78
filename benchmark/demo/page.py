"""The demo in the browser: two tabs of Gradio over `benchmark.demo.work`."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from PIL import Image

from benchmark.demo import work

_FONTS = ["system-ui", "sans-serif"]  # of the system: nothing is fetched
_STARTS_WITH = ("hatt",)


def make_page() -> gr.Blocks:
    """Return the page, not yet served."""
    with gr.Blocks(title="Image matting", analytics_enabled=False) as page:
        gr.Markdown("# Image matting\nCut out a photograph, or score a matte. All on this machine.")
        with gr.Tab("Cut out"):
            _add_cut_out()
        with gr.Tab("Score a matte"):
            _add_score()
    return page


def serve(host: str, port: int, *, browser: bool = False) -> None:
    """Serve the page until it is interrupted, which is its normal end.

    Raises
    ------
    OSError
        If the port is taken.
    """
    theme = gr.themes.Default(font=_FONTS, font_mono=["monospace"])
    page = make_page()
    try:
        page.launch(
            server_name=host,
            server_port=port,
            inbrowser=browser,
            share=False,
            quiet=True,
            theme=theme,
            prevent_thread_lock=True,
        )
        threading.Event().wait()
    except KeyboardInterrupt:
        page.close(verbose=False)


def _refused(message: object) -> gr.Error:
    """Return an error that the page shows and the terminal does not."""
    return gr.Error(str(message), print_exception=False)


def _add_cut_out() -> None:
    choices = work.choices()
    names = [
        (f"{choice.name} (trimap)" if choice.needs_trimap else choice.name, choice.name)
        for choice in choices
    ]
    with gr.Row():
        with gr.Column():
            gr.Markdown(
                "For methods that need a trimap paint some foreground white and some background "
                "black; what is not painted is unknown."
            )
            editor = gr.ImageEditor(
                label="Photograph",
                type="numpy",
                image_mode="RGBA",
                sources=["upload", "clipboard"],
                brush=gr.Brush(
                    default_size=20,
                    colors=[work.FOREGROUND, work.BACKGROUND],
                    default_color=work.FOREGROUND,
                    color_mode="fixed",
                ),
                elem_id="photograph",
            )
            methods = gr.CheckboxGroup(
                names, value=list(_STARTS_WITH), label="Methods", elem_id="methods"
            )
            colour = gr.ColorPicker("#3a7d44", label="New background")
            picture = gr.Image(
                label="… or a picture as background",
                type="numpy",
                sources=["upload", "clipboard"],
                height=200,
            )
            start = gr.Button("Cut out", variant="primary", elem_id="start")
        with gr.Column():
            slider = gr.ImageSlider(label="Before and after", type="numpy", elem_id="slider")
            mattes = gr.Gallery(label="Mattes", columns=2, object_fit="contain", elem_id="mattes")
            files = gr.File(label="Cut-outs (PNG with alpha)", file_count="multiple", elem_id="cut")
    start.click(_cut_out, [editor, methods, colour, picture], [slider, mattes, files])


def _cut_out(
    editor: Mapping[str, Any] | None, methods: Sequence[str], colour: str, picture: Any
) -> tuple[Any, list[Any], list[str]]:
    background = None if editor is None else editor.get("background")
    if editor is None or background is None:
        raise _refused("Drop a photograph first.")
    if not methods:
        raise _refused("Choose a method.")
    image = work.reduced(np.ascontiguousarray(background[..., :3]))
    trimap = work.trimap_of_strokes(editor["layers"])
    if trimap is not None and trimap.shape != image.shape[:2]:
        size = (image.shape[1], image.shape[0])
        trimap = np.asarray(Image.fromarray(trimap).resize(size, Image.Resampling.NEAREST))
    folder = Path(tempfile.mkdtemp(prefix="cut-out-"))
    shown, files, first = [], [], None
    for name in methods:
        try:
            alpha = work.run_method(name, image, trimap)
        except ValueError as error:
            raise _refused(error) from None
        rgba = work.cut_out(image, alpha)
        path = folder / f"{name}.png"
        Image.fromarray(rgba).save(path)
        below = picture if picture is not None else _hex(colour)
        after = work.composite(rgba, below)
        first = first if first is not None else (image, after)
        shown += [(np.rint(255 * alpha).astype(np.uint8), name), (after, f"{name}, composite")]
        files.append(str(path))
    return first, shown, files


def _hex(colour: str) -> str:
    """Return a colour as ``#rrggbb``; the picker also gives ``rgba(r, g, b, a)``."""
    if colour.startswith("#"):
        return colour[:7]
    numbers = [float(number) for number in colour.partition("(")[2].rstrip(")").split(",")]
    return "#" + "".join(f"{round(number):02x}" for number in numbers[:3])


def _add_score() -> None:
    with gr.Row():
        with gr.Column():
            matte = gr.File(label="Matte", file_count="single", elem_id="matte")
            truth = gr.File(label="True matte", file_count="single", elem_id="truth")
            trimap = gr.File(label="Trimap (optional)", file_count="single", elem_id="trimap")
            start = gr.Button("Score", variant="primary", elem_id="score")
        with gr.Column():
            table = gr.Dataframe(headers=["metric", "region", "value"], elem_id="numbers")
            view = gr.Image(
                label="Where it errs", buttons=["download", "fullscreen"], elem_id="errors"
            )
    start.click(_score, [matte, truth, trimap], [table, view])


def _score(matte: str | None, truth: str | None, trimap: str | None) -> tuple[list[list[Any]], Any]:
    if matte is None or truth is None:
        raise _refused("Give a matte and its truth.")
    try:
        rows, picture = work.score(Path(matte), Path(truth), Path(trimap) if trimap else None)
    except (ValueError, OSError) as error:
        raise _refused(str(error).replace(f"{Path(matte).parent}/", "")) from None
    return [[name, region, f"{value:.4f}"] for name, region, value in rows], picture
