"""Compares the reports of two builds over all recorded estates and reports, and lists the differences by kind.

usage: compare_reports.py BEFORE AFTER [CASES_FOLDER] [--texts N]

structure  verdicts, codes, gates, commands, snippets, counts: whatever other programs act on
texts      the words of the same fact
added      fields that only the second build writes
removed    fields that only the first build writes
Exit status 1 if the structure of any report differs.
"""

import argparse
import collections
import concurrent.futures
import glob
import json
import subprocess
import sys

# Members whose values are words.
TEXTS = {"message", "title", "titles", "says", "what", "ask", "question", "unverified", "firstSymptom", "expect",
         "runFrom", "gaps", "collectorSaw", "headline"}


def report(binary, file, consumer):
    command = [binary, "diagnose", "--snapshot", file, "-o", "json", "--fail-on", "never", *consumer]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"exit": done.returncode, "stderr": done.stderr.decode("utf-8", "replace")}


def walk(before, after, place, name, found):
    kind = "texts" if name in TEXTS else "structure"
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            inner = f"{place}.{key}"
            if key not in before:
                found.append(("added", inner, None, after[key]))
            elif key not in after:
                found.append(("removed", inner, before[key], None))
            else:
                walk(before[key], after[key], inner, key, found)
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            found.append((kind, f"{place}[]", before, after))
        else:
            for one, other in zip(before, after):
                walk(one, other, f"{place}[]", name, found)
    elif before != after:
        found.append((kind, place, before, after))


def ordered(report):
    """Gaps and affected paths carry no order that means anything once words change."""
    report.pop("asOf", None)
    for finding in report.get("findings", []):
        finding.pop("fingerprint", None)
    if "gaps" in report:
        report["gaps"].sort(key=lambda gap: (gap["affects"], gap["what"]))
    return report


def main():
    options = argparse.ArgumentParser()
    options.add_argument("before")
    options.add_argument("after")
    options.add_argument("cases", nargs="?", default="../shared/cases")
    options.add_argument("--texts", type=int, default=40)
    options = options.parse_args()
    files = sorted(glob.glob(f"{options.cases}/estates/*.json") + glob.glob(f"{options.cases}/reports/*.json"))
    found = []

    def one(file):
        differences = []
        walk(ordered(report(options.before, file, [])), ordered(report(options.after, file, [])), "", "", differences)
        return file, differences

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for file, differences in pool.map(one, files):
            found += [(kind, place, before, after, file) for kind, place, before, after in differences]
    print(f"{len(files)} files")
    for kind in ("structure", "removed", "added", "texts"):
        of_kind = [one for one in found if one[0] == kind]
        print(f"\n== {kind}: {len(of_kind)} in {len({one[4] for one in of_kind})} files")
        for place, count in collections.Counter(one[1] for one in of_kind).most_common():
            print(f"{count:6} {place}")
        shown = {}
        for _, place, before, after, file in of_kind:
            shown.setdefault((str(before), str(after)), (place, before, after, file))
        limit = 15 if kind != "texts" else options.texts
        for place, before, after, file in list(shown.values())[:limit] if kind in ("structure", "texts") else []:
            print(f"  {file.rsplit('/', 1)[-1]} {place}\n    - {str(before)[:400]}\n    + {str(after)[:400]}")
        if len(shown) > limit:
            print(f"  … and {len(shown) - limit} more")
    return 1 if any(one[0] == "structure" for one in found) else 0


sys.exit(main())
