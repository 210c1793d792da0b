"""A pytest plugin to load before nbval's, `-p course_lib.grading.running.quick_start`: grading starts a second sooner.

nbformat imports jsonschema, which compiles a whole grammar of international web addresses at import, if the package
that holds it is installed, as it is with JupyterLab. No notebook has a use for it. jsonschema does without it where
it is missing, so here it is missing.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)
