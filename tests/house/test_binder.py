"""Binder installs this course on the Python that it asks for, with exact versions."""

import re
import shutil
import subprocess
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.house.course_files import ROOT

BINDER = ROOT / ".binder"
REPO2DOCKER = shutil.which("jupyter-repo2docker")


@pytest.fixture(scope="module")
def dependencies():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {one.name: one for one in map(Requirement, project["dependencies"])}


@pytest.fixture(scope="module")
def constraints():
    lines = (BINDER / "constraints.txt").read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_every_dependency_has_an_exact_version_inside_its_bounds(dependencies, constraints):
    assert constraints.keys() == dependencies.keys()
    for name, version in constraints.items():
        assert dependencies[name].specifier.contains(version), name


def test_every_dependency_is_bounded_on_both_sides(dependencies):
    for name, one in dependencies.items():
        operators = {part.operator for part in one.specifier}
        assert operators == {">=", "<"}, name


def test_requirements_install_the_course_under_the_constraints():
    assert (BINDER / "requirements.txt").read_text("utf-8").split("\n") == ["-c constraints.txt", "-e .", ""]


@pytest.mark.skipif(REPO2DOCKER is None, reason="jupyter-repo2docker is not installed; .ci/run installs it")
def test_the_dockerfile_installs_what_is_asked_for():
    told = subprocess.run(
        [REPO2DOCKER, "--no-build", "--debug", "."], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert told.returncode == 0, told.stderr[-2000:]
    dockerfile = told.stdout + told.stderr
    assert "Building conda environment for python=3.13" in dockerfile
    installs = re.findall(r"/bin/pip install[^\n&]*", dockerfile)
    assert installs == ['/bin/pip install --no-cache-dir -r ".binder/requirements.txt"']
    # The whole folder is there before pip reads `-e .` in it.
    assert dockerfile.index("COPY --chown=0:0 src/ ${REPO_DIR}/") < dockerfile.index(installs[0])
