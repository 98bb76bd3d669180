#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Jobs on real providers in the real sandbox, and the same settlement whoever is killed when."""
import signal

from rig import BIN, Process, main, make_tiny_runtime, require, wait_for

def one_provider(rig, **job):
    """A node, one provider and a job file; returns the provider's id and the job file."""
    rig.start_node()
    tar = make_tiny_runtime(rig.dir)
    provider = rig.make_provider("p1", 1, tar)
    return provider, rig.job_file(**job)


def run_job(rig, path, code=0):
    return rig.bourse("job", "run", path, "--wait", "--out", rig.dir / "result", code=code)


def newest_job(rig):
    items = rig.call("job_list")["items"]
    return items[0] if items else None


def state_of(rig, job):
    return rig.call("job_getTask", job=job, task=0)["task"]["state"]


def events(rig, job):
    return [e["event"]["kind"] for e in rig.call("job_getEvents", job=job)["events"]]


def a_job_runs_and_is_paid(rig):
    provider, path = one_provider(rig)
    rig.start_agent("p1")
    run_job(rig, path)
    require((rig.dir / "result/0/count").read_text().strip() == "13", "another result")
    require((rig.dir / "result/0.stderr").read_text() == "counted\n", "another standard error")
    job = newest_job(rig)
    require(job["state"] == "closed" and job["tasks_accepted"] == 1, f"not accepted: {job}")
    seen = events(rig, job["id"])
    for kind in ("job_submitted", "matched", "running", "committed", "revealed", "review_opened",
                 "accepted", "paid", "job_closed"):
        require(seen.count(kind) == 1, f"{kind} stands {seen.count(kind)} times in {seen}")
    require(int(rig.call("provider_get", provider=provider)["provider"]["done"]) == 1, "no record")
    rig.check_supply()


def the_state_of_a_stopped_node_passes_the_audit(rig):
    _, path = one_provider(rig)
    rig.start_agent("p1")
    run_job(rig, path)
    rig.node.end(signal.SIGKILL)
    audit = Process(rig, "audit", [BIN / "boursed", "audit", "--home", rig.dir / "node"])
    require(audit.child.wait(30) == 0 and "every law holds" in audit.text(), audit.text())


def a_failing_program_is_paid_and_reported(rig):
    _, path = one_provider(rig, code=3)
    rig.start_agent("p1")
    run_job(rig, path, code=8)
    require(newest_job(rig)["tasks_accepted"] == 1, "the result was not accepted")
    rig.check_supply()


def two_providers_agree(rig):
    _, path = one_provider(rig, margin=2)
    rig.make_provider("p2", 2, rig.dir / "tiny.tar", price="0.000002")
    rig.start_agent("p1")
    rig.start_agent("p2")
    run_job(rig, path)
    seen = events(rig, newest_job(rig)["id"])
    require(seen.count("paid") == 2 and seen.count("accepted") == 1, f"{seen}")
    rig.check_supply()


def curl_alone_submits_a_job(rig):
    one_provider(rig)
    rig.start_agent("p1")
    job = rig.call("dev_submitJob", command=["sh", "-c", "cat /in/a > /out/b"],
                   inputs=[{"path": "a", "text": "x"}])["job"]
    wait_for("the review", lambda: "review_opened" in events(rig, job))
    # Nobody accepts: after the review window of ten seconds silence does.
    wait_for("the settlement", lambda: rig.call("job_get", job=job)["job"]["state"] == "closed", 40)
    require("accepted" in events(rig, job), "silence did not accept")
    rig.check_supply()


HOSTILE = {
    "never ends": ("while :; do :; done", "time_limit"),
    "ignores TERM": ("trap '' TERM; while :; do sleep 1; done", "time_limit"),
    "eats memory": ("dd if=/dev/zero of=/dev/null bs=512M count=1", "memory_limit"),
    "fills the disk": ("dd if=/dev/zero of=/out/big bs=1M count=64", "disk_limit"),
    "leaves a link": ("ln -s /etc/shadow /out/x; exit 0", "output_refused"),
    "leaves a fifo": ("mkfifo /out/x; exit 0", "output_refused"),
    "has no network": ("echo > /dev/tcp/1.1.1.1/80 || exit 9", "exited"),
}


def hostile_jobs_are_contained_and_settled(rig):
    one_provider(rig)
    rig.start_agent("p1")
    for name, (script, ended) in HOSTILE.items():
        sent = rig.call("dev_submitJob", command=["sh", "-c", script], run_seconds=3,
                        bundle={"cpu_milli": 500, "memory_mib": 64, "disk_mib": 16,
                                "gpus": 0})
        wait_for(f"the review of a job that {name}",
                 lambda: state_of(rig, sent["job"]) == "review", 40)
        result = rig.bourse("job", "result", sent["job"], "--out", rig.dir / sent["job"])
        require(result["tasks"][0]["ended"] == ended, f"a job that {name}: {result}")
    rig.check_supply()


# --- Kills

STEPS = ("job_submitted", "matched", "running", "committed", "revealed")


def settle_by_hand(rig, path, kill_at, kill):
    """Submits without waiting, calls kill() once the event kill_at is on the chain, and lets the
    review end by accepting; returns the job."""
    sent = rig.bourse("job", "run", path)
    job = sent["job"]
    wait_for(kill_at, lambda: kill_at in events(rig, job))
    kill()
    wait_for("the review", lambda: state_of(rig, job) == "review", 60)
    rig.bourse("job", "result", job, "--out", rig.dir / job)
    require((rig.dir / job / "0/count").read_text().strip() == "13", "another result")
    rig.bourse("job", "accept", job, "0")
    return rig.call("job_get", job=job)["job"]


def check_settlement(rig, job, provider):
    seen = events(rig, job["id"])
    require(job["state"] == "closed" and job["tasks_accepted"] == 1, f"not settled: {job} {seen}")
    for kind in ("matched", "running", "committed", "revealed", "paid"):
        require(seen.count(kind) == 1, f"{kind} stands {seen.count(kind)} times in {seen}")
    record = rig.call("provider_get", provider=provider)["provider"]
    require((record["late"], record["lied"], record["failed"]) == ("0", "0", "0"), f"{record}")
    require(int(record["bond_free"]) == 100 * 10**9, f"the bond is not whole: {record}")
    rig.check_supply()


def killing_the_node_at_any_step_changes_nothing(rig):
    provider, path = one_provider(rig)
    rig.start_agent("p1")

    def kill_node():
        rig.node.end(signal.SIGKILL)
        rig.start_node()

    for step in STEPS:
        check_settlement(rig, settle_by_hand(rig, path, step, kill_node), provider)


def killing_the_agent_at_any_step_changes_nothing(rig):
    provider, path = one_provider(rig)
    agent = [rig.start_agent("p1")]

    def kill_agent():
        agent[0].end(signal.SIGKILL)
        agent[0] = rig.start_agent("p1")

    for step in STEPS:
        check_settlement(rig, settle_by_hand(rig, path, step, kill_agent), provider)


def a_job_without_any_client_left_still_refunds(rig):
    _, path = one_provider(rig)
    # No agent runs: the provider is late, is slashed for it, and nobody else is to be had.
    text = path.read_text().replace("match_seconds = 60", "match_seconds = 2")
    path.write_text(text)
    job = rig.bourse("job", "run", path)["job"]
    wait_for("the end", lambda: rig.call("job_get", job=job)["job"]["state"] == "closed", 60)
    seen = events(rig, job)
    require("late" in seen and "unserved" in seen and "job_closed" in seen, f"{seen}")
    rig.check_supply()


main(a_job_runs_and_is_paid, the_state_of_a_stopped_node_passes_the_audit,
     a_failing_program_is_paid_and_reported, two_providers_agree,
     curl_alone_submits_a_job, hostile_jobs_are_contained_and_settled,
     killing_the_node_at_any_step_changes_nothing, killing_the_agent_at_any_step_changes_nothing,
     a_job_without_any_client_left_still_refunds)
