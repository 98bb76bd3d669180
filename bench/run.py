#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the whole of Bourse against what this machine can do at most. See bench/README.md.

examples:
  scripts/bench                        everything, about half an hour
  scripts/bench --quick                everything, in under five minutes
  scripts/bench --quick --row replay   the rows with "replay" in their name
  scripts/bench --write                keeps the table in bench/results.md
  scripts/bench --quick --json FILE    the figures as a list of JSON objects

Exits with 1 when a ratio is more than 10 % worse than in bench/results.md.
"""
import argparse
import datetime
import json
import pathlib
import signal
import statistics
import subprocess
import sys
import time

from machine import FULL, QUICK, SMOKE, Bench, Failed, describe_machine, progress, read_stat
from rows import ROWS

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results.md"
WORSE = 0.10


class Measured:
    """A figure with its repeats."""

    def __init__(self, row, figure, samples, steal):
        self.row, self.figure, self.steal = row, figure, steal
        self.samples = [(value, ceiling, value / ceiling if ceiling else None)
                        for value, ceiling in samples]

    def judged(self, sample):
        return sample[2] if self.figure.judged == "ratio" else sample[0]

    @property
    def median(self):
        """The middle sample, so that value, ceiling and ratio belong together."""
        return sorted(self.samples, key=self.judged)[(len(self.samples) - 1) // 2]

    @property
    def best(self):
        choose = max if self.figure.better == "more" else min
        return choose(self.samples, key=self.judged)

    def reaches(self, threshold):
        found = self.judged(self.median)
        return found >= threshold if self.figure.better == "more" else found <= threshold

    @property
    def verdict(self):
        return ("aim" if self.reaches(self.figure.aim) else
                "must" if self.reaches(self.figure.must) else "below")

    def is_worse_than(self, old):
        """Even the best of the repeats: one bad run is the neighbours' doing."""
        found = self.judged(self.best)
        return (found < old * (1 - WORSE) if self.figure.better == "more"
                else found > old * (1 + WORSE))

    def to_json(self):
        value, ceiling, ratio = self.median
        figure = self.figure
        return {"row": self.row.name, "metric": figure.metric, "value": value, "unit": figure.unit,
                "ceiling": ceiling, "ratio": ratio, "judged": figure.judged,
                "better": figure.better, "must": figure.must, "aim": figure.aim}

    def cells(self):
        figure = self.figure
        value, ceiling, ratio = self.median
        target = (lambda x: f"{x:.2f}") if figure.judged == "ratio" else number
        return [self.row.name, figure.metric, figure.unit, number(value), number(self.best[0]),
                number(ceiling), ratio_text(ratio), ratio_text(self.best[2]), target(figure.must),
                target(figure.aim), self.verdict, f"{self.steal:.1f} %"]


def number(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def ratio_text(ratio):
    return "" if ratio is None else f"{ratio:.3f}"


HEAD = ["what", "metric", "unit", "median", "best", "ceiling", "ratio", "best ratio", "must", "aim",
        "reaches", "steal"]


def measure(bench, row):
    progress(f"== {row.name}")
    samples = {figure.metric: [] for figure in row.figures}
    steal, ticks = read_stat()
    for repeat in row.measure(bench):
        for metric, sample in repeat.items():
            samples[metric].append(sample)
        progress("   " + ", ".join(f"{metric} {number(value)}" + (
            f" of {number(ceiling)}: {value / ceiling:.3f}" if ceiling else "")
            for metric, (value, ceiling) in repeat.items()))
    steal_now, ticks_now = read_stat()
    part = 100 * (steal_now - steal) / max(1, ticks_now - ticks)
    return [Measured(row, figure, samples[figure.metric], part) for figure in row.figures]


def table(bench, measured, seconds):
    scale = bench.scale
    commit = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], text=True,
                            capture_output=True).stdout.strip()
    ceilings = {name: statistics.median(found) for name, found in bench.ceilings.items() if found}
    lines = [
        "# Results of scripts/bench", "",
        f"Machine: {describe_machine()}. Commit {commit or 'unknown'}, "
        f"{datetime.date.today()}, {scale.name}: {scale.repeats} repeats of {scale.seconds:g} s of "
        f"load, {scale.heavy_repeats} of the rows with a large state, {seconds:.0f} s in all.", "",
        "Ceilings, median: " + "; ".join(
            {"verify": f"{value:,.0f} signatures verified/s on all cores",
             "echo": f"{value:,.0f} requests/s of the echo server",
             "sync": f"{value:.2f} ms for an append of 128 KiB with fdatasync"}[name]
            for name, value in ceilings.items()) + ".", "",
        "| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(one.cells()) + " |" for one in measured]
    return "\n".join(lines) + "\n"


def kept_ratios():
    """{(row, metric): ratio} of the table in bench/results.md."""
    if not RESULTS.exists():
        return {}
    rows = [line.strip("|").split("|") for line in RESULTS.read_text().splitlines()
            if line.startswith("| ")]
    cells = [dict(zip(HEAD, (cell.strip() for cell in row))) for row in rows[1:]]
    return {(row["what"], row["metric"]): float(row["ratio"]) for row in cells if row["ratio"]}


def regressions(measured):
    kept = kept_ratios()
    for one in measured:
        old = kept.get((one.row.name, one.figure.metric))
        if one.figure.judged == "ratio" and old is not None and one.is_worse_than(old):
            yield (f"{one.row.name}: {one.judged(one.best):.3f} at best, and {old:.3f} in "
                   f"bench/results.md")


def build():
    directory = ROOT / "build" / "bench"
    directory.mkdir(parents=True, exist_ok=True)
    for command in (["cmake", "-S", str(ROOT), "-B", str(directory), "-G", "Ninja",
                     "-DBOURSE_TESTS=OFF", "-DBOURSE_BENCH=ON"],
                    ["ninja", "-C", str(directory), "boursed", "benchmarks"]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise Failed("the build fails:\n" + done.stdout[-4000:])
    return directory


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter runs, fewer of them")
    parser.add_argument("--smoke", action="store_true",
                        help="seconds: whether it works; the figures mean nothing")
    parser.add_argument("--row", metavar="SUBSTRING", help="only rows with this in their name")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, help="also write the figures")
    parser.add_argument("--write", action="store_true", help="keep the table in bench/results.md")
    parser.add_argument("--build", metavar="DIR", type=pathlib.Path,
                        help="take the programs from there instead of building them")
    return parser.parse_args()


def end_by_signal(*_):
    """Ends by exception, so that everything that was started is ended, and only once."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(130)


def main():
    arguments = parse_arguments()
    rows = [row for row in ROWS if not arguments.row or arguments.row in row.name]
    if not rows:
        raise Failed("no row has that in its name; the names are:\n" +
                     "\n".join(row.name for row in ROWS))
    signal.signal(signal.SIGTERM, end_by_signal)
    directory = arguments.build or build()
    scale = SMOKE if arguments.smoke else QUICK if arguments.quick else FULL
    start = time.monotonic()
    measured, failures = [], []
    with Bench(directory.resolve(), scale) as bench:
        for row in rows:
            try:
                measured += measure(bench, row)
            except (Failed, subprocess.SubprocessError) as failure:
                failures.append(f"{row.name}: {failure}")
                progress(f"   FAILED: {failure}")
        text = table(bench, measured, time.monotonic() - start)
    print(text)
    if arguments.json:
        arguments.json.write_text(json.dumps([one.to_json() for one in measured], indent=1) + "\n")
    worse = [] if arguments.smoke else list(regressions(measured))
    if arguments.write:
        RESULTS.write_text(text)
    for line in failures + worse:
        print(f"FAILED {line}")
    return 1 if failures or worse else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        sys.exit(f"bench: {failure}")
