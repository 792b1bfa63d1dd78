import hashlib

import numpy as np

from distinctions646.mini.drawing.draws import Draws


def test_stream_is_the_top_bits_of_philox_words_under_the_hashed_key() -> None:
    digest = hashlib.sha256(b"hair\x1f7").digest()
    words = np.random.Philox(key=np.frombuffer(digest[:16], np.uint64)).random_raw(4)
    expected = [int(word >> np.uint64(11)) / 2**53 for word in words]
    assert Draws("hair", 7).unit(4).tolist() == expected


def test_stream_is_golden() -> None:
    """Recorded with NumPy 2.4.6: pictures change if these numbers ever do."""
    draws = Draws("golden", 1)
    assert draws.unit(3).tolist() == [0.6090035648184775, 0.24933131362476546, 0.5280330126560655]


def test_scalars_and_arrays_read_the_same_stream() -> None:
    one, many = Draws("a"), Draws("a")
    assert [one.uniform(2, 5) for _ in range(6)] == many.uniforms(2, 5, 6).tolist()


def test_child_streams_differ_and_leave_the_parent_alone() -> None:
    parent = Draws("a", 1)
    first = parent.child("x").unit(4)
    assert not np.array_equal(first, parent.child("y").unit(4))
    assert np.array_equal(first, parent.child("x").unit(4))
    assert np.array_equal(parent.unit(4), Draws("a", 1).unit(4))


def test_keys_are_not_joined_blindly() -> None:
    assert not np.array_equal(Draws("a", "b").unit(4), Draws("ab").unit(4))


def test_integer_includes_both_ends() -> None:
    draws = Draws("dice")
    assert {draws.integer(1, 3) for _ in range(200)} == {1, 2, 3}


def test_normals_have_the_spread_asked_for() -> None:
    values = Draws("normal").normals(2.0, 20000)
    assert abs(values.mean()) < 0.05
    assert abs(values.std() - 2.0) < 0.05


def test_weighted_follows_the_weights() -> None:
    draws = Draws("weighted")
    picked = [draws.weighted(((0.8, "often"), (0.2, "seldom"))) for _ in range(2000)]
    assert 0.75 < picked.count("often") / 2000 < 0.85
