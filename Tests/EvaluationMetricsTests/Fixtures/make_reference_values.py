"""Writes reference-values.json: the results of NumPy, SciPy, scikit-learn, MONAI and lifelines for small generated examples.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install numpy scipy scikit-learn lifelines monai torch
    /tmp/reference/bin/python make_reference_values.py
"""

import json
import pathlib

import numpy as np
import torch
from lifelines.utils import concordance_index
from monai.metrics import compute_dice, compute_hausdorff_distance
from scipy.ndimage import distance_transform_edt, gaussian_filter
from sklearn import metrics
from sklearn.calibration import calibration_curve

random = np.random.default_rng(20261123)


def text(labels):
    return "".join(str(value) for value in labels.ravel())


def label_map(shape, classes, sigma):
    noise = np.stack([gaussian_filter(random.normal(size=shape), sigma) for _ in range(classes)])
    return noise.argmax(axis=0)


def one_hot(labels, classes):
    return torch.from_numpy(np.stack([labels == index for index in range(classes)])[None].astype(np.float32))


def segmentation(name, prediction, truth, classes, spacing):
    guess, actual = one_hot(prediction, classes), one_hot(truth, classes)
    dice = compute_dice(guess, actual, include_background=True, ignore_empty=False)[0]
    distance = compute_hausdorff_distance(
        guess, actual, include_background=True, percentile=95, spacing=list(spacing)
    )[0]
    marked = truth == 1
    return {
        "name": name,
        "shape": list(truth.shape),
        "spacing": list(spacing),
        "classCount": classes,
        "prediction": text(prediction),
        "truth": text(truth),
        "dice": dice.tolist(),
        "hausdorff95": [value if np.isfinite(value) else None for value in distance.double().tolist()],
        "distances": distance_transform_edt(~marked, sampling=spacing).ravel().round(9).tolist()
        if marked.any() and marked.size < 600
        else None,
    }


def segmentations():
    yield segmentation("2-D", label_map((17, 23), 3, 2), label_map((17, 23), 3, 2), 3, (1.0, 1.0))
    yield segmentation("2-D anisotropic", label_map((24, 15), 2, 2), label_map((24, 15), 2, 2), 2, (0.7, 2.5))
    truth = label_map((9, 14, 12), 3, 2)
    shifted = np.roll(truth, (1, 2, 0), axis=(0, 1, 2))
    yield segmentation("3-D anisotropic", shifted, truth, 3, (4.0, 1.0, 0.8))
    yield segmentation("3-D unrelated", label_map((6, 11, 8), 2, 1), truth[:6, :11, :8] % 2, 2, (3.0, 0.9, 1.1))
    dot, far = np.zeros((2, 12, 12), dtype=int)
    dot[0, 0] = 1
    far[11, 11] = 1
    yield segmentation("single voxels in opposite corners", dot, far, 2, (1.5, 2.0))
    empty = np.zeros((5, 6), dtype=int)
    full = np.ones((5, 6), dtype=int)
    yield segmentation("prediction empty", empty, full, 2, (1.0, 1.0))
    yield segmentation("both empty", empty, empty, 2, (1.0, 1.0))
    yield segmentation("equal", full, full, 2, (1.0, 1.0))


def calibration(labels, probabilities, weights):
    if probabilities.shape[1] == 2:
        stated, true = probabilities[:, 1], labels == 1
    else:
        stated, true = probabilities.max(axis=1), labels == probabilities.argmax(axis=1)
    stated, true = np.repeat(stated, weights), np.repeat(true, weights)
    observed, mean = calibration_curve(true, stated, n_bins=10, strategy="uniform")
    bins = np.searchsorted(np.linspace(0, 1, 11)[1:-1], stated)
    counts = np.bincount(bins, minlength=10)
    counts = counts[counts > 0]
    error = float((counts * np.abs(observed - mean)).sum() / counts.sum())
    return error, [list(row) for row in zip(counts.tolist(), mean.tolist(), observed.tolist())]


def classification_values(labels, probabilities, weights):
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    y, p, guess = np.repeat(labels, weights), np.repeat(probabilities, weights, axis=0), np.repeat(predicted, weights)
    binary = classes == 2
    error, curve = calibration(labels, probabilities, weights)
    # scikit-learn requires rows that sum to 1 in double precision; the AUC of each class does not.
    areas = [metrics.roc_auc_score(y == index, p[:, index]) for index in ([1] if binary else range(classes))]
    truths = np.eye(classes)[y]
    return {
        "auc": float(np.mean(areas)),
        "accuracy": metrics.accuracy_score(y, guess),
        "balanced-accuracy": metrics.balanced_accuracy_score(y, guess),
        "f1": metrics.f1_score(y, guess, average="binary" if binary else "macro"),
        "brier": metrics.brier_score_loss(y, p[:, 1]) if binary else float(((p - truths) ** 2).sum(axis=1).mean()),
        "calibration": error,
    }, curve


def classification(name, count, classes, decimals):
    labels = random.integers(0, classes, count)
    logits = random.normal(size=(count, classes)) + 1.2 * np.eye(classes)[labels]
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    probabilities = probabilities.round(decimals).astype(np.float32).astype(np.float64)
    ones = np.ones(count, dtype=int)
    values, curve = classification_values(labels, probabilities, ones)
    weights = random.multinomial(count, np.full(count, 1 / count))
    weighted, _ = classification_values(labels, probabilities, weights)
    return {
        "name": name,
        "classCount": classes,
        "labels": labels.tolist(),
        "probabilities": probabilities.ravel().tolist(),
        "values": values,
        "curve": curve,
        "weights": weights.tolist(),
        "weightedValues": weighted,
    }


def survival(name, count, time_step, risk_step):
    risks = (random.normal(size=count) / risk_step).round() * risk_step
    times = (np.exp(1.5 - 0.6 * risks + 0.7 * random.normal(size=count)) / time_step).round() * time_step
    events = random.random(count) < 0.6
    weights = random.multinomial(count, np.full(count, 1 / count))
    repeated = [np.repeat(values, weights) for values in (times, -risks, events)]
    return {
        "name": name,
        "times": times.tolist(),
        "events": events.tolist(),
        "risks": risks.tolist(),
        "value": concordance_index(times, -risks, events),
        "weights": weights.tolist(),
        "weightedValue": concordance_index(*repeated),
    }


numbers = random.normal(size=37).round(3)
reference = {
    "segmentation": list(segmentations()),
    "classification": [
        classification("binary", 80, 2, 6),
        classification("binary with ties", 60, 2, 1),
        classification("four classes", 120, 4, 6),
        classification("seven classes with ties", 90, 7, 1),
    ],
    "survival": [
        survival("no ties", 60, 1e-9, 1e-9),
        survival("tied times", 60, 2.0, 1e-9),
        survival("tied times and risks", 80, 3.0, 0.5),
    ],
    "percentiles": {
        "numbers": numbers.tolist(),
        "shares": [0, 0.025, 0.05, 0.5, 0.95, 0.975, 1],
        "values": np.percentile(numbers, [0, 2.5, 5, 50, 95, 97.5, 100]).tolist(),
    },
}
path = pathlib.Path(__file__).with_name("reference-values.json")
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
