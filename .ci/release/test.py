"""Tests what a release ships, with a static program: its run in an empty root, the archive, the installers, the container.

usage: test.py PROGRAM

Needs root, for `chroot`. Installers run with the tools of this machine; PowerShell is not among them, so that
tests/release.rs only parses `install.ps1`.
"""

import contextlib
import glob
import hashlib
import http.server
import json
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
import tarfile
import tempfile
import threading
import tomllib
import zipfile

sys.dont_write_bytecode = True
from layout import ROOT, TARGETS, archive_name, workspace  # noqa: E402

HERE = os.path.join(ROOT, ".ci", "release")
WORLD = os.path.join(ROOT, "fixtures", "worlds", "user-assigned-identity.json")
CODE = "firewall.user-assigned-not-trusted"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
TARGET = f"{os.uname().machine}-unknown-linux-musl"
# As a user starts it: nothing of the environment of the gate is passed on.
CLEAN = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8"}
# Signs in with a secret that is not one, so that nothing but the network decides.
SIGN_IN = {
    "AZURE_TENANT_ID": "11111111-1111-4111-8111-111111111111",
    "AZURE_CLIENT_ID": "22222222-2222-4222-8222-222222222222",
    "AZURE_CLIENT_SECRET": "not-a-secret",
}
LIVE = ["diagnose", "-g", "rg", "-n", "apim", "--auth", "env", "--timeout", "20"]


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def run(command, status=0, **options):
    """Runs a command and returns all that it prints."""
    options.setdefault("env", CLEAN)
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False, **options
    )
    expect(done.returncode == status, f"{command} exited with {done.returncode}, expected {status}:\n{done.stdout}")
    return done.stdout


def script(name, *arguments, **options):
    options.setdefault("env", os.environ)
    return run([sys.executable, os.path.join(HERE, name), *arguments], **options)


def broken():
    """Returns a recording in which the vault's firewall blocks its caller."""
    with open(WORLD, encoding="utf-8") as file:
        recording = json.load(file)
    for exchange in recording["exchanges"]:
        if exchange["request"].partition("?")[0].lower().endswith("/vaults/kv-releclou-gw-7e11"):
            exchange["body"]["properties"]["networkAcls"] = {
                "bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": []
            }
    return json.dumps(recording)


def diagnose(start, **options):
    """Runs what needs no network: `start` is how the program is started."""
    version = workspace()["version"]
    expect(run([*start, "--version"], **options) == f"apim-doctor {version}\n", "--version")
    expect("2 of 2 access paths fail" in run([*start, "demo"], **options), "demo")
    text = run([*start, "diagnose", "-", "-o", "json"], status=1, input=broken(), **options)
    expect(f'"code":"{CODE}"' in text, f"diagnose: {text[:500]}")
    expect("What it means" in run([*start, "explain", CODE], **options), "explain")


def the_program_is_static(program, _):
    text = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    said = text.stdout + text.stderr
    expect("not a dynamic executable" in said or "statically linked" in said, f"ldd: {said}")
    headers = run(["readelf", "--program-headers", "--dynamic", program])
    expect("INTERP" not in headers and "NEEDED" not in headers, f"readelf: {headers}")


def it_runs_in_an_empty_root(program, folder):
    root = os.path.join(folder, "empty")
    os.makedirs(root)
    shutil.copy(program, f"{root}/apim-doctor")
    start = ["unshare", "--net", "chroot", root, "/apim-doctor"]
    diagnose(start)
    # Neither certificates nor name servers: the message has to say what is missing.
    text = run([*start, *LIVE], status=2, env={**CLEAN, **SIGN_IN})
    expect("set SSL_CERT_FILE to a file with them" in " ".join(text.replace("|", "").split()), f"a live run: {text}")
    expect(os.listdir(root) == ["apim-doctor"], f"something was written: {os.listdir(root)}")
    shutil.copy(CERTIFICATES, f"{root}/some.pem")
    text = run([*start, *LIVE], status=2, env={**CLEAN, **SIGN_IN, "SSL_CERT_FILE": "/some.pem"})
    expect("sign-in failed" in text, f"a live run with certificates: {text}")


def commands(program, *path):
    """Returns the name of each manual page, from the help of each command."""
    yield "-".join(("apim-doctor", *path))
    text = run([program, *path, "--help"])
    listed = re.search(r"^Commands:\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)
    for name in re.findall(r"^  (\S+)", listed[1], re.MULTILINE) if listed else ():
        if name != "help":
            yield from commands(program, *path, name)


def pack(program, target, folder):
    os.makedirs(folder, exist_ok=True)
    script("archive.py", program, target, folder)
    return os.path.join(folder, archive_name(target))


def the_archive_holds_all(program, folder):
    path = pack(program, TARGET, f"{folder}/assets")
    again = pack(program, TARGET, f"{folder}/again")
    with open(path, "rb") as one, open(again, "rb") as other:
        expect(one.read() == other.read(), "two archives of one program differ")
    with tarfile.open(path) as archive:
        entries = archive.getmembers()
        archive.extractall(f"{folder}/unpacked", filter="data")
    for entry in entries:
        expect(f"{entry.name}/".startswith(f"apim-doctor-{TARGET}/"), f"{entry.name} is outside of the folder")
        expect((entry.uid, entry.gid, entry.uname, entry.gname) == (0, 0, "", ""), f"{entry.name} has an owner")
    top = f"{folder}/unpacked/apim-doctor-{TARGET}"
    expect(run([f"{top}/apim-doctor", "--version"]).startswith("apim-doctor "), "the unpacked program does not run")
    expected = {f"{name}.1" for name in commands(program)}
    pages = set(os.listdir(f"{top}/man/man1"))
    expect(len(pages) > 20 and pages == expected, f"manual pages: {sorted(pages ^ expected)}")
    for page in pages:
        said = run(["groff", "-K", "utf8", "-man", "-T", "utf8", "-ww", "-z", f"{top}/man/man1/{page}"])
        expect(said == "", f"{page}: {said}")
    for text, words in {
        "README.md": "# apim-doctor",
        "LICENSE-MIT": "Permission is hereby granted",
        "LICENSE-APACHE": "Apache License",
        "THIRD-PARTY-LICENSES.txt": "\nrustls ",
    }.items():
        with open(f"{top}/{text}", encoding="utf-8") as file:
            expect(words in file.read(), f"{text} does not contain `{words}`")
    complete = """
        source "$0"
        COMP_WORDS=(apim-doctor diagn) COMP_CWORD=1
        $(complete -p apim-doctor | grep -o -- '-F [^ ]*' | cut -d ' ' -f 2) apim-doctor diagn apim-doctor
        echo "${COMPREPLY[@]}"
    """
    completed = run(["bash", "-c", complete, f"{top}/completions/apim-doctor.bash"])
    expect(completed == "diagnose\n", f"bash completes `diagn` to: {completed}")
    for name in ("_apim-doctor", "_apim-doctor.ps1", "apim-doctor.elv", "apim-doctor.fish"):
        with open(f"{top}/completions/{name}", encoding="utf-8") as file:
            expect("what-if" in file.read(), f"{name} does not know `what-if`")


def the_release_has_all_files(program, folder):
    """The archives of other targets hold a script here that starts this machine's program."""
    assets = f"{folder}/assets"
    stand_in = f"{folder}/stand-in"
    with open(stand_in, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nexec "{program}" "$@"\n')
    os.chmod(stand_in, 0o755)
    for target in TARGETS:
        if target != TARGET:
            pack(stand_in, target, assets)
    with zipfile.ZipFile(f"{assets}/apim-doctor-x86_64-pc-windows-msvc.zip") as archive:
        names = archive.namelist()
        expect("apim-doctor-x86_64-pc-windows-msvc/apim-doctor.exe" in names, f"the zip holds {names}")
        expect(archive.testzip() is None, "the zip is broken")
    script("assets.py", assets)
    said = run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=assets)
    expect(said.count(": OK") == len(TARGETS) + 3, said)
    for name in ("install.sh", "install.ps1", "apim-doctor.rb"):
        with open(f"{assets}/{name}", encoding="utf-8") as file:
            text = file.read()
        expect(not re.search(r"@[A-Z]+[:@]", text), f"{name} contains a placeholder")
        for target in TARGETS:
            with open(f"{assets}/{archive_name(target)}", "rb") as archive:
                digest = hashlib.file_digest(archive, "sha256").hexdigest()
            own = ("windows" in target) == (name == "install.ps1")
            expect((digest in text) == own, f"{name}: the checksum of {target}")


def binstall_finds_the_archives(_, folder):
    with open(os.path.join(ROOT, "apim-doctor-cli", "Cargo.toml"), "rb") as file:
        rules = tomllib.load(file)["package"]["metadata"]["binstall"]
    for target in TARGETS:
        windows = "windows" in target
        rule = {**rules, **rules["overrides"].get(target, {})}
        expect(rule["pkg-fmt"] == ("zip" if windows else "tgz"), f"pkg-fmt of {target}")
        values = {
            "repo": workspace()["repository"],
            "version": workspace()["version"],
            "target": target,
            "bin": "apim-doctor",
            "binary-ext": ".exe" if windows else "",
        }
        url, path = (re.sub(r"\{ (\S+) \}", lambda m: values[m[1]], rule[key]) for key in ("pkg-url", "bin-dir"))
        archive = f"{folder}/assets/{url.rpartition('/')[2]}"
        expect(os.path.exists(archive), f"{url} is not a file of the release")
        with zipfile.ZipFile(archive) if windows else tarfile.open(archive) as packed:
            expect(path in (packed.namelist() if windows else packed.getnames()), f"{path} is not in {archive}")


def the_formula_installs(_, folder):
    """Homebrew is not here: a few lines of Ruby do what it does with this formula, for each system."""
    for system in TARGETS:
        if "windows" in system:
            continue
        cellar = f"{folder}/cellar-{system}"
        said = run(["ruby", f"{HERE}/test_formula.rb", f"{folder}/assets", system, cellar])
        for name in ("bin/apim-doctor", "share/man/man1/apim-doctor-roles-check.1", "etc/bash_completion.d/apim-doctor"):
            expect(os.path.exists(f"{cellar}/{name}"), f"the formula did not install {name}: {said}")


def the_installer_installs(program, folder):
    assets = f"{folder}/assets"
    for shell in (["sh"], ["bash", "--posix"], ["busybox", "sh"]):
        if not shutil.which(shell[0]):
            continue
        home = tempfile.mkdtemp(dir=folder)
        env = {**CLEAN, "HOME": home, "APIM_DOCTOR_FROM": assets}
        for _ in range(2):
            said = run([*shell, f"{assets}/install.sh"], env=env)
            expect("is installed" in said and "PATH does not contain" in said, said)
        diagnose([f"{home}/.local/bin/apim-doctor"])
        files = sorted(os.path.relpath(p, home) for p in glob.glob(f"{home}/.local/**/*", recursive=True, include_hidden=True))
        for name in ("bash-completion/completions/apim-doctor", "man/man1/apim-doctor-diagnose.1", "doc/apim-doctor/LICENSE-MIT"):
            expect(f".local/share/{name}" in files, f"{name} is not in {files}")
        expect(not any(".new" in name for name in files), f"left over: {files}")
        expect(stat.S_IMODE(os.stat(f"{home}/.local/bin/apim-doctor").st_mode) == 0o755, "the mode of the program")


def the_installer_refuses(program, folder):
    assets = f"{folder}/assets"
    bad = f"{folder}/bad"
    os.makedirs(bad)
    with open(f"{assets}/{archive_name(TARGET)}", "rb") as file:
        data = bytearray(file.read())
    data[len(data) // 2] ^= 1
    with open(f"{bad}/{archive_name(TARGET)}", "wb") as file:
        file.write(data)
    with open(f"{assets}/install.sh", encoding="utf-8") as file:
        text = file.read()
    for start, says, stdin in (
        ({"APIM_DOCTOR_FROM": bad}, "is not the file of the release", text),
        ({"APIM_DOCTOR_FROM": f"{folder}/none"}, "cannot get", text),
        ({"APIM_DOCTOR_FROM": "http://127.0.0.1:9"}, "is not protected", text),
        ({"APIM_DOCTOR_FROM": "https://127.0.0.1:9"}, "cannot get", text.replace("--retry 3", "")),
        ({"APIM_DOCTOR_FROM": assets}, "SHA-256", text.replace(TARGET + ")", "other)")),
    ):
        home = tempfile.mkdtemp(dir=folder)
        said = run(["sh"], status=1, input=stdin, env={**CLEAN, "HOME": home, **start})
        expect(says in said, f"{start}: {said}")
        expect(os.listdir(home) == [], f"{start}: installed {os.listdir(home)}")
    # A download that breaks off anywhere does nothing.
    for end in range(0, len(text) - len("main\n"), 97):
        home = tempfile.mkdtemp(dir=folder)
        env = {**CLEAN, "HOME": home, "APIM_DOCTOR_FROM": assets}
        subprocess.run(["sh"], input=text[:end], text=True, env=env, capture_output=True, check=False)
        expect(os.listdir(home) == [], f"the first {end} characters install {os.listdir(home)}")


@contextlib.contextmanager
def https(folder, certificate):
    """Serves a folder on this machine."""
    handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: handler(*a, directory=folder))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def the_installer_downloads(program, folder):
    certificate = f"{folder}/server.pem"
    run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-days", "2",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", certificate, "-out", f"{certificate}.crt"])
    with open(certificate, "a", encoding="utf-8") as whole, open(f"{certificate}.crt", encoding="utf-8") as public:
        whole.write(public.read())
    # A folder of programs without curl, so that wget downloads.
    tools = f"{folder}/tools"
    os.makedirs(tools)
    for name in ("sh", "cat", "uname", "mktemp", "rm", "wget", "sha256sum", "cut", "tar", "gzip", "mkdir", "cp", "chmod", "mv"):
        os.symlink(shutil.which(name), f"{tools}/{name}")
    with https(f"{folder}/assets", certificate) as address:
        for tool, env in (("curl", {}), ("wget", {"PATH": tools})):
            home = tempfile.mkdtemp(dir=folder)
            with open(f"{home}/.wgetrc", "w", encoding="utf-8") as file:
                file.write(f"ca_certificate = {certificate}.crt\n")
            env = {**CLEAN, "HOME": home, "CURL_CA_BUNDLE": f"{certificate}.crt", "APIM_DOCTOR_FROM": address, **env}
            run(["sh", f"{folder}/assets/install.sh"], env=env)
            expect(os.path.exists(f"{home}/.local/bin/apim-doctor"), f"{tool} did not download")
            os.remove(f"{home}/.wgetrc")
            shutil.rmtree(f"{home}/.local")
            env["CURL_CA_BUNDLE"] = CERTIFICATES
            run(["sh"], status=1, env=env, input=open(f"{folder}/assets/install.sh", encoding="utf-8").read())
            expect(os.listdir(home) == [], f"{tool} trusted a server without a certificate")


def the_container_runs(program, folder):
    """As a container runtime starts it: the user, the folder and the program are those of the Dockerfile."""
    with open(f"{HERE}/Dockerfile", encoding="utf-8") as file:
        lines = dict(re.findall(r"^([A-Z]+) (.*)$", file.read(), re.MULTILINE))
    expect(lines["FROM"] == "scratch", "the image has another one below it")
    root = f"{folder}/rootfs"
    script("rootfs.py", f"{folder}/assets/{archive_name(TARGET)}", CERTIFICATES, root)
    expect(os.path.isdir(root + lines["WORKDIR"]), "the folder to work in is missing")
    files = {os.path.relpath(os.path.join(at, name), root) for at, _, names in os.walk(root) for name in names}
    for name in ("apim-doctor", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "licenses/LICENSE-MIT"):
        expect(name in files, f"{name} is not in the container: {files}")
    program = lines["ENTRYPOINT"].strip('[]"')
    # Read-only, with no network and no capabilities.
    start = ["unshare", "--mount", "--net", "--pid", "--fork", "sh", "-c",
             'mount --bind -o ro,nosuid,nodev "$0" "$0" && mount -o remount,bind,ro "$0" && exec chroot "$@"',
             root, f"--userspec={lines['USER']}", root, program]
    diagnose(start)
    text = run([*start, *LIVE], status=2, env={**CLEAN, **SIGN_IN})
    expect("certificate" not in text and "sign-in failed" in text, f"a live run in the container without network: {text}")
    run([*start, "diagnose", "/etc/passwd", "-f", "/work/out"], status=2)
    expect(os.listdir(f"{root}/work") == [], "the container could write")


def the_workflow_builds_each_target(_, folder):
    with open(os.path.join(ROOT, ".github", "workflows", "release.yml"), encoding="utf-8") as file:
        built = re.findall(r"target: (\S+?),", file.read())
    expect(sorted(built) == sorted(TARGETS), f"the workflow builds {built}, expected {TARGETS}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("test.py: only root can test the empty root and the container")
    program = os.path.abspath(sys.argv[1])
    tests = (
        the_program_is_static,
        it_runs_in_an_empty_root,
        the_archive_holds_all,
        the_release_has_all_files,
        binstall_finds_the_archives,
        the_formula_installs,
        the_installer_installs,
        the_installer_refuses,
        the_installer_downloads,
        the_container_runs,
        the_workflow_builds_each_target,
    )
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        # Another user runs the program of the container.
        os.chmod(folder, 0o755)
        for test in tests:
            name = test.__name__.replace("_", " ")
            try:
                test(program, folder)
                print(f"ok: {name}", flush=True)
            except (AssertionError, OSError, KeyError) as error:
                failed += 1
                print(f"FAILED: {name}: {error}", flush=True)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
