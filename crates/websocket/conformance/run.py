"""Runs all of Autobahn's cases against the codec's echo example.

Needs Python 3.9 and PyPI, nothing else: the runner (kosoku, which carries Autobahn's own case files)
goes into a virtual environment under target/conformance. Exit status 0 means that every case passed
strictly, but those in EXCEPTED.
"""

import collections
import json
import pathlib
import shutil
import subprocess
import sys
import time
import venv

RUNNER = "kosoku==0.1.0"
ROOT = pathlib.Path(__file__).resolve().parents[3]
WORK = ROOT / "target" / "conformance"
CASES = 517
GOOD = {"OK", "INFORMATIONAL"}

# Messages of 4 MiB in fragments of 64 bytes are 65,536 fragments; the codec takes 16,384 (MOST_FRAGMENTS).
EXCEPTED = {"9.3.1", "9.4.1"}

# What is run together: a name, the echo server's options, the runner's.
RUNS = [
    ("plain", [], ["-x", "12.*", "-x", "13.*"]),
    # The runner cannot take plain text where deflate was agreed, so everything is deflated.
    ("deflate", ["--compress-above", "0"], ["-i", "12.*", "-i", "13.*"]),
]


def install():
    """Makes the virtual environment once; returns the runner's program."""
    folder = WORK / "venv"
    program = folder / "bin" / "kosoku"
    if not program.exists():
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, RUNNER], check=True)
    return program


def build():
    """Builds the echo server in a folder of its own; returns its program."""
    target = WORK / "build"
    command = ["cargo", "build", "--release", "--quiet", "--locked", "--package", "pilothouse-websocket"]
    subprocess.run([*command, "--example", "echo", "--target-dir", str(target)], cwd=ROOT, check=True)
    return target / "release" / "examples" / "echo"


def run(runner, echo, name, echo_options, runner_options):
    """Runs some cases; returns what became of each."""
    reports = WORK / name
    shutil.rmtree(reports, ignore_errors=True)
    server = subprocess.Popen([str(echo), "127.0.0.1:0", *echo_options], stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().removeprefix("listening on ").strip()
        # Nobody reads what the server says later, so it must not have to wait for a reader.
        drain = subprocess.Popen(["cat"], stdin=server.stdout, stdout=subprocess.DEVNULL)
        command = [str(runner), "-p", "2", "-o", str(reports), *runner_options, address]
        with open(WORK / f"{name}.log", "w") as log:
            # Its exit status counts excepted cases too; the report is judged instead.
            subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    finally:
        server.terminate()
        server.wait()
    drain.wait()
    index = json.loads((reports / "index.json").read_text())
    return next(iter(index.values()))


def main():
    runner, echo = install(), build()
    results = {}
    for name, echo_options, runner_options in RUNS:
        started = time.monotonic()
        some = run(runner, echo, name, echo_options, runner_options)
        print(f"{name}: {len(some)} cases in {time.monotonic() - started:.0f} s", flush=True)
        results.update(some)
    outcomes = {}
    for case, result in results.items():
        outcomes[case] = result["behavior"], result["behaviorClose"]
    bad = {case: both for case, both in outcomes.items() if not set(both) <= GOOD}
    print("behaviour:", dict(collections.Counter(both[0] for both in outcomes.values())))
    print("closing:  ", dict(collections.Counter(both[1] for both in outcomes.values())))
    for case, both in sorted(bad.items()):
        print(f"{'excepted' if case in EXCEPTED else 'FAILED'}: {case}: {both[0]}, closing {both[1]}")
    if len(outcomes) != CASES:
        print(f"FAILED: {CASES} cases expected, {len(outcomes)} ran; see {WORK}/*.log")
        return 1
    return 1 if set(bad) - EXCEPTED else 0


if __name__ == "__main__":
    sys.exit(main())
