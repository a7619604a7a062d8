"""Builds all tests and runs the test programs, two at a time: many of them wait for servers on this machine.

usage: tests.py PROFILE

Fails if a test fails, or if a test did not run because `../shared` or azurite is missing.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys
import time

# They take the longest, so they start first.
FIRST = ("live", "fleet", "html", "properties", "apim_doctor_core", "armour", "commands", "contradictions", "script", "outputs", "kept")


def built(cargo):
    """Returns the test programs, each with its name and the folder of its package."""
    run = subprocess.run([*cargo, "--no-run", "--message-format=json-render-diagnostics"], stdout=subprocess.PIPE, check=True)
    messages = (json.loads(line) for line in run.stdout.splitlines())
    tests = (m for m in messages if m["reason"] == "compiler-artifact" and m["profile"]["test"] and m["executable"])
    return {m["executable"]: (m["target"]["name"], os.path.dirname(m["manifest_path"])) for m in tests}


def run(program, name, folder):
    start = time.monotonic()
    done = subprocess.run([program, "--nocapture"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    print(f"\n-- {name} ({time.monotonic() - start:.0f} s)\n{output}", flush=True)
    return output, done.returncode


def main():
    cargo = ["cargo", "test", "--profile", sys.argv[1], "--workspace", "--all-features", "--locked"]
    programs = built(cargo)
    last = len(FIRST)
    order = sorted(programs, key=lambda p: FIRST.index(programs[p][0]) if programs[p][0] in FIRST else last)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [(p, pool.submit(run, p, *programs[p])) for p in order]
    failed = [os.path.basename(p) for p, future in runs if future.result()[1]]
    output = "\n".join(future.result()[0] for _, future in runs)
    failed += ["the examples in the docs"] * bool(subprocess.run([*cargo, "--doc"], check=False).returncode)
    failed += re.findall(r"^skipped: .*", output, re.MULTILINE)
    # The test runner may print text before `ran: ` on the same line.
    if not re.search(r"ran: .* \(azurite\)", output):
        failed.append("no test sent a request to azurite")
    for what in failed:
        print(f"failed: {what}", file=sys.stderr)
    return 1 if failed else 0


sys.exit(main())
