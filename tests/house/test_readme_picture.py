"""README's picture is what the library draws today."""

from matplotlib.testing.compare import compare_images

from tests.house.readme_picture import PICTURE, draw


def test_the_picture_is_what_the_library_draws(tmp_path):
    picture = draw()
    assert "30.0 s for 10 calls, at most 1 in flight" in picture.description
    assert "3.0 s for 10 calls, at most 10 in flight" in picture.description
    drawn, committed = tmp_path / "drawn.png", tmp_path / "committed.png"
    drawn.write_bytes(picture.png)
    committed.write_bytes(PICTURE.read_bytes())
    assert compare_images(str(committed), str(drawn), tol=3) is None  # another matplotlib may smooth edges otherwise
