#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real node is killed under load and runs out of disk. BOURSE_LONG=1 does it more often."""
import contextlib
import http.client
import os
import random
import signal
import subprocess
import threading
import time

from rig import BIN, Failed, Skipped, main, require, wait_for

LONG = os.environ.get("BOURSE_LONG") == "1"
RESTART_SECONDS = 5


class Load:
    """Sends transfers until the node is gone; knows which are in a block and which may be."""

    def __init__(self, rig, address, amount=7):
        self.rig, self.address, self.amount = rig, address, amount
        self.told = []
        self.in_doubt = 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        with contextlib.suppress(OSError, http.client.HTTPException, Failed):
            while True:
                self.in_doubt = 1
                # It answers when the transfer is in a block.
                sent = self.rig.call("dev_fund", address=self.address, amount=str(self.amount))
                self.told.append(sent["id"])
                self.in_doubt = 0


def audit(rig):
    done = subprocess.run([BIN / "boursed", "audit", "--home", rig.dir / "node"], text=True,
                          capture_output=True, timeout=120, check=False)
    require(done.returncode == 0, f"boursed audit: {done.stdout}{done.stderr}")


def balance(rig, address):
    return int(rig.call("account_get", address=address)["balance"])


def a_told_transaction_survives_kill_9_under_load(rig):
    rig.start_node()
    address = rig.bourse("wallet", "show", account=5)["addresses"]["dev"]
    start = balance(rig, address)
    chance = random.Random(1)
    told, doubt, slowest = [], 0, 0.0
    for number in range(200 if LONG else 8):
        load = Load(rig, address)
        load.thread.start()
        heads = []
        until = time.monotonic() + 0.05 + chance.random() * 0.4
        while time.monotonic() < until:
            heads.append(rig.call("chain_getHead"))
        rig.node.end(signal.SIGKILL)
        load.thread.join()
        told, doubt = told + load.told, doubt + load.in_doubt
        began = time.monotonic()
        rig.start_node()
        slowest = max(slowest, time.monotonic() - began)
        for head in heads[-1:]:
            same = rig.call("chain_getHeader", height=head["height"])
            require(same["hash"] == head["hash"], f"round {number}: another block at its height")
        for sent in load.told:
            require(rig.call("tx_get", id=sent)["in_block"], f"round {number}: {sent} is lost")
        paid = balance(rig, address) - start
        require(7 * len(told) <= paid <= 7 * (len(told) + doubt),
                f"round {number}: {paid // 7} transfers arrived, {len(told)} were told of")
        rig.check_supply()
    require(len(told) > 20, f"only {len(told)} transfers: no load")
    require(slowest < RESTART_SECONDS, f"a restart took {slowest:.1f} s")
    rig.node.end()
    audit(rig)
    print(f"     {len(told)} transfers told, slowest start {slowest:.2f} s", flush=True)


class SmallDisk:
    """A file system in memory whose size can change; nothing has to be filled to make it full."""

    def __init__(self, path):
        self.path = path
        path.mkdir()
        self.mount("size=4g")

    def mount(self, options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.path],
                              text=True, capture_output=True, check=False)
        if done.returncode != 0:
            raise Skipped(f"a small file system needs the right to mount: {done.stderr.strip()}")

    def resize(self, mib):
        self.mount(f"remount,size={mib}m")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.path], check=False)


def a_full_disk_stops_the_node_and_harms_nothing(rig):
    with SmallDisk(rig.dir / "node") as disk:
        rig.start_node()
        address = rig.bourse("wallet", "show", account=5)["addresses"]["dev"]
        for number in range(20 if LONG else 2):
            rig.call("dev_fund", address=address, amount="7")
            disk.resize(700)
            kind = rig.kind_of_error("dev_fund", address=address, amount="7")
            require(kind == "disk_low", f"round {number}: {kind}, not disk_low")
            disk.resize(4096)
            rig.call("dev_fund", address=address, amount="7")
            # The proof block that is still due finds no room.
            disk.resize(100)
            code = wait_for("the node to stop", lambda: rig.node.child.poll() or None)
            require(code == 1 and "disk_full" in rig.node.text(), rig.node.text()[-500:])
            again = subprocess.run([BIN / "boursed", "--dev", "--home", rig.dir / "node",
                                    "--port", "0"], text=True, capture_output=True, timeout=60,
                                   check=False)
            require(again.returncode == 1 and "disk_full" in again.stderr, again.stderr[-500:])
            disk.resize(4096)
            rig.start_node()
            rig.check_supply()
            require(balance(rig, address) == 10_000 * 10**9 + 14 * (number + 1), "lost transfers")
        rig.node.end()
        audit(rig)


main(a_told_transaction_survives_kill_9_under_load, a_full_disk_stops_the_node_and_harms_nothing)
