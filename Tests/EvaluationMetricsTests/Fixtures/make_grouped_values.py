"""Writes grouped-values.json: metrics per patient of patients with several images, by NumPy and scikit-learn.

    /tmp/reference/bin/pip install numpy scikit-learn lifelines
    /tmp/reference/bin/python make_grouped_values.py
"""

import json
import pathlib

import numpy as np
from lifelines.utils import concordance_index
from sklearn import metrics

random = np.random.default_rng(20261130)


def aggregate(rows, patients, how):
    """One row per patient: the mean, or the highest of each column."""
    return np.stack([getattr(rows[patients == patient], how)(axis=0) for patient in np.unique(patients)])


def classification(name, classes, how, mixed):
    patients = np.repeat(np.arange(40), random.integers(1, 6, 40))
    labels = random.integers(0, classes, 40)[patients]
    if mixed:  # some images of a patient show nothing
        labels = np.where(random.random(len(labels)) < 0.3, 0, labels)
    logits = random.normal(size=(len(labels), classes)) + 1.2 * np.eye(classes)[labels]
    rows = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    rows = rows.round(6).astype(np.float32).astype(np.float64)
    whole = aggregate(rows, patients, how)
    if how == "max":
        whole = np.stack([1 - whole[:, 1], whole[:, 1]], 1) if classes == 2 else whole / whole.sum(1, keepdims=True)
    whole = whole.astype(np.float32).astype(np.float64)
    truth = np.array([labels[patients == patient].max() for patient in np.unique(patients)])
    areas = [metrics.roc_auc_score(truth == k, whole[:, k]) for k in ([1] if classes == 2 else range(classes))]
    return {
        "name": name,
        "classCount": classes,
        "aggregation": how,
        "patients": patients.tolist(),
        "labels": labels.tolist(),
        "probabilities": rows.ravel().tolist(),
        "values": {
            "auc": float(np.mean(areas)),
            "balanced-accuracy": metrics.balanced_accuracy_score(truth, whole.argmax(axis=1)),
        },
        "perImageArea": metrics.roc_auc_score(labels == 1, rows[:, 1]),
    }


def survival(how):
    patients = np.repeat(np.arange(30), random.integers(1, 4, 30))
    times, events = random.exponential(10, 30), random.random(30) < 0.6
    risks = random.normal(size=len(patients)) - 0.1 * times[patients]
    whole = aggregate(risks[:, None], patients, how)[:, 0]
    return {
        "aggregation": how,
        "patients": patients.tolist(),
        "times": times[patients].tolist(),
        "events": events[patients].tolist(),
        "risks": risks.tolist(),
        "value": concordance_index(times, -whole, events),
    }


reference = {
    "classification": [
        classification("two classes, mean", 2, "mean", False),
        classification("two classes, max, mixed", 2, "max", True),
        classification("two classes, mean, mixed", 2, "mean", True),
        classification("four classes, mean", 4, "mean", False),
        classification("four classes, max", 4, "max", False),
    ],
    "survival": [survival("mean"), survival("max")],
}
path = pathlib.Path(__file__).with_name("grouped-values.json")
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
