# SPDX-License-Identifier: Apache-2.0
"""The rows of the table: what each measures and against what it is judged.

A measure yields, once per repeat, {metric: (value, ceiling)}; a ceiling is measured before and
after what it is the ceiling of, and the mean of the two counts.
"""
import dataclasses
import signal
import time

from machine import Failed, Node, progress


@dataclasses.dataclass(frozen=True)
class Figure:
    metric: str
    unit: str
    judged: str  # by its "value", or by its "ratio" to the ceiling
    better: str  # "more" or "less"
    must: float
    aim: float


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    figures: tuple
    measure: object


def between(ceiling, repeats, measure):
    """Measures with a ceiling before and after each repeat: yields (result, mean ceiling)."""
    before = ceiling()
    for _ in range(repeats):
        result = measure()
        after = ceiling()
        yield result, (before + after) / 2
        before = after


def load(bench, directory, mode, *options):
    """One run of load on a fresh node; returns what the generator says."""
    scale = bench.scale
    with bench.node(directory) as node:
        cpu = node.cpu_seconds()
        report = bench.run("bench_load", mode, "--port", node.port, "--stream",
                           directory / "stream", "--seconds", scale.seconds, *options)
        cpu = node.cpu_seconds() - cpu
    if report["committed"] != report["accepted"]:
        raise Failed(f"{report['accepted']} accepted and {report['committed']} committed")
    done = report["committed"] + report["warm"]
    progress(f"     {report['rate']:.0f} tx/s, {cpu * 1e6 / done:.1f} µs of the node's and "
             f"{report['client_cpu'] * 1e6 / report['committed']:.1f} µs of the client's processor "
             f"time per transaction")
    return report


def transfers(mode, *options):
    def measure(bench):
        directory = bench.transfers()
        for report, ceiling in between(
                bench.verify_ceiling, bench.scale.repeats,
                lambda: load(bench, directory, mode, "--warmup", bench.scale.warmup, *options)):
            yield {"rate": (report["rate"], ceiling)}
    return measure


def market(bench):
    scale = bench.scale
    directory = bench.prepare("market", scale.market_senders,
                              scale.market_senders + int(scale.rate_max * 0.7 * scale.seconds))
    for report, ceiling in between(
            bench.verify_ceiling, scale.repeats,
            lambda: load(bench, directory, "bulk", "--warmup", scale.market_senders,
                         "--per-request", 50)):
        yield {"rate": (10 * report["rate"], 10 * ceiling)}


def block(bench):
    scale = bench.scale
    for _ in range(scale.heavy_repeats):
        disk = bench.sync_ceiling()
        times = bench.run("bench_state", "block", "--accounts", scale.accounts, "--keys",
                          scale.block_keys, "--blocks", scale.blocks)
        yield {metric: (times[metric], disk[metric]) for metric in ("p50", "p99")}


def latency(bench):
    directory = bench.transfers()
    for _ in range(bench.scale.repeats):
        disk = bench.sync_ceiling()
        with bench.node(directory) as node:
            times = bench.run("bench_load", "latency", "--port", node.port, "--stream",
                              directory / "stream", "--seconds", min(bench.scale.seconds / 2, 5))
        yield {metric: (times[metric], disk[metric]) for metric in ("p50", "p99")}


def reads(bench):
    scale = bench.scale
    options = ("--connections", 32, "--seconds", min(scale.seconds / 2, 5), "--senders",
               scale.senders)
    with bench.node(bench.transfers()) as node:
        def measure():
            return bench.run("bench_load", "reads", "--port", node.port, *options)["rate"]
        for rate, ceiling in between(lambda: bench.echo_ceiling(*options), scale.repeats, measure):
            yield {"rate": (rate, ceiling)}


def cold_start(bench):
    home = bench.work / "cold"
    there = bench.run("bench_state", "home", home, "--accounts", bench.scale.accounts, "--offers",
                      bench.scale.offers)
    # A few blocks after the checkpoint, as a node that was killed at work has them.
    node = Node(bench, home).wait_ready()
    bench.run("bench_load", "latency", "--port", node.port, "--stream", home / "stream",
              "--seconds", min(bench.scale.seconds, 1))
    for _ in range(bench.scale.repeats):
        node.end(signal.SIGKILL)
        start = time.monotonic()
        node = Node(bench, home)
        while True:
            try:
                account = node.call("account_get", address=there["address"])
                offer = node.call("market_getOffer", offer=there["offer"])
                break
            except OSError:
                if node.child.poll() is not None or time.monotonic() - start > 300:
                    raise Failed("the node does not come back") from None
                time.sleep(0.001)
        seconds = time.monotonic() - start
        if account["nonce"] != there["nonce"] or offer["offer"]["id"] != there["offer"]:
            raise Failed(f"wrong answers after the start: {account} {offer}")
        yield {"time": (seconds, None)}
    node.end(signal.SIGKILL)


def memory(bench):
    for _ in range(bench.scale.heavy_repeats):
        found = bench.run("bench_state", "memory", "--accounts", bench.scale.accounts, "--offers",
                          bench.scale.offers)
        yield {"offer": (found["offer"], None), "account": (found["account"], None)}


def replay(bench):
    scale = bench.scale
    for found, ceiling in between(
            bench.verify_ceiling, scale.heavy_repeats,
            lambda: bench.run("bench_state", "replay", "--transactions", scale.replay, "--senders",
                              scale.replay_senders)):
        yield {"rate": (found["rate"], ceiling)}


def cost(bench):
    scale = bench.scale
    for _ in range(scale.heavy_repeats):
        small, large = (bench.run("bench_state", "cost", "--accounts", accounts, "--transactions",
                                  scale.cost_transactions)["cpu_us"]
                        for accounts in scale.cost_accounts)
        yield {"cost": (large, small)}


def rate(unit, judged, must, aim):
    return (Figure("rate", unit, judged, "more", must, aim),)


def percentiles(musts, aims):
    return tuple(Figure(metric, "ms", "value", "less", must, aim)
                 for metric, must, aim in zip(("p50", "p99"), musts, aims))


ROWS = [
    Row("committed signed transfers/s through JSON-RPC batches of 50, durable, root per block ÷ "
        "verify ceiling on all cores", rate("1/s", "ratio", 0.75, 0.92), transfers("batch")),
    Row("same, one transaction per HTTP request ÷ verify ceiling",
        rate("1/s", "ratio", 0.45, 0.62), transfers("single", "--connections", 64)),
    Row("same through `POST /tx` ÷ verify ceiling", rate("1/s", "ratio", 0.80, 0.95),
        transfers("bulk", "--per-request", 200)),
    Row("market operations/s, 10 operations per signature",
        rate("1/s", "value", 200_000, 400_000), market),
    Row("block of 10k changed keys: seal to durable with root, p50 / p99",
        percentiles((15, 30), (8, 15)), block),
    Row("idle node: submit to durable receipt, p50 / p99", percentiles((2, 5), (0.5, 1.5)),
        latency),
    Row("point reads/s through JSON-RPC keep-alive ÷ Beast echo on the same machine",
        rate("1/s", "ratio", 0.7, 1.0), reads),
    Row("cold start with 1M accounts + 1M offers after kill -9, to the first correct read",
        (Figure("time", "s", "value", "less", 3, 1.2),), cold_start),
    Row("memory per open offer / per account, tree included, cached parsed key not",
        (Figure("offer", "B", "value", "less", 250, 110),
         Figure("account", "B", "value", "less", 250, 150)), memory),
    Row("replay of a 1M-transaction chain with signatures ÷ verify ceiling",
        rate("1/s", "ratio", 0.9, 0.96), replay),
    Row("cost per transaction at 10M accounts ÷ cost at 100k accounts",
        (Figure("cost", "us", "ratio", "less", 1.5, 1.2),), cost),
]
