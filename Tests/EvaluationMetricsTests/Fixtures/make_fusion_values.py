"""Writes fusion.json: masks of five models for one image with their majority and STAPLE estimate, and the mean
probability of three classifiers. STAPLE follows Warfield, Zou and Wells (2004) directly, in logarithms."""

import json
import pathlib

import numpy as np

random = np.random.default_rng(20)


def staple(masks):
    decisions = masks.reshape(len(masks), -1).astype(float)
    prior = decisions.mean()
    sensitivity = np.full(len(masks), 0.99999)
    specificity = sensitivity.copy()
    for _ in range(500):
        with np.errstate(divide="ignore"):
            log = lambda hit, miss: np.log(np.where(decisions > 0, hit[:, None], miss[:, None])).sum(0)
            foreground = np.log(prior) + log(sensitivity, 1 - sensitivity)
            background = np.log(1 - prior) + log(1 - specificity, specificity)
        weight = 1 / (1 + np.exp(background - foreground))
        new = decisions @ weight / weight.sum(), (1 - decisions) @ (1 - weight) / (1 - weight).sum()
        change = max(np.abs(new[0] - sensitivity).max(), np.abs(new[1] - specificity).max())
        sensitivity, specificity = new
        if change < 1e-12:
            break
    return weight, sensitivity, specificity


if __name__ == "__main__":
    rows, columns = np.mgrid[:9, :10]
    truth = (rows - 4) ** 2 + (columns - 5) ** 2 <= 9
    masks = np.array([truth ^ (random.random(truth.shape) < rate) for rate in (0.03, 0.05, 0.08, 0.1, 0.3)]).astype(int)
    weight, sensitivity, specificity = staple(masks)
    logits = random.standard_normal((3, 6, 4)).round(4)
    exponentials = np.exp(logits)
    probabilities = (exponentials / exponentials.sum(-1, keepdims=True)).mean(0)
    values = {
        "masks": masks.reshape(len(masks), -1).tolist(),
        "majority": (2 * masks.sum(0) > len(masks)).astype(int).ravel().tolist(),
        "staple": {
            "probability": weight.tolist(), "sensitivity": sensitivity.tolist(), "specificity": specificity.tolist(),
        },
        "logits": logits.tolist(), "meanProbability": probabilities.tolist(),
    }
    path = pathlib.Path(__file__).parent / "fusion.json"
    path.write_text(json.dumps(values) + "\n")
