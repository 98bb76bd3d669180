#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/bench measures every row, at its smallest scale, and says so in JSON.

The figures mean nothing here; that each kind of load is committed to the last transaction, that
each row yields its figures and that nothing is left behind does.
"""
import json
import os
import pathlib
import subprocess
import sys

from rig import Failed, main, require

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ["BOURSE_BIN"])
MEMBERS = {"row", "metric", "value", "unit", "ceiling", "ratio", "judged", "better", "must", "aim"}
FIGURES = 14


def bench(rig, *arguments):
    report = rig.dir / "figures.json"
    done = subprocess.run([sys.executable, ROOT / "bench" / "run.py", "--smoke", "--build", BUILD,
                           "--json", report, *arguments], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=300)
    if done.returncode != 0:
        raise Failed(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(report.read_text())


def every_row_yields_its_figures(rig):
    figures = bench(rig)
    require(len(figures) == FIGURES, f"{len(figures)} figures")
    names = {(figure["row"], figure["metric"]) for figure in figures}
    require(len(names) == FIGURES, "a figure stands twice")
    for figure in figures:
        require(set(figure) == MEMBERS, f"not the members of a figure: {figure}")
        require(figure["judged"] in ("value", "ratio"), f"judged by what? {figure}")
        require(figure["better"] in ("more", "less"), f"which way? {figure}")
        require(figure["value"] > 0, f"nothing was measured: {figure}")
        require(figure["judged"] == "value" or figure["ratio"] > 0, f"no ratio: {figure}")
    require(not list(BUILD.glob("run-*")), "a directory was left behind")


def a_row_is_found_by_a_part_of_its_name(rig):
    figures = bench(rig, "--row", "POST /tx")
    require(len(figures) == 1 and "`POST /tx`" in figures[0]["row"], f"{figures}")


main(every_row_yields_its_figures, a_row_is_found_by_a_part_of_its_name)
