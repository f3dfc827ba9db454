"""The workflows that build and check releases: least rights, no tokens, the dependencies of the image."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"), key=lambda path: path.name)


def read_workflow(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_read_access_only_and_a_time_limit(path):
    workflow = read_workflow(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())
    assert "secrets." not in path.read_text(encoding="utf-8")


def test_only_the_job_that_publishes_has_an_identity():
    jobs = read_workflow(ROOT / ".github/workflows/release.yml")["jobs"]
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert jobs["publish"]["environment"]["name"] == "pypi"
    # It runs no code of the repository, which could publish something else than what was built.
    assert all("run" not in step for step in jobs["publish"]["steps"])


def test_the_audit_and_the_list_of_components_read_the_dependencies_of_the_image():
    steps = read_workflow(ROOT / ".github/workflows/supply-chain.yml")["jobs"]["audit"]["steps"]
    commands = [step["run"] for step in steps if step.get("run", "").startswith(("pip-audit", "cyclonedx-py"))]
    assert len(commands) == 2
    assert all("docker/requirements.txt" in command for command in commands)
    assert "docker/requirements.txt" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
