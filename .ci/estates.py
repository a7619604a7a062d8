"""Scores a build against the recorded estates and reports. Fails if a documented or reported answer is wrong.

usage: estates.py BINARY CASES_FOLDER
"""

import json
import pathlib
import subprocess
import sys
import tempfile

# Command-line options of a folder: the estates run with these consumers only, the other folders run with all of them.
OPTIONS = {
    "estates": ["--consumer", "apim-custom-domain,apim-named-value,apim-certificate,apim-backup,azure-backup,function-,app-service-,can"],
}

# Expectations that are certainly wrong: id -> reason and source.
KNOWN_DISAGREEMENTS = {}


def folders(cases):
    """Folders of recordings that are diagnosed."""
    for expected in sorted(pathlib.Path(cases).glob("*/expected.jsonl")):
        with open(expected, encoding="utf-8") as lines:
            if "diagnose" in json.loads(next(lines)):
                yield expected.parent.name


def score(binary, cases, folder, options):
    """Runs one folder. Returns true if no answer is certainly wrong."""
    with open(f"{cases}/{folder}/expected.jsonl", encoding="utf-8") as lines:
        basis = {row["id"]: row["basis"] for row in map(json.loads, lines)}
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl", encoding="utf-8") as failures:
        limits = ["--max-wrong-pass", "0", "--max-crashes", "0"]
        command = [sys.executable, f"{cases}/run_estates.py", binary, f"{cases}/{folder}", *options]
        status = subprocess.run([*command, *limits, "--failures", failures.name], check=False).returncode
        wrong = [json.loads(line) for line in failures]
    certain = [w for w in wrong if basis[w["id"]] != "inferred" and w["id"] not in KNOWN_DISAGREEMENTS]
    for failure in certain:
        print(f"wrong: {failure['id']}: {'; '.join(failure['errors'])}", file=sys.stderr)
    return not status and not certain


def main():
    binary, cases = sys.argv[1:]
    for key, why in KNOWN_DISAGREEMENTS.items():
        print(f"known disagreement: {key}: {why}")
    good = [score(binary, cases, folder, OPTIONS.get(folder, [])) for folder in folders(cases)]
    return 0 if all(good) else 1


sys.exit(main())
