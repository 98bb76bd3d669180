#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A provider on another host: a network namespace of its own, outbound connections only, TLS 1.3
with a pinned certificate. The node serves a test network, whose genesis is genesis/test.json."""
import contextlib
import hashlib
import os
import pathlib
import re
import ssl
import subprocess

from rig import BIN, Process, Skipped, main, make_tiny_runtime, require

GENESIS = pathlib.Path(__file__).resolve().parent.parent.parent / "genesis"
NODE_IP, AGENT_IP = "10.211.55.1", "10.211.55.2"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextlib.contextmanager
def other_host():
    """A network namespace that reaches this host over a virtual cable, and nothing else."""
    if os.geteuid() != 0:
        raise Skipped("making a network namespace needs root")
    name = f"bourse-{os.getpid()}"
    ip("netns", "add", name)
    try:
        ip("link", "add", "bourse0", "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("addr", "add", f"{NODE_IP}/24", "dev", "bourse0")
        ip("link", "set", "bourse0", "up")
        ip("-n", name, "addr", "add", f"{AGENT_IP}/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        subprocess.run(["ip", "link", "del", "bourse0"], capture_output=True, check=False)
        ip("netns", "del", name)


def make_certificate(rig):
    """A certificate for the node's address; returns the SHA-256 that clients pin."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=node",
                    "-addext", f"subjectAltName=IP:{NODE_IP}", "-keyout", rig.dir / "tls.key",
                    "-out", rig.dir / "tls.pem"], check=True, capture_output=True)
    der = ssl.PEM_cert_to_DER_cert((rig.dir / "tls.pem").read_text())
    return hashlib.sha256(der).hexdigest()


def start_tls_node(rig):
    """A node of genesis/test.json that serves the virtual cable over TLS."""
    seed = re.search(r"`([0-9a-f]{64})`", (GENESIS / "README.md").read_text())[1]
    key = rig.write_private("consensus", seed + "\n")
    home = rig.dir / "home"
    subprocess.run([BIN / "boursed", "init", "--home", home, "--genesis", GENESIS / "test.json",
                    "--key", key], check=True, capture_output=True)
    config = (home / "config.toml").read_text()
    config = config.replace('bind = "127.0.0.1"', f'bind = "{NODE_IP}"')
    config = config.replace("port = 8580", "port = 0")
    (home / "config.toml").write_text(config)
    refused = Process(rig, "refused", [BIN / "boursed", "start", "--home", home])
    require(refused.child.wait(20) == 1 and "bind_needs_tls" in refused.text(),
            f"a public address without TLS was not refused: {refused.text()}")
    config = config.replace('tls_certificate = ""', f'tls_certificate = "{rig.dir}/tls.pem"')
    config = config.replace('tls_key = ""', f'tls_key = "{rig.dir}/tls.key"')
    (home / "config.toml").write_text(config)
    node = Process(rig, "node", [BIN / "boursed", "start", "--home", home])
    node.wait_for_text("\nready\n")
    rig.port = int(node.text().split("listening on port ")[1].split()[0])


def a_provider_in_another_network_completes_a_job(rig):
    with other_host() as host:
        pin = make_certificate(rig)
        start_tls_node(rig)
        rig.url_host = f"https://{NODE_IP}"
        rig.network = "test"
        rig.pin = ["--pin", pin]
        rig.tls = ssl.create_default_context(cafile=str(rig.dir / "tls.pem"))
        require(rig.kind_of_error("dev_fund") == "method_not_found", "dev_ methods on a test chain")
        provider = rig.make_provider("p1", 1, make_tiny_runtime(rig.dir))
        inside = ["nsenter", f"--net=/run/netns/{host}", "--"]
        # A wrong pin is refused before anything is said.
        wrong = Process(rig, "wrong", [*inside, *rig.provider_command(
            "p1", "run", "--node", rig.url, "--pin", "00" * 32)])
        wrong.wait_for_text("tls_untrusted")
        rig.start_agent("p1", enter=inside, options=["--pin", pin])
        listening = subprocess.run([*inside, "ss", "-Hltn"], check=True, capture_output=True)
        require(not listening.stdout.strip(), f"the agent listens: {listening.stdout}")
        rig.bourse("job", "run", rig.job_file(), "--wait", "--out", rig.dir / "result")
        require((rig.dir / "result/0/count").read_text().strip() == "13", "another result")
        record = rig.call("provider_get", provider=provider)["provider"]
        require(int(record["done"]) == 1, f"no record: {record}")
        rig.check_supply()


main(a_provider_in_another_network_completes_a_job)
