"""Scores a build over the recorded estates and fails where an answer that is documented or reported is wrong.

usage: estates.py BINARY CASES_FOLDER
"""

import json
import subprocess
import sys
import tempfile

CONSUMERS = "apim-custom-domain,apim-named-value,apim-certificate,function-,app-service-,can"

# Expectations that we are sure are wrong: id -> why, with the source.
KNOWN_DISAGREEMENTS = {}


def main():
    binary, cases = sys.argv[1:]
    with open(f"{cases}/estates/expected.jsonl", encoding="utf-8") as lines:
        basis = {row["id"]: row["basis"] for row in map(json.loads, lines)}
    with tempfile.NamedTemporaryFile("r", suffix=".jsonl", encoding="utf-8") as failures:
        limits = ["--max-wrong-pass", "0", "--max-crashes", "0"]
        command = [sys.executable, f"{cases}/run_estates.py", binary, f"{cases}/estates", "--consumer", CONSUMERS]
        status = subprocess.run([*command, *limits, "--failures", failures.name], check=False).returncode
        wrong = [json.loads(line) for line in failures]
    for key, why in KNOWN_DISAGREEMENTS.items():
        print(f"known disagreement: {key}: {why}")
    certain = [w for w in wrong if basis[w["id"]] != "inferred" and w["id"] not in KNOWN_DISAGREEMENTS]
    for failure in certain:
        print(f"wrong: {failure['id']}: {'; '.join(failure['errors'])}", file=sys.stderr)
    return 1 if status or certain else 0


sys.exit(main())
