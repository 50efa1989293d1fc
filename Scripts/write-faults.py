"""Lets each call that changes a file go wrong in turn, and compares the final models with those of an undisturbed run; see write-faults.sh.

Each victim is one process of a short study on made-up tables: the simulator, a worker, the coordinator, a site's agent, a site's command
that signs, or the commands that make keys and certificates. The process is killed before the call, or within it, or the call fails.
Afterwards people do what the program's messages tell them: they repeat a command, resume a study or restart a service. The study must then
end with the same models, and all audit logs must verify.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

STUDY = """\
study: {name: clinic, version: 1, title: Disease from two findings, question: Does a shared model help?, task: classification, seed: 7}
elements:
  - {name: patient, kind: identifier, role: group}
  - {name: age, kind: number, role: input, unit: year, range: [0, 120]}
  - {name: marker, kind: number, role: input, unit: mmol/L, range: [-20, 20]}
  - {name: disease, kind: category, role: target, values: {0: absent, 1: present}}
preprocessing: [{standardise: {method: range, using: elements}}]
model: {architecture: mlp, hidden: [4]}
training: {loss: cross-entropy, optimizer: {name: sgd, learning-rate: 0.05}, batch-size: 4, local-epochs: 1}
federation: {workflow: scaffold, rounds: 2, sites: {required: [north, south]}}
evaluation:
  metrics: [auc, accuracy]
  split: {by: patient, test: 0.3, validation: 0.2}
  select-best-on: last
  baselines: [local]
report: {}
"""
TABLES = """\
elements:
  patient: patient
  age: age
  marker: marker
  disease: {column: disease, values: {0: "0", 1: "1"}}
sites:
  - {name: north, table: {file: north.csv}}
  - {name: south, table: {file: south.csv}}
"""
SITES = ("north", "south")
VICTIMS = ("simulator", "worker", "provision", "sign", "coordinator", "site")
KINDS = ("kill", "torn", "EIO", "ENOSPC", "short")
# Seconds after which a command hangs, and after which a study does.
COMMAND, WHOLE = 120, 180


def write_inputs(folder):
    """Writes the study, and the made-up tables of its sites."""
    folder.mkdir()
    numbers = random.Random(1)
    for site in SITES:
        rows = ["patient,age,marker,disease"]
        for patient in range(20):
            ill = patient % 2 == 0
            marker = 4 * numbers.random() + (2 if ill else -2)
            rows.append(f"{site}{patient},{20 + int(60 * numbers.random())},{marker:.4f},{int(ill)}")
        (folder / f"{site}.csv").write_text("\n".join(rows) + "\n")
    (folder / "study.yaml").write_text(STUDY)
    (folder / "sites.yaml").write_text(TABLES)


class Failure(Exception):
    """A study that did not survive a fault."""


class Fault:
    """One call of one process that goes wrong."""

    def __init__(self, victim, number, kind, count=1):
        self.victim, self.number, self.kind, self.count = victim, number, kind, count

    def environment(self, machine, root):
        """Returns the environment of the victim, whose calls on files under `root` count."""
        program = "consilium-worker" if self.victim == "worker" else "consilium"
        return os.environ | {
            "LD_PRELOAD": str(machine.shim), "FAULT_ROOT": str(root), "FAULT_PROGRAM": program,
            "FAULT_AT": str(self.number), "FAULT_KIND": self.kind, "FAULT_COUNT": str(self.count),
            "FAULT_LOG": str(machine.journal)}

    def place(self, machine):
        """Returns the call that went wrong and its file; `None` if the process made fewer calls."""
        if not machine.journal.exists():
            return None
        for line in machine.journal.read_text().splitlines():
            _, _, call, path = (line.split(" ", 3) + [""])[:4]
            if call.startswith("!"):
                return f"{call[1:]} {os.path.relpath(path, machine.work)}"
        return None


class Machine:
    """The programs, the preloaded library, and the folder for everything."""

    def __init__(self, programs, work):
        self.program, self.work = programs / "consilium", work
        self.inputs, self.journal, self.shim = work / "inputs", work / "calls", work / "write-faults.so"
        source = pathlib.Path(__file__).with_suffix(".c")
        compiler = shutil.which("clang") or "cc"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", self.shim, source, "-ldl"], check=True)
        write_inputs(self.inputs)

    def run(self, *arguments, environment=None, limit=COMMAND):
        """Returns the status of a command and everything that it printed."""
        try:
            found = subprocess.run(
                [self.program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit,
                env=environment, cwd=self.inputs)
        except subprocess.TimeoutExpired:
            raise Failure(f"'consilium {' '.join(map(str, arguments[:2]))}' hangs") from None
        check_ending(found.returncode, found.stdout)
        return found.returncode, found.stdout

    def must(self, *arguments):
        """Runs a command that must succeed, and returns what it printed."""
        status, text = self.run(*arguments)
        if status != 0:
            raise Failure(f"'consilium {' '.join(map(str, arguments[:2]))}' fails: {last_line(text)}")
        return text

    def digest(self, model):
        return json.loads(self.must("model", "inspect", "--json", model))["sha256"]

    def digests(self, folder):
        """Returns the digests of the models in a folder by name."""
        return {file.name: self.digest(file) for file in sorted(folder.glob("*.safetensors")) if file.name != "initial.safetensors"}

    def calls(self):
        """Returns the calls of an undisturbed victim. If it was several processes, those of the one that made the most, such as an agent
        and not its commands."""
        lines = [line.split(" ", 3) for line in self.journal.read_text().splitlines()]
        most = collections.Counter(line[0] for line in lines).most_common(1)[0][0]
        return [(line[2], line[3]) for line in lines if line[0] == most]

    def count(self):
        """Returns the number of all calls of the victim so far."""
        return len(self.journal.read_text().splitlines()) if self.journal.exists() else 0


def check_ending(status, text):
    """A program may be killed by the fault, but must never crash on an error."""
    if status < 0 and -status != signal.SIGKILL:
        raise Failure(f"crash by signal {-status}: {last_line(text)}")


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "(nothing printed)"


class Simulation:
    """A study in the simulator, which people resume until it ends."""

    def __init__(self, machine):
        self.machine, self.out = machine, machine.work / "run"

    def simulate(self, fault, *options):
        environment = fault.environment(self.machine, self.out) if fault else None
        return self.machine.run(
            "simulate", "study.yaml", "--out", self.out, "--arms", "local,scaffold", "--workers", 1, "--quiet", *options,
            environment=environment)

    def run(self, fault):
        """Returns the digests of the models, and the messages of the starts that failed."""
        shutil.rmtree(self.out, ignore_errors=True)
        status, text = self.simulate(fault)
        said = []
        if status != 0:
            said.append(last_line(text))
            status, text = self.simulate(None, "--resume")
            if status != 0:
                raise Failure(f"does not resume: {last_line(text)}")
        return self.machine.digests(self.out / "models"), said


class Provisioning:
    """Commands that make an authority and the keys and certificates of a member, renew them, and revoke them."""

    def __init__(self, machine):
        self.machine, self.folder = machine, machine.work / "provision"

    def steps(self):
        authority, member = self.folder / "authority", self.folder / "north"
        issue = ["issue", member / "request.csr", "--authority", authority, "--out", member / "issued.crt"]
        install = ["install", member / "issued.crt", "--to", member]
        return [
            ["init", "--consortium", "demo", "--out", authority],
            ["enrol", "--role", "site", "--name", "north", "--out", member], issue, install,
            ["renew", member], [*issue, "--replace"], install,
            ["revoke", "north", "--authority", authority, "--reason", "left"]]

    def run(self, fault):
        """Returns no models, and the messages of the commands that failed."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        said = []
        for step in self.steps():
            number = fault.number - self.machine.count()
            one = Fault(fault.victim, max(0, number), fault.kind, fault.count)
            status, text = self.machine.run("provision", *step, environment=one.environment(self.machine, self.folder))
            if status != 0:
                said.append(last_line(text))
                status, text = self.machine.run("provision", *step)
                # The command had done its work before it was killed.
                if status != 0 and "already" not in text:
                    raise Failure(f"'provision {step[0]}' cannot be repeated: {last_line(text)}")
        self.machine.must("provision", "list", "--authority", self.folder / "authority")
        left = [file for file in self.folder.rglob("*") if file.name.endswith(".part") or file.name == "unfinished"]
        if "authority.key" in " ".join(map(str, left)):
            raise Failure(f"a key's temporary file stays: {left}")
        return {}, said

    def calls(self):
        return [tuple(line.split(" ", 3)[2:]) for line in self.machine.journal.read_text().splitlines()]


class Service:
    """A process that is restarted whenever it ends, as a service manager would."""

    def __init__(self, machine, name, arguments, environment=None):
        self.machine, self.name, self.arguments, self.environment = machine, name, arguments, environment
        self.log = machine.work / f"{name}.log"
        self.starts = 0
        self.process = None
        self.keep()

    def keep(self):
        """Starts the process if it does not run. Only its first life has a fault."""
        if self.process and self.process.poll() is None:
            return
        if self.process:
            check_ending(self.process.returncode, self.log.read_text())
            if self.starts > 8:
                raise Failure(f"the {self.name} does not stay up: {last_line(self.log.read_text())}")
        environment = self.environment if self.starts == 0 else None
        self.starts += 1
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.machine.program, *map(str, self.arguments)], stdout=log, stderr=log, env=environment, cwd=self.machine.inputs)

    def stop(self):
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failure(f"the {self.name} does not end when asked") from None

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Consortium:
    """A study of a coordinator and two agents over mutual TLS."""

    def __init__(self, machine):
        self.machine, self.identities, self.folder = machine, machine.work / "identities", machine.work / "consortium"
        self.authority = machine.work / "authority"
        self.services = []
        machine.must("provision", "init", "--consortium", "demo", "--out", self.authority)
        self.enrol("coordinator", "hub", "--ip", "127.0.0.1")
        self.enrol("lead", "lead")
        for site in SITES:
            self.enrol("site", site)
        (machine.work / "policy.yaml").write_text("release: {minimum-patients: 1, replicates: true}\n")

    def enrol(self, role, name, *options):
        folder, must = self.identities / name, self.machine.must
        must("provision", "enrol", "--role", role, "--name", name, "--out", folder)
        must("provision", "issue", folder / "request.csr", "--authority", self.authority, "--out", folder / "issued.crt", *options)
        must("provision", "install", folder / "issued.crt", "--to", folder)

    def run(self, fault):
        """Returns the digests of the models that the lead receives, and the messages of what failed on the way."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        for log in self.machine.work.glob("*.log"):
            log.unlink()
        self.services, self.said, self.end = [], [], time.monotonic() + WHOLE
        try:
            self.work(fault)
            for service in self.services:
                service.stop()
            return self.check(), self.said
        finally:
            for service in self.services:
                service.kill()

    def environment(self, fault, name):
        if fault and (fault.victim, name) in (("coordinator", "coordinator"), ("site", SITES[0])):
            return fault.environment(self.machine, self.folder / name)
        return None

    def work(self, fault):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.services.append(Service(self.machine, "coordinator", [
            "coordinator", "run", "--folder", self.folder / "coordinator", "--identity", self.identities / "hub",
            "--listen", self.address], self.environment(fault, "coordinator")))
        self.id = self.repeat("propose", "study.yaml", "--sites", ",".join(SITES), "--allow-unknown").split()[-1]
        for site in SITES:
            home = self.folder / site
            home.mkdir()
            shutil.copy(self.machine.work / "policy.yaml", home / "policy.yaml")
        with concurrent.futures.ThreadPoolExecutor() as people:
            list(people.map(lambda site: self.sign(site, fault), SITES))
        for site in SITES:
            home = self.folder / site
            self.services.append(Service(
                self.machine, site, ["site", "run", "--coordinator", self.address, "--identity", self.identities / site, "--folder", home],
                self.environment(fault, site)))
        self.repeat("start", self.id)
        self.follow()
        results = self.folder / "results"
        self.repeat("results", self.id, "--out", results)

    def sign(self, site, fault):
        is_victim = fault and fault.victim == "sign" and site == SITES[0]
        home = self.folder / site
        self.repeat(
            "sign", self.id, "--folder", home, "--site-file", "sites.yaml", "--data", self.machine.inputs, party=site,
            environment=fault.environment(self.machine, home) if is_victim else None)

    def lead(self, *arguments, party="lead", environment=None):
        return self.machine.run(
            "study", *arguments, "--coordinator", self.address, "--identity", self.identities / party, environment=environment)

    def repeat(self, *arguments, party="lead", environment=None):
        """Runs a command as often as a person would who sees it fail. Only its first run has a fault."""
        while True:
            self.keep()
            status, text = self.lead(*arguments, party=party, environment=environment)
            environment = None
            if status == 0:
                return text
            self.say(f"{arguments[0]}: {last_line(text)}")
            if "already" in text and arguments[0] == "start":
                return text
            time.sleep(0.3)

    def follow(self):
        """Waits for the end of the study, and resumes it whenever it is paused."""
        while True:
            self.keep()
            status, text = self.lead("status", self.id, "--json")
            if status == 0:
                study = json.loads(text)["studies"][0]
                state, reason = study["state"], study.get("reason", "")
                if state == "finished":
                    return
                if state in ("failed", "aborted"):
                    raise Failure(f"the study {state}: {reason}")
                if state == "paused":
                    self.say(f"paused: {reason}")
                    self.repeat("resume", self.id)
                elif state in ("ready", "proposed"):
                    raise Failure(f"the study was started and is {state}")
            time.sleep(0.2)

    def say(self, text):
        if not self.said or self.said[-1] != text:
            self.said.append(text)

    def keep(self):
        if time.monotonic() > self.end:
            raise Failure("the study does not end; the last messages: " + "; ".join(self.said[-2:]))
        for service in self.services:
            service.keep()

    def check(self):
        for name in ("coordinator", *SITES):
            self.machine.must("audit", "verify", self.folder / name / "audit.log", "--authority", self.authority / "authority.crt")
        models = self.folder / "results/models"
        for model in models.glob("*.safetensors"):
            self.machine.must("model", "verify", model, "--authority", self.authority / "authority.crt")
        return self.machine.digests(models)


def faults_of(victim, calls, options):
    """Returns the faults to try: a kill before every call and other faults at some, or a sample with any kind of fault."""
    numbers = random.Random(f"{options.seed} {victim}")
    kinds, found = options.kinds.split(","), []

    def usable(kind):
        return [index for index, (call, _) in enumerate(calls, 1) if kind not in ("torn", "short") or "write" in call]

    if options.sample:
        # A run without a network takes a second.
        count = options.sample * (3 if victim in ("simulator", "worker", "provision") else 1)
        length, first = len(calls) / count, numbers.randrange(len(kinds))
        for part in range(count):
            kind = kinds[(first + part) % len(kinds)]
            stretch = [index for index in usable(kind) if part * length < index <= (part + 1) * length]
            found.append(Fault(victim, numbers.choice(stretch or usable(kind)), kind, numbers.choice((1, 1, 3))))
        return found
    for kind in kinds:
        places, every = usable(kind), 1 if kind == "kill" else options.every
        for start in range(0, len(places), every):
            found.append(Fault(victim, numbers.choice(places[start:start + every]), kind))
    return found


def examine(machine, run, fault, expected):
    """Returns what became of a fault: the call, and the fault of the program or `None`."""
    with contextlib.suppress(FileNotFoundError):
        machine.journal.unlink()
    try:
        models, said = run.run(fault)
        problem = None if models == expected else "OTHER MODELS"
    except Failure as failure:
        problem, said = str(failure), getattr(run, "said", [])
    return fault.place(machine), said, problem


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("victims", nargs="*", metavar="VICTIM", help=", ".join(VICTIMS))
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--kinds", default=",".join(KINDS), help="separated by commas")
    parser.add_argument("--every", type=int, default=8, help="try other faults than kills at one call in so many, drawn at random")
    parser.add_argument("--sample", type=int, help="try only so many faults of each networked victim, and three times as many of the others")
    parser.add_argument("--seed", default="7")
    parser.add_argument("--calls", default="", help="only these calls, such as 5-20")
    parser.add_argument("--verbose", action="store_true", help="print each fault with what people saw")
    options = parser.parse_args()
    machine = Machine(options.programs.resolve(), options.work.resolve())
    simulation, provisioning, consortium = Simulation(machine), Provisioning(machine), None
    models, _ = simulation.run(None)
    problems = 0
    for victim in options.victims or VICTIMS:
        run, expected = simulation, models
        if victim == "provision":
            run, expected = provisioning, {}
        elif victim not in ("simulator", "worker"):
            consortium = run = consortium or Consortium(machine)
        place, said, problem = examine(machine, run, Fault(victim, 0, "kill"), expected)
        if problem:
            sys.exit(f"write-faults: the undisturbed run fails: {problem}")
        calls = run.calls() if victim == "provision" else machine.calls()
        found = faults_of(victim, calls, options)
        if options.calls:
            low, _, high = options.calls.partition("-")
            found = [fault for fault in found if int(low) <= fault.number <= int(high or low)]
        tally, bad = collections.Counter(), 0
        for fault in found:
            place, said, problem = examine(machine, run, fault, expected)
            tally[fault.kind] += place is not None
            if problem:
                bad += 1
                print(f"  {victim} {fault.kind} at call {fault.number} ({place}): {problem}", flush=True)
            elif options.verbose:
                print(f"  {victim} {fault.kind} at call {fault.number} ({place}): the same models; {said}", flush=True)
        kinds = ", ".join(f"{count} {kind}" for kind, count in tally.items())
        print(f"{victim}: {len(calls)} calls; {kinds}; {len(found) - bad} of {len(found)} left nothing to mend", flush=True)
        problems += bad
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
