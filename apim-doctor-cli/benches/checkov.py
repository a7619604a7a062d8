#!/usr/bin/env python3
"""Compares `apim-doctor check` with checkov on the same files in the same run.

usage: checkov.py PROGRAM [TARGET_FOLDER]

PROGRAM is a release build of apim-doctor. checkov is installed into TARGET_FOLDER/checkov (default: target) with pip.
The files are in ../shared; without them, the script says so and ends.

It prints the time that each program takes for the Azure Verified Modules (each file format in one call), and the share
of deployments with a known answer for which each program reports a failure: of the broken ones and of the right ones.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

CHECKOV = "checkov==3.3.30"
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


def install(target):
    """Returns the path of checkov in a virtual environment of its own."""
    venv = target / "checkov"
    program = venv / "bin" / "checkov"
    if not program.is_file():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin" / "pip", "install", "--quiet", CHECKOV], check=True)
    return program


def timed(command):
    """Runs a command, and returns its standard output and the elapsed seconds."""
    # Without this setting, checkov asks the platform of its vendor for guidelines.
    env = {**os.environ, "NO_COLOR": "1", "BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "CRITICAL"}
    start = time.monotonic()
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, check=False).stdout
    return output, time.monotonic() - start


def scan(checkov, folder, *frameworks):
    """Runs checkov on a folder, and returns the files with failed checks, the number of results, and the seconds."""
    command = [checkov, "-d", folder, "--framework", *frameworks, "-o", "json", "--compact", "--skip-download"]
    output, seconds = timed(command)
    runs = json.loads(output or "[]")
    failed, checked = set(), set()
    for run in runs if isinstance(runs, list) else [runs]:
        results = run.get("results", {})
        for kind in ("failed_checks", "passed_checks"):
            for check in results.get(kind, []):
                checked.add(check["file_path"].lstrip("/"))
                if kind == "failed_checks":
                    failed.add(check["file_path"].lstrip("/"))
    return failed, checked, seconds


def verdict(expected):
    """Returns whether a deployment is broken or right; None if its answer is open."""
    accepted = [run["verdict"] if isinstance(run["verdict"], list) else [run["verdict"]] for run in expected["runs"]]
    if any(one == ["fail"] for one in accepted):
        return "broken"
    return "right" if all(one == ["pass"] for one in accepted) else None


def says_fail(program, folder, run):
    """Returns whether a run of apim-doctor gives the verdict `fail`."""
    args = [str(folder / arg) if (folder / arg).is_file() else arg for arg in run["args"]]
    with tempfile.TemporaryDirectory() as copy:
        # What exists is an argument, not a part of the deployment.
        ignored = shutil.ignore_patterns("against.snapshot.json")
        shutil.copytree(folder, pathlib.Path(copy) / "infra", ignore=ignored)
        output, _ = timed([program, "check", f"{copy}/infra", *args, "-o", "json"])
    return json.loads(output or "{}").get("verdict") == "fail"


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    program = pathlib.Path(sys.argv[1]).resolve()
    target = pathlib.Path(sys.argv[2] if len(sys.argv) == 3 else ROOT / "target").resolve()
    if not SHARED.is_dir():
        print("skipped: ../shared is missing")
        return
    checkov = install(target)
    modules = SHARED / "data" / "bicep-pairs" / "avm"
    print("| files | apim-doctor | checkov | files with a result of checkov |\n|---|--:|--:|--:|")
    formats = [("main.json", "arm", "compiled templates"), ("*.bicep", "bicep", "Bicep files")]
    for pattern, framework, what in formats:
        files = sorted(modules.rglob(pattern))
        _, ours = timed([program, "check", *files, "-o", "json"])
        with tempfile.TemporaryDirectory() as folder:
            # Only the files of this format, under the same paths.
            for file in files:
                copy = pathlib.Path(folder) / file.relative_to(modules)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, copy)
            _, checked, theirs = scan(checkov, folder, framework)
        print(f"| {len(files)} {what} | {ours:.2f} s | {theirs:.1f} s | {len(checked)} |")
    root = SHARED / "cases" / "deployments"
    failed, _, _ = scan(checkov, root, "arm", "bicep", "terraform_plan")
    failed = {path.split("/")[0] for path in failed}
    print("\n| deployments | apim-doctor says `fail` | checkov has failed checks |\n|---|--:|--:|")
    expected = [json.loads(line) for line in (root / "expected.jsonl").read_text().splitlines()]
    for kind in ("broken", "right"):
        some = [one for one in expected if verdict(one) == kind]
        ours = sum(any(says_fail(program, root / one["id"], run) for run in one["runs"]) for one in some)
        theirs = sum(one["id"] in failed for one in some)
        share = lambda count: f"{count} ({100 * count // max(len(some), 1)} %)"
        print(f"| {len(some)} {kind} | {share(ours)} | {share(theirs)} |")


if __name__ == "__main__":
    main()
