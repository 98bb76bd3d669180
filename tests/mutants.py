#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The testers tested: plants one bug after another and runs the test that has to find it.

Usage: mutants.py BUILD_DIR [NAME...]. Works on a copy of the tree. The table in
tests/README.md lists the mutants; a new fault test adds one here.
"""
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def sim(test):
    return "sim_tests", ["tests/sim_tests", "--gtest_filter=Sim." + test]


def store(test):
    return "store_probe", ["tests/system/store_fault_test.py", test]


# name, file, what it says, what the mutant says, the test that finds it
MUTANTS = [
    ("blocks_are_not_synced", "chain/database.cpp",
     "options.sync = true;\n  options.protection", "options.sync = false;\n  options.protection",
     sim("NothingThatWasToldIsLost")),
    ("the_files_of_base_are_not_synced", "base/files.cpp",
     'if (::fsync(fd.get()) != 0) return file_error("sync", name_, errno);', "",
     sim("AYoungChainSurvivesAPowerCutAtEveryOperation")),
    ("the_anchor_writes_one_slot_only", "chain/anchor.cpp",
     "  next_slot_ = 1 - next_slot_;\n", "", sim("NothingThatWasToldIsLost")),
    ("a_torn_log_does_not_open", "chain/database.cpp",
     "kTolerateCorruptedTailRecords;", "kAbsoluteConsistency;", sim("NothingThatWasToldIsLost")),
    ("a_damaged_log_is_cut_off", "chain/database.cpp",
     "kTolerateCorruptedTailRecords;", "kPointInTimeRecovery;",
     store("a_damaged_log_is_refused_without_the_anchor")),
    ("a_damaged_log_is_skipped", "chain/database.cpp",
     "kTolerateCorruptedTailRecords;", "kSkipAnyCorruptedRecords;",
     store("a_damaged_log_is_refused_without_the_anchor")),
    ("the_anchor_is_not_compared", "chain/store.cpp",
     "if (newest.height < anchored.height) {", "if (false) {", store("a_deleted_log_is_refused")),
    ("lost_tables_are_not_looked_for", "chain/store.cpp",
     "  TRY(store->check_tables());\n", "",
     store("a_cut_off_file_is_found_or_does_not_matter")),
]


def copy_tree(to):
    """Writes only what differs, so that a mutant of an interrupted run is built anew."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if not (to / name).exists() or (to / name).read_bytes() != (ROOT / name).read_bytes():
            shutil.copy(ROOT / name, to / name)


def run(command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, stdin=subprocess.DEVNULL, **options)


def build(directory, target):
    done = run(["ninja", "-C", directory, "-j", os.environ.get("BOURSE_JOBS", "2"), target])
    if done.returncode != 0:
        sys.exit(f"does not build:\n{done.stdout[-3000:]}")


def finds(tree, directory, test):
    """Whether the test fails."""
    target, (program, *arguments) = test
    build(directory, target)
    if program.endswith(".py"):
        build(directory, "fault_shim")
    command = [tree / program if program.endswith(".py") else directory / program, *arguments]
    # Each mutant is found in the first few places, and a test without one would try all of them.
    short = {name: value for name, value in os.environ.items() if name != "BOURSE_LONG"}
    return run(command, env={**short, "BOURSE_BIN": str(directory)}).returncode != 0


def main():
    base = pathlib.Path(sys.argv[1]).resolve()
    chosen = [mutant for mutant in MUTANTS if not sys.argv[2:] or mutant[0] in sys.argv[2:]]
    tree, directory = base / "tree", base / "build"
    copy_tree(tree)
    configured = run(["cmake", "-S", tree, "-B", directory, "-G", "Ninja"])
    if configured.returncode != 0:
        sys.exit(configured.stdout)
    missed = 0
    tests = {mutant[4][1][-1]: mutant[4] for mutant in chosen}
    for name, test in tests.items():
        if finds(tree, directory, test):
            sys.exit(f"{name} fails without a mutant")
    for name, file, original, mutated, test in chosen:
        path = tree / file
        text = path.read_text()
        if text.count(original) != 1:
            sys.exit(f"{name}: {file} does not say once: {original}")
        path.write_text(text.replace(original, mutated))
        found = finds(tree, directory, test)
        path.write_text(text)
        missed += not found
        print(f"{'ok  ' if found else 'FAIL'} {name}: {'' if found else 'not '}found by "
              f"{test[1][-1]}", flush=True)
    print(f"{len(chosen) - missed} passed, {missed} failed")
    sys.exit(1 if missed else 0)


main()
