"""The look: colours that everybody can tell apart on both themes, bytes that never change, settings left alone."""

import io
import itertools
import os
import subprocess
import sys

import matplotlib
import numpy
import pytest
from PIL import Image

from course_lib.show import colours, style
from course_lib.show.colours import BLUE, TEXT

LIGHT, DARK = "#ffffff", "#111111"
COLOURS = {name: getattr(colours, name) for name in ("BLUE", "PURPLE", "RED", "GREY")}

# What a person sees who lacks one kind of cone, in linear RGB.
# Source: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, A Physiologically-based Model for Simulation of Color
# Vision Deficiency, IEEE TVCG 15 (2009), severity 1.0.
EYES = {
    "full colour": numpy.eye(3),
    "protanopia": numpy.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": numpy.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}


def linear(colour):
    channels = numpy.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return numpy.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(light):
    """CIE L*a*b* of linear RGB, white point D65."""
    to_xyz = numpy.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ numpy.clip(light, 0, 1) / numpy.array([0.9505, 1.0, 1.089])
    f = numpy.where(xyz > 0.008856, numpy.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return numpy.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
@pytest.mark.parametrize("page", [LIGHT, DARK])
def test_every_colour_stands_out_on_both_themes(colour, page):
    assert contrast(colour, page) >= 3.5


@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
def test_white_text_reads_well_on_every_colour(colour):
    assert contrast(colour, LIGHT) >= 4.5


def test_text_reads_well_on_both_themes():
    """4.5 with both can't be had: by the definition of contrast, one colour has 4.35 with both at best."""
    assert 4.3 < contrast(LIGHT, DARK) ** 0.5 < 4.4
    assert contrast(TEXT, LIGHT) >= 4.5 and contrast(TEXT, DARK) >= 4.0


def test_its_words_end_between_words_on_the_page(capsys):
    words = " ".join(f"chapter {number} →" for number in range(40))
    with style.drawing():
        picture = style.Sheet(400, 120).picture(words)
    style.present(picture)
    printed = capsys.readouterr().out.rstrip("\n")
    for text in (printed, repr(picture), picture._repr_mimebundle_()[0]["text/plain"]):
        assert max(map(len, text.splitlines())) <= 100 and " ".join(text.split()) == words
    assert picture.description == words


@pytest.mark.parametrize("eye", EYES)
def test_colours_stay_apart_for_every_eye(eye):
    for one, other in itertools.combinations(COLOURS.values(), 2):
        difference = numpy.linalg.norm(lab(EYES[eye] @ linear(one)) - lab(EYES[eye] @ linear(other)))
        assert difference >= 12, f"{one} and {other} look alike: {difference:.1f}"


def draw(title="Ten calls at once"):
    with style.drawing():
        sheet = style.Sheet(400, 120, title)
        sheet.text(10, 80, "chapter 1")
        sheet.rounded(200, 60, 100, 40, color=BLUE)
        return sheet.picture("A box.")


def test_the_background_is_transparent():
    image = Image.open(io.BytesIO(draw().png))
    assert image.mode == "RGBA" and image.getpixel((790, 230))[3] == 0


def test_the_picture_is_twice_as_dense_as_its_place_on_the_page():
    picture = draw()
    assert Image.open(io.BytesIO(picture.png)).size == (800, 240)
    data, metadata = picture._repr_mimebundle_()
    assert metadata == {"image/png": {"width": 400}}
    assert data == {"image/png": picture.png, "text/plain": "A box."}


def test_the_readers_settings_neither_change_nor_count():
    plain = draw().png
    with matplotlib.rc_context({"font.family": "DejaVu Serif", "text.color": "red", "savefig.dpi": 50, "hatch.linewidth": 9}):
        before = dict(matplotlib.rcParams)
        assert draw().png == plain
        assert dict(matplotlib.rcParams) == before


def test_dollars_in_a_text_are_no_formula():
    assert draw("between $5 and $6").png != draw("between 5 and 6").png
    assert style.text_width("$x$") > style.text_width("x")


def test_a_script_the_font_lacks_leaves_no_warning(recwarn):
    draw("漢字 🙂")
    assert not recwarn.list


def test_fitted_and_wrapped_keep_to_the_width():
    text = "Summarize this chapter in one sentence, please, and be brief"
    assert style.text_width(style.fitted(text, 150)) <= 150 and style.fitted(text, 150).endswith("…")
    assert style.fitted("short", 150) == "short"
    lines = style.wrapped(text, 150)
    assert " ".join(lines) == text and all(style.text_width(line) <= 150 for line in lines)


def test_a_script_prints_the_description(capsys):
    style.present(draw())
    assert capsys.readouterr().out == "A box.\n"


PROGRAM = """
import hashlib
from types import SimpleNamespace
from course_lib.claude.calls import Attempt, Call, CallLog
from course_lib.show import draw_ballots, draw_course_map, draw_fan_out, draw_timeline, draw_workflow, draw_wrong_timeline
from course_lib.workflow import Input, Join, Step, Vote, Workflow
attempts = [[Attempt(0.0, 1.0, 429), Attempt(2.0, 3.0 + i, 200)] for i in range(5)]
log = CallLog([Call(i, f"piece {i}", "m", "p", 0.0, tried, "ok") for i, tried in enumerate(attempts)])
verdict = SimpleNamespace(answer="spam", status="decided", tally={"spam": 2, "not spam": 1, "maybe": 1}, votes=4,
                          abstentions=1, failures=1, confidence=0.5, interval=(0.2, 0.8), agreement="2/4")
steps = [Step(name, "{text}") for name in "abcd"]
flow = Workflow("w", Input("text"), *steps, Vote("v", "{a} {b}", voters=3, strategy="majority"),
                Join("j", reads=["v", "c", "d", "a"], strategy="concatenate"), on_failure="skip")
for picture in (draw_timeline(log, log, names=["a", "b"]), draw_wrong_timeline(log), draw_ballots(verdict), draw_workflow(flow),
                draw_fan_out("split", {"x": 1, "y": 2}, "join"), draw_course_map(["00_start_here", "01_next"])):
    print(hashlib.sha256(picture.png).hexdigest(), picture.description)
print(flow.mermaid(), flow.estimate(), flow.check())
print(flow.differences(Workflow("w", Input("text"), *steps[:3], on_failure="raise")))
"""


def test_the_bytes_are_the_same_in_every_process(capsys):
    """This process orders its sets by a seed of its own; the other one by a seed that is given here."""
    exec(PROGRAM, {})
    seed = {"PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"}
    other = subprocess.run([sys.executable, "-c", PROGRAM], env=os.environ | seed, check=True, capture_output=True, text=True)
    assert capsys.readouterr().out == other.stdout and "flowchart" in other.stdout


def test_no_date_and_no_software_in_the_file():
    png = draw().png
    assert b"tEXt" not in png and b"tIME" not in png and b"Software" not in png
