"""Compares the whole program with PyTorch: rounds, the first round, memory, averaging, and the effect of bf16 on accuracy.

    programs.py [--repeats 5] [--json FILE] [LINE ...]
"""

import argparse
import csv
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
CONSILIUM = HERE / "../.build/release/consilium"
MACHINERY = HERE / ".build/release/federated-rounds"
SCRATCH = HERE / ".build/scratch"
DATA = pathlib.Path(os.environ.get("CONSILIUM_DATA", HERE / "../../shared/data"))

STUDY = """\
study: {{name: small-cnn, version: 1, title: Small CNN, question: "How long does a round take?", task: classification, seed: 1}}
elements:
  - {{name: picture, kind: image, role: input, dimensions: 2, channels: 3}}
  - {{name: label, kind: category, role: target, values: {{0: a, 1: b, 2: c, 3: d, 4: e, 5: f, 6: g}}}}
  - {{name: part, kind: category, role: part, values: {{training: training, test: test}}}}
preprocessing:
  - normalise: {{method: scale, lower: 0, upper: 255}}
model: {{architecture: cnn, channels: [16, 32, 64]}}
training: {{loss: cross-entropy, optimizer: {{name: adamw, learning-rate: 1e-3, weight-decay: 1e-2}}, batch-size: 32}}
federation: {{workflow: fedavg, rounds: {rounds}}}
evaluation:
  metrics: [accuracy]
  split: {{element: part, test: [test], validation: []}}
  select-best-on: last
"""

SITES = """\
table: {file: table.csv}
sites: {column: site}
elements:
  picture: {npz: pictures.npz, array: pictures}
  label: label
  part: part
"""


def make_study(sites, rounds, training=200, test=2):
    """A study folder with random 28 x 28 pictures; the same for the same arguments."""
    import numpy

    folder = SCRATCH / f"small-cnn-{sites}-{rounds}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    random = numpy.random.default_rng(1)
    count = sites * (training + test)
    labels = random.integers(0, 7, count)
    # Give each class a tint, with noise, so that there is something to learn.
    tints = random.integers(60, 190, (7, 1, 1, 3))
    pictures = numpy.clip(tints[labels] + random.normal(0, 50, (count, 28, 28, 3)), 0, 255).astype(numpy.uint8)
    numpy.savez(folder / "pictures.npz", pictures=pictures)
    with open(folder / "table.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["site", "part", "index", "label"])
        for index, label in enumerate(labels):
            within = index % (training + test)
            part = "training" if within < training else "test"
            rows.writerow([f"site-{index // (training + test) + 1:02}", part, index, label])
    (folder / "study.yaml").write_text(STUDY.format(rounds=rounds))
    (folder / "sites.yaml").write_text(SITES)
    return folder


class Memory(threading.Thread):
    """The peak memory of each process started by this one, by name, in bytes."""

    def __init__(self, root):
        super().__init__(daemon=True)
        self.root, self.peaks, self.goes_on = root, {}, True

    def run(self):
        while self.goes_on:
            self.look()
            time.sleep(0.02)

    def look(self):
        """Reads the peaks of the root process and of the processes that it started."""
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                status = (entry / "status").read_text()
            except OSError:
                continue
            fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
            if str(self.root) in (entry.name, fields["PPid"].strip()):
                # A process that has just ended no longer has a peak.
                key, peak = (fields["Name"].strip(), entry.name), int(fields.get("VmHWM", "0").split()[0]) * 1024
                self.peaks[key] = max(self.peaks.get(key, 0), peak)

    def of(self, name):
        return max((peak for (found, _), peak in self.peaks.items() if found == name[:15]), default=0)


def simulate(folder, *arguments, sites=None):
    """Runs a study from the start. Returns its events with the seconds since the start of the program, and the memory."""
    out = SCRATCH / "run"
    shutil.rmtree(out, ignore_errors=True)
    command = [CONSILIUM, "simulate", folder / "study.yaml", "--out", out, "--json", *arguments]
    if sites:
        command += ["--sites", sites]
    begin = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    memory = Memory(process.pid)
    memory.start()
    events = [(time.perf_counter() - begin, json.loads(line)) for line in process.stdout]
    memory.goes_on = False
    if process.wait() != 0:
        raise SystemExit(f"consilium ended with status {process.returncode}")
    return events, memory


def rounds_of(events):
    return [(when, event["record"]) for when, event in events if event["event"] == "round-committed"]


def machinery(*arguments):
    return json.loads(subprocess.run([MACHINERY, *map(str, arguments)], stdout=subprocess.PIPE, check=True).stdout)


def pytorch_rounds(folder, rounds):
    script = HERE / "pytorch_rounds.py"
    output = subprocess.run(
        [sys.executable, script, folder, str(rounds)], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(output.stdout)


def small_sites(repeats):
    """20 sites x 200 images: a round and the memory of a worker, compared with a bare PyTorch loop over the same steps."""
    folder = make_study(sites=20, rounds=6)
    ours, theirs, memory = [], [], []
    for _ in range(repeats):
        events, peaks = simulate(folder, "--arms", "fedavg")
        peer = pytorch_rounds(folder, 6)
        ours.append(statistics.median(record["seconds"] for _, record in rounds_of(events)[1:]))
        theirs.append(statistics.median(peer["seconds"][1:]))
        memory.append((peaks.of("consilium-worker"), peer["peak"]))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs))
    yield "round of 20 sites x 200", f"{statistics.median(ours):.3f} s", f"{statistics.median(theirs):.3f} s", ratio, "<= 0.5"
    ours, theirs = (statistics.median(side) for side in zip(*memory))
    yield "  memory of an engine", f"{ours / 1e6:.0f} MB", f"{theirs / 1e6:.0f} MB", ours / theirs, "<= 1.2"


def first_round(repeats):
    """From the command to the first finished round of a study with two sites."""
    folder = make_study(sites=2, rounds=1)
    times = [rounds_of(simulate(folder, "--arms", "fedavg")[0])[0][0] for _ in range(repeats)]
    yield "first finished round", f"{statistics.median(times):.2f} s", "", None, "<= 1.5 s"


def large_round(repeats):
    """8 sites x 25 M parameters without training, in one process."""
    answers = [machinery("round", 8, 25_000_000, 6) for _ in range(repeats)]
    seconds = statistics.median(statistics.median(answer["seconds"][1:]) for answer in answers)
    peak = max(answer["peak"] for answer in answers)
    yield "round of 8 x 25 M", f"{seconds:.3f} s", "", None, "<= 0.3 s"
    yield "  memory", f"{peak / 1e6:.0f} MB", "", None, "<= 1000 MB"


def averaging(repeats):
    """The weighted mean of 100 updates x 10 M parameters, compared with a plain loop in C with two threads."""
    answers = [machinery("averaging", 100, 10_000_000, SCRATCH / "updates") for _ in range(repeats)]
    median = {key: statistics.median(answer[key] for answer in answers) for key in answers[0]}
    for key, name in (("memory", "mean of 100 x 10 M"), ("files", "  from files")):
        speed = statistics.median(answer["plainLoop"] / answer[key] for answer in answers)
        yield name, f"{median[key]:.3f} s", f"{median['plainLoop']:.3f} s", speed, ">= 0.6"
    yield "  memory beside files", f"{median['filesMemory'] / 1e6:.0f} MB", "", None, "<= 80 MB"


def accuracy(repeats):
    """AUC on pneumonia-cxr in fp32 and in bf16, the mean over seeds; needs the data."""
    folder = HERE / "../Examples/pneumonia-cxr"
    if not (DATA / "pneumonia-cxr").is_dir():
        print("bench: no accuracy, since there is no pneumonia-cxr in the data folder")
        return
    study = (folder / "study.yaml").read_text()
    scores = {}
    for precision in ("fp32", "bf16"):
        copy = SCRATCH / precision
        copy.mkdir(parents=True, exist_ok=True)
        text = study.replace("\ntraining:\n", f"\ntraining:\n  precision: {precision}\n")
        (copy / "study.yaml").write_text(text)
        scores[precision] = []
        for seed in range(1, repeats + 1):
            simulate(
                copy, "--arms", "fedavg", "--rounds", 4, "--seed", seed, "--data", DATA, sites=folder / "sites.yaml")
            summaries = json.loads((SCRATCH / "run/report.json").read_text())["summaries"]
            scores[precision].append(next(s["mean"]["value"] for s in summaries if s["metric"] == "auc"))
    means = {name: statistics.mean(values) for name, values in scores.items()}
    yield "AUC of bf16 and fp32", f"{means['bf16']:.4f}", f"{means['fp32']:.4f}", means["bf16"] / means["fp32"], ">= 0.99"


LINES = {
    "small-sites": small_sites, "first-round": first_round, "large-round": large_round, "averaging": averaging,
    "accuracy": accuracy,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures to this file")
    parser.add_argument("lines", nargs="*", default=list(LINES), metavar="LINE", help=", ".join(LINES))
    options = parser.parse_args()
    SCRATCH.mkdir(parents=True, exist_ok=True)
    results = []
    print(f"{'what':27}{'Consilium':>12}{'PyTorch or C':>14}{'ratio':>8}{'asked':>13}")
    for line in options.lines:
        for what, ours, theirs, ratio, asked in LINES[line](options.repeats):
            print(f"{what:27}{ours:>12}{theirs:>14}{'' if ratio is None else f'{ratio:.2f}':>8}{asked:>13}", flush=True)
            results.append({"what": what.strip(), "ours": ours, "theirs": theirs, "ratio": ratio, "asked": asked})
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


main()
