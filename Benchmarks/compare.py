"""Compares Consilium's training steps with PyTorch's, in turns: A B A B, so that a noisy machine disturbs both alike.

    compare.py [--threads 2] [--rounds 6] [--seconds 2] [--json FILE] [CASE ...]
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
CASES = HERE / "training.json"
SWIFT = HERE / ".build/release/training-steps"
# The compared settings: Consilium's precision and layout, PyTorch's with its optimizer, and the required ratio.
SETTINGS = {
    "same settings": (("fp32", "contiguous"), ("fp32", "contiguous", "fused"), 1.0),
    "defaults": (("bf16", "channels-last"), ("fp32", "contiguous", "plain"), 1.6),
}


class Timer:
    """A process that takes training steps when asked."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, steps):
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args[0]} ended early")
        return json.loads(line)

    def close(self):
        """Ends the process and returns its peak memory, in KiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        self.process.stdin.close()
        self.process.wait()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def timer(is_swift, case, threads, settings):
    program = [SWIFT] if is_swift else [sys.executable, HERE / "pytorch_steps.py"]
    return Timer([str(part) for part in [*program, CASES, case, threads, *settings]])


def compare(case, threads, settings, rounds, seconds):
    """The medians of both sides over all steps, the median of their ratio over rounds, and the peaks of memory."""
    ours, theirs, _ = settings
    pair = [timer(True, case, threads, ours), timer(False, case, threads, theirs)]
    for side in pair:
        side.run(2)
    steps = max(2, round(seconds / statistics.median(pair[1].run(2)["seconds"])))
    turns = [[side.run(steps) for side in pair] for _ in range(rounds)]
    peaks = [side.close() for side in pair]
    medians = [[statistics.median(turn[side]["seconds"]) for turn in turns] for side in (0, 1)]
    return {
        "consilium": statistics.median(medians[0]),
        "pytorch": statistics.median(medians[1]),
        "ratio": statistics.median(b / a for a, b in zip(*medians)),
        "memory": peaks[0] / peaks[1],
        "stepsPerTurn": steps,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=2, help="seconds that each turn of a side takes")
    parser.add_argument("--json", type=pathlib.Path, help="also write the figures to this file")
    parser.add_argument("cases", nargs="*", default=[case["name"] for case in json.loads(CASES.read_text())])
    options = parser.parse_args()
    results = []
    print(f"{'case':13}{'settings':15}{'Consilium':>12}{'PyTorch':>12}{'ratio':>8}{'asked':>7}{'memory':>8}")
    for case in options.cases:
        for name, settings in SETTINGS.items():
            result = compare(case, options.threads, settings, options.rounds, options.seconds)
            results.append({"case": case, "settings": name, "asked": settings[2]} | result)
            print(
                f"{case:13}{name:15}{result['consilium'] * 1e3:9.1f} ms{result['pytorch'] * 1e3:9.1f} ms"
                f"{result['ratio']:8.2f}{settings[2]:7.1f}{result['memory']:8.2f}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


main()
