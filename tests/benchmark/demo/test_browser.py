"""The demo in headless Chromium: a real upload, a painted trimap, a wrong file, no network."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from distinctions646.images.png import write_png

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
PATIENCE = 240  # seconds for a step on a busy machine


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Start the demo as a user does, and return its address."""
    pytest.importorskip("gradio")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmark.demo", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("demo"), env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: urllib.request.urlopen(url, timeout=20).status == 200)
        yield url
    finally:
        server.terminate()
        assert server.wait(PATIENCE) == 0


@pytest.fixture
def browser(address, tmp_path):
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    for flag in ("headless", "no-sandbox", "disable-gpu", "window-size=1400,1200"):
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={tmp_path / 'profile'}")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options)
    try:
        driver.get(address)
        wait_for(lambda: driver.find_elements("css selector", "#start"))
        yield driver
    finally:
        driver.quit()


def wait_for(condition):
    """Return what a condition returns once it is true; a failing one is tried again."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            found = condition()
            if found:
                return found
        except Exception:
            if time.monotonic() > end:
                raise
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.5)


def upload(browser, place: str, path: Path) -> None:
    wait_for(lambda: browser.find_elements("css selector", f"{place} input[type=file]"))
    browser.find_element("css selector", f"{place} input[type=file]").send_keys(str(path))


def photograph(path: Path) -> Path:
    y, x = np.mgrid[:160, :200]
    disc = (np.hypot(y - 80, x - 100) < 50)[..., None]
    picture = np.where(disc, (200, 60, 40), (40, 90, 160)).astype(np.uint8)
    write_png(path, picture)
    return path


def click(browser, place: str) -> None:
    browser.execute_script("arguments[0].click()", browser.find_element("css selector", place))


def choose(browser, name: str, wanted: bool) -> None:
    for box in browser.find_elements("css selector", "#methods input"):
        label = box.find_element("xpath", "./ancestor::label").text.split(" ")[0]
        if label == name and box.is_selected() != wanted:
            browser.execute_script("arguments[0].click()", box)


def paint(browser) -> None:
    """Draw a stroke in the middle of the picture with the brush."""
    from selenium.webdriver import ActionChains

    canvas = wait_for(lambda: browser.find_element("css selector", "#photograph canvas"))
    actions = ActionChains(browser).move_to_element(canvas).click_and_hold()
    actions.move_by_offset(12, 4).move_by_offset(8, 10).release().perform()


def test_a_photograph_is_cut_out_and_nothing_is_fetched(browser, address, tmp_path):
    upload(browser, "#photograph", photograph(tmp_path / "photo.png"))
    time.sleep(2)
    click(browser, "#start")
    wait_for(lambda: browser.find_elements("css selector", "#cut a[href*='hatt.png']"))
    wait_for(lambda: browser.find_elements("css selector", "#slider img"))
    requests = [entry["message"] for entry in browser.get_log("performance")]
    sent = [text for text in requests if '"Network.requestWillBeSent"' in text]
    outside = [text for text in sent if '"url":"http' in text and address not in text]
    assert not outside, outside[:3]


def test_a_painted_trimap_is_used(browser, tmp_path):
    upload(browser, "#photograph", photograph(tmp_path / "photo.png"))
    time.sleep(2)
    choose(browser, "hatt", False)
    choose(browser, "closed-form", True)
    click(browser, "#start")
    wait_for(lambda: "closed-form needs a trimap" in browser.page_source)
    paint(browser)
    time.sleep(2)
    click(browser, "#start")  # white strokes alone: the method says what it lacks
    wait_for(lambda: "closed-form cannot work here" in browser.page_source)


def test_a_wrong_file_is_refused_with_its_name(browser, tmp_path):
    wrong = tmp_path / "notes.png"
    wrong.write_text("no picture")
    for tab in browser.find_elements("css selector", "button[role=tab]"):  # Gradio has hidden ones
        if "Score a matte" in (tab.get_attribute("textContent") or ""):
            browser.execute_script("arguments[0].click()", tab)
    upload(browser, "#matte", wrong)
    upload(browser, "#truth", wrong)
    time.sleep(2)
    click(browser, "#score")
    wait_for(lambda: "notes.png: cannot be read as an image" in browser.page_source)
