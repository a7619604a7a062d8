"""Validates the files for pipelines, and runs their scripts with a program in faked runners.

usage: action.py PROGRAM

Covers `action.yml`, `docs/ci/azure-pipelines.yml`, `docs/ci/gitlab-ci.yml`, `docs/fleet`, `.pre-commit-hooks.yaml`, the
workflows and the YAML in README.md and docs/ci.md. Nothing is skipped: what cannot be tested is a failure.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

sys.dont_write_bytecode = True

PINNED = ["check-jsonschema==0.39.0", "kubernetes-validate==1.37.0", "pre-commit==4.7.0", "PyYAML==6.0.4", "zizmor==1.32.0"]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOOLS = os.path.join(
    os.path.abspath(os.environ.get("CARGO_TARGET_DIR", os.path.join(ROOT, "target"))), "check-jsonschema"
)


def prepare_tools():
    """Runs this script again with the Python of a virtual environment that has the pinned packages."""
    python = os.path.join(TOOLS, "bin", "python")
    if os.path.realpath(sys.prefix) == os.path.realpath(TOOLS):
        return
    stamp = os.path.join(TOOLS, "pinned.txt")
    if not os.path.exists(stamp) or open(stamp, encoding="utf-8").read() != "\n".join(PINNED):
        try:
            subprocess.run([sys.executable, "-m", "venv", "--clear", TOOLS], check=True)
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINNED]
            subprocess.run(install, check=True, timeout=600)
        except (subprocess.SubprocessError, OSError) as error:
            sys.exit(f"action.py: cannot install {', '.join(PINNED)} into {TOOLS}: {error}")
        with open(stamp, "w", encoding="utf-8") as file:
            file.write("\n".join(PINNED))
    os.execv(python, [python, os.path.abspath(__file__), *sys.argv[1:]])


if len(sys.argv) != 2:
    sys.exit(__doc__)
prepare_tools()

# The imports need the packages.
import yaml  # noqa: E402
from runners import (  # noqa: E402
    Failed,
    check_nothing_ran,
    decode,
    equal,
    expand_azure,
    expect,
    install,
    load,
    run_action,
    whole,
)

# The schema of Azure Pipelines has a pattern that the default dialect of check-jsonschema rejects.
AZURE = ["--regex-variant", "nonunicode"]

GOOD = "fixtures/judged/bicep-outbound-routing/main.bicep"
# Checked together, the two keep their results: they share no resource.
FAILING = "fixtures/judged/bicep-cert-permissions-only/main.bicep"
UNKNOWN = "fixtures/deployments/arm/main.jsonc"

OUTPUTS = [
    "errors",
    "exit-status",
    "paths-fail",
    "paths-pass",
    "paths-unknown",
    "report",
    "sarif",
    "verdict",
    "warnings",
]

# Names that a pull request may contain. Each is a folder with a template that fails.
HOSTILE = [
    "with space",
    "quote'single",
    'quote"double',
    "$(touch pwned)",
    "`touch pwned`",
    ";touch pwned;",
    "&touch pwned&",
    "|touch pwned",
    "-o json",
    "--help",
    "::error::injected",
    "::set-output name=verdict::pass",
    "##[set-output name=verdict]pass",
    "##vso[task.setvariable variable=verdict;isOutput=true]pass",
    "%0A::add-mask::x",
    "comma,line=99",
    "${{ github.token }}",
    "*",
    "~",
    "<img src=x>",
    "[link](x)",
    "back\\slash",
]
# Names that cannot be a line of `paths`. The program finds them in a folder.
HOSTILE_LINES = [
    "new\nline::add-mask::x",
    "new\n::set-output name=verdict::pass",
    "new\n##vso[task.complete result=Succeeded]",
    "cr\r::add-mask::x",
]


# --- validation ---


def validate(path, schema, *options):
    tool = os.path.join(TOOLS, "bin", "check-jsonschema")
    run = subprocess.run(
        [tool, "--builtin-schema", schema, *options, path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    expect(run.returncode == 0, f"{path} does not match the schema {schema}:\n{run.stdout[:4000]}{run.stderr[:4000]}")


def validate_files(folder):
    """Validates each file with the schema that check-jsonschema contains for it."""
    validate("action.yml", "vendor.github-actions")
    workflows = sorted(glob.glob(".github/workflows/*.yml", root_dir=ROOT))
    expect(workflows, ".github/workflows contains no workflow")
    for workflow in workflows:
        validate(workflow, "vendor.github-workflows")
        with open(os.path.join(ROOT, workflow), encoding="utf-8") as file:
            check_pins(workflow, file.read())
    # What a schema does not know: rights that are too wide, expressions in scripts, credentials that are left behind.
    tool = os.path.join(TOOLS, "bin", "zizmor")
    run = subprocess.run(
        [tool, "--offline", "--no-progress", "action.yml", *workflows], cwd=ROOT, capture_output=True, text=True, check=False
    )
    expect(run.returncode == 0, f"zizmor:\n{run.stdout[:4000]}{run.stderr[:4000]}")
    validate("docs/fleet/github-actions.yml", "vendor.github-workflows")
    tool = os.path.join(TOOLS, "bin", "kubernetes-validate")
    manifest = os.path.join(ROOT, "docs/fleet/kubernetes-job.yaml")
    run = subprocess.run([tool, "--strict", manifest], capture_output=True, text=True, check=False)
    expect(run.returncode == 0, f"{manifest}:\n{run.stdout[:4000]}{run.stderr[:4000]}")
    validate("docs/ci/gitlab-ci.yml", "vendor.gitlab-ci", "--data-transform", "gitlab-ci")
    # The schema does not know expressions, so the template is validated as the service expands it.
    for name, given in (
        ("path", {}),
        ("source", {"source": "doctor", "args": "--standalone"}),
        ("no-artifact", {"artifact": ""}),
    ):
        expanded = os.path.join(folder, f"azure-pipelines-{name}.json")
        with open(expanded, "w", encoding="utf-8") as file:
            json.dump({"steps": expand_azure(given)}, file)
        validate(expanded, "vendor.azure-pipelines", *AZURE)
    # check-jsonschema has no schema for the hooks of pre-commit. pre-commit itself validates them.
    tool = os.path.join(TOOLS, "bin", "pre-commit")
    run = subprocess.run(
        [tool, "validate-manifest", ".pre-commit-hooks.yaml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    expect(run.returncode == 0, f".pre-commit-hooks.yaml is not valid: {run.stdout}{run.stderr}")


def validate_examples(folder):
    """Validates the YAML blocks of the documents. The first line of each names the file that it stands for."""
    kinds = {
        ".github/workflows/": ["vendor.github-workflows"],
        "azure-pipelines.yml": ["vendor.azure-pipelines", *AZURE],
        ".gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
        ".pre-commit-config.yaml": None,
    }
    seen = set()
    for document in ("README.md", "docs/ci.md"):
        with open(os.path.join(ROOT, document), encoding="utf-8") as file:
            blocks = re.findall(r"^```yaml\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL)
        expect(blocks, f"{document} contains no YAML block")
        for number, block in enumerate(blocks):
            first = block.splitlines()[0]
            kind = next((kind for kind in kinds if first.startswith(f"# {kind}")), None)
            expect(kind, f"{document}: the first line of a YAML block must name its file: {first!r}")
            seen.add(kind)
            path = os.path.join(folder, f"{document.replace('/', '-')}-{number}.yaml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(block)
            if kinds[kind]:
                validate(path, *kinds[kind])
            else:
                run = subprocess.run(
                    [os.path.join(TOOLS, "bin", "pre-commit"), "validate-config", path],
                    capture_output=True,
                    text=True,
                    check=False,
                )
                expect(run.returncode == 0, f"{document}: {first} is not valid: {run.stdout}{run.stderr}")
            check_pins(document, block)
            check_inputs(document, block)
    equal(seen, set(kinds), "the set of pipelines that README.md and docs/ci.md show")


def check_pins(name, text):
    """Every action of somebody else is pinned by commit, with its version in a comment."""
    for line in text.splitlines():
        used = re.search(r"\buses:\s*(\S+)(.*)", line)
        if used and not used[1].startswith(("./", "OWNER/apim-doctor@")):
            pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", used[1]) and re.match(r"\s+# v\d+\.\d+\.\d+$", used[2])
            expect(pinned, f"{name}: `{line.strip()}` must be pinned by commit, with the version in a comment")


def check_inputs(name, text):
    """An example gives only inputs that the action or the template has."""

    def walk(value):
        if isinstance(value, dict):
            if str(value.get("uses", "")).startswith("OWNER/apim-doctor@"):
                unknown = set(value.get("with", {})) - set(load("action.yml")["inputs"])
                expect(not unknown, f"{name}: action.yml has no input {sorted(unknown)}")
            if str(value.get("template", "")).startswith("docs/ci/azure-pipelines.yml"):
                unknown = set(value.get("parameters", {})) - {
                    item["name"] for item in load("docs/ci/azure-pipelines.yml")["parameters"]
                }
                expect(not unknown, f"{name}: the template has no parameter {sorted(unknown)}")
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(yaml.safe_load(text))


def check_action(action):
    """What no schema says: pins, no expression in a script, no output or input that is declared for nothing."""
    with open(os.path.join(ROOT, "action.yml"), encoding="utf-8") as file:
        text = file.read()
    check_pins("action.yml", text)
    for step in action["runs"]["steps"]:
        expect(
            "${{" not in step.get("run", ""),
            f"step `{step['name']}`: an expression inside `run` becomes part of the script",
        )
        expect("run" not in step or step.get("shell") == "bash", f"step `{step['name']}` must run with bash")
    equal(sorted(action["outputs"]), OUTPUTS, "the list of outputs of action.yml")
    for name in action["inputs"]:
        expect(f"inputs.{name} " in text, f"action.yml never uses the input `{name}`")
    for name, output in action["outputs"].items():
        equal(output["value"], "${{ steps.check.outputs." + name + " }}", f"the value of the output `{name}`")


# --- what the action must do ---


def numbers(result):
    return {
        name: int(result.outputs[name]) for name in ("errors", "warnings", "paths-pass", "paths-fail", "paths-unknown")
    }


def check_report(result, status, verdict, what):
    """The parts of a run that has a report: exit status, outputs, SARIF, summary, annotations and upload agree."""
    log = f"{what}\n{result.log}"
    equal((result.status, result.outputs["exit-status"]), (status, str(status)), f"the exit status of {log}")
    equal(result.outputs["verdict"], verdict, f"the verdict of {log}")
    with open(result.outputs["report"], encoding="utf-8") as file:
        report = json.load(file)
    expected = {"errors": report["summary"]["findings"]["error"], "warnings": report["summary"]["findings"]["warning"]}
    expected.update({f"paths-{name}": report["summary"]["paths"][name] for name in ("pass", "fail", "unknown")})
    equal(numbers(result), expected, f"the numbers of {log}")
    expect(result.summary.strip(), f"the summary of {log} is empty")
    equal(len(result.uploads), 1, f"the number of uploads of {log}")
    equal(result.uploads[0][1]["version"], "2.1.0", f"the version of the SARIF of {log}")
    annotated = [command for command in result.commands if command[0] == "error" and command[1].get("file")]
    equal(bool(annotated), expected["errors"] > 0, f"whether there are annotations in {log}")
    return report


def check_sarif_files(result, folder, what):
    """GitHub finds a file of a SARIF result relative to the root of the repository."""
    for run in result.uploads[0][1]["runs"]:
        for item in run.get("results", []):
            for location in item.get("locations", []):
                artifact = location["physicalLocation"]["artifactLocation"]
                uri = artifact["uri"]
                expect(
                    not re.match(r"[A-Za-z][\w+.-]*:|/", uri), f"{what}: the SARIF names {uri!r}, which is not relative"
                )
                file = os.path.join(folder, "workspace", urllib.parse.unquote(uri))
                expect(os.path.isfile(file), f"{what}: the SARIF names {uri!r}, which is not a file of the workspace")


def copy(folder, source, *target):
    path = os.path.join(folder, "workspace", *target)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copy(os.path.join(ROOT, source), path)


def run_usual(action, folder, program):
    copy(folder, FAILING, "infra", "failing.bicep")
    copy(folder, GOOD, "good", "good.bicep")
    copy(folder, UNKNOWN, "unknown", "main.json")
    os.makedirs(os.path.join(folder, "workspace", "empty"))
    with open(os.path.join(folder, "workspace", "broken.json"), "w", encoding="utf-8") as file:
        file.write('{"resources": [')
    use = {"program": program}

    def run(what, expected, verdict, given, path=None):
        result = run_action(action, folder, {**use, **given}, program, path=path)
        check_report(result, expected, verdict, what)
        check_sarif_files(result, folder, what)
        return result

    failing = run("a failing template", 1, "fail", {"paths": "infra/failing.bicep"})
    expect(
        numbers(failing)["errors"] and numbers(failing)["paths-fail"],
        "a failing template has no error or no failing path",
    )
    equal(failing.uploads[0][0], "apim-doctor", "the category of the upload")
    good = run("a good template", 0, "pass", {"paths": "good"})
    expect(
        numbers(good)["paths-pass"] and not numbers(good)["errors"],
        "a good template has an error or no path that passes",
    )
    equal([name for name, given, _ in good.commands if given.get("file")], [], "the annotations of a good template")
    run("an unknown template", 0, "unknown", {"paths": "unknown"})
    run("an unknown template with fail-on", 1, "unknown", {"paths": "unknown", "fail-on": "error,unknown"})
    run("a failing template with fail-on never", 0, "fail", {"paths": "infra", "fail-on": "never"})
    both = run("two paths", 1, "fail", {"paths": "infra/failing.bicep\r\n\n  \ngood\n"})
    expect(numbers(both)["paths-pass"] and numbers(both)["paths-fail"], "of two paths, one was not checked")
    run("a working directory", 1, "fail", {"paths": "failing.bicep", "working-directory": "infra"})
    # A relative path of a program starts at the workspace, also with a working directory. A name is looked up on PATH.
    install(program, os.path.join(folder, "workspace", "tools"))
    inside = {"paths": "good.bicep", "working-directory": "good"}
    run("a program in the workspace", 0, "pass", {**inside, "program": "tools/bin/apim-doctor"})
    path = os.path.join(folder, "workspace", "tools", "bin") + os.pathsep + os.environ["PATH"]
    run("a program on PATH", 0, "pass", {**inside, "program": "apim-doctor"}, path=path)
    run("a category", 0, "pass", {"paths": "good", "sarif-category": "other"})
    run(
        "options in quotes",
        0,
        "pass",
        {"paths": "good", "args": "--as-of '2026-11-21T09:00:00Z'\n --parameters \"location=west europe\""},
    )

    known = {"paths": "infra", "args": "--write-baseline known.json --fail-on never"}
    run("a run that writes a baseline", 0, "fail", known)
    run("a failing template with its baseline", 0, "fail", {"paths": "infra", "baseline": "known.json"})
    # A value with a leading dash stays a value.
    run(
        "a run that writes -known.json",
        0,
        "fail",
        {"paths": "infra", "args": "--write-baseline=-known.json --fail-on never"},
    )
    run("a baseline named -known.json", 0, "fail", {"paths": "infra", "baseline": "-known.json"})

    none = run_action(action, folder, {**use, "paths": "infra", "upload-sarif": "false"}, program)
    equal((none.status, none.uploads), (1, []), "status and uploads without upload-sarif")
    refused = run_action(action, folder, {**use, "paths": "good"}, program, upload_fails=True)
    expect(
        refused.failed and "Result" in refused.ran,
        "an upload that failed does not fail the action, or hides the result",
    )

    # Unreadable input: outputs and the upload exist exactly if the program wrote files.
    for what, paths in (
        ("a file that does not exist", "nowhere"),
        ("a broken file", "broken.json"),
        ("a broken and a good file", "broken.json\ngood"),
    ):
        result = run_action(action, folder, {**use, "paths": paths}, program)
        equal((result.status, result.outputs["exit-status"]), (2, "2"), f"the exit status of {what}")
        equal(
            bool(result.outputs["report"]),
            bool(result.outputs["verdict"]),
            f"whether {what} has a report and a verdict",
        )
        equal(len(result.uploads), 1 if result.outputs["sarif"] else 0, f"the number of uploads of {what}")
        expect(result.outputs["verdict"] != "pass", f"{what} has the verdict pass")
    # Wrong usage: nothing is written, so nothing is uploaded.
    usage = run_action(action, folder, {**use, "paths": "good", "fail-on": "sometimes"}, program)
    equal(
        (usage.status, usage.outputs["exit-status"], usage.outputs["verdict"], usage.uploads),
        (2, "2", "", []),
        "a run with wrong usage",
    )
    # A program that dies: its status is passed on, and nothing is taken from an earlier run.
    dying = os.path.join(folder, "dying")
    with open(dying, "w", encoding="utf-8") as file:
        # Without a line end, which must not hide the command that lets the runner obey again.
        file.write("#!/bin/sh\nprintf '::error::x' >&2\nexit 101\n")
    os.chmod(dying, 0o755)
    died = run_action(action, folder, {"program": dying, "paths": "good"}, program)
    equal((died.status, died.outputs["verdict"], died.uploads), (101, "", []), "a run whose program died")

    empty = run_action(action, folder, {**use, "paths": "empty"}, program)
    equal((empty.status, empty.outputs["exit-status"]), (3, "3"), "the exit status of an empty folder")
    expect(empty.outputs["verdict"] in ("unknown", ""), f"an empty folder has the verdict {empty.outputs['verdict']}")

    for what, given, says in (
        ("no program", {"program": "./nothing"}, "program"),
        ("no path", {"paths": " \n"}, "paths is empty"),
        ("an open quote", {"args": "--tenant 'x", "paths": "good"}, "quote"),
    ):
        wrong = run_action(action, folder, {**use, **given}, program)
        equal(wrong.status, 2, f"the status of a run with {what}")
        said = [message for name, _, message in wrong.commands if name == "error"]
        expect(any(says in message for message in said), f"a run with {what} does not say so: {wrong.log}")


def run_hostile(action, folder, program):
    """Names, inputs and messages with text that a shell, the runner or the program could take for something else."""
    copy(folder, GOOD, "good", "good.bicep")
    for name in HOSTILE:
        copy(folder, FAILING, name, "main.bicep")
        result = run_action(action, folder, {"program": program, "paths": name}, program)
        check_report(result, 1, "fail", f"a folder named {name!r}")
        check_sarif_files(result, folder, f"a folder named {name!r}")
        files = {whole(given["file"]) for _, given, _ in result.commands if given.get("file")}
        equal(files, {f"{name}/main.bicep"}, f"the annotated files of a folder named {name!r}")
        # A file with such a name that is broken is named in a message.
        broken = f"{name}.json"
        with open(os.path.join(folder, "workspace", broken), "w", encoding="utf-8") as file:
            file.write("{")
        result = run_action(action, folder, {"program": program, "paths": broken}, program)
        equal(result.status, 2, f"the exit status of a broken file named {broken!r}")
        expect(
            result.outputs["verdict"] in ("unknown", "fail", ""),
            f"a broken file named {broken!r} has the verdict {result.outputs['verdict']}",
        )
    for number, name in enumerate(HOSTILE_LINES):
        copy(folder, FAILING, f"lines-{number}", name, "main.bicep")
        result = run_action(action, folder, {"program": program, "paths": f"lines-{number}"}, program)
        check_report(result, 1, "fail", f"a folder that contains {name!r}")
        files = {whole(given["file"]) for _, given, _ in result.commands if given.get("file")}
        equal(files, {f"lines-{number}/{name}/main.bicep"}, f"the annotated files of a folder that contains {name!r}")
        # In `paths`, a name with a line feed is two paths. Neither exists.
        result = run_action(action, folder, {"program": program, "paths": f"lines-{number}/{name}/main.bicep"}, program)
        equal(result.status, 2 if "\n" in name else 1, f"the exit status of {name!r} as an input")
    for text in (
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned",
        "--help",
        "-",
        "x\nverdict=pass",
        "x\n::set-output name=verdict::pass",
    ):
        for name in ("fail-on", "baseline", "config", "args", "paths"):
            given = {"program": program, "paths": "good", name: text}
            result = run_action(action, folder, given, program)
            expect(result.status != 0, f"a run whose input {name} is {text!r} passed\n{result.log}")
            expect(result.outputs["verdict"] != "pass", f"a run whose input {name} is {text!r} has the verdict pass")


def run_build(action, folder, program):
    """Builds with a faked cargo, which copies the program: the real build takes minutes and is tested elsewhere."""
    copy(folder, GOOD, "good", "good.bicep")
    source = os.path.join(folder, "source", "apim-doctor-cli")
    os.makedirs(source)
    with open(os.path.join(source, "main.rs"), "w", encoding="utf-8") as file:
        file.write("fn main() {}\n")
    tools = os.path.join(folder, "tools")
    os.makedirs(tools)
    log = os.path.join(folder, "cargo.log")
    with open(os.path.join(tools, "cargo"), "w", encoding="utf-8") as file:
        file.write(f"""#!/usr/bin/env bash
printf '%s\\n' "$*" >> '{log}'
while [ $# -gt 0 ]; do if [ "$1" = --root ]; then root=$2; fi; shift; done
mkdir -p "$root/bin" && cp "$FAKE_PROGRAM" "$root/bin/apim-doctor"
""")
    with open(os.path.join(tools, "rustc"), "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\necho rustc 1.88.0\n")
    for name in ("cargo", "rustc"):
        os.chmod(os.path.join(tools, name), 0o755)
    path = tools + os.pathsep + os.environ["PATH"]
    built = run_action(action, folder, {"paths": "good"}, program, path=path)
    check_report(built, 0, "pass", "a run with a program that the action built")
    with open(log, encoding="utf-8") as file:
        calls = file.read().splitlines()
    equal(len(calls), 1, "the number of calls of cargo")
    expect(
        re.match(rf"install --locked --path {re.escape(source)} --root \S+", calls[0]),
        f"cargo was called with `{calls[0]}`",
    )
    again = run_action(action, folder, {"paths": "good"}, program, cached=True, path=path)
    check_report(again, 0, "pass", "a run with a program from the cache")
    expect("Build apim-doctor" not in again.ran, "the action builds a program that is in the cache")
    equal(again.key, built.key, "the key of the cache for the same source")
    os.makedirs(os.path.join(folder, "source", "target"))
    with open(os.path.join(folder, "source", "target", "left"), "w", encoding="utf-8") as file:
        file.write("left over\n")
    equal(
        run_action(action, folder, {"paths": "good"}, program, path=path).key,
        built.key,
        "the key of the cache after a build",
    )
    with open(os.path.join(source, "main.rs"), "a", encoding="utf-8") as file:
        file.write("// changed\n")
    expect(
        run_action(action, folder, {"paths": "good"}, program, path=path).key != built.key,
        "the key of the cache ignores the source",
    )
    # Without cargo: PATH has only the tools that the script needs.
    bare = os.path.join(folder, "bare")
    os.makedirs(bare)
    for name in ("bash", "od", "tr", "mkdir", "jq", "cat"):
        os.symlink(shutil.which(name), os.path.join(bare, name))
    missing = run_action(action, folder, {"paths": "good"}, program, path=bare)
    equal(missing.status, 2, "the status of a run without cargo")
    expect(
        any("cargo" in message for name, _, message in missing.commands if name == "error"),
        "a run without cargo does not say so",
    )


# --- Azure Pipelines ---


def run_azure(folder, program):
    """Runs the step that checks, and reads what the agent would obey."""
    copy(folder, FAILING, "infra", "failing.bicep")
    copy(folder, GOOD, "good", "good.bicep")
    temp = os.path.join(folder, "agent temp")
    os.makedirs(temp)
    workspace = os.path.join(folder, "workspace")

    def run(given):
        steps = expand_azure({"program": program, **given})
        step = next(step for step in steps if step.get("name") == "apimDoctor")
        script = os.path.join(temp, "script.sh")
        with open(script, "w", encoding="utf-8") as file:
            file.write(step["bash"])
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": temp,
            "LANG": "C.UTF-8",
            "TF_BUILD": "True",
            "AGENT_TEMPDIRECTORY": temp,
            **step["env"],
        }
        run = subprocess.run(
            ["bash", "--noprofile", "--norc", script],
            cwd=workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        log = run.stdout.decode("utf-8", "replace")
        variables = {}
        for line in re.split(r"\r\n|\r|\n", log):
            # The agent finds a command anywhere in a line.
            match = re.search(r"##vso\[([^\s\]]+)\s*([^\]]*)\](.*)", line)
            if not match:
                continue
            name = match[1].lower()
            if name == "task.setvariable":
                variable = re.fullmatch(r"variable=(\w+);isOutput=true", match[2])
                expect(variable and variable[1] not in variables, f"the agent would obey {line!r}")
                variables[variable[1]] = match[3]
            elif name == "task.logissue":
                source = re.search(r"sourcepath=([^;]*)", match[2])
                if source and source[1]:
                    decoded = decode(
                        source[1], [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")]
                    )
                    expect(
                        os.path.isfile(os.path.join(workspace, whole(decoded))),
                        f"an issue names {decoded!r}, which is not a file: {line!r}",
                    )
            else:
                equal(name, "task.uploadsummary", f"the command of {line!r}")
        check_nothing_ran(folder)
        junit = os.path.join(temp, "apimDoctor", "apim-doctor.xml")
        return run.returncode, variables, log, os.path.exists(junit)

    for paths, expected, verdict in (
        ("infra", 1, "fail"),
        ("good", 0, "pass"),
        ("infra/failing.bicep\ngood", 1, "fail"),
    ):
        status, variables, log, junit = run({"paths": paths})
        equal(
            (status, variables.get("exitStatus"), variables.get("verdict")),
            (expected, str(expected), verdict),
            f"Azure Pipelines, {paths!r}\n{log}",
        )
        equal(
            sorted(variables),
            sorted(["exitStatus", "verdict", "errors", "warnings", "pathsPass", "pathsFail", "pathsUnknown"]),
            "the output variables",
        )
        expect(junit, "Azure Pipelines: there are no test results")
    equal(run({"paths": "nowhere"})[0], 2, "Azure Pipelines: the status of a file that does not exist")
    status, variables, _, junit = run({"paths": "good", "failOn": "sometimes"})
    equal(
        (status, variables, junit),
        (2, {"exitStatus": "2"}, False),
        "Azure Pipelines: a run with wrong usage after another one",
    )
    equal(run({"paths": "good", "args": "'"})[0], 2, "Azure Pipelines: the status of an open quote")
    equal(run({"paths": "good", "program": "./nothing"})[0], 2, "Azure Pipelines: the status without a program")
    for name in HOSTILE:
        copy(folder, FAILING, name, "main.bicep")
        status, variables, log, _ = run({"paths": name})
        equal((status, variables.get("verdict")), (1, "fail"), f"Azure Pipelines, a folder named {name!r}\n{log}")
        with open(os.path.join(workspace, f"{name}.json"), "w", encoding="utf-8") as file:
            file.write("{")
        status, variables, log, _ = run({"paths": f"{name}.json"})
        equal(
            (status, variables.get("verdict", "unknown")),
            (2, "unknown"),
            f"Azure Pipelines, a broken file named {name!r}\n{log}",
        )
    for number, name in enumerate(HOSTILE_LINES):
        copy(folder, FAILING, f"lines-{number}", name, "main.bicep")
        status, variables, log, _ = run({"paths": f"lines-{number}"})
        equal(
            (status, variables.get("verdict")), (1, "fail"), f"Azure Pipelines, a folder that contains {name!r}\n{log}"
        )
    for text in (
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned",
        "--help",
        "-",
        "x\n##vso[task.complete result=Succeeded]",
    ):
        for name in ("failOn", "baseline", "config", "args", "paths"):
            status, variables, log, _ = run({"paths": "good", name: text})
            expect(status != 0, f"Azure Pipelines: a run whose {name} is {text!r} passed\n{log}")
            expect(
                variables.get("verdict") != "pass",
                f"Azure Pipelines: a run whose {name} is {text!r} has the verdict pass",
            )


# --- pre-commit and GitLab ---


def run_hook(folder, program):
    """Runs the hook with pre-commit in a repository that uses it."""
    hooks, project, tools = (os.path.join(folder, name) for name in ("hooks", "workspace", "tools"))
    for path in (hooks, project, tools):
        os.makedirs(path)
    shutil.copy(os.path.join(ROOT, ".pre-commit-hooks.yaml"), hooks)
    calls = os.path.join(folder, "calls")
    with open(os.path.join(tools, "apim-doctor"), "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nprintf "%s\\n" "$*" >> "$CALLS"\nexec "$PROGRAM" "$@"\n')
    os.chmod(os.path.join(tools, "apim-doctor"), 0o755)
    environment = {
        "PATH": os.pathsep.join([tools, os.path.join(TOOLS, "bin"), os.environ["PATH"]]),
        "HOME": folder,
        "LANG": "C.UTF-8",
        "PRE_COMMIT_HOME": os.path.join(folder, "cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "CALLS": calls,
        "PROGRAM": program,
    }

    def git(where, *arguments):
        command = ["git", "-c", "user.name=test", "-c", "user.email=test@example.com", *arguments]
        run = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
        expect(run.returncode == 0, f"`git {' '.join(arguments)}` failed: {run.stderr}")
        return run.stdout.strip()

    for where in (hooks, project):
        git(where, "init", "--quiet")
    git(hooks, "add", "-A")
    git(hooks, "commit", "--quiet", "-m", "hooks")
    with open(os.path.join(project, ".pre-commit-config.yaml"), "w", encoding="utf-8") as file:
        hook = {"id": "apim-doctor", "args": ["infra"], "files": "^infra/"}
        repository = {"repo": hooks, "rev": git(hooks, "rev-parse", "HEAD"), "hooks": [hook]}
        yaml.safe_dump({"repos": [repository]}, file)

    def run(what, failing, says):
        git(project, "add", "-A")
        hook = subprocess.run(
            ["pre-commit", "run", "apim-doctor"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        equal(hook.returncode != 0, failing, f"whether the hook fails with {what}\n{hook.stdout}{hook.stderr}")
        expect(says in hook.stdout, f"the hook does not say {says!r} with {what}: {hook.stdout}{hook.stderr}")

    copy(folder, GOOD, "infra", "good.bicep")
    run("a good template", False, "Passed")
    git(project, "commit", "--quiet", "-m", "good")
    copy(folder, FAILING, "infra", "failing.bicep")
    run("a failing template", True, "exit code: 1")
    git(project, "rm", "--quiet", "--cached", "infra/failing.bicep")
    os.remove(os.path.join(project, "infra", "failing.bicep"))
    with open(os.path.join(project, "README.md"), "w", encoding="utf-8") as file:
        file.write("no template\n")
    run("no changed template", False, "Skipped")
    with open(calls, encoding="utf-8") as file:
        # Only what `args` names, not the changed files: a module is judged through the file that uses it.
        equal(file.read().splitlines(), ["check infra"] * 2, "the list of calls of the hook")


def run_gitlab(folder, program):
    """Runs the script of the GitLab example with a faked cargo."""
    job = load("docs/ci/gitlab-ci.yml")
    tools = os.path.join(folder, "tools")
    os.makedirs(tools)
    with open(os.path.join(tools, "cargo"), "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\nmkdir -p .apim-doctor/bin && cp "$FAKE_PROGRAM" .apim-doctor/bin/apim-doctor\n')
    os.chmod(os.path.join(tools, "cargo"), 0o755)
    for template, expected in ((GOOD, 0), (FAILING, 1)):
        copy(folder, template, "infra", "main.bicep")
        script = "\n".join(job["apim-doctor"]["before_script"] + job["apim-doctor"]["script"])
        environment = {
            "PATH": tools + os.pathsep + os.environ["PATH"],
            "HOME": folder,
            "LANG": "C.UTF-8",
            "GITLAB_CI": "true",
            "FAKE_PROGRAM": program,
            **job["variables"],
        }
        workspace = os.path.join(folder, "workspace")
        run = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=workspace,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        equal(run.returncode, expected, f"the status of the GitLab job\n{run.stdout}{run.stderr}")
        for path in job["apim-doctor"]["artifacts"]["paths"] + [job["apim-doctor"]["artifacts"]["reports"]["junit"]]:
            expect(os.path.exists(os.path.join(workspace, path)), f"the GitLab job did not write {path}")


def main():
    program = os.path.abspath(sys.argv[1])
    expect(os.access(program, os.X_OK), f"{program} is not a program")
    for tool in ("bash", "git", "jq", "xargs", "od"):
        expect(shutil.which(tool), f"{tool} is missing: the scripts of the pipelines use it")
    # Options of the caller must not reach the program.
    for name in [name for name in os.environ if name.startswith("APIM_DOCTOR_")]:
        del os.environ[name]
    action = load("action.yml")
    tests = [
        ("files match their schemas", validate_files),
        ("examples in the documents match their schemas", validate_examples),
        ("action.yml is pinned and free of expressions in scripts", lambda _: check_action(action)),
        ("the action reports, uploads and fails", lambda folder: run_usual(action, folder, program)),
        ("the action withstands hostile names and inputs", lambda folder: run_hostile(action, folder, program)),
        ("the action builds and caches the program", lambda folder: run_build(action, folder, program)),
        ("the template for Azure Pipelines", lambda folder: run_azure(folder, program)),
        ("the hook of pre-commit", lambda folder: run_hook(folder, program)),
        ("the example for GitLab", lambda folder: run_gitlab(folder, program)),
    ]
    failures = 0
    for name, test in tests:
        # A folder with a space in its name, as self-hosted runners may have. No `apim-doctor.toml` is above it.
        with tempfile.TemporaryDirectory(prefix="apim doctor ") as folder:
            if test not in (validate_files, validate_examples) and "hook" not in name:
                os.makedirs(os.path.join(folder, "workspace"), exist_ok=True)
            try:
                test(folder)
                print(f"ok      {name}", flush=True)
            except (Failed, subprocess.TimeoutExpired) as failure:
                failures += 1
                print(f"FAILED  {name}: {failure}", flush=True)
    return 1 if failures else 0


try:
    sys.exit(main())
except Failed as failure:
    sys.exit(f"action.py: {failure}")
