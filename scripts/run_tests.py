#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the system tests on the programs of a build and every test in it, and counts them.

Usage: run_tests.py BUILD. Each GoogleTest case and each system test counts as
one. The last line is "N passed, N failed"; the exit code is 1 when any failed or none ran.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time


def run(name, command, env, log_dir, timeout_s):
    """Runs one test program; returns (passed, failed) and prints its log if it failed."""
    log = log_dir / f"{name}.log"
    report = log_dir / f"{name}.json"
    report.unlink(missing_ok=True)
    start = time.monotonic()
    with log.open("w") as out:
        try:
            code = subprocess.run(
                [*command, f"--gtest_output=json:{report}"] if env.get("GTEST") else command,
                stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **env},
                timeout=timeout_s, stdin=subprocess.DEVNULL).returncode
        except subprocess.TimeoutExpired:
            code = -1
            out.write(f"\nended after {timeout_s} s\n")
    seconds = time.monotonic() - start
    passed, failed = (1, 0) if code == 0 else (0, 1)
    if report.exists():
        counts = json.loads(report.read_text())
        skipped = sum(case.get("result") == "SKIPPED"
                      for suite in counts["testsuites"] for case in suite["testsuite"])
        failed = max(counts["failures"] + counts["errors"], failed)
        passed = counts["tests"] - failed - skipped
        if skipped:
            print(f"   {name}: {skipped} skipped, see {log}")
    elif own := re.search(r"^(\d+) passed, (\d+) failed$", log.read_text(errors="replace"), re.M):
        passed, failed = int(own[1]), max(int(own[2]), failed)
    print(f"{'ok  ' if code == 0 else 'FAIL'} {name:28} {passed:5} passed {failed:3} failed "
          f"{seconds:7.1f} s", flush=True)
    if code != 0:
        print(log.read_text(errors="replace")[-8000:], flush=True)
    return passed, failed


# scripts/check --long tries many more places.
TIMEOUT_S = 14400 if os.environ.get("BOURSE_LONG") == "1" else 900


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    logs = build / "logs"
    logs.mkdir(exist_ok=True)
    listing = json.loads(subprocess.check_output(
        ["ctest", "--test-dir", str(build), "--show-only=json-v1"]))
    # What takes longest begins first, so that no core is alone at the end: the simulator, which
    # lives thousands of lives in the long check, then the system tests.
    root = pathlib.Path(__file__).resolve().parent.parent
    jobs = [(script.stem, [str(script)], {"BOURSE_BIN": str(build)}, logs, TIMEOUT_S)
            for script in sorted((root / "tests" / "system").glob("*_test.*"))]
    for test in listing["tests"]:
        gtest = {"GTEST": "1"} if test["command"][0].endswith("_tests") else {}
        place = 0 if test["name"] == "sim" else len(jobs)
        jobs.insert(place, (test["name"], test["command"], gtest, logs, TIMEOUT_S))
    # Most of the tests' time is waiting: for scrypt, for the disk, for deadlines.
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        counts = list(pool.map(lambda job: run(*job), jobs))
    total_passed = sum(passed for passed, _ in counts)
    total_failed = sum(failed for _, failed in counts)
    print(f"\n{total_passed} passed, {total_failed} failed")
    sys.exit(1 if total_failed or not total_passed else 0)


main()
