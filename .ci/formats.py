"""Validates every output format of a build on all recordings and deployments, and on inputs with hostile names.

usage: formats.py PROGRAM [--self-test] [--only TEXT]

Each input is read once, with all formats at a time. A JSON report is held against the program's own schema and is what
the other outputs have to agree with. SARIF and JUnit have published schemas, Mermaid has its own parser, Markdown is
read by GitHub's parser, a page may hold nothing that is loaded or run, and commands in a log are read as the runners
read them.

The tools are installed below `${CARGO_TARGET_DIR:-target}/formats`. Exit status: 0 if all is valid, 1 otherwise.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RULES = ROOT / ".ci/format_rules"
CASES = ROOT.parent / "shared/cases"
TOOLS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "formats"
PYTHON = ["cmarkgfm==2025.10.22", "lxml==6.1.3"]
NODE = ["@microsoft/jest-sarif@1.0.0-beta.0", "ajv@8.20.0", "ajv-formats@3.0.1", "jsdom@26.1.0", "mermaid@12.3.0"]
FORMATS = ["json", "ndjson", "markdown", "html", "sarif", "junit", "github", "azure-devops", "terminal"]
# Formats for people. Printed in a pipeline, they go through the runner, which takes commands from any line.
PRINTED = ["terminal", "markdown", "html"]
# Recordings and templates that get hostile names: of several families of callers.
HOSTILE = [
    "fixtures/checks/identity.not-enabled/broken.json",
    "fixtures/checks/firewall.user-assigned-not-trusted/broken.json",
    "fixtures/scenarios/dns.privatelink-name-used/app.json",
    "fixtures/scenarios/firewall.consumer-not-on-trusted-list/storage.json",
    "fixtures/judged/arm-one-step-inline-hostname",
    "fixtures/judged/bicep-content-type",
]
NAMES_OF_EACH = 3


def install():
    """Installs what is missing, and continues with the Python that has the packages."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    python, mark = TOOLS / "venv/bin/python", TOOLS / "installed"
    wanted = "\n".join([*PYTHON, *NODE, sys.version])
    if not mark.is_file() or mark.read_text() != wanted:
        for folder in ("venv", "node_modules"):
            shutil.rmtree(TOOLS / folder, ignore_errors=True)
        npm = ["npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        steps = [
            [sys.executable, "-m", "venv", TOOLS / "venv"],
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PYTHON],
            [*npm, "--prefix", TOOLS, *NODE],
        ]
        for step in steps:
            try:
                failed = subprocess.run(step, check=False).returncode
            except OSError as error:
                failed = error
            if failed:
                sys.exit(f"formats: `{' '.join(map(str, step))}` failed: the outputs cannot be validated without it")
        mark.write_text(wanted)
    if pathlib.Path(sys.prefix) != TOOLS / "venv":
        os.execv(python, [str(python), *sys.argv])


class Run:
    """One run of the program, with the outputs in a folder of its own."""

    def __init__(self, name, folder, args, twin=None):
        self.name, self.folder, self.args, self.twin = name, folder, args, twin
        self.errors, self.status, self.report, self.shape, self.prose, self.diagrams = [], None, None, {}, {}, []

    def start(self, program):
        self.folder.mkdir(parents=True)
        (self.folder / "agent").mkdir()
        outputs = [a for f in FORMATS for a in ("-o", f"{f}={self.folder / f}")]
        # Only what is set here, not what the machine's own CI sets.
        env = {k: v for k, v in os.environ.items() if not k.startswith(("APIM_DOCTOR_", "GITHUB_", "AGENT_"))}
        env |= {"NO_COLOR": "1", "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"), "AGENT_TEMPDIRECTORY": str(self.folder / "agent")}
        command = [program, *self.args, *outputs, "--fail-on", "never", "--isolated"]
        try:
            ran = subprocess.run(command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        except subprocess.TimeoutExpired:
            self.errors.append("no answer within 60 s")
            return self
        self.status = ran.returncode
        said = ran.stderr.decode("utf-8", "replace").strip()[:300]
        if self.status not in (0, 2, 3) or (self.status == 2 and not self.may_be_refused()):
            self.errors.append(f"exit status {self.status}: {said}")
        return self

    def may_be_refused(self):
        """A hostile name may make an input invalid: then the program says so, and has nothing to report."""
        return self.name.startswith("hostile")

    def read(self, name):
        return (self.folder / name).read_bytes()


def from_fixture(program):
    """The whole recordings that all fixtures stand for."""
    expand = pathlib.Path(program).resolve().parent / "examples/fixture"
    if not expand.is_file():
        sys.exit(f"formats: {expand} is missing: build it with `cargo build -p apim-doctor-core --example fixture`")
    return lambda file: subprocess.run([expand, file], stdout=subprocess.PIPE, check=True).stdout


def inputs(program, scratch):
    """Runs on everything that is recorded: (name, arguments)."""
    expand = from_fixture(program)
    for kind in ("checks", "scenarios", "worlds", "demo"):
        for file in sorted((ROOT / "fixtures" / kind).rglob("*.json")):
            if file.name == "expect.json":
                continue
            name = str(file.relative_to(ROOT))
            whole = scratch / "inputs" / name
            whole.parent.mkdir(parents=True, exist_ok=True)
            whole.write_bytes(expand(file))
            yield name, ["diagnose", str(whole)]
    for file in sorted((ROOT / "fixtures/demo").glob("*.json")):
        yield f"demo {file.stem}", ["demo", file.stem]
    for folder in ("estates", "reports"):
        for file in sorted((CASES / folder).glob("*.snapshot.json")):
            yield f"{folder}/{file.name}", ["diagnose", str(file)]
    for folder in (CASES / "deployments", ROOT / "fixtures/judged"):
        arguments = {}
        for line in (folder / "expected.jsonl").read_text().splitlines():
            row = json.loads(line)
            arguments[row["id"]] = row["runs"][0]["args"]
        for deployment in sorted(d for d in folder.iterdir() if d.is_dir()):
            yield f"{folder.name}/{deployment.name}", checked(deployment, arguments.get(deployment.name, []), scratch)
    for folder in sorted((ROOT / "fixtures/deployments").iterdir()):
        yield f"deployments/{folder.name}", ["check", str(folder)]
    for file in sorted((ROOT / "fixtures/inputs").rglob("*.*")):
        yield str(file.relative_to(ROOT)), ["check", str(file)]


def checked(deployment, args, scratch):
    """The arguments of `check`. A recording beside the files is not part of the deployment, so it is left out of the folder."""
    folder = deployment
    if (deployment / "against.snapshot.json").is_file():
        folder = scratch / "inputs/deployments" / deployment.name
        shutil.copytree(deployment, folder, ignore=shutil.ignore_patterns("against.snapshot.json"))
        # A file that cannot be written cannot be removed either.
        for place in (folder, *folder.rglob("*")):
            place.chmod(0o755)
    return ["check", str(folder), *(str(deployment / a) if (deployment / a).is_file() else a for a in args)]


def hostile(program, scratch):
    """Runs on inputs with hostile names, each with the run on the tame twin: (name, arguments, name of the twin)."""
    from hostile import FOLDERS, NAMES, names, tame, written

    expand = from_fixture(program)
    for source in HOSTILE:
        path = ROOT / source
        command = "check" if path.is_dir() else "diagnose"
        file = next((f for f in sorted(path.iterdir()) if f.suffix in (".bicep", ".json")), None) if path.is_dir() else path
        text = file.read_text() if path.is_dir() else expand(file).decode()
        plain = scratch / "inputs" / source.replace("/", "-") / f"main{file.suffix}"
        plain.parent.mkdir(parents=True)
        plain.write_text(text)
        ran = subprocess.run([program, command, plain, "-o", "json", "--fail-on", "never"], stdout=subprocess.PIPE, check=True)
        replaced = [name for name in names(json.loads(ran.stdout)) if name in text][:NAMES_OF_EACH]
        if not replaced:
            sys.exit(f"formats: no name of {source} can be replaced")
        seen = {}
        for at, old in enumerate(replaced):
            for number, name in enumerate(NAMES):
                # All hostile names in one place, and half of them in each further place.
                if at and number % 2 == at % 2:
                    continue
                if (old, tame(name)) not in seen:
                    seen[old, tame(name)] = f"twin {source} {old} {number}"
                    whole = scratch / f"inputs/{plain.parent.name}/twin-{at}-{number}/main{file.suffix}"
                    whole.parent.mkdir()
                    whole.write_text(written(text, file.suffix, old, tame(name)))
                    yield f"hostile {seen[old, tame(name)]}", [command, str(whole)], None, tame(name)
                whole = scratch / f"inputs/{plain.parent.name}/name-{at}-{number}/main{file.suffix}"
                whole.parent.mkdir()
                whole.write_text(written(text, file.suffix, old, name))
                yield f"hostile {source} {old} {name[:60]!r}", [command, str(whole)], f"hostile {seen[old, tame(name)]}", name
        for folder in FOLDERS:
            whole = plain.parent / folder / plain.name
            whole.parent.mkdir()
            whole.write_text(text)
            # A path below the folder of the run is shown as relative, so the name of the folder is part of it.
            yield f"hostile {source} in {folder!r}", [command, os.path.relpath(whole, ROOT)], None, None


class Jobs:
    """What Node validates, in one process. Equal diagrams are parsed once."""

    def __init__(self):
        self.jobs, self.owners, self.known = [], [], {}

    def add(self, run, kind, name, file=None, text=None):
        key = (kind, str(file) if file else text)
        if key not in self.known:
            self.known[key] = len(self.jobs)
            self.jobs.append({"kind": kind, "file": str(file)} if file else {"kind": kind, "text": text})
        self.owners.append((run, kind, name, self.known[key]))

    def answers(self, schemas):
        command = ["node", RULES / "validate.mjs", TOOLS / "node_modules", schemas]
        ran = subprocess.run(command, input=json.dumps(self.jobs).encode(), capture_output=True, check=False)
        if ran.returncode:
            sys.exit(f"formats: the validators in Node failed: {ran.stderr.decode(errors='replace')[-1500:]}")
        return json.loads(ran.stdout)


def examine(run, schema, counts, jobs):
    """Validates what Python can, and collects what Node has to."""
    import commands
    import documents
    from page import Page

    if run.status == 2:
        counts["refused inputs"] += 1
        return
    if run.errors:
        return
    missing = [f for f in FORMATS if not (run.folder / f).is_file()]
    if missing:
        run.errors.append(f"no output {', '.join(missing)}")
        return

    def note(name, errors):
        counts[name] += 1
        run.errors += [f"{name}: {error}" for error in errors]

    try:
        run.report = json.loads(run.read("json"))
        log = json.loads(run.read("sarif"))
        texts = {name: run.read(name).decode("utf-8") for name in ("markdown", "html", "github", "azure-devops", "ndjson", "terminal")}
        lines = [line for line in texts["ndjson"].split("\n") if line]
        summaries = [run.folder / "summary.md", *sorted((run.folder / "agent").rglob("*.md"))]
        texts |= {f"summary {n}": file.read_text("utf-8") for n, file in enumerate(summaries) if file.is_file()}
    except ValueError as error:
        run.errors.append(f"an output is neither JSON nor UTF-8: {error}")
        return
    jobs.add(run, "report", "json", file=run.folder / "json")
    counts["json"] += 1
    jobs.add(run, "sarif", "sarif", file=run.folder / "sarif")
    wrong = [one for one in run.report.get("suppressions", []) if one["state"] != "used"]
    if len(lines) != len(run.report["paths"]) + len(run.report["findings"]) + len(wrong):
        run.errors.append("ndjson: does not have a line for each path, each finding and each suppression that is wrong")
    for line in lines:
        jobs.add(run, "ndjson", "ndjson", text=line)
    counts["ndjson lines"] += len(lines)
    note("sarif", documents.check_sarif(log, run.report) if "runs" in log else ["has no runs"])
    note("junit", documents.check_junit(run.read("junit"), schema, run.report))
    note("github", commands.check_github(texts["github"], run.report))
    note("azure-devops", commands.check_azure(texts["azure-devops"], run.report, (run.folder / "agent").resolve()))
    pages = {name: [documents.markdown(text)] for name, text in texts.items() if name.startswith(("markdown", "summary"))}
    pages["sarif's markdown"] = documents.messages(log)
    for name, parts in pages.items():
        run.shape[name] = sum((part.shape for part in parts), collections.Counter())
        run.prose[name] = "\n".join(part.prose for part in parts)
        note(name, [error for part in parts for error in part.errors])
        for text in (text for part in parts for text in part.diagrams):
            counts["mermaid"] += 1
            run.diagrams.append(len(jobs.owners))
            jobs.add(run, "mermaid", f"{name}: mermaid", text=text)
    page = Page(texts["html"], run.report)
    run.shape["html"], run.prose["html"] = page.shape, page.prose
    note("html", page.errors)
    note("terminal", documents.unsafe(texts["terminal"]))
    for name in PRINTED:
        run.errors += [f"{name}: {error}" for error in commands.stray(texts[name])]


def compare(run, twin, name, diagrams, counts):
    """Compares the outputs of a hostile name with those of its tame twin."""
    from hostile import substance, tame
    from texts import LONG, loose

    if run.report is None or twin is None or twin.report is None or run.errors or twin.errors:
        return
    if substance(run.report) != substance(twin.report):
        counts["twins that differ in substance"] += 1
        return
    counts["twins compared"] += 1
    for part, shape in run.shape.items():
        added = shape - twin.shape.get(part, collections.Counter())
        lost = twin.shape.get(part, collections.Counter()) - shape
        # A name that is cut or swallowed is found less often than the name of its twin.
        expected = loose(twin.prose.get(part, "")).count(loose(tame(name)))
        found = loose(run.prose[part]).count(loose(name))
        # A message puts names between back-ticks, so one with back-ticks, or one that is cut, is shown in another way.
        if "`" in name or len(name) >= LONG:
            added, lost, found = {key: n for key, n in added.items() if key != ("code", None)}, {}, expected
        # `@` stands in a code span of its own, so that no user is mentioned.
        if "@" in name:
            added = {key: n for key, n in added.items() if key != ("code", None)}
        if added or lost:
            run.errors.append(f"{part}: the name changes the structure: added {dict(added)}, lost {dict(lost)}")
        # The pictures of a page cut long names, and show the first part of a host's name.
        if len(name) < LONG and found != expected and (part != "html" or not found):
            run.errors.append(f"{part}: says the name {found} times, and the twin {expected} times")
    if [diagrams[d] for d in run.diagrams] != [diagrams[d] for d in twin.diagrams]:
        run.errors.append(f"mermaid: the name changes the diagram: {[diagrams[d] for d in run.diagrams]}"[:400])


def schemas_of(program, folder):
    """The program's own schemas."""
    folder.mkdir()
    for name in ("report", "ndjson"):
        ran = subprocess.run([program, "schema", name], capture_output=True, check=False)
        if ran.returncode:
            sys.exit(f"formats: `apim-doctor schema {name}` failed: {ran.stderr.decode(errors='replace').strip()[:300]}")
        (folder / f"{name}.json").write_bytes(ran.stdout)
    return folder


def junit_schema():
    import lxml.etree

    return lxml.etree.XMLSchema(lxml.etree.parse(ROOT / "fixtures/schemas/junit-10.xsd"))


def main():
    # A relative path counts from where the script was started.
    given = pathlib.Path(next(iter(sys.argv[1:]), "")).resolve()
    if not given.is_file() and "--self-test" not in sys.argv:
        sys.exit(f"{__doc__}\nformats: {given} is not a program")
    if not (CASES / "estates").is_dir():
        sys.exit(f"formats: {CASES} is missing: the outputs for real data cannot be validated")
    install()
    sys.path.insert(0, str(RULES))
    os.chdir(ROOT)
    words = sys.argv[1:]
    if "--self-test" in words:
        import self_test

        return self_test.main(junit_schema(), Jobs)
    only = words[words.index("--only") + 1] if "--only" in words else ""
    program = str(given)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=TOOLS) as scratch:
        scratch = pathlib.Path(scratch)
        schemas = schemas_of(program, scratch / "schemas")
        # The twin of a hostile name stands before it.
        planned = [(name, args, None, None) for name, args in inputs(program, scratch)] + list(hostile(program, scratch))
        twins = {twin for name, _, twin, _ in planned if twin and only in name}
        chosen = [p for p in planned if only in p[0] or p[0] in twins]
        runs = [Run(name, scratch / "runs" / str(n), args) for n, (name, args, _, _) in enumerate(chosen)]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda run: run.start(program), runs))
        ran = time.monotonic() - start
        counts, jobs, schema = collections.Counter(), Jobs(), junit_schema()
        for run in runs:
            examine(run, schema, counts, jobs)
        answers = jobs.answers(schemas)
        for run, _, name, at in jobs.owners:
            run.errors += [f"{name}: {error}" for error in answers[at]["errors"]]
        shapes = [answers[at].get("shape") for _, _, _, at in jobs.owners]
        by_name = {run.name: run for run in runs}
        for run, (_, _, twin, name) in zip(runs, chosen):
            if twin:
                compare(run, by_name[twin], name, shapes, counts)
    return told(runs, counts, ran, time.monotonic() - start)


def told(runs, counts, ran, took):
    wrong = [(run.name, error) for run in runs for error in run.errors]
    for name, error in wrong[:60]:
        # A hostile name is quoted: this text stands in the log of a build, too.
        print(f"wrong: {name}: {error}".encode("unicode_escape").decode().replace("::", ": :").replace("##", "# #")[:600])
    if len(wrong) > 60:
        print(f"and {len(wrong) - 60} more")
    kinds = collections.Counter(re.sub(r"[`'\"].*|\d+.*", "", error)[:80] for _, error in wrong)
    for kind, times in kinds.most_common(20):
        print(f"{times:5} × {kind}".encode("unicode_escape").decode().replace("\\xd7", "x"))
    print(f"{len(runs)} runs in {ran:.0f} s; validated: " + ", ".join(f"{times} {name}" for name, times in sorted(counts.items())))
    # If most twins differ, the comparison proves nothing.
    compared, skipped = counts["twins compared"], counts["twins that differ in substance"]
    if not wrong and compared < skipped:
        print("wrong: most hostile names change the diagnosis, so that their structure is not compared")
        return 1
    print(f"{sum(not r.errors for r in runs)} passed, {sum(bool(r.errors) for r in runs)} failed ({took:.0f} s)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
