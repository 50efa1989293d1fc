"""Measures a federation of real processes over mutual TLS on this machine.

    network.py [--json FILE] [LINE ...]

Every process is the program itself: one coordinator, an agent for each site, and workers that do not train (except for the line
`first`). A round lasts from the moment when the previous round is on disk until it is on disk itself. The first round, for which
sites and coordinator still have to create their files, lasts as long as its record states. Memory is a process's peak of anonymous
memory (RssAnon): models, updates and sums are mapped files.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import ssl
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent.resolve()
CONSILIUM = os.environ.get("CONSILIUM", str(HERE / "../.build/release/consilium"))
UNTRAINED = os.environ.get("UNTRAINED_WORKER", str(HERE / ".build/release/untrained-worker"))
SCRATCH = pathlib.Path(os.environ.get("CONSILIUM_SCRATCH", HERE / ".build/scratch")) / "network"

STUDY = """\
study: {{name: network, version: 1, title: What a round costs, task: classification, seed: 1}}
elements:
  - {{name: patient, kind: identifier, role: group}}
  - {{name: marker, kind: number, role: input}}
  - {{name: disease, kind: category, role: target, values: {{0: absent, 1: present}}}}
model: {{architecture: mlp, hidden: [4]}}
training: {{loss: cross-entropy, optimizer: {{name: sgd, learning-rate: 0.1}}, batch-size: 16, local-steps: 1}}
federation: {{workflow: fedavg, rounds: {rounds}}}
evaluation: {{metrics: [accuracy], split: {{by: patient, test: 0.3, validation: 0.2}}, select-best-on: last, baselines: []}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def anonymous(pid):
    """Bytes."""
    with contextlib.suppress(OSError, StopIteration):
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) * 1024
    return 0


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Watch(threading.Thread):
    """The peak of each process's anonymous memory, sampled twenty times per second."""

    def __init__(self, processes):
        super().__init__(daemon=True)
        self.most = {process.pid: 0 for process in processes}
        self.start()

    def run(self):
        while True:
            for pid in self.most:
                self.most[pid] = max(self.most[pid], anonymous(pid))
            time.sleep(0.05)

    def megabytes(self, processes):
        return max(self.most[process.pid] for process in processes) / 1e6


class Pages(threading.Thread):
    """The time that the coordinator takes to send a study's page, requested ten times per second with a certificate."""

    def __init__(self, consortium, study):
        super().__init__(daemon=True)
        self.seconds = []
        self.study = study
        self.port = consortium.dashboard
        lead = consortium.identity("lead")
        self.context = ssl.create_default_context(cafile=lead / "authority.crt")
        self.context.load_cert_chain(lead / "identity.crt", lead / "identity.key")
        self.start()

    def run(self):
        # Use a single connection, as a browser does.
        page = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context)
        while True:
            begin = time.perf_counter()
            try:
                page.request("GET", f"/studies/{self.study}")
                answer = page.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status != 200 or b"</html>" not in body:
                raise SystemExit(f"network: the page of the study answers {answer.status}")
            self.seconds.append(time.perf_counter() - begin)
            time.sleep(0.1)


class Consortium:
    """An authority, a coordinator and sites on this machine, each with its own folder and identity."""

    def __init__(self, name, sites, parameters=0, worker=UNTRAINED):
        self.folder = SCRATCH / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.port, self.dashboard = free_port(), free_port()
        self.names = [f"site-{number}" for number in range(sites)]
        self.worker, self.parameters = worker, parameters
        self.environment = os.environ | {
            "CONSILIUM_COORDINATOR": f"127.0.0.1:{self.port}", "UNTRAINED_PARAMETERS": str(parameters),
        }
        self.processes = []
        self.run("provision", "init", "--consortium", "bench", "--out", self.folder / "authority")
        for role, name in [("coordinator", "hub"), ("lead", "lead")] + [("site", name) for name in self.names]:
            address = ["--ip", "127.0.0.1"] if role == "coordinator" else []
            self.run("provision", "enrol", "--role", role, "--name", name, "--out", self.identity(name))
            self.run("provision", "issue", self.identity(name) / "request.csr", "--authority", self.folder / "authority",
                     "--out", self.identity(name) / "issued.crt", *address)
            self.run("provision", "install", self.identity(name) / "issued.crt", "--to", self.identity(name))

    def identity(self, name):
        return self.folder / "identities" / name

    def run(self, *arguments):
        answer = subprocess.run(
            [CONSILIUM, *map(str, arguments)], capture_output=True, text=True, env=self.environment)
        if answer.returncode:
            raise SystemExit(f"network: {' '.join(map(str, arguments))}: {answer.stderr}")
        return answer.stdout.strip()

    def start(self, name, *arguments):
        with open(self.folder / f"{name}.log", "w") as log:
            process = subprocess.Popen(
                [CONSILIUM, *map(str, arguments)], env=self.environment, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def start_coordinator(self):
        """Starts the coordinator. Returns the process and the seconds until it answers."""
        begin = time.perf_counter()
        process = self.start(
            "coordinator", "coordinator", "run", "--folder", self.folder / "coordinator", "--identity", self.identity("hub"),
            "--listen", f"127.0.0.1:{self.port}", "--dashboard", f"127.0.0.1:{self.dashboard}")
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return process, time.perf_counter() - begin
            if process.poll() is not None:
                raise SystemExit(f"network: the coordinator ended; see {self.folder}/coordinator.log")
            time.sleep(0.005)

    def propose(self, rounds):
        """A study that all sites have signed."""
        (self.folder / "study.yaml").write_text(STUDY.format(rounds=rounds))
        rows = "".join(f"{number},{number % 7},{number % 2}\n" for number in range(40))
        (self.folder / "table.csv").write_text("patient,marker,disease\n" + rows)
        study = self.run("study", "propose", self.folder / "study.yaml", "--sites", ",".join(self.names),
                         "--identity", self.identity("lead"), "--allow-unknown")
        for name in self.names:
            sites = self.folder / f"{name}.yaml"
            sites.write_text(f"table: {{file: table.csv}}\nsites: [{{name: {name}}}]\n")
            (self.folder / name).mkdir(exist_ok=True)
            (self.folder / name / "policy.yaml").write_text(f"accept: {{maximum-parameters: {max(1000, self.parameters)}}}\n")
            self.run("study", "sign", study, "--identity", self.identity(name), "--folder", self.folder / name,
                     "--site-file", sites, "--data", self.folder, *self.engine)
        return study

    @property
    def engine(self):
        return ["--worker", self.worker] if self.worker else []

    def start_agents(self):
        return [
            self.start(name, "site", "run", "--identity", self.identity(name), "--folder", self.folder / name, *self.engine)
            for name in self.names
        ]

    def begin(self, study):
        self.run("study", "start", study, "--identity", self.identity("lead"))

    def query(self, study, what):
        """The database rows of the finished rounds of FedAvg."""
        store = self.folder / "coordinator/studies" / study / "run/run.sqlite"
        with contextlib.suppress(sqlite3.Error), contextlib.closing(
            sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        ) as database:
            return database.execute(f"SELECT {what} FROM round WHERE arm = 'fedavg' ORDER BY round").fetchall()
        return []

    def rounds(self, study):
        return [json.loads(row[0]) for row in self.query(study, "record")]

    def wait(self, study, rounds, limit):
        """Waits until this many rounds are finished. Returns the time."""
        begin = looked = time.perf_counter()
        # Do not read the records: waiting must not take processor time from the measured work.
        while len(self.query(study, "round")) < rounds:
            now = time.perf_counter()
            if now - begin > limit:
                raise SystemExit(f"network: no {rounds} rounds within {limit} s; see the logs in {self.folder}")
            if now - looked > 10:
                self.is_finished(study)
                looked = now
            time.sleep(0.03)
        return time.perf_counter()

    def is_finished(self, study):
        answer = json.loads(self.run("study", "status", study, "--identity", self.identity("lead"), "--json"))
        state = answer["studies"][0]
        if state["state"] in ("failed", "aborted"):
            raise SystemExit(f"network: the study is {state['state']}: {state.get('reason')}")
        return state["state"] == "finished"

    def finish(self, study, limit):
        begin = time.perf_counter()
        while not self.is_finished(study):
            if time.perf_counter() - begin > limit:
                raise SystemExit(f"network: the study is not finished within {limit} s; see the logs in {self.folder}")
            time.sleep(0.5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
        # Some of these folders take gigabytes.
        for folder in [self.folder / "coordinator/studies", *(self.folder / name / "studies" for name in self.names)]:
            shutil.rmtree(folder, ignore_errors=True)


def measure_rounds(name, sites, parameters, rounds, limit, pages=False):
    # Otherwise gigabytes of an earlier measurement would still be written to disk during this one.
    os.sync()
    with Consortium(name, sites, parameters) as consortium:
        coordinator, listening = consortium.start_coordinator()
        study = consortium.propose(rounds)
        agents = consortium.start_agents()
        watch = Watch([coordinator, *agents])
        consortium.begin(study)
        ends = [consortium.wait(study, 1, limit)]
        visits = Pages(consortium, study) if pages else None
        ends += [consortium.wait(study, number, limit) for number in range(2, rounds + 1)]
        seen = list(visits.seconds) if visits else []
        consortium.finish(study, limit)
        seconds = [consortium.rounds(study)[0]["seconds"], *(end - begin for begin, end in itertools.pairwise(ends))]
        return {
            "sites": sites, "parameters": parameters, "listening": listening, "rounds": seconds,
            "round": statistics.median(seconds), "coordinatorMB": watch.megabytes([coordinator]),
            "agentMB": watch.megabytes(agents), "page": statistics.median(seen) if seen else None,
            "pages": len(seen),
        }


def report_rounds(answer):
    print(f"{answer['sites']} sites x {answer['parameters'] / 1e6:g} M parameters, no training")
    print(f"  a round, median of {len(answer['rounds'])}           {answer['round']:8.2f} s   "
          f"({', '.join(f'{second:.2f}' for second in answer['rounds'])})")
    print(f"  coordinator, anonymous memory  {answer['coordinatorMB']:6.0f} MB")
    print(f"  agent, anonymous memory        {answer['agentMB']:6.0f} MB")
    if answer["page"] is not None:
        print(f"  a study's page meanwhile       {1000 * answer['page']:6.1f} ms  (median of {answer['pages']})")


def line_round():
    """8 sites x 25 M parameters (100 MB), 5 rounds."""
    answer = measure_rounds("round", 8, 25_000_000, 5, 300, pages=True)
    report_rounds(answer)
    return answer


def line_two():
    """The same with 2 sites."""
    answer = measure_rounds("two", 2, 25_000_000, 5, 300)
    report_rounds(answer)
    return answer


def line_many():
    """The same with 32 sites."""
    answer = measure_rounds("many", 32, 25_000_000, 2, 900)
    report_rounds(answer)
    return answer


def line_large():
    """2 sites x 1000 M parameters (4 GB), 1 round; needs 60 GB of disk."""
    answer = measure_rounds("large", 2, 1_000_000_000, 1, 1800)
    report_rounds(answer)
    return answer


def line_idle():
    """200 sites that wait for work."""
    with Consortium("idle", 200) as consortium:
        coordinator, _ = consortium.start_coordinator()
        time.sleep(2)
        before = anonymous(coordinator.pid)
        consortium.start_agents()
        logs = [consortium.folder / f"{name}.log" for name in consortium.names]
        for _ in range(1200):
            if all("has joined" in log.read_text() for log in logs):
                break
            time.sleep(0.1)
        time.sleep(20)
        seconds, begin = processor_seconds(coordinator.pid), time.perf_counter()
        time.sleep(60)
        share = (processor_seconds(coordinator.pid) - seconds) / (time.perf_counter() - begin)
        each = (anonymous(coordinator.pid) - before) / 200 / 1e6
        alive = sum(process.poll() is None for process in consortium.processes) - 1
    print(f"{alive} idle sites")
    print(f"  coordinator                    {100 * share:6.2f} % of a core over 60 s")
    print(f"  coordinator, for each site     {each:6.2f} MB")
    return {"sites": alive, "share": share, "megabytesEach": each}


def line_first():
    """From starting the processes to the first finished round of a study of two sites, with training; 5 times."""
    starts, firsts = [], []
    for repeat in range(5):
        with Consortium(f"first-{repeat}", 2, worker=None) as consortium:
            begin = time.perf_counter()
            _, listening = consortium.start_coordinator()
            study = consortium.propose(2)
            consortium.start_agents()
            consortium.begin(study)
            consortium.wait(study, 1, 120)
            firsts.append(time.perf_counter() - begin)
            starts.append(listening)
    print("a study of two sites, with training")
    print(f"  coordinator answers after      {statistics.median(starts):6.2f} s   (median of {len(starts)})")
    print(f"  first finished round after     {statistics.median(firsts):6.2f} s   "
          "(from starting the coordinator; proposed, signed, started and rehearsed in it)")
    return {"start": statistics.median(starts), "first": statistics.median(firsts), "firsts": firsts}


LINES = {"first": line_first, "two": line_two, "round": line_round, "idle": line_idle, "many": line_many, "large": line_large}
# Lines that take minutes or much disk space are measured only if they are named.
USUAL = ["first", "two", "round", "idle"]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:8} {line.__doc__}" for name, line in LINES.items()))
    parser.add_argument("line", nargs="*", metavar="LINE", help=f"which lines ({', '.join(USUAL)})")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.line if name not in LINES]:
        parser.error(f"there is no line {', '.join(unknown)}")
    answers = {}
    for name in arguments.line or USUAL:
        answers[name] = LINES[name]()
        sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(answers, indent=2))


if __name__ == "__main__":
    main()
