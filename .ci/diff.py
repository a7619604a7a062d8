"""Breaks recorded estates on purpose, compares them with what they were, and checks that `diff` names the property.

usage: diff.py PROGRAM FOLDER_OF_ESTATES [--runs N]

A mutation of ../shared/cases/mutate.py breaks a path that passes. `diff` has to name a cause for what became of the path,
and every place that it names has to be one that the mutation changed. Exit status: 0 if all causes are right, 1 otherwise.
"""

import argparse
import collections
import concurrent.futures
import importlib.util
import json
import pathlib
import random
import subprocess
import sys
import tempfile

SEED = 1
OBSERVED = ("observations", "dns", "probes")


def mutations_of(folder):
    """The module that breaks recordings."""
    spec = importlib.util.spec_from_file_location("mutate", pathlib.Path(folder).parent / "mutate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def leaves(value, pointer=""):
    """Every value that holds no other one, with its pointer."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    if not members:
        yield pointer, json.dumps(value)
    for name, inner in members:
        yield from leaves(inner, f"{pointer}/" + str(name).replace("~", "~0").replace("/", "~1"))


def contents(recording):
    """What a recording says of each resource, of each request, and beside the requests."""
    resources, rest = collections.defaultdict(set), {}
    todo = [exchange.get("body") for exchange in recording["exchanges"]]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value.get("id"), str) and value.keys() & {"properties", "type", "identity"}:
                resources[value["id"].lower().rstrip("/")].update(leaves(value))
            todo += value.values()
        elif isinstance(value, list):
            todo += value
    for exchange in recording["exchanges"]:
        path = exchange["request"].split(" ", 1)[-1].split("?")[0].lower().rstrip("/")
        rest[path] = json.dumps([exchange.get("status"), exchange.get("body")], sort_keys=True)
    rest |= {name.lower(): json.dumps(value) for name, value in recording.items() if name != "exchanges"}
    return resources, rest


def was_changed(cause, before, after):
    """Whether a mutation changed what is named as a cause."""
    resource, pointer = cause["resource"].lower(), cause["pointer"]
    changed = {place for place, _ in before[0].get(resource, set()) ^ after[0].get(resource, set())}
    if not pointer:
        return bool(changed) or before[1].get(resource) != after[1].get(resource)
    return any(f"{place}/".startswith(f"{pointer}/") or f"{pointer}/".startswith(f"{place}/") for place in changed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder")
    parser.add_argument("--runs", type=int, default=300)
    args = parser.parse_args()
    mutate = mutations_of(args.folder)
    work = []

    def read(file):
        recording = json.loads(file.read_text())
        if not isinstance(recording, dict) or "exchanges" not in recording:
            return None
        for name in OBSERVED:
            recording.pop(name, None)
        return file.name.removesuffix(".snapshot.json"), recording, mutate.run([args.program], recording)[0]

    def compare(one):
        name, before, path, mutation, after = one
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder) / "before.json", pathlib.Path(folder) / "after.json"]
            for file, recording in zip(files, (before, after), strict=True):
                file.write_text(json.dumps(recording))
            command = [args.program, "diff", *files, "-o", "json", "--fail-on", "never"]
            ran = subprocess.run(command, capture_output=True, text=True, check=False)
        where = f"{name} {path['id']} [{mutation}]"
        if ran.returncode:
            return where, f"exit status {ran.returncode}: {ran.stderr[:200]}"
        found = [own for own in json.loads(ran.stdout)["transitions"] if own["path"] == path["id"]]
        if not found:
            return where, "no transition"
        causes = found[0]["causedBy"]
        if not causes:
            return where, found[0].get("unexplained", "no cause")
        both = contents(before), contents(after)
        wrong = [cause for cause in causes if not was_changed(cause, *both)]
        return where, f"was not changed: {wrong}" if wrong else None

    files = sorted(pathlib.Path(args.folder).glob("*.snapshot.json"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, recording, report in filter(None, pool.map(read, files)):
            passing = [path for path in report["paths"] if path["verdict"] == "pass"]
            work += [(name, recording, path, own) for path in passing for own in mutate.mutations()]
        random.Random(SEED).shuffle(work)
        broken = []
        for name, recording, path, (mutation, _, change) in work:
            if len(broken) == args.runs:
                break
            estate = mutate.Estate(recording, path)
            if change(estate) is not mutate.NOT:
                broken.append((name, recording, path, mutation, estate.s))
        results = list(pool.map(compare, broken))
    kinds = len({one[3] for one in broken})
    wrong = [f"{where}: {why}" for where, why in results if why]
    print(f"{len(results)} paths broken in {kinds} ways (seed {SEED}): {len(results) - len(wrong)} causes are right")
    for line in wrong:
        print(f"  {line}", file=sys.stderr)
    return 1 if wrong or len(results) < args.runs else 0


sys.exit(main())
