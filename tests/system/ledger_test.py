#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A transfer through every folder: wallet, mempool, block, store, kill -9, start, balance."""
import json
import signal

from rig import GRAINS, Failed, Rig, main, require, wait_for


def address_of(rig, account):
    return rig.bourse("wallet", "show", account=account)["addresses"]["dev"]


def balance(rig, address):
    return int(rig.call("account_get", address=address)["balance"])


def a_transfer_survives_kill_9(rig):
    rig.start_node()
    to = address_of(rig, 5)
    before = balance(rig, to)
    sent = rig.bourse("token", "send", to, "2.5")
    require(balance(rig, to) == before + 2_500_000_000, "the transfer did not arrive")
    head = rig.call("chain_getHead")
    rig.node.end(signal.SIGKILL)
    rig.start_node()
    require(balance(rig, to) == before + 2_500_000_000, "the transfer was lost")
    require(int(rig.call("chain_getHead")["height"]) >= int(head["height"]), "the chain is shorter")
    found = rig.call("tx_get", id=sent["id"])
    require(found["in_block"] and found["receipt"]["error"] == "ok", f"not found again: {found}")
    rig.check_supply()


def acknowledged_transfers_survive_twenty_kills(rig):
    rig.start_node()
    to = address_of(rig, 6)
    expected = balance(rig, to)
    for round_number in range(20):
        rig.bourse("token", "send", to, "1")
        expected += GRAINS
        rig.node.end(signal.SIGKILL)
        rig.start_node()
        require(balance(rig, to) == expected, f"round {round_number}: {balance(rig, to)}")
    rig.check_supply()


def a_clean_stop_says_so_and_comes_back(rig):
    rig.start_node()
    rig.bourse("token", "send", address_of(rig, 7), "1")
    wait_for("the proof block", lambda: int(rig.call("chain_getHead")["height"]) >= 2)
    head = rig.call("chain_getHead")
    require(rig.node.end(signal.SIGTERM) == 0, "the node did not stop cleanly")
    rig.start_node()
    require(rig.call("chain_getHead")["hash"] == head["hash"], "another head after the restart")


def an_idle_chain_makes_no_blocks(rig):
    rig.start_node()
    rig.bourse("token", "send", address_of(rig, 7), "1")
    wait_for("the proof block", lambda: int(rig.call("chain_getHead")["height"]) == 2)
    # The proof block changes nothing, so nothing can follow it, however long one waits; asking a
    # few hundred times is a condition on the chain's reasons for blocks, not on its speed.
    for _ in range(300):
        require(int(rig.call("chain_getHead")["height"]) == 2, "a block without a reason")


def two_nodes_do_not_share_a_home(rig):
    rig.start_node()
    second = Rig()
    second.dir, second.processes = rig.dir, rig.processes
    try:
        second.start_node()
    except Failed as refused:
        require("another process" in str(refused), str(refused))
    else:
        raise Failed("a second node opened the home")


def a_balance_is_proved(rig):
    rig.start_node()
    to = address_of(rig, 5)
    rig.bourse("token", "send", to, "2.5")
    chain = rig.call("chain_getGenesis")["chain_id"]
    proved = rig.bourse("verify", "account", to, "--chain-id", chain)
    require(int(proved["record"]["balance"]) == balance(rig, to), f"another balance: {proved}")
    # Long after the last block, and after a restart, there is still a header that proves it.
    wait_for("the proof block", lambda: int(rig.call("chain_getHead")["height"]) == 2)
    require(rig.bourse("verify", "account", to)["record"] == proved["record"], "idle")
    rig.node.end(signal.SIGTERM)
    rig.start_node()
    require(rig.bourse("verify", "account", to)["record"] == proved["record"], "restarted")
    absent = rig.call("chain_getProof", table="account", key="0x" + "11" * 32)
    path = rig.write_private("proof.json", json.dumps(absent))
    require(rig.bourse("verify", "proof", path)["record"] is None, "a record of nobody")
    lie = {**absent, "record": proved["proof"]["record"]}
    rig.write_private("proof.json", json.dumps(lie))
    require(rig.run_bourse("verify", "proof", path, check=False).returncode == 1, "a lie passed")
    other = "0x" + "11" * 32
    refused = rig.run_bourse("verify", "account", to, "--chain-id", other, check=False)
    require(refused.returncode == 6 and "wrong_chain" in refused.stderr, refused.stderr)
    asked = rig.call("account_get", address=to, proof=True)
    require(asked["proof"]["record"] == proved["proof"]["record"], "another record with the reply")


def an_account_has_its_history(rig):
    rig.start_node()
    to = address_of(rig, 8)
    for number in range(1, 6):
        rig.bourse("token", "send", to, str(number))
        # Half of it is in memory then, and half comes from the disk or from blocks.
        if number == 3:
            rig.node.end(signal.SIGTERM)
            rig.start_node()
    rig.node.end(signal.SIGKILL)
    rig.start_node()
    amounts, cursor = [], None
    while True:
        page = rig.call("account_getHistory", address=to, limit=2,
                        **({"cursor": cursor} if cursor else {}))
        for item in page["items"]:
            require(item["receipt"]["error"] == "ok", f"a receipt: {item}")
            amounts += [int(operation["fields"]["amount"]) // GRAINS
                        for operation in item["transaction"]["operations"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    require(amounts == [5, 4, 3, 2, 1], f"received {amounts}")
    shown = rig.bourse("token", "history", to, "--limit", "3")
    require(len(shown["items"]) == 3 and shown["next_cursor"], f"the wallet's page: {shown}")
    refused = rig.kind_of_error("account_getHistory", address=to, cursor="nonsense")
    require(refused == "cursor_invalid", refused)


def refused_requests_change_nothing(rig):
    rig.start_node()
    head = rig.call("chain_getHead")
    for method, params, kind in [
            ("tx_submit", {"tx": "0x00"}, "tx_malformed"),
            ("tx_submit", {"tx": "zz"}, "invalid_params"),
            ("tx_submit", {"tx": "0x" + "00" * 65537}, "tx_too_large"),
            ("tx_get", {"id": "0x" + "11" * 32}, "tx_not_found"),
            ("job_get", {"job": "0x" + "11" * 16}, "job_not_found"),
            ("account_get", {"address": "brst1qqqq"}, "invalid_params"),
            ("job_get", {"jobb": "0x" + "11" * 16}, "invalid_params"),
            ("chain_getBlock", {"height": "999"}, "block_not_found"),
            ("chain_getProof", {"table": "accounts", "key": "0x" + "11" * 32}, "table_unknown"),
            ("chain_getProof", {"table": "account", "key": "0x11"}, "key_invalid"),
            ("no_such", {}, "method_not_found")]:
        require(rig.kind_of_error(method, **params) == kind,
                f"{method} {params}: {rig.kind_of_error(method, **params)}, not {kind}")
    require(rig.call("chain_getHead") == head, "a refused request made a block")


main(a_transfer_survives_kill_9, acknowledged_transfers_survive_twenty_kills,
     a_clean_stop_says_so_and_comes_back, an_idle_chain_makes_no_blocks,
     two_nodes_do_not_share_a_home, a_balance_is_proved,
     an_account_has_its_history, refused_requests_change_nothing)
