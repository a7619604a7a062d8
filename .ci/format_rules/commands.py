"""Commands in a log, as the runners of GitHub and Azure DevOps read them.

Sources: actions/runner `src/Runner.Common/ActionCommand.cs` and `src/Runner.Worker/ActionCommandManager.cs`;
microsoft/azure-pipelines-agent `src/Microsoft.VisualStudio.Services.Agent/Command.cs` and
`src/Agent.Sdk/CommandStringConvertor.cs` (both read on 2026-12-01).
"""

import pathlib

from texts import holds, lines, loose, unsafe, visible

# What the runner of GitHub registers, plus `stop-commands`.
GITHUB_COMMANDS = set(
    "internal-set-repo-path set-env set-output save-state add-mask add-path add-matcher remove-matcher debug warning "
    "error notice group endgroup echo stop-commands".split()
)
GITHUB_PROPERTIES = {"file", "line", "endline", "col", "endcolumn", "title"}
AZURE_PROPERTIES = {"type", "sourcepath", "linenumber", "columnnumber", "code"}
GITHUB_LEVELS = {"error": "error", "warning": "warning", "info": "notice"}
# Azure DevOps has no third type: an `info` may be left out, or be a warning.
AZURE_LEVELS = {"error": "error", "warning": "warning"}

GITHUB_DATA = [("%0D", "\r"), ("%0A", "\n"), ("%25", "%")]
GITHUB_PROPERTY = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
GITHUB_OLD = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%")]
AZURE = [("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")]


def unescape(text, mapping):
    for escaped, plain in mapping:
        text = text.replace(escaped, plain)
    return text


def properties(text, separator, mapping):
    """Pairs in their order. A hostile name that adds a property shows as a pair too many."""
    # .NET's `Split` with `RemoveEmptyEntries` skips all of `==`.
    pairs = [part.lstrip("=").partition("=") for part in text.split(separator)]
    pairs = [(name, value.lstrip("=")) for name, _, value in pairs]
    return [(name.lower(), unescape(value, mapping)) for name, value in pairs if name and value]


def github(line):
    """Returns the command of a line as (name, properties, data), or None."""
    text = line.lstrip()
    if text.startswith("::"):
        info, found, data = text[2:].partition("::")
        name, _, rest = info.partition(" ")
        if found and name.lower() in GITHUB_COMMANDS:
            return name.lower(), properties(rest.strip(), ",", GITHUB_PROPERTY), unescape(data, GITHUB_DATA)
    # The older form counts anywhere in a line.
    _, found, rest = line.partition("##[")
    info, closed, data = rest.partition("]")
    name, _, rest = info.partition(" ")
    if found and closed and name.lower() in GITHUB_COMMANDS:
        return name.lower(), properties(rest, ";", GITHUB_OLD), unescape(data, GITHUB_OLD)
    return None


def azure(line):
    """Returns the command of a line as (name, properties, data), or None. It counts anywhere in a line."""
    _, found, rest = line.partition("##vso[")
    info, closed, data = rest.partition("]")
    name, _, rest = info.partition(" ")
    if not found or not closed or len([part for part in name.split(".") if part]) != 2:
        return None
    return name.lower(), properties(rest, ";", AZURE), unescape(data, AZURE)


def stray(text):
    """Commands in a text that must not contain any."""
    errors = []
    for line in lines(text):
        for form in {line, visible(line)}:
            if command := github(form):
                errors.append(f"GitHub takes a line for the command `{command[0]}`: {line[:160]!r}")
            if command := azure(form):
                errors.append(f"Azure DevOps takes a line for the command `{command[0]}`: {line[:160]!r}")
    return errors


def listed(text, parse, marks):
    """The commands of an output, and what is wrong with its lines."""
    commands, errors = [], unsafe(text)
    for line in lines(text):
        command = parse(line)
        if command:
            commands.append(command)
        elif parse(visible(line)):
            errors.append(f"a line is a command if invisible characters are ignored: {line[:160]!r}")
        elif any(mark in line for mark in marks):
            errors.append(f"a line without a command contains the mark of one: {line[:160]!r}")
    return commands, errors


def files(value):
    """Every file that a report names."""
    if isinstance(value, dict):
        own = [value["file"]] if isinstance(value.get("file"), str) else []
        return own + [file for inner in value.values() for file in files(inner)]
    return [file for inner in value for file in files(inner)] if isinstance(value, list) else []


def same_file(one, other):
    """Whether two paths can name one file: one of them may be relative to a folder below the other's."""
    one, other = loose(one), loose(other)
    return one.endswith(other) or other.endswith(one.removeprefix("./"))


def located(pairs, allowed, file, numbers, report):
    """What is wrong with the properties of a command."""
    names = [name for name, _ in pairs]
    errors = [f"unknown property `{name}`" for name in names if name not in allowed]
    errors += [f"property `{name}` twice" for name in set(names) if names.count(name) > 1]
    values = dict(pairs)
    # The runners find a file by its path from the folder of the run.
    if pathlib.Path.cwd() in pathlib.PurePath(values.get(file, "")).parents:
        errors.append(f"`{file}` is not relative: {values[file]!r}")
    if file in values and not any(same_file(known, values[file]) for known in files(report)):
        errors.append(f"`{file}` is not a file of the report: {values[file]!r}")
    if any(n in values for n in numbers) and file not in values:
        errors.append("a line number without a file")
    errors += [f"`{n}` is not a number: {values[n]!r}" for n in numbers if n in values and not values[n].isdecimal()]
    return errors


def matched(commands, report, levels, dropped):
    """Compares commands, as (level, text), with the findings of the report: one command for each finding."""
    errors, left = [], list(commands)
    findings = [f for f in report["findings"] if not f.get("suppressed")]
    # The longest message first: it may contain a shorter one.
    for finding in sorted(findings, key=lambda f: -len(f["message"])):
        level = levels.get(finding["severity"])
        same = [c for c in left if holds(c[1], finding["message"]) and c[0] == (level or "warning")]
        if same:
            left.remove(same[0])
        elif finding["severity"] not in dropped:
            errors.append(f"no command of level `{level}` for the finding {finding['code']}: {finding['message'][:200]!r}")
    gaps = report["gaps"]
    for level, text in left:
        if level == "error" or not any(holds(text, gap["what"]) for gap in gaps):
            errors.append(f"a command `{level}` for no finding and no gap: {text[:200]!r}")
    return errors


def check_github(text, report):
    commands, errors = listed(text, github, ["##[", "##vso["])
    issues = []
    for name, pairs, data in commands:
        if name in ("group", "endgroup"):
            continue
        if name not in GITHUB_LEVELS.values():
            errors.append(f"the command `{name}`: {data[:160]!r}")
            continue
        errors += located(pairs, GITHUB_PROPERTIES, "file", ("line", "endline", "col", "endcolumn"), report)
        # A property that ends too early swallows the ones after it.
        if "title" not in dict(pairs):
            errors.append(f"`{name}` without a title: {data[:160]!r}")
        issues.append((name, data))
    return errors + matched(issues, report, GITHUB_LEVELS, {})


def check_azure(text, report, folder):
    """`folder` is AGENT_TEMPDIRECTORY, where a summary has to be."""
    commands, errors = listed(text, azure, ["##vso[", "##["])
    codes = {finding["code"] for finding in report["findings"]}
    issues = []
    for name, pairs, data in commands:
        if name == "task.logissue":
            errors += located(pairs, AZURE_PROPERTIES, "sourcepath", ("linenumber", "columnnumber"), report)
            kind = dict(pairs).get("type")
            if kind not in ("error", "warning"):
                errors.append(f"`task.logissue` of type {kind!r}")
            code = dict(pairs).get("code")
            if code not in codes and (kind == "error" or code):
                errors.append(f"`task.logissue` with the code {code!r}: {data[:160]!r}")
            issues.append((kind, data))
        elif name == "task.uploadsummary":
            file = pathlib.Path(data)
            if not file.is_file() or folder not in file.resolve().parents:
                errors.append(f"`task.uploadsummary` names no file in AGENT_TEMPDIRECTORY: {data!r}")
        elif name == "task.complete":
            if dict(pairs).get("result") not in ("Succeeded", "SucceededWithIssues", "Failed"):
                errors.append(f"`task.complete` with {pairs}")
        else:
            errors.append(f"the command `{name}`: {data[:160]!r}")
    return errors + matched(issues, report, AZURE_LEVELS, {"info"})
