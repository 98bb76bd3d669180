# SPDX-License-Identifier: Apache-2.0
"""What the rows are measured with: programs, nodes, ceilings, the machine's own figures.

Everything is started here, on loopback, in a directory of its own, and ends with the Bench.
"""
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM_SECONDS = 900


class Failed(Exception):
    pass


@dataclasses.dataclass(frozen=True)
class Scale:
    """How much of everything. Only the full scale is what the rows say."""
    name: str
    repeats: int          # of the rows under load
    heavy_repeats: int    # of the rows that have to make a large state first
    seconds: float        # of load in one run
    ceiling_seconds: float
    senders: int
    warmup: int           # transactions before the clock starts
    rate_max: int         # transactions per second that the streams suffice for
    market_senders: int
    accounts: int
    offers: int
    block_keys: int
    blocks: int
    replay: int
    replay_senders: int
    cost_accounts: tuple
    cost_transactions: int


FULL = Scale("full", 5, 3, 30, 2, 100_000, 120_000, 66_000, 20_000, 1_000_000, 1_000_000,
             10_000, 200, 1_000_000, 100_000, (100_000, 10_000_000), 400_000)
QUICK = Scale("quick", 3, 1, 4, 1, 100_000, 100_000, 66_000, 20_000, 1_000_000, 1_000_000,
              10_000, 30, 200_000, 20_000, (100_000, 10_000_000), 100_000)
# Whether everything works, in seconds and under sanitizers; the figures mean nothing.
SMOKE = Scale("smoke", 1, 1, 0.5, 0.1, 200, 200, 20_000, 50, 2_000, 1_280,
              100, 3, 500, 50, (400, 2_000), 200)


def read_stat():
    """(steal, all) ticks of the machine since it booted."""
    fields = [int(x) for x in pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return fields[7], sum(fields)


def describe_machine():
    models = [line.split(":")[1].strip() for line in pathlib.Path("/proc/cpuinfo").open()
              if line.startswith("model name")]
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return (f"{len(models)} × {models[0] if models else platform.machine()}, {memory:.0f} GiB, "
            f"Linux {platform.release()}")


class Node:
    """A boursed that serves a home, until it is ended."""

    def __init__(self, bench, home):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = bench.work / "node.log"
        self.child = bench.start([bench.program("boursed"), "start", "--home", home,
                                  "--port", self.port], stdout=self.log.open("wb"))

    def wait_ready(self, seconds=120):
        deadline = time.monotonic() + seconds
        while "\nready\n" not in self.log.read_text():
            if self.child.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"the node does not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.01)
        return self

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().split(") ")[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def call(self, method, **params):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(link):
            link.request("POST", "/", json.dumps({"jsonrpc": "2.0", "id": 1, "method": method,
                                                  "params": params}),
                         {"Content-Type": "application/json"})
            return json.loads(link.getresponse().read()).get("result")

    def end(self, how=signal.SIGTERM):
        if self.child.poll() is None:
            self.child.send_signal(how)
        self.child.wait(60)


class Bench:
    def __init__(self, build, scale):
        self.build = build
        self.scale = scale
        self.children = []
        # Beside the programs and not in /tmp, which may be memory: the disk is part of the matter.
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=build))
        self.ceilings = {"verify": [], "echo": [], "sync": []}
        self.prepared = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
        shutil.rmtree(self.work, ignore_errors=True)

    def program(self, name):
        for place in (self.build / name, self.build / "bench" / name):
            if place.exists():
                return place
        raise Failed(f"there is no {name} in {self.build}; build with -DBOURSE_BENCH=ON")

    def start(self, command, **options):
        child = subprocess.Popen([str(part) for part in command], stderr=subprocess.STDOUT,
                                 env={**os.environ, "TMPDIR": str(self.work)},
                                 **{"stdin": subprocess.DEVNULL, **options})
        self.children.append(child)
        return child

    def run(self, name, *arguments):
        """Runs a program to its end; its last line of output as JSON, if it is some."""
        child = subprocess.Popen([str(part) for part in (self.program(name), *arguments)],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 stdin=subprocess.DEVNULL,
                                 env={**os.environ, "TMPDIR": str(self.work)})
        self.children.append(child)
        out, err = child.communicate(timeout=PROGRAM_SECONDS)
        if child.returncode != 0:
            raise Failed(f"{name} {' '.join(map(str, arguments))}: {err.strip()[-2000:]}")
        return json.loads(out.splitlines()[-1]) if out.strip() else None

    # --- Chains

    def prepare(self, kind, senders, transactions):
        """A directory with a chain's home and a stream for it; made once."""
        if kind not in self.prepared:
            directory = self.work / kind
            directory.mkdir()
            self.run("bench_prepare", directory, "--kind", kind, "--senders", senders,
                     "--transactions", transactions)
            self.prepared[kind] = directory
        return self.prepared[kind]

    def transfers(self):
        """The chain and the stream that all rows of transfers share."""
        scale = self.scale
        return self.prepare("transfers", scale.senders,
                            scale.warmup + int(scale.rate_max * scale.seconds))

    @contextlib.contextmanager
    def node(self, directory):
        """A node at the genesis of a prepared chain."""
        home = directory / "home"
        shutil.rmtree(home / "data", ignore_errors=True)
        (home / "anchor").unlink(missing_ok=True)
        node = Node(self, home).wait_ready()
        try:
            yield node
        finally:
            node.end()

    # --- Ceilings

    def verify_ceiling(self):
        rate = self.run("bench_ceiling", "verify", self.transfers() / "stream", "--seconds",
                        self.scale.ceiling_seconds)["rate"]
        self.ceilings["verify"].append(rate)
        return rate

    def sync_ceiling(self):
        times = self.run("bench_ceiling", "sync", self.work, "--seconds",
                         self.scale.ceiling_seconds)
        self.ceilings["sync"].append(times["p50"])
        return times

    def echo_ceiling(self, *load_options):
        server = self.start([self.program("bench_echo"), "2"], stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE)
        try:
            port = int(server.stdout.readline())
            rate = self.run("bench_load", "echo", "--port", port, *load_options)["rate"]
        finally:
            server.stdin.close()
            server.wait(20)
        self.ceilings["echo"].append(rate)
        return rate


def progress(text):
    print(text, file=sys.stderr, flush=True)
