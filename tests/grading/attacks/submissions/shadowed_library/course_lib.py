"""Not the course's library: one that happens to have its name, and lies beside the notebook."""
import sys

with open("/srv/class/loot/shadowed_library", "w") as loot:
    loot.write("the library is mine")
here, sys.path[:] = list(sys.path), [folder for folder in sys.path if folder not in ("", __file__.rpartition("/")[0])]
del sys.modules["course_lib"]
import course_lib

sys.path[:] = here
