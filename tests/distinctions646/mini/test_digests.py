from dataclasses import replace

import numpy as np
import pytest

from distinctions646.mini import digests
from distinctions646.mini.digests import (
    check_digests,
    difference,
    digest,
    main,
    read_digests,
    recorded_pictures,
)


def test_digest_of_a_half_clear_red_picture() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :32] = (200, 0, 0, 255)
    pixels[:, 32:] = (0, 90, 0, 0)
    pixels[:16, :32, 3] = 51
    found = digest(pixels)
    assert found.numbers == pytest.approx(
        {"red": 80.0, "green": 0.0, "blue": 0.0, "alpha": 102.0, "soft": 0.125}
    )
    assert found.thumbnail[0, 0].tolist() == [40, 0, 0, 51]
    assert found.thumbnail[31, 31].tolist() == [0, 0, 0, 0]


def test_every_generated_picture_is_recorded() -> None:
    recorded = read_digests()
    assert list(recorded) == [picture.name for picture in recorded_pictures()]


def test_the_least_change_of_a_draw_is_seen() -> None:
    random = np.random.default_rng(3)
    pixels = random.integers(0, 256, (128, 128, 3), np.uint8)
    expected = digest(pixels)
    assert difference(digest(pixels), expected) is None
    assert difference(digest(np.clip(pixels, 1, 254)), expected) is None
    moved = np.roll(pixels, 4, axis=1)
    assert "thumbnail" in str(difference(digest(moved), expected))
    assert "red is" in str(difference(digest(np.clip(pixels, 64, 255)), expected))


def test_the_command_names_what_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = next(one for one in recorded_pictures() if one.subject == "smoke")
    monkeypatch.setattr(digests, "recorded_pictures", lambda: [replace(picture, seed=1)])
    assert main([]) == 2
    assert f"error: {picture.name}: " in capsys.readouterr().err


def test_the_first_pictures_are_those_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    few = [one for one in recorded_pictures() if one.subject in ("smoke", "field")][:2]
    monkeypatch.setattr(digests, "recorded_pictures", lambda: few)
    assert check_digests() == 2


@pytest.mark.slow
def test_all_pictures_are_those_recorded() -> None:
    assert check_digests() == len(recorded_pictures()) > 80
