"""Files of the page: a folder of small pages, or one file that holds them all.

A *view* is one screen: the leaderboard, a method's card, an image. Its key (``mini-test/images/b``)
is its path in the folder and its id in the single file, so the same templates serve both.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.formats.layout import name_of, printed
from benchmark.page.numbers import (
    exact,
    meaning_of,
    percent,
    seconds,
    shown,
    split_doi,
    stated,
)
from benchmark.results.split_identity import slug
from distinctions646.checks.files import read_json
from distinctions646.checks.schema import list_of, text
from distinctions646.process.whole_files import write_bytes

if TYPE_CHECKING:
    import jinja2

_HERE = Path(__file__).parent
PAGE_FILES = "page-files.json"
"""The list of a page's files, beside them."""
_KINDS = {".webp": "image/webp"}
# Nothing but the page's own files may be loaded, whatever a name on it tries.
_POLICY = (
    "default-src 'none'; img-src 'self' file: data:; style-src 'self' file: 'unsafe-inline'; "
    "script-src {script}; base-uri 'none'; form-action 'none'"
)


@dataclass
class Site:
    """The page while it is being written.

    Attributes
    ----------
    out
        The folder to write into.
    single_file
        Write one ``index.html`` that holds everything.
    title
        Follows each view's own title in the title of the window.
    """

    out: Path
    single_file: bool
    title: str
    _environment: jinja2.Environment = field(init=False, repr=False)
    _views: list[tuple[str, str, str]] = field(init=False, default_factory=list, repr=False)
    _pictures: dict[str, str] = field(init=False, default_factory=dict, repr=False)
    _data: dict[str, Any] = field(init=False, default_factory=dict, repr=False)
    _written: set[str] = field(init=False, default_factory=set, repr=False)

    def __post_init__(self) -> None:
        """Load the templates."""
        self._environment = _templates()

    def add_view(self, key: str, template: str, title: str, **context: Any) -> None:
        """Render one view; in a folder it is written at once.

        Parameters
        ----------
        key
            Path without suffix, parts separated by ``/``.
        template
            File in ``templates/``.
        title
            Title of the window.
        context
            Variables of the template.
        """
        up = "" if self.single_file else "../" * key.count("/")

        def link(target: str) -> str:
            return f"#{target}" if self.single_file else f"{up}{target}.html"

        def picture(path: str) -> str:
            return self._pictures[path] if self.single_file else up + path

        # What scripts put before and after a view's key to link to it.
        ends = ("#", "") if self.single_file else (up, ".html")
        body = self._environment.get_template(template).render(
            key=key, title=title, link=link, picture=picture, ends=ends, up=up, **context
        )
        if self.single_file:
            self._views.append((key, title, body))
        else:
            page = self._page([(key, title, body)], up)
            self._write(f"{key}.html", page.encode())

    def add_file(self, path: str, content: bytes) -> None:
        """Add a picture under `path`, or to the single file."""
        if self.single_file:
            kind = _KINDS[Path(path).suffix]
            self._pictures[path] = f"data:{kind};base64,{base64.b64encode(content).decode()}"
        else:
            self._write(path, content)

    def add_data(self, path: str, content: Any) -> None:
        """Add numbers that the page's script loads when it needs them.

        A page on disk may read no file, but it may run a script of its own folder: in a folder the
        numbers are one call of `receive`. The single file holds them.

        Parameters
        ----------
        path
            Of the file, ending in ``.js``.
        content
            What JSON can hold; it is never taken for anything but text and numbers.
        """
        if self.single_file:
            self._data[path] = content
        else:
            # ASCII alone: no character ends a string or a line of the script early.
            call = f"receive({json.dumps(path)}, {json.dumps(content, separators=(',', ':'))});\n"
            self._write(path, call.encode("ascii"))

    def finish(self) -> Path:
        """Write what is left, remove files of an earlier page, return the first screen's path."""
        if self.single_file:
            self._write("index.html", self._page(self._views, "").encode())
        else:
            for name in ("page.css", "page.js"):
                self._write(f"assets/{name}", (_HERE / name).read_bytes())
        self._remove_old()
        return self.out / "index.html"

    def _remove_old(self) -> None:
        for path in pages_of(self.out) - self._written:
            (self.out / path).unlink(missing_ok=True)
        write_bytes(
            self.out / PAGE_FILES, (json.dumps(sorted(self._written), indent=0) + "\n").encode()
        )

    def _page(self, views: list[tuple[str, str, str]], up: str) -> str:
        style, script = ((_HERE / name).read_text() for name in ("page.css", "page.js"))
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        allowed = f"'sha256-{digest}'" if self.single_file else "'self' file:"
        return self._environment.get_template("layout.html").render(
            views=views,
            data=self._data,
            up=up,
            site=self.title,
            policy=_POLICY.format(script=allowed),
            style=style if self.single_file else None,
            script=script if self.single_file else None,
        )

    def _write(self, path: str, content: bytes) -> None:
        target = self.out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(target, content)
        self._written.add(path)


def pages_of(folder: Path) -> set[str]:
    """Return the files of the page in a folder, as it lists them; `ValueError` for a bad list."""
    listed, inside = folder / PAGE_FILES, folder.resolve()
    paths = read_json(listed) if listed.is_file() else []
    list_of(text(most=4096))(paths, str(listed))
    return {path for path in paths if (inside / path).resolve().is_relative_to(inside)}


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    """Return the templates, compiled once; every value is escaped unless one says otherwise."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "anchor": slug,
        "exact": exact,
        "meaning": meaning_of,
        "name": name_of,
        "percent": percent,
        "printed": printed,
        "seconds": seconds,
        "shown": shown,
        "split_doi": split_doi,
        "stated": stated,
    }
    return environment
