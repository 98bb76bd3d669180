#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every test of a build, then the system tests on the released programs, and counts them.

Usage: run_tests.py CHECK_BUILD RELEASE_BUILD. Each GoogleTest case and each system test counts as
one. The last line is "N passed, N failed"; the exit code is 1 when any failed or none ran.
"""
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


def main():
    check, release = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    logs = check / "logs"
    logs.mkdir(exist_ok=True)
    listing = json.loads(subprocess.check_output(
        ["ctest", "--test-dir", str(check), "--show-only=json-v1"]))
    total_passed = total_failed = 0
    for test in listing["tests"]:
        gtest = {"GTEST": "1"} if test["command"][0].endswith("_tests") else {}
        passed, failed = run(test["name"], test["command"], gtest, logs, 900)
        total_passed += passed
        total_failed += failed
    root = pathlib.Path(__file__).resolve().parent.parent
    for script in sorted((root / "tests" / "system").glob("*_test.*")):
        env = {"BOURSE_BIN": str(release)}
        passed, failed = run(script.stem, [str(script)], env, logs, 600)
        total_passed += passed
        total_failed += failed
    print(f"\n{total_passed} passed, {total_failed} failed")
    sys.exit(1 if total_failed or not total_passed else 0)


main()
