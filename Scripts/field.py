"""Runs the field cases and compares with expected.json; see field.sh."""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

CASES = pathlib.Path(__file__).parent.parent / "Tests/SiteTrainingTests/Fixtures/Field"


def run(program, *arguments):
    """Returns the status of a command and everything that it printed, on one line."""
    found = subprocess.run(
        [program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    return found.returncode, " ".join(found.stdout.split())


def figures(run_folder):
    """Returns the figures of a run by name: `dice.fedavg`, `auc.local-alpha.beta` (a model at a site), `together.pooled`."""
    report = json.loads((run_folder / "report.json").read_text())
    found = {}
    for summary in report["summaries"]:
        if "mean" in summary:
            found[f"{summary['metric']}.{summary['arm']}"] = summary["mean"]["value"]
    for arm in report["results"]["arms"]:
        for model in arm["models"]:
            name = arm["name"] + (f"-{model['site']}" if "site" in model else "")
            for test in model["test"]:
                for metric in test["evaluation"]["metrics"]:
                    found[f"{metric['name']}.{name}.{test['site']}"] = metric["value"]
            found[f"tested.{name}"] = sum(test["evaluation"]["patientCount"] for test in model["test"])
            if "together" in model:
                found[f"together.{name}"] = model["together"]["patientCount"]
        training = [entry["summary"]["exampleCount"] for entry in arm["rounds"][0]["training"]] if arm["rounds"] else []
        found[f"examples.{arm['name']}"] = sum(training)
    return found


class Case:
    """A case, with the results of its runs."""

    def __init__(self, program, folder, scratch):
        self.program, self.folder, self.scratch = program, folder, scratch
        self.outputs, self.runs = {}, {}

    def output(self, *arguments):
        if arguments not in self.outputs:
            self.outputs[arguments] = run(self.program, *arguments)
        return self.outputs[arguments]

    def check(self, name, sites, *options):
        return self.output("data", "check", self.folder / name / "study.yaml", "--sites", self.folder / name / sites, *options)

    def simulate(self, name, sites):
        """Returns the status, the text and the figures of a run."""
        if (name, sites) not in self.runs:
            out = self.scratch / f"{name}-{sites}".replace("/", "-")
            status, text = self.output(
                "simulate", self.folder / name / "study.yaml", "--sites", self.folder / name / sites, "--out", out)
            self.runs[name, sites] = (status, text, figures(out) if (out / "report.json").exists() else {})
        return self.runs[name, sites]

    def faults(self, name, outcome):
        """Returns the mismatches with a permitted outcome; empty if there are none."""
        sites = outcome.get("sites", "sites.yaml")
        faults = []
        if "inspect" in outcome:
            status, text = self.output("data", "inspect", self.folder / name / outcome["inspect"], "--json")
        elif "run" in outcome:
            status, text, found = self.simulate(name, sites)
            faults += compare(found, outcome["run"], lambda other: self.simulate(other, "sites.yaml")[2])
        else:
            status, text = self.check(name, sites, *outcome.get("options", []))
        if status not in outcome["status"]:
            faults.append(f"status {status}, expected {outcome['status']}")
        if "signal" in text or "Fatal error" in text:
            faults.append("a crash")
        faults += [f"'{words}' is missing" for words in outcome.get("says", []) if not re.search(words, text, re.I)]
        faults += [f"'{words}' is present" for words in outcome.get("not", []) if re.search(words, text, re.I)]
        if "patients" in outcome:
            patients = sum(int(count) for count in re.findall(r"(?:training|validation|test) (\d+)", text.split("caution:")[0]))
            if patients != outcome["patients"]:
                faults.append(f"{patients} patients, expected {outcome['patients']}")
        if "json" in outcome and status == 0:
            faults += compare_values(json.loads(text), outcome["json"])
        return faults + ([text[:500]] if faults else [])


def compare(found, expected, other):
    """Checks a figure. `wanted` is a range, `{"as": case, "within": distance}` or `{"equals": another figure}`."""
    faults = []
    for name, wanted in expected.items():
        value = found.get(name)
        if value is None:
            faults.append(f"{name} is missing")
        elif isinstance(wanted, dict) and "equals" in wanted:
            if value != found.get(wanted["equals"]):
                faults.append(f"{name} is {value}, {wanted['equals']} {found.get(wanted['equals'])}")
        elif isinstance(wanted, dict):
            reference = other(wanted["as"])[name]
            if abs(value - reference) > wanted["within"]:
                faults.append(f"{name} is {value:.3f}; {wanted['as']} has {reference:.3f}")
        elif not wanted[0] <= value <= wanted[1]:
            faults.append(f"{name} is {value:.3f}, expected {wanted[0]} to {wanted[1]}")
    return faults


def compare_values(found, expected, path=""):
    """Whether all keys of `expected` have its values; numbers may differ by a millionth."""
    if isinstance(expected, dict):
        return [fault for key, value in expected.items() for fault in compare_values(found.get(key), value, f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [fault for pair in zip(found, expected) for fault in compare_values(*pair, path + "[]")]
    if isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        return [] if abs(found - expected) <= 1e-6 * max(1, abs(expected)) else [f"{path} is {found}, expected {expected}"]
    return [] if found == expected else [f"{path} is {found}, expected {expected}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=CASES, help="the folder of the cases")
    parser.add_argument("--program", required=True)
    parser.add_argument("--cases", default="", help="a regular expression")
    parser.add_argument("--sample", action="store_true")
    options = parser.parse_args()
    expected = json.loads((CASES / "expected.json").read_text())["cases"]
    if (options.folder / "expected.json").exists():
        expected = json.loads((options.folder / "expected.json").read_text())["cases"]
    failed = count = 0
    with tempfile.TemporaryDirectory() as scratch:
        runner = Case(options.program, options.folder.resolve(), pathlib.Path(scratch))
        for item in expected:
            name = item["case"]
            if not re.search(options.cases, name) or (options.sample and not item.get("sample")):
                continue
            if not (options.folder / name).exists():
                print(f"{name}: not in {options.folder}")
                continue
            count += 1
            began = time.monotonic()
            # Each step of a case permits one or more outcomes.
            for step in item["steps"]:
                faults = [runner.faults(name, outcome) for outcome in step]
                if [] in faults:
                    continue
                failed += 1
                print(f"{name}: FAILED; expected: {item['expected']}")
                for fault in faults:
                    print("   " + "\n   ".join(fault))
            print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)
    print(f"field: {count} cases, {failed} failures")
    sys.exit(1 if failed or count == 0 else 0)


main()
