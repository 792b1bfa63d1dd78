"""Try methods on your own photographs, in a browser and without a network.

    python -m benchmark.demo

Drop a photograph, choose methods, paint a trimap for those that need one, and compare the
cut-outs; a second tab scores a matte against a truth and shows where it errs. Needs the extra
distinctions646[demo].
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from distinctions646.process.commandline import make_parser, run_command

DEFAULT_PORT = 7860


@dataclass(frozen=True)
class DemoConfig:
    """Where the demo listens, and whether it opens a browser."""

    host: str
    port: int
    browser: bool


def parse_args(arguments: list[str] | None = None) -> DemoConfig:
    """Read the command line."""
    parser = make_parser("python -m benchmark.demo", __doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for all of the network"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port to listen on")
    parser.add_argument("--browser", action="store_true", help="open the page in a browser")
    options = parser.parse_args(arguments)
    if not 0 < options.port < 65536:
        parser.error(f"--port is {options.port}; expected 1 to 65535")
    return DemoConfig(options.host, options.port, options.browser)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    config = parse_args(arguments)

    def command() -> None:
        os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
        try:
            from benchmark.demo.page import serve
        except ImportError as error:
            if error.name != "gradio":
                raise
            raise ValueError("gradio is missing; pip install 'distinctions646[demo]'") from None
        sys.stderr.write(f"open http://{config.host}:{config.port} in a browser; Ctrl-C ends it\n")
        serve(config.host, config.port, browser=config.browser)

    return run_command(command)


if __name__ == "__main__":
    sys.exit(main())
