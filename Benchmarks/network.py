"""Measures a federation of real processes over mutual TLS on this machine, without training.

    network.py [--sites 8] [--parameters 25000000] [--rounds 5] [--json FILE]

Every process is the program itself: one coordinator, an agent for each site, and engines that do not train. What a round takes is
what its manifest says, with the checkpoint on disk; memory is the most anonymous memory that a process had (RssAnon).
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent.resolve()
CONSILIUM = os.environ.get("CONSILIUM", str(HERE / "../.build/release/consilium"))
WORKER = os.environ.get("UNTRAINED_WORKER", str(HERE / ".build/release/untrained-worker"))

STUDY = """\
study: {{name: network, version: 1, title: What a round costs, task: classification, seed: 1}}
elements:
  - {{name: patient, kind: identifier, role: group}}
  - {{name: marker, kind: number, role: input}}
  - {{name: disease, kind: category, role: target, values: {{0: absent, 1: present}}}}
model: {{architecture: mlp, hidden: [4]}}
training: {{loss: cross-entropy, optimizer: {{name: sgd, learning-rate: 0.1}}, batch-size: 4, local-steps: 1}}
federation: {{workflow: fedavg, rounds: {rounds}}}
evaluation: {{metrics: [accuracy], split: {{by: patient, test: 0.3, validation: 0.2}}, select-best-on: last}}
"""

SITES = "table: {file: table.csv}\nsites: [{name: NAME}]\n"


def anonymous(pid):
    with contextlib.suppress(OSError, StopIteration):
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) * 1024
    return 0


class Watch(threading.Thread):
    """The most anonymous memory of each process, sampled twenty times a second."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.most = dict.fromkeys(pids, 0)

    def run(self):
        while True:
            for pid in self.most:
                self.most[pid] = max(self.most[pid], anonymous(pid))
            time.sleep(0.05)


def measure(sites, parameters, rounds, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "CONSILIUM_COORDINATOR": f"127.0.0.1:{port}", "UNTRAINED_PARAMETERS": str(parameters),
    }
    names = [f"site-{number}" for number in range(sites)]

    def run(*arguments):
        return subprocess.run(
            [CONSILIUM, *map(str, arguments)], check=True, capture_output=True, text=True, env=environment
        ).stdout.strip()

    def identity(name):
        return folder / "identities" / name

    run("provision", "init", "--consortium", "bench", "--out", folder / "authority")
    for role, name in [("coordinator", "hub"), ("lead", "lead")] + [("site", name) for name in names]:
        run("provision", "enrol", "--role", role, "--name", name, "--out", identity(name))
        address = ["--ip", "127.0.0.1"] if role == "coordinator" else []
        run("provision", "issue", identity(name) / "request.csr", "--authority", folder / "authority",
            "--out", identity(name) / "issued.crt", *address)
        run("provision", "install", identity(name) / "issued.crt", "--to", identity(name))
    (folder / "study.yaml").write_text(STUDY.format(rounds=rounds))
    rows = "".join(f"{number},{number % 7},{number % 2}\n" for number in range(40))
    (folder / "table.csv").write_text("patient,marker,disease\n" + rows)

    processes = []

    def start(*arguments):
        log = open(folder / f"{arguments[0]}-{len(processes)}.log", "w")
        process = subprocess.Popen(
            [CONSILIUM, *map(str, arguments)], env=environment, stdout=log, stderr=log)
        processes.append(process)
        return process

    try:
        begin = time.perf_counter()
        coordinator = start("coordinator", "run", "--folder", folder / "coordinator", "--identity", identity("hub"),
                            "--listen", f"127.0.0.1:{port}")
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.01)
        listening = time.perf_counter() - begin
        study = run("study", "propose", folder / "study.yaml", "--sites", ",".join(names), "--identity", identity("lead"))
        for name in names:
            (folder / f"{name}.yaml").write_text(SITES.replace("NAME", name))
            run("study", "sign", study, "--identity", identity(name), "--folder", folder / name,
                "--site-file", folder / f"{name}.yaml", "--data", folder, "--worker", WORKER)
        begin = time.perf_counter()
        agents = [
            start("site", "run", "--identity", identity(name), "--folder", folder / name, "--worker", WORKER)
            for name in names
        ]
        watch = Watch([process.pid for process in processes])
        watch.start()
        run("study", "start", study, "--identity", identity("lead"))
        store = folder / "coordinator/studies" / study / "run/run.sqlite"
        first = None
        state = ""
        while state not in ("finished", "failed", "aborted"):
            time.sleep(0.02 if first is None else 0.5)
            if first is None and store.exists():
                with contextlib.suppress(sqlite3.Error), contextlib.closing(
                    sqlite3.connect(f"file:{store}?mode=ro", uri=True)
                ) as database:
                    if database.execute("SELECT count(*) FROM round").fetchone()[0]:
                        first = time.perf_counter() - begin
            if first is not None or time.perf_counter() - begin > 30:
                status = json.loads(run("study", "status", study, "--identity", identity("lead"), "--json"))
                state = status["studies"][0]["state"]
        if state != "finished":
            raise SystemExit(f"network: the study {state}: {status['studies'][0]['reason']}")
        with contextlib.closing(sqlite3.connect(store)) as database:
            records = [json.loads(row[0]) for row in database.execute("SELECT record FROM round ORDER BY round")]
        return {
            "sites": sites, "parameters": parameters,
            "rounds": [record["seconds"] for record in records],
            "round": statistics.median(record["seconds"] for record in records),
            "coordinatorMB": watch.most[coordinator.pid] / 1e6,
            "agentMB": max(watch.most[agent.pid] for agent in agents) / 1e6,
            "listeningSeconds": listening, "firstRoundSeconds": first,
        }
    finally:
        for process in reversed(processes):
            process.terminate()
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sites", type=int, default=8)
    parser.add_argument("--parameters", type=int, default=25_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path, default=HERE / ".build/scratch/network")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    answer = measure(arguments.sites, arguments.parameters, arguments.rounds, arguments.folder)
    print(f"{answer['sites']} sites x {answer['parameters'] / 1e6:g} M parameters over mutual TLS")
    print(f"  round, median of {len(answer['rounds'])}   {answer['round']:.3f} s   "
          f"({', '.join(f'{second:.2f}' for second in answer['rounds'])})")
    print(f"  coordinator, anonymous memory  {answer['coordinatorMB']:.0f} MB")
    print(f"  agent, anonymous memory        {answer['agentMB']:.0f} MB")
    print(f"  coordinator listens after      {answer['listeningSeconds']:.2f} s")
    print(f"  first finished round after     {answer['firstRoundSeconds']:.2f} s from starting the agents")
    if arguments.json:
        arguments.json.write_text(json.dumps(answer, indent=2))


if __name__ == "__main__":
    sys.exit(main())
