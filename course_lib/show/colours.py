"""The four colours of every figure, table and report."""

# Only four: each must be a mid-tone (at least 3.5:1 with white and with the dark theme's #111111, white text
# on it at least 4.5:1) and stay apart from the others for red-blind and green-blind eyes; more hues than
# these four don't fit (tests/show/test_style.py measures it).
BLUE = "#1f74c4"
PURPLE = "#9a52a0"
RED = "#c94f00"
GREY = "#767676"
TEXT = GREY
