"""Faked runners: enough of GitHub Actions and Azure Pipelines to run the scripts of `action.yml` and of the template.

`action.py` uses this. It needs PyYAML.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Failed(Exception):
    """A sentence that says what is wrong."""


def whole(name):
    """A name as it was before a space parted what a runner would take for a command."""
    return re.sub(r"# #(?=(?:vso)?\[)", "##", name, flags=re.IGNORECASE)


def expect(condition, sentence):
    if not condition:
        raise Failed(sentence)


def equal(actual, expected, what):
    expect(actual == expected, f"{what} is {actual!r}; expected {expected!r}")


def load(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return yaml.safe_load(file)


# --- expressions ---

TOKEN = re.compile(r"\s*(?:(==|!=|&&|\|\||!|\(|\))|'((?:[^']|'')*)'|([A-Za-z_][\w.-]*))")


def evaluate(expression, names, failed):
    """Evaluates the few forms of expressions that `action.yml` uses. Everything else is a failure."""
    tokens, at = [], 0
    text = expression.strip()
    while at < len(text):
        match = TOKEN.match(text, at)
        expect(match, f"action.py cannot evaluate `{expression}`")
        tokens.append(match.groups())
        at = match.end()

    def take(symbol):
        if tokens and tokens[0][0] == symbol:
            return tokens.pop(0)
        return None

    def either():
        value = both()
        while take("||"):
            right = both()
            value = value or right
        return value

    def both():
        value = compare()
        while take("&&"):
            right = compare()
            value = value and right
        return value

    def compare():
        value = one()
        if take("=="):
            return value == one()
        if take("!="):
            return value != one()
        return value

    def one():
        expect(tokens, f"action.py cannot evaluate `{expression}`")
        if take("!"):
            return not one()
        if take("("):
            value = either()
            expect(take(")"), f"`{expression}` lacks a closing parenthesis")
            return value
        symbol, string, name = tokens.pop(0)
        expect(not symbol, f"action.py cannot evaluate `{expression}`")
        if string is not None:
            return string.replace("''", "'")
        if name in ("always", "success", "failure"):
            expect(take("(") and take(")"), f"`{name}` in `{expression}` is a function")
            return {"always": True, "success": not failed, "failure": failed}[name]
        if re.fullmatch(r"steps\.[\w-]+\.outputs\.[\w-]+", name):
            # A step that did not run has no outputs.
            return names.get(name, "")
        expect(name in names, f"`{name}` in `{expression}` is not defined")
        return names[name]

    value = either()
    expect(not tokens, f"action.py cannot evaluate `{expression}`")
    return value


def substitute(text, names, failed):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: str(evaluate(match[1], names, failed)), str(text))


# --- GitHub Actions ---

# What the program and the scripts may say to the runner. Everything else would be an injection.
SAID = {"error", "warning", "notice", "group", "endgroup", "stop-commands"}
KNOWN = SAID | {
    "set-env",
    "set-output",
    "save-state",
    "add-path",
    "add-mask",
    "add-matcher",
    "remove-matcher",
    "debug",
    "echo",
}


def decode(text, codes):
    for code, character in codes:
        text = text.replace(code, character)
    return text


def github_commands(output):
    """The commands that a runner reads from the output of a step, as `ActionCommand` of actions/runner parses lines."""
    found, token = [], None
    for line in re.split(r"\r\n|\r|\n", output):
        text = line.lstrip()
        match = re.match(r"::(.*?)::(.*)", text)
        name, _, properties = match[1].partition(" ") if match else ("", "", "")
        if token:
            if match and match[1] == token:
                token = None
            continue
        if match and name in KNOWN:
            given = {}
            for item in properties.split(","):
                key, separator, value = item.partition("=")
                if separator:
                    given[key.strip()] = decode(
                        value, [("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]
                    )
            if name == "stop-commands":
                token = match[2]
            found.append((name, given, match[2]))
            continue
        # The old form is read anywhere in a line.
        old = re.search(r"##\[\s*([\w-]+)[^\]]*\]", line)
        if old and old[1] in KNOWN:
            found.append((f"##[{old[1]}]", {}, line))
    expect(token is None, "the commands were stopped and never resumed")
    return found


class Result:
    """What one run of the action left behind."""

    def __init__(self):
        self.outputs, self.commands, self.uploads, self.ran = {}, [], [], []
        self.status, self.failed, self.summary, self.log, self.key = 0, False, "", "", ""


def read_outputs(path):
    """Reads `name=value` lines. A name that comes twice would be an injection."""
    values = {}
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            name, separator, value = line.partition("=")
            expect(separator and name not in values, f"the outputs of a step contain an unexpected line: {line!r}")
            values[name] = value
    return values


def run_action(action, folder, given, program, cached=False, path=None, upload_fails=False):
    """Runs the steps of `action.yml` with inputs, as a runner does, in the workspace `folder`/workspace."""
    unknown = set(given) - set(action["inputs"])
    expect(not unknown, f"action.yml has no input {sorted(unknown)}")
    workspace = os.path.join(folder, "workspace")
    temp = tempfile.mkdtemp(prefix="runner", dir=folder)
    names = {f"inputs.{name}": given.get(name, item.get("default", "")) for name, item in action["inputs"].items()}
    names["runner.temp"] = temp
    result, failed = Result(), False
    for number, step in enumerate(action["runs"]["steps"]):
        condition = re.fullmatch(r"\$\{\{(.*)\}\}", step.get("if", "${{ success() }}"), re.DOTALL)
        expect(condition, f"step `{step['name']}`: write the condition as an expression")
        implied = "" if re.search(r"\b(always|failure|success|cancelled)\(\)", condition[1]) else "success() && "
        if not evaluate(f"{implied}({condition[1]})", names, failed):
            continue
        result.ran.append(step["name"])
        if "uses" in step:
            inputs = {name: substitute(value, names, failed) for name, value in step["with"].items()}
            outputs = {}
            if step["uses"].startswith("actions/cache@"):
                expect(inputs["path"] and inputs["key"], "the cache gets no path or no key")
                result.key = inputs["key"]
                if cached:
                    install(program, inputs["path"])
                    outputs["cache-hit"] = "true"
            elif step["uses"].startswith("github/codeql-action/upload-sarif@"):
                expect(os.path.isfile(inputs["sarif_file"]), "the action uploads a SARIF file that does not exist")
                with open(inputs["sarif_file"], encoding="utf-8") as file:
                    result.uploads.append((inputs["category"], json.load(file)))
                failed = failed or upload_fails
            else:
                raise Failed(f"action.py does not know the action {step['uses']}")
        else:
            files = {}
            for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"):
                files[name] = os.path.join(temp, f"{name}-{number}")
                open(files[name], "w", encoding="utf-8").close()
            script = os.path.join(temp, f"step-{number}.sh")
            with open(script, "w", encoding="utf-8") as file:
                file.write(step["run"])
            environment = {
                "PATH": path or os.environ["PATH"],
                "HOME": temp,
                "LANG": "C.UTF-8",
                "RUNNER_TEMP": temp,
                "RUNNER_OS": "Linux",
                "RUNNER_ARCH": "X64",
                "GITHUB_ACTIONS": "true",
                "GITHUB_WORKSPACE": workspace,
                "GITHUB_ACTION_PATH": os.path.join(folder, "source"),
                "FAKE_PROGRAM": program,
                **files,
                **{name: substitute(value, names, failed) for name, value in step.get("env", {}).items()},
            }
            where = os.path.join(workspace, substitute(step.get("working-directory", "."), names, failed))
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", script]
            run = subprocess.run(
                command,
                cwd=where,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=120,
                check=False,
            )
            log = run.stdout.decode("utf-8", "replace")
            result.log += log
            result.commands += github_commands(log)
            for name in ("GITHUB_ENV", "GITHUB_PATH"):
                equal(os.path.getsize(files[name]), 0, f"the size of {name} after the step `{step['name']}`")
            outputs = read_outputs(files["GITHUB_OUTPUT"])
            with open(files["GITHUB_STEP_SUMMARY"], encoding="utf-8") as file:
                result.summary += file.read()
            if run.returncode:
                failed, result.status = True, run.returncode
        for name, value in outputs.items():
            names[f"steps.{step['id']}.outputs.{name}"] = value
    result.failed = failed
    result.outputs = {name: substitute(item["value"], names, failed) for name, item in action["outputs"].items()}
    check_nothing_ran(folder)
    bad = [command for command in result.commands if command[0] not in SAID]
    expect(not bad, f"the runner would obey {bad}\n{result.log}")
    for _, given, message in result.commands:
        if given.get("file"):
            expect(
                os.path.isfile(os.path.join(workspace, whole(given["file"]))),
                f"an annotation names {given['file']!r}, which is not a file of the workspace: {message}",
            )
    return result


def check_nothing_ran(folder):
    for parent, folders, files in os.walk(folder):
        expect(
            "pwned" not in files + folders,
            f"text of a file name or an input was run as a command: {parent}/pwned exists",
        )


def install(program, root):
    os.makedirs(os.path.join(root, "bin"), exist_ok=True)
    shutil.copy(program, os.path.join(root, "bin", "apim-doctor"))


# --- Azure Pipelines ---


def expand_azure(given):
    """Expands the parameters and the `${{ if }}` lines of the template, as the service does."""
    template = load("docs/ci/azure-pipelines.yml")
    values = {item["name"]: item["default"] for item in template["parameters"]}
    unknown = set(given) - set(values)
    expect(not unknown, f"the template has no parameter {sorted(unknown)}")
    values.update(given)

    def text(value):
        return re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda match: values[match[1]], value)

    def holds(key):
        match = re.fullmatch(r"\$\{\{ if (eq|ne)\(parameters\.(\w+), '(\w*)'\) \}\}", key)
        expect(match, f"action.py cannot evaluate `{key}`")
        return (values[match[2]] == match[3]) == (match[1] == "eq")

    def walk(value):
        if isinstance(value, dict):
            result, held = {}, False
            for key, inner in value.items():
                if key.startswith("${{"):
                    held = not held if key == "${{ else }}" else holds(key)
                    if held:
                        result.update(walk(inner))
                else:
                    result[key] = walk(inner)
            return result
        if isinstance(value, list):
            result = []
            for inner in value:
                key = next(iter(inner)) if isinstance(inner, dict) and len(inner) == 1 else ""
                if key.startswith("${{ if"):
                    result += walk(inner[key]) if holds(key) else []
                else:
                    result.append(walk(inner))
            return result
        return text(value) if isinstance(value, str) else value

    for step in template["steps"]:
        for inner in next(iter(step.values())) if next(iter(step)).startswith("${{") else [step]:
            expect(
                "${{" not in inner.get("bash", ""),
                "docs/ci/azure-pipelines.yml: an expression inside a script becomes part of it",
            )
    return walk(template["steps"])
