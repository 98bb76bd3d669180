# SPDX-License-Identifier: Apache-2.0
"""What the system tests share: real nodes, agents and wallets in a directory of their own.

BOURSE_BIN names the directory of the programs. Every process that a Rig starts ends with it.
Waiting is always for a condition, with a deadline.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

BIN = pathlib.Path(os.environ["BOURSE_BIN"])
MNEMONIC = "test test test test test test test test test test test junk"
GRAINS = 1_000_000_000


JOB = """
command = ["sh", "-c", "wc -c < /in/text > /out/count; echo counted >&2; exit {code}"]
runtime = "{runtime}"
price_max = "0.01"
run_seconds = 30
replicas_max = {replicas}
margin = {margin}
review_seconds = 60
match_seconds = 60
[resources]
cpu_milli = 500
memory_mib = 64
disk_mib = 16
[[input]]
path = "text"
file = "text"
"""


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Failed(what)


def wait_for(what, condition, seconds=30.0):
    """The first true value of condition(), which may raise OSError while a server is down."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            value = condition()
            if value:
                return value
        time.sleep(0.02)
    raise Failed(f"waited {seconds} s for {what}")


class Process:
    """A program whose output goes to a log file."""

    def __init__(self, rig, name, command, env=None):
        self.log = rig.dir / f"{name}.log"
        self.start = self.log.stat().st_size if self.log.exists() else 0
        self.child = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                      stdout=self.log.open("ab"), stderr=subprocess.STDOUT,
                                      env={**os.environ, **(env or {})})
        rig.processes.append(self)

    def text(self):
        with self.log.open("rb") as log:
            log.seek(self.start)
            return log.read().decode(errors="replace")

    def wait_for_text(self, text, seconds=30.0):
        def seen():
            require(self.child.poll() is None or text in self.text(),
                    f"{self.log.name} ended before it said {text!r}:\n{self.text()[-2000:]}")
            return text in self.text()
        wait_for(f"{text!r} in {self.log.name}", seen, seconds)

    def end(self, how=signal.SIGTERM, seconds=20.0):
        """Sends a signal and returns the exit code."""
        if self.child.poll() is None:
            self.child.send_signal(how)
        return self.child.wait(seconds)


class Rig:
    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="bourse-system-"))
        self.processes = []
        self.url_host = "http://127.0.0.1"
        self.port = 0
        self.node = None
        self.tls = None
        self.pin = []
        self.network = "dev"

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for process in reversed(self.processes):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.end()
        for process in self.processes:
            if process.child.poll() is None:
                process.child.kill()
                process.child.wait()
        if kind:
            for log in sorted(self.dir.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-4000:]}", file=sys.stderr)
        shutil.rmtree(self.dir, ignore_errors=True)

    def write_private(self, name, text):
        path = self.dir / name
        path.touch(0o600)
        path.write_text(text)
        return path

    # --- The node

    def start_node(self):
        """Starts or restarts the dev node; it keeps its port over restarts."""
        self.node = Process(self, "node", [BIN / "boursed", "--dev", "--home", self.dir / "node",
                                           "--port", self.port])
        self.node.wait_for_text("\nready\n")
        self.port = int(self.node.text().split("listening on port ")[1].split()[0])
        return self.node

    @property
    def url(self):
        return f"{self.url_host}:{self.port}"

    def post(self, body, timeout=10):
        request = urllib.request.Request(self.url, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=timeout, context=self.tls) as reply:
            return json.loads(reply.read() or "null")

    def call(self, method, **params):
        reply = self.post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        if "error" in reply:
            raise Failed(f"{method}: {reply['error']}")
        return reply["result"]

    def kind_of_error(self, method, **params):
        reply = self.post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return reply["error"]["data"]["kind"] if "error" in reply else None

    def check_supply(self):
        parts = self.call("chain_getSupply")
        total = sum(int(parts[part]) for part in
                    ("accounts", "providers", "jobs", "tasks", "assignments", "burned"))
        require(total == int(parts["supply"]), f"the supply does not add up: {parts}")

    # --- The wallet

    def bourse(self, *arguments, account=0, code=0):
        """Runs the wallet with the dev accounts and returns its JSON output."""
        if not (self.dir / "password").exists():
            self.write_private("password", "a dev password\n")
            self.run_bourse("wallet", "restore", "--words-file",
                            self.write_private("words", MNEMONIC + "\n"))
        done = self.run_bourse(*arguments, "--account", account, check=False)
        require(done.returncode == code,
                f"bourse {' '.join(map(str, arguments))}: exit code {done.returncode}, not {code}\n"
                f"{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1] if "--wait" in arguments else done.stdout)

    def run_bourse(self, *arguments, check=True):
        command = [BIN / "bourse", "--home", self.dir / "wallet", "--node", self.url, "--json",
                   "--yes", "--password-file", self.dir / "password", *self.pin, *arguments]
        return subprocess.run([str(part) for part in command], check=check, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=120)

    # --- Providers

    def provider_command(self, name, *arguments):
        return [BIN / "bourse-provider", "--home", self.dir / name, *arguments]

    def run_provider(self, name, *arguments):
        command = [str(part) for part in self.provider_command(name, "--json", *arguments)]
        done = subprocess.run(command, check=True, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=300)
        return json.loads(done.stdout)

    def make_provider(self, name, account, runtime_tar, price="0.000001"):
        """Registers a provider of a dev account with an offer of one runtime; returns its id."""
        agent = self.run_provider(name, "init", "--network", self.network)["agent"]
        runtime = self.run_provider(name, "runtime", "import", "tiny", runtime_tar)["digest"]
        registered = self.bourse("provider", "register", "--agent", agent, "--bond", "100",
                                 "--fund-agent", "1", account=account)
        self.bourse("offer", "create", registered["provider"], "--terms.arch", "amd64",
                    "--terms.runtimes", runtime, "--terms.capacity.cpu_milli", "4000",
                    "--terms.capacity.memory_mib", "2048", "--terms.capacity.disk_mib", "2048",
                    "--terms.capacity.gpus", "0", "--terms.prices.cpu_milli_hour", price,
                    "--terms.prices.memory_mib_hour", "0", "--terms.prices.disk_mib_hour", "0",
                    "--terms.prices.gpu_hour", "0", "--terms.prices.start_fee", "0.000001",
                    "--terms.lifetime", str(24 * 3600 * 1000), account=account)
        return registered["provider"]

    def job_file(self, code=0, margin=1, replicas=3):
        """A job that counts the bytes of an input, in the runtime of the provider p1."""
        runtime = self.run_provider("p1", "runtime", "list")[0]["digest"]
        (self.dir / "text").write_text("hello bourse\n")
        path = self.dir / "job.toml"
        path.write_text(JOB.format(runtime=runtime, code=code, margin=margin, replicas=replicas))
        return path

    def start_agent(self, name, *, enter=(), options=()):
        """Starts the agent; `enter` is a command that starts its arguments somewhere else."""
        agent = Process(self, name, [*enter, *self.provider_command(name, "run", "--node", self.url,
                                                                    *options)])
        agent.wait_for_text("provider 0x")
        return agent


def make_tiny_runtime(directory):
    """A tar file with busybox for a root file system."""
    root = directory / "tiny-root"
    (root / "bin").mkdir(parents=True)
    for name in ("in", "out", "tmp", "proc", "dev"):
        (root / name).mkdir()
    shutil.copy("/bin/busybox", root / "bin" / "busybox")
    for applet in ("sh", "cat", "sleep", "echo", "wc", "sort", "tr", "dd", "seq", "ls", "cut"):
        os.symlink("busybox", root / "bin" / applet)
    (root / "usr").mkdir()
    os.symlink("../bin", root / "usr" / "bin")
    tar = directory / "tiny.tar"
    subprocess.run(["tar", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0",
                    "-cf", str(tar), "-C", str(root), "."], check=True)
    return tar


def main(*tests):
    """Runs the tests one after another, each in a rig of its own, and exits. Arguments name those
    to run."""
    tests = [test for test in tests if not sys.argv[1:] or test.__name__ in sys.argv[1:]]
    failed = skipped = 0
    for test in tests:
        start = time.monotonic()
        try:
            with Rig() as rig:
                test(rig)
            print(f"ok   {test.__name__}  {time.monotonic() - start:.1f} s", flush=True)
        except Skipped as reason:
            skipped += 1
            print(f"skip {test.__name__}: {reason}", flush=True)
        except (Failed, subprocess.SubprocessError, OSError, KeyError) as failure:
            failed += 1
            print(f"FAIL {test.__name__}: {type(failure).__name__}: {failure}", flush=True)
    print(f"{len(tests) - failed - skipped} passed, {failed} failed")
    sys.exit(1 if failed else 0)
