"""Measures the cost of a round in other federated systems on this machine: Flower over the network, and NVIDIA FLARE.

    peers.py [--json FILE] [--parameters 25000000] [--sites 8] [--rounds 5] [flower | nvflare ...]

Each peer runs as its guide describes: a server and the processes of each site, over loopback with TLS, FedAvg by its own strategy, one
NumPy array, no training and no evaluation. Each site adds a different constant to the received array, since Flower sends equal arrays
only once. A round lasts until the next one starts, by the server's clock; the last one lasts until its mean is computed. FLARE also
saves each mean. Memory is the peak of the anonymous memory (RssAnon) of all processes of the server, or of one site, together. The time
to the first finished round starts with the first process; everything is installed then, with certificates and application on disk.
"""

import argparse
import collections
import contextlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

from network import anonymous, free_port

HERE = pathlib.Path(__file__).parent.resolve()
PEERS = HERE / ".build/peers"
# Pin the versions: the way to run the peers changes between them.
PACKAGES = {"flower": "flwr==1.42.0", "nvflare": "nvflare==2.9.0"}
# The seconds allowed for a server to answer, a round to finish or a command to end.
LIMIT = 600
FIRSTS = 3
# If this many seconds pass between two samples of the memory, the processes were stopped: a laptop slept or a machine was paused.
PAUSE = 5

FLOWER_PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "bench"
version = "1.0.0"
description = "What a round costs"
license = "Apache-2.0"
dependencies = ["flwr"]

[tool.flwr.app]
publisher = "bench"

[tool.flwr.app.components]
serverapp = "bench.server:app"
clientapp = "bench.client:app"

[tool.flwr.app.config]
sites = {sites}
parameters = {parameters}
rounds = {rounds}
moments = "{moments}"
"""

FLOWER_SERVER = """\
import time

import numpy
from flwr.app import ArrayRecord
from flwr.serverapp import ServerApp
from flwr.serverapp.strategy import FedAvg

app = ServerApp()


class Timed(FedAvg):
    def __init__(self, moments, **options):
        super().__init__(**options)
        self.moments = moments

    def note(self, *words):
        with open(self.moments, "a") as file:
            print(time.time(), *words, file=file)

    def configure_train(self, *arguments):
        messages = super().configure_train(*arguments)
        self.note("started")
        return messages

    def aggregate_train(self, server_round, replies):
        replies = list(replies)
        answer = super().aggregate_train(server_round, replies)
        self.note("finished", sum(not reply.has_error() for reply in replies))
        return answer


@app.main()
def main(grid, context):
    config = context.run_config
    model = numpy.random.default_rng(1).standard_normal(config["parameters"], numpy.float32)
    strategy = Timed(
        config["moments"], fraction_evaluate=0.0, min_train_nodes=config["sites"], min_available_nodes=config["sites"])
    try:
        strategy.start(grid=grid, initial_arrays=ArrayRecord([model]), num_rounds=config["rounds"])
    finally:
        strategy.note("ended")
"""

FLOWER_CLIENT = """\
import numpy
from flwr.app import ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp

app = ClientApp()


@app.train()
def train(message, context):
    own = numpy.float32((context.node_config["partition-id"] + 1) / 1024)
    layers = [layer + own for layer in message.content["arrays"].to_numpy_ndarrays()]
    content = RecordDict({"arrays": ArrayRecord(layers), "metrics": MetricRecord({"num-examples": 1})})
    return Message(content=content, reply_to=message)
"""

FLOWER_CONNECTION = """\
[superlink]
default = "bench"

[superlink.bench]
address = "127.0.0.1:{port}"
root-certificates = "{authority}"
"""

NVFLARE_PROJECT = """\
api_version: 3
name: bench
description: What a round costs
participants:
  - {{name: server, type: server, org: bench, fed_learn_port: {port}, admin_port: {port}}}
  - {{name: admin@bench.org, type: admin, org: bench, role: project_admin}}
{sites}
builders:
  - {{path: nvflare.lighter.impl.workspace.WorkspaceBuilder}}
  - {{path: nvflare.lighter.impl.static_file.StaticFileBuilder, args: {{config_folder: config}}}}
  - {{path: nvflare.lighter.impl.cert.CertBuilder}}
  - {{path: nvflare.lighter.impl.signature.SignatureBuilder}}
"""

NVFLARE_JOB = """\
import pathlib
import sys

import numpy
from nvflare.app_common.np.recipes.fedavg import NumpyFedAvgRecipe
from nvflare.recipe import ProdEnv

kit, sites, parameters, rounds = sys.argv[1], *map(int, sys.argv[2:])
initial = pathlib.Path("initial.npy").resolve()
numpy.save(initial, numpy.random.default_rng(1).standard_normal(parameters, numpy.float32))
recipe = NumpyFedAvgRecipe(
    name="bench", initial_ckpt=str(initial), min_clients=sites, num_rounds=rounds, train_script="client.py")
recipe.execute(ProdEnv(startup_kit_location=kit, username="admin@bench.org", login_timeout=60))
"""

NVFLARE_CLIENT = """\
import numpy
import nvflare.client as flare

flare.init()
own = numpy.float32(int(flare.get_site_name().rpartition("-")[2]) / 1024)
while flare.is_running():
    model = flare.receive()
    flare.send(flare.FLModel(params={name: layer + own for name, layer in model.params.items()}))
"""


class NotMeasured(Exception):
    """The reason why there are no figures of a peer."""


def run(*arguments, limit=LIMIT, **options):
    """Runs a command, which must succeed, and returns its output."""
    name = pathlib.Path(arguments[0]).name
    try:
        answer = subprocess.run(
            list(map(str, arguments)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=limit, **options)
    except OSError as error:
        raise NotMeasured(f"{name}: {error.strerror}")
    except subprocess.TimeoutExpired:
        raise NotMeasured(f"{name} did not end within {limit} s")
    if answer.returncode:
        lines = answer.stdout.strip().splitlines()
        raise NotMeasured(f"{name} failed: {lines[-1] if lines else 'it does not say why'}")
    return answer.stdout.strip()


def install(peer):
    """The virtual environment of a peer, created if it is missing, and the version in it."""
    package, version = PACKAGES[peer].split("==")
    environment = PEERS / peer
    question = f"from importlib.metadata import version; print(version('{package}'))"
    with contextlib.suppress(NotMeasured):
        if run(environment / "bin/python", "-c", question) == version:
            return environment, version
    print(f"peers: installing {PACKAGES[peer]} in {os.path.relpath(environment)}", file=sys.stderr)
    try:
        if not importlib.util.find_spec("ensurepip"):
            raise NotMeasured("this Python has no ensurepip (Debian: apt install python3-venv)")
        run(sys.executable, "-m", "venv", "--clear", environment)
        run(environment / "bin/pip", "install", "--quiet", "--disable-pip-version-check", PACKAGES[peer], limit=1800)
    except NotMeasured as reason:
        shutil.rmtree(environment, ignore_errors=True)
        raise NotMeasured(f"{PACKAGES[peer]} could not be installed: {reason}")
    return environment, version


class Watch(threading.Thread):
    """The peak anonymous memory of the server and of each site, sampled twenty times per second, and the times at which all were stopped."""

    def __init__(self, federation):
        super().__init__(daemon=True)
        self.federation = federation
        self.most = collections.Counter()
        self.pauses = []
        self.goes_on = True
        self.start()

    def run(self):
        last = time.time()
        while self.goes_on:
            sample = collections.Counter()
            for pid, role in self.federation.members().items():
                sample[role] += anonymous(pid)
            self.most |= sample
            if time.time() - last > PAUSE:
                self.pauses.append((last, time.time()))
            last = time.time()
            time.sleep(0.05)

    def megabytes(self, roles):
        return max(self.most[role] for role in roles) / 1e6

    def stood_still(self, begin, end):
        return any(first < end and begin < last for first, last in self.pauses)


class Federation:
    """A server and sites on this machine.

    A variable in the environment, inherited by child processes, states the role to which a process belongs.
    """

    VARIABLE = "PEERS_PROCESS"

    def __init__(self, environment, sites, parameters, rounds):
        self.environment, self.parameters, self.rounds = environment, parameters, rounds
        self.folder = PEERS / "scratch"
        self.logs = PEERS / "logs" / type(self).__name__.lower()
        self.names = [f"site-{number + 1}" for number in range(sites)]
        self.port = free_port()
        self.started = []

    def variables(self, role):
        """The environment of a role, with its own home in the scratch folder."""
        home = self.folder / "homes" / role
        home.mkdir(parents=True, exist_ok=True)
        return os.environ | {
            self.VARIABLE: f"{os.getpid()}/{role}", "PATH": f"{self.environment / 'bin'}:{os.environ['PATH']}",
            "HOME": str(home), "TMPDIR": str(home), "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost",
        }

    def run(self, *arguments):
        return run(*arguments, env=self.variables("admin"), cwd=self.folder)

    def start(self, role, *arguments):
        with open(self.logs / f"{role}.log", "w") as log:
            self.started.append(subprocess.Popen(
                list(map(str, arguments)), env=self.variables(role), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True))

    def members(self):
        """The role of each process that is alive."""
        mark = f"{self.VARIABLE}={os.getpid()}/".encode()
        found = {}
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as file:
                for variable in file.read().split(b"\0"):
                    if variable.startswith(mark):
                        found[int(entry)] = variable[len(mark):].decode()
        return found

    def fail(self, reason):
        raise NotMeasured(f"{reason}; see the logs in {os.path.relpath(self.logs)}")

    def check(self):
        # Look several times, since a process has no environment for a moment while it starts.
        for _ in range(4):
            alive = self.members().values()
            ended = [role for role in ["server", *self.names] if role not in alive]
            if not ended:
                return
            time.sleep(0.5)
        self.fail(f"{', '.join(ended)} ended")

    def wait_for_server(self):
        begin = time.monotonic()
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            self.check()
            if time.monotonic() - begin > LIMIT:
                self.fail(f"the server does not answer within {LIMIT} s")
            time.sleep(0.05)

    def wait_for_rounds(self):
        """The times at which each round started and was finished."""
        begin, seen = time.monotonic(), 0
        while True:
            started, finished, ended = self.moments()
            for _, count in finished:
                if count != len(self.names):
                    self.fail(f"a mean was taken over {count} of {len(self.names)} sites")
            if len(finished) == self.rounds:
                return started, [moment for moment, _ in finished]
            if ended:
                self.fail(f"the run ended after {len(finished)} rounds")
            self.check()
            if len(finished) > seen:
                begin, seen = time.monotonic(), len(finished)
            if time.monotonic() - begin > LIMIT:
                self.fail(f"no round was finished for {LIMIT} s")
            time.sleep(0.2)

    def __enter__(self):
        for folder in (self.folder, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        self.watch = Watch(self)
        return self

    def __exit__(self, *_):
        for kind in (signal.SIGTERM, signal.SIGKILL):
            begin = time.monotonic()
            while (members := self.members()) and time.monotonic() - begin < 10:
                for pid in members:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, kind)
                time.sleep(0.5)
        for process in self.started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
        self.watch.goes_on = False
        self.watch.join()
        # The folder takes gigabytes.
        shutil.rmtree(self.folder, ignore_errors=True)


class Flower(Federation):
    """A SuperLink, a SuperNode for each site, and an application that `flwr run` submits."""

    def prepare(self):
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        self.run("openssl", "req", "-x509", *key, "-days", "2", "-subj", "/CN=bench authority",
                 "-addext", "keyUsage=critical,keyCertSign", "-keyout", "authority.key", "-out", "authority.crt")
        self.run("openssl", "req", *key, "-subj", "/CN=bench server", "-keyout", "server.key", "-out", "server.csr")
        (self.folder / "server.ext").write_text(
            "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\n")
        self.run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "authority.crt", "-CAkey", "authority.key",
                 "-CAcreateserial", "-days", "2", "-extfile", "server.ext", "-out", "server.crt")
        self.noted = self.folder / "moments"
        self.noted.touch()
        application = self.folder / "application"
        (application / "bench").mkdir(parents=True)
        (application / "bench/__init__.py").touch()
        (application / "bench/server.py").write_text(FLOWER_SERVER)
        (application / "bench/client.py").write_text(FLOWER_CLIENT)
        (application / "pyproject.toml").write_text(FLOWER_PROJECT.format(
            sites=len(self.names), parameters=self.parameters, rounds=self.rounds, moments=self.noted))
        (pathlib.Path(self.variables("admin")["FLWR_HOME"]) / "config.toml").write_text(
            FLOWER_CONNECTION.format(port=self.port, authority=self.folder / "authority.crt"))

    def variables(self, role):
        variables = super().variables(role)
        return variables | {
            "FLWR_HOME": variables["HOME"], "FLWR_TELEMETRY_ENABLED": "0", "FLWR_DISABLE_UPDATE_CHECK": "1"}

    def submit(self):
        # Otherwise each run downloads Flower and NumPy again before its first round.
        self.start("server", "flower-superlink", "--disable-runtime-dependency-installation", "--host", "127.0.0.1",
                   "--port", self.port, "--ssl-certfile", "server.crt", "--ssl-keyfile", "server.key",
                   "--ssl-ca-certfile", "authority.crt")
        for number, name in enumerate(self.names):
            self.start(name, "flower-supernode", "--superlink", f"127.0.0.1:{self.port}", "--root-certificates",
                       "authority.crt", "--port", free_port(), "--node-config",
                       f"partition-id={number} num-partitions={len(self.names)}")
        self.wait_for_server()
        self.run("flwr", "run", "application", "bench")

    def moments(self):
        """The times that the strategy recorded."""
        lines = [line.split() for line in self.noted.read_text().splitlines()]
        started = [float(line[0]) for line in lines if line[1] == "started"]
        finished = [(float(line[0]), int(line[2])) for line in lines if line[1] == "finished"]
        return started, finished, any(line[1] == "ended" for line in lines)


class Nvflare(Federation):
    """The startup kits of `nvflare poc prepare`, each started by its own start.sh, and a job of the FedAvg recipe for NumPy."""

    def prepare(self):
        sites = "\n".join(f"  - {{name: {name}, type: client, org: bench}}" for name in self.names)
        (self.folder / "project.yml").write_text(NVFLARE_PROJECT.format(port=self.port, sites=sites))
        (self.folder / "job.py").write_text(NVFLARE_JOB)
        (self.folder / "client.py").write_text(NVFLARE_CLIENT)
        self.run("nvflare", "poc", "prepare", "-i", "project.yml")

    def variables(self, role):
        return super().variables(role) | {"NVFLARE_POC_WORKSPACE": str(self.folder / "poc")}

    def submit(self):
        kits = self.folder / "poc/bench/prod_00"
        for role in ["server", *self.names]:
            self.start(role, kits / role / "startup/start.sh")
        self.wait_for_server()
        self.run("python", "job.py", kits / "admin@bench.org", len(self.names), self.parameters, self.rounds)

    def moments(self):
        """The times that the controller logged, in local time."""
        started, finished, ended = [], [], False
        now = count = 0
        for line in (self.logs / "server.log").read_text(errors="replace").splitlines():
            if entry := re.search(r"(\d+-\d+-\d+ \d+:\d+:\d+),(\d+) - FedAvg - ", line):
                now = time.mktime(time.strptime(entry[1], "%Y-%m-%d %H:%M:%S")) + int(entry[2]) / 1000
            if re.search(r"Round \d+ started\.", line):
                started.append(now)
            elif results := re.search(r"Aggregated (\d+)/\d+ results", line):
                count = int(results[1])
            elif "End persist model on server" in line:
                finished.append((now, count))
            elif "Server runner finished" in line:
                ended = True
        return started, finished, ended


def measure(kind, *arguments):
    """The start of a run, the starts and ends of its rounds, and the samples taken during it.

    A failed run is repeated up to twice if all its processes were stopped, since the peers then consider their tasks lost.
    """
    # Otherwise gigabytes of an earlier measurement would still be written to disk during this one.
    os.sync()
    for attempt in range(3):
        with kind(*arguments) as federation:
            try:
                federation.prepare()
                begin = time.time()
                federation.submit()
                return begin, *federation.wait_for_rounds(), federation.watch
            except NotMeasured:
                if attempt == 2 or not federation.watch.pauses:
                    raise


def measure_peer(peer, sites, parameters, rounds):
    environment, version = install(peer)
    firsts = []
    for _ in range(FIRSTS):
        begin, _, finished, watch = measure(KINDS[peer], environment, 2, 1000, 1)
        if not watch.stood_still(begin, finished[0]):
            firsts.append(finished[0] - begin)
    _, started, finished, watch = measure(KINDS[peer], environment, sites, parameters, rounds)
    ends = started[1:] + finished[-1:]
    seconds = [end - start for start, end in zip(started, ends) if not watch.stood_still(start, end)]
    if not firsts or not seconds:
        raise NotMeasured("the processes stood still in each round")
    return {
        "version": version, "sites": sites, "parameters": parameters, "rounds": seconds, "round": statistics.median(seconds),
        "serverMB": watch.megabytes(["server"]), "siteMB": watch.megabytes(set(watch.most) - {"server", "admin"}),
        "firsts": firsts, "first": statistics.median(firsts), "pauses": len(watch.pauses),
    }


def report(peer, answer):
    print(f"{peer} {answer['version']}: {answer['sites']} sites x {answer['parameters'] / 1e6:g} M parameters, no training")
    print(f"  a round, median of {len(answer['rounds'])}           {answer['round']:8.2f} s   "
          f"({', '.join(f'{second:.2f}' for second in answer['rounds'])})")
    print(f"  server, anonymous memory       {answer['serverMB']:6.0f} MB")
    print(f"  a site, anonymous memory       {answer['siteMB']:6.0f} MB")
    print(f"  first finished round after     {answer['first']:6.2f} s   "
          f"(2 sites x 1000 parameters, median of {len(answer['firsts'])})")
    if answer["pauses"]:
        print("  the processes stood still meanwhile; rounds in which they did are left out")


KINDS = {"flower": Flower, "nvflare": Nvflare}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:8} {kind.__doc__}" for name, kind in KINDS.items()))
    parser.add_argument("peer", nargs="*", metavar="PEER", help=f"which peers ({', '.join(KINDS)})")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--parameters", type=int, default=25_000_000)
    parser.add_argument("--sites", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.peer if name not in KINDS]:
        parser.error(f"there is no peer {', '.join(unknown)}")
    # Exit in the usual way, so that the processes are ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("peers: ended"))
    answers = {}
    for peer in arguments.peer or KINDS:
        try:
            answers[peer] = measure_peer(peer, arguments.sites, arguments.parameters, arguments.rounds)
            report(peer, answers[peer])
        except NotMeasured as reason:
            answers[peer] = {"notMeasured": str(reason)}
            print(f"{peer}: not measured: {reason}")
        sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(answers, indent=2))


if __name__ == "__main__":
    main()
