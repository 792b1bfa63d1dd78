"""Draft a model file for an ONNX network, or list the model files that ship.

    python -m baselines.onnx model.onnx > model.toml
    python -m benchmark.run --method onnx:model.toml --dataset ./mini

The draft has what the graph tells (names, sizes, channels) and guesses, marked, for the rest.
docs/onnx.md explains every key.
"""

from __future__ import annotations

import sys
from pathlib import Path

from distinctions646.process.commandline import make_parser, run_command


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = make_parser("python -m baselines.onnx", __doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("model", nargs="?", type=Path, help="an ONNX file to draft a model file for")
    what.add_argument("--list", action="store_true", help="print the model files that ship")
    what.add_argument("--docs", type=Path, metavar="PAGE", help="write the reference into a page")
    options = parser.parse_args(arguments)

    def command() -> None:
        if options.list:
            from baselines.onnx.model_file.reading import find_model_file, shipped_names

            sys.stdout.writelines(
                f"{name:24} {find_model_file(name)}\n" for name in shipped_names()
            )
        elif options.docs:
            _write_docs(options.docs)
        else:
            from baselines.onnx.drafting import draft_model_file

            sys.stdout.write(draft_model_file(options.model))

    return run_command(command)


def _write_docs(page: Path) -> None:
    from baselines.onnx.reference import fill
    from distinctions646.process.whole_files import write_bytes

    try:
        text = fill(page.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{page}: {error}") from None
    write_bytes(page, text.encode())


if __name__ == "__main__":
    sys.exit(main())
