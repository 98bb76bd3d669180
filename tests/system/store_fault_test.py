#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every system call and allocation of the store fails once, and every byte on disk is wrong once.

The program under test is store_probe. However it ends, what it told is there
afterwards, or a typed error says that it is not: never a shorter chain, never
another root. BOURSE_LONG=1 tries many more places.
"""
import errno
import os
import shutil
import signal
import subprocess

from rig import BIN, Failed, main, require

LONG = os.environ.get("BOURSE_LONG") == "1"
PROBE = BIN / "tests" / "store_probe"
SHIM = BIN / "tests" / "fault_shim.so"
BLOCKS = 12
# How a store may say that its disk does not do what it should.
DISK_ERRORS = {"disk_full", "disk_low", "store_open_failed", "store_failed", "store_corrupt",
               "store_behind_anchor", "store_wrong_chain", "anchor_corrupt", "file_error",
               "file_not_found", "checkpoint_corrupt", "block_invalid", "replay_mismatch"}


class Probe:
    """One run: how it ended and what it said."""

    def __init__(self, what, directory, *arguments, **env):
        done = subprocess.run([PROBE, what, directory, *map(str, arguments)], capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL, check=False,
                              env={**os.environ, **{key: str(env[key]) for key in env}})
        self.code, self.text, self.stderr = done.returncode, done.stdout, done.stderr

    def said(self, word):
        return [line.split()[1:] for line in self.text.splitlines() if line.split()[0] == word]

    @property
    def error(self):
        return self.said("error")[0][0] if self.said("error") else None

    def require_clean_end(self, where):
        if self.code < 0:
            name = signal.Signals(-self.code).name
            raise Failed(f"{where}: ended by {name}: {self.stderr[-1500:]}")
        require(self.code in (0, 1, 3), f"{where}: exit code {self.code}: {self.stderr[-500:]}")
        require(self.code != 1 or self.error in DISK_ERRORS, f"{where}: the error {self.error}")


def shim(call, directory, **fault):
    # The shim comes before the sanitizer's library, which objects to that by default.
    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0:detect_leaks=0"
    return {"LD_PRELOAD": SHIM, "ASAN_OPTIONS": options, "FAULT_ROOT": directory,
            "FAULT_CALL": call, **{f"FAULT_{key.upper()}": fault[key] for key in fault}}


def require_nothing_lost(directory, told, where):
    """The chain has what was told and at most the one block in doubt, and goes on."""
    after = Probe("read", directory)
    require(after.code == 0, f"{where}: it does not open again: {after.text}{after.stderr[-800:]}")
    blocks = after.said("block")
    require(blocks[:len(told)] == told, f"{where}: told {told[-1:]}, found {blocks[-1:]}")
    require(len(blocks) <= len(told) + 1, f"{where}: {len(blocks) - len(told)} blocks in doubt")
    more = Probe("append", directory, 2)
    require(more.code == 0 and len(more.said("told")) == 2, f"{where}: no more: {more.stderr}")
    require(more.said("told")[0][0] == str(len(blocks) + 1), f"{where}: it goes on elsewhere")


def places(count, most):
    """Up to `most` numbers from 1 to count, the first and the last among them."""
    if count <= most:
        return range(1, count + 1)
    return sorted({1 + (count - 1) * i // (most - 1) for i in range(most)})


def sweep(rig, name, fault_of, count):
    """Lets one place after another fail in a program that starts on `before` and goes on."""
    before = rig.dir / "before"
    ended = 0
    if not before.exists():
        require(Probe("append", before, 7).code == 0, "the probe does not work")
    told_before = Probe("read", before).said("block")
    for place in places(count, 200 if LONG else 30):
        home = rig.dir / "home"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(before, home)
        where = f"{name} {place} of {count}"
        probe = Probe("append", home, BLOCKS, **fault_of(home, place))
        probe.require_clean_end(where)
        ended += probe.code != 0
        require_nothing_lost(home, told_before + probe.said("told"), where)
    print(f"     {name}: {count} places, {ended} ended the program", flush=True)
    require(ended > 0 or name == "read", f"{name}: nothing that failed had an effect")


def count_of(rig, call):
    home = rig.dir / "counted"
    shutil.rmtree(home, ignore_errors=True)
    require(Probe("append", home, 7).code == 0, "the probe does not work")
    probe = Probe("append", home, BLOCKS, **shim(call, home, count=rig.dir / "count"))
    require(probe.code == 0, f"the probe fails without a fault: {probe.stderr}")
    return int((rig.dir / "count").read_text())


def any_failing_write_loses_nothing(rig):
    count = count_of(rig, "write")
    for error in (errno.EIO, errno.ENOSPC):
        sweep(rig, f"write {errno.errorcode[error]}",
              lambda home, nth: shim("write", home, nth=nth, error=error), count)


def any_failing_sync_loses_nothing(rig):
    sweep(rig, "sync", lambda home, nth: shim("sync", home, nth=nth), count_of(rig, "sync"))


def any_failing_open_loses_nothing(rig):
    sweep(rig, "open", lambda home, nth: shim("open", home, nth=nth, error=errno.EMFILE),
          count_of(rig, "open"))


def any_failing_read_loses_nothing(rig):
    sweep(rig, "read", lambda home, nth: shim("read", home, nth=nth), count_of(rig, "read"))


def any_failing_allocation_loses_nothing(rig):
    home = rig.dir / "counted"
    require(Probe("append", home, 7).code == 0, "the probe does not work")
    count = int(Probe("append", home, BLOCKS).said("allocations")[0][0])
    sweep(rig, "new", lambda home, nth: {"PROBE_FAIL_NEW": nth}, count)


def make_chain(rig, starts=2):
    """A chain whose database has tables, a log and all the small files; what reading it says."""
    home = rig.dir / "whole"
    for _ in range(starts):  # Each start makes a table of the log of the one before.
        require(Probe("append", home, 10).code == 0, "the probe does not work")
    whole = copy_of(rig, home)
    expected = Probe("read", whole)
    require(expected.code == 0, expected.stderr)
    return home, expected.text.split("allocations")[0]


def require_same(probe, expected, where):
    require(probe.text.split("allocations")[0] == expected, f"{where}: a lie:\n{probe.text}")


def copy_of(rig, home):
    copy = rig.dir / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home, copy)
    return copy


def a_flipped_bit_is_found_or_does_not_matter(rig):
    home, expected = make_chain(rig)
    files = sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file())
    require({path.suffix for path in files} >= {".log", ".sst"}, f"not all kinds: {files}")
    every = [(path, at) for path in files for at in range(0, (home / path).stat().st_size, 64)]
    found = 0
    chosen = every if LONG else [every[place - 1] for place in places(len(every), 150)]
    for number, (path, at) in enumerate(chosen):
        copy = copy_of(rig, home)
        with (copy / path).open("r+b") as file:
            file.seek(at)
            byte = file.read(1)[0] ^ 1 << number % 8
            file.seek(at)
            file.write(bytes([byte]))
        where = f"bit {number % 8} of byte {at} of {path}"
        probe = Probe("read", copy)
        probe.require_clean_end(where)
        found += probe.code == 1
        if probe.code == 0:
            require_same(probe, expected, where)
    print(f"     {len(chosen)} of {len(every)} bits: {found} found, the others do not matter",
          flush=True)
    require(found > len(chosen) // 10, f"only {found} of {len(chosen)} were found")


def a_cut_off_file_is_found_or_does_not_matter(rig):
    """A list of tables may end early so that the database opens without some of them. That has to
    be found at the start, and not when somebody asks for a block."""
    home, expected = make_chain(rig, starts=3)
    files = sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file())
    for path in files:
        size = (home / path).stat().st_size
        is_list = "MANIFEST" in path.name
        ends = places(size, 400 if LONG else 60) if is_list else []
        for keep in sorted({0, size // 2, max(0, size - 1), *(end - 1 for end in ends)}):
            copy = copy_of(rig, home)
            os.truncate(copy / path, keep)
            probe = Probe("read", copy)
            where = f"{path} cut off at {keep} of {size}"
            probe.require_clean_end(where)
            require(probe.code == 0 or not is_list or not probe.said("block"),
                    f"{where}: it opens, and then says {probe.error}")
            if probe.code == 0:
                require_same(probe, expected, where)


def a_damaged_log_is_refused_without_the_anchor(rig):
    """The log does not end early at damage: that is not left to the anchor alone."""
    home, _ = make_chain(rig)
    (home / "anchor").unlink()
    log = next((home / "db").glob("*.log"))
    size = log.stat().st_size
    for at in range(size // 8, size // 2, size // 8):
        copy = copy_of(rig, home)
        with (copy / "db" / log.name).open("r+b") as file:
            file.seek(at)
            file.write(b"\xff" * 4)
        probe = Probe("read", copy)
        probe.require_clean_end(f"{log.name} damaged at {at}")
        require(probe.code == 1, f"a damaged log opens:\n{probe.text}")


def a_deleted_log_is_refused(rig):
    home, _ = make_chain(rig)
    logs = list((home / "db").glob("*.log"))
    require(logs and all(log.stat().st_size > 0 for log in logs), f"no log: {logs}")
    for log in logs:
        log.unlink()
    probe = Probe("read", home)
    require(probe.error == "store_behind_anchor", f"{probe.text}{probe.stderr}")


main(any_failing_write_loses_nothing, any_failing_sync_loses_nothing,
     any_failing_open_loses_nothing, any_failing_read_loses_nothing,
     any_failing_allocation_loses_nothing, a_flipped_bit_is_found_or_does_not_matter,
     a_cut_off_file_is_found_or_does_not_matter, a_damaged_log_is_refused_without_the_anchor,
     a_deleted_log_is_refused)
