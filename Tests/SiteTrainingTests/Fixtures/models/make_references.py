"""Writes PyTorch's results for each model family: names, loss, gradients and parameters after five steps.

    python3 -m venv venv
    venv/bin/pip install torch==2.13.0 numpy pillow && venv/bin/pip install --no-deps torchvision==0.28.0 monai==1.6.1
    venv/bin/python make_references.py            # writes CASE.json beside itself
    venv/bin/python make_references.py --double   # prints how far fp32 is from fp64 instead

The classes are torchvision's and MONAI's own, and the losses MONAI's where it has them. Weights and data are not stored:
both sides compute them from one table (`pseudo_random`), so that full-size models need small files. Everything runs in
fp32 on one thread.
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch
from torch import nn

TABLE_SIZE = 8191  # a prime, so that rows of a tensor do not repeat


def splitmix64(count, seed):
    mask = (1 << 64) - 1
    state, values = seed, []
    for _ in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        values.append(z ^ (z >> 31))
    return values


# Doubles in [0, 1).
TABLE = np.array([(value >> 11) * 2.0**-53 for value in splitmix64(TABLE_SIZE, 1)])


def pseudo_random(count, offset, low, high):
    """`count` numbers in [low, high), computed in fp64 and rounded to fp32."""
    scaled = (low + (high - low) * TABLE).astype(np.float32)
    return np.resize(np.roll(scaled, -(offset % TABLE_SIZE)), count)


def weights_of(name, shape, ordinal):
    """The values of tensor number `ordinal` of the state."""
    count, offset = math.prod(shape), 97 * ordinal
    if name.endswith("running_var"):
        low, high = 0.5, 1.5
    elif name.endswith("adn.A.weight"):
        low, high = 0.15, 0.35
    elif len(shape) == 1 and name.endswith("weight"):
        low, high = 0.4, 0.6
    elif name.endswith(("bn1.bias", "bn2.bias", "bn3.bias", "norm1.bias", "norm2.bias")):
        low, high = 0.5, 1.0  # most of a ReLU's inputs positive: a deep network that does not amplify rounding
    elif len(shape) == 1:
        low, high = -0.1, 0.1
    else:
        gain = 0.1 if name.startswith(("fc", "classifier")) else 1
        high = gain * math.sqrt(6 / (count // shape[0]))
        low = -high
    return pseudo_random(count, offset, low, high).reshape(shape)


class MLP(nn.Module):
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        sizes = [inputs, *hidden]
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.output = nn.Linear(sizes[-1], outputs)

    def forward(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return self.output(x)


class SmallCNN(nn.Module):
    """30,871 parameters with channels 16, 32, 64, three input channels and seven classes, whatever the image's size."""

    def __init__(self, in_channels, channels, classes):
        super().__init__()
        widths = [in_channels, *channels]
        self.levels = len(channels)
        for level in range(1, self.levels + 1):
            conv = nn.Conv2d(widths[level - 1], widths[level], 3, padding=1, bias=False)
            self.add_module(f"conv{level}", conv)
            self.add_module(f"norm{level}", nn.BatchNorm2d(widths[level]))
        self.fc = nn.Linear(widths[-1] * 16, classes)

    def forward(self, x):
        for level in range(1, self.levels + 1):
            if level > 1:
                x = nn.functional.max_pool2d(x, 2)
            x = torch.relu(self.get_submodule(f"norm{level}")(self.get_submodule(f"conv{level}")(x)))
        return self.fc(nn.functional.adaptive_avg_pool2d(x, 4).flatten(1))


def torchvision_models():
    """torchvision.models, even if its compiled operators, which these models do not use, are absent or built for CUDA."""
    try:
        from torchvision import models
    except RuntimeError:
        for operator in ("nms", "qnms"):
            torch.library.define(f"torchvision::{operator}", "(Tensor a, Tensor b, float c) -> Tensor")
        from torchvision import models

    return models


def build(model):
    kind = model["architecture"]
    channels, outputs = model["in_channels"], model["out_channels"]
    if kind == "linear":
        return nn.Linear(channels, outputs)
    if kind == "mlp":
        return MLP(channels, model["hidden"], outputs)
    if kind == "cnn":
        return SmallCNN(channels, model["channels"], outputs)
    if kind == "unet":
        from monai.networks.nets import UNet

        norm = ("group", {"num_groups": model["groups"]}) if model["norm"] == "group" else model["norm"]
        return UNet(
            model["dimensions"], channels, outputs, model["channels"], model["strides"],
            num_res_units=model["residual_units"], norm=norm)
    net = getattr(torchvision_models(), kind)(num_classes=outputs)
    if channels != 3:
        holder, name = (net.features, "conv0") if "dense" in kind else (net, "conv1")
        setattr(holder, name, nn.Conv2d(channels, 64, 7, 2, 3, bias=False))
    return net


def cox(method):
    """Negative log partial likelihood of Cox (1972), ties by Breslow (1974) or Efron (1977), over the number of events."""

    def loss(output, target):
        times, events = target
        risk, total = output[:, 0], 0
        for time in sorted(set(times[events > 0].tolist())):
            at_risk = torch.exp(risk[times >= time]).sum()
            tied = (times == time) & (events > 0)
            deaths = int(tied.sum())
            total = total - risk[tied].sum()
            for k in range(deaths):
                part = k / deaths if method == "efron" else 0
                total = total + torch.log(at_risk - part * torch.exp(risk[tied]).sum())
        return total / events.sum()

    return loss


def loss_of(settings, dtype):
    name = settings["name"]
    if name == "cross-entropy":
        weights = settings.get("class_weights")
        return nn.CrossEntropyLoss(weight=None if weights is None else torch.tensor(weights, dtype=dtype))
    if name == "binary-cross-entropy":
        return nn.BCEWithLogitsLoss()
    if name in ("cox-breslow", "cox-efron"):
        return cox(name[4:])
    from monai.losses import DiceCELoss, DiceLoss, FocalLoss

    if name == "focal":
        inner = FocalLoss(use_softmax=True, to_onehot_y=True, gamma=settings["gamma"])
    else:
        inner = {"dice": DiceLoss, "dice-ce": DiceCELoss}[name](softmax=True, to_onehot_y=True)
    return lambda output, target: inner(output, target[:, None])


def target_of(case, output_shape, dtype):
    """Targets of the shape that the loss requires, from the same table."""
    batch, classes = output_shape[:2]
    name = case["loss"]["name"]
    if name.startswith("cox"):
        times = np.floor(pseudo_random(batch, 11, 1, 6))
        events = pseudo_random(batch, 23, 0, 1) < 0.6
        return torch.tensor(times, dtype=dtype), torch.tensor(events, dtype=dtype)
    if name == "binary-cross-entropy":
        return torch.tensor(pseudo_random(batch * classes, 11, 0, 1) < 0.5, dtype=dtype).reshape(batch, classes)
    shape = (batch, *output_shape[2:])
    labels = np.floor(pseudo_random(math.prod(shape), 11, 0, classes)).astype(np.int64)
    return torch.tensor(np.minimum(labels, classes - 1)).reshape(shape)


def optimizer_of(settings, parameters):
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[settings["name"]]
    return kind(parameters, **{key: value for key, value in settings.items() if key != "name"})


def summary(tensor, samples):
    """The norm, then the elements at evenly spaced places of the flattened tensor; all of them if there are few."""
    flat = tensor.detach().reshape(-1).double()
    places = range(len(flat)) if len(flat) <= samples else [k * (len(flat) - 1) // (samples - 1) for k in range(samples)]
    return [rounded(flat.norm().item())] + [rounded(flat[i].item()) for i in places]


def rounded(value):
    return float(f"{value:.8g}")


def state_of(model):
    """The state_dict without the counters of batches, which no computation reads."""
    return {name: tensor for name, tensor in model.state_dict().items() if not name.endswith("num_batches_tracked")}


def compute(case, dtype=torch.float32):
    model = build(case["model"])
    state = state_of(model)
    values = {
        name: torch.tensor(weights_of(name, tuple(tensor.shape), i)).to(tensor.dtype).reshape(tensor.shape)
        for i, (name, tensor) in enumerate(state.items())
    }
    missing = model.load_state_dict(values, strict=False).missing_keys
    assert all(name.endswith("num_batches_tracked") for name in missing)
    model.to(dtype).train()
    shape = case["input"]
    inputs = torch.tensor(pseudo_random(math.prod(shape), 5, -1.7, 1.7)).to(dtype).reshape(shape)
    loss_function = loss_of(case["loss"], dtype)
    optimizer = optimizer_of(case["optimizer"], list(model.parameters()))
    samples, losses = case["samples"], []
    result = dict(case)
    for step in range(5):
        optimizer.zero_grad()
        output = model(inputs)
        loss = loss_function(output, target_of(case, tuple(output.shape), dtype))
        loss.backward()
        losses.append(rounded(loss.item()))
        if step == 0:
            result["output"] = summary(output, 64)
            gradients = {name: summary(p.grad, samples) for name, p in model.named_parameters()}
        optimizer.step()
    model.eval()
    with torch.no_grad():
        result["evaluated"] = summary(model(inputs), 64)
    result["losses"] = losses
    result["state"] = [
        {"name": name, "shape": list(tensor.shape), "after": summary(tensor, samples)}
        | ({"gradient": gradients[name]} if name in gradients else {})
        for name, tensor in state_of(model).items()
    ]
    return result


SGD = {"name": "sgd", "lr": 0.01, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-4}
ADAM = {"name": "adam", "lr": 1e-3}
ADAMW = {"name": "adamw", "lr": 1e-3, "weight_decay": 0.01}
CE, BINARY, DICE, DICE_CE = ({"name": name} for name in ("cross-entropy", "binary-cross-entropy", "dice", "dice-ce"))
WEIGHTED = {"name": "cross-entropy", "class_weights": [1.0, 2.5, 0.5]}
FOCAL = {"name": "focal", "gamma": 2.0}
BRESLOW, EFRON = {"name": "cox-breslow"}, {"name": "cox-efron"}


def cases():
    linear = {"architecture": "linear", "in_channels": 7, "out_channels": 1}
    mlp = {"architecture": "mlp", "in_channels": 6, "hidden": [8, 5], "out_channels": 3}
    risk = mlp | {"out_channels": 1}
    cnn = {"architecture": "cnn", "in_channels": 1, "channels": [4, 6, 8], "out_channels": 3}
    unet = {
        "architecture": "unet", "dimensions": 2, "in_channels": 1, "out_channels": 3, "channels": [4, 8, 12],
        "strides": [2, 2], "residual_units": 2, "norm": "instance"}
    unet3 = unet | {"dimensions": 3, "channels": [4, 8], "strides": [2], "out_channels": 2}

    def case(name, model, shape, loss, optimizer, samples=5):
        return {"case": name, "model": model, "input": shape, "loss": loss, "optimizer": optimizer, "samples": samples}

    def image(name, architecture, channels, classes, loss, optimizer, samples=4):
        model = {"architecture": architecture, "in_channels": channels, "out_channels": classes}
        return case(name, model, [4, channels, 64, 64], loss, optimizer | {"lr": 1e-4}, samples)

    whole = 10_000
    yield case("linear-binary-adam", linear, [16, 7], BINARY, ADAM, whole)
    yield case("linear-breslow-sgd", linear, [24, 7], BRESLOW, SGD, whole)
    yield case("mlp-ce-sgd", mlp, [16, 6], CE, SGD, whole)
    yield case("mlp-weighted-adamw", mlp, [16, 6], WEIGHTED, ADAMW, whole)
    yield case("mlp-focal-adam", mlp, [16, 6], FOCAL, ADAM, whole)
    yield case("mlp-binary-sgd", mlp, [16, 6], BINARY, SGD, whole)
    yield case("mlp-efron-sgd", risk, [24, 6], EFRON, SGD, whole)
    yield case("cnn-ce-adam", cnn, [4, 1, 28, 28], CE, ADAM, 32)
    yield case("cnn-weighted-sgd", cnn, [4, 1, 20, 24], WEIGHTED, SGD, 32)
    yield image("resnet18", "resnet18", 3, 3, WEIGHTED, SGD)
    yield image("resnet34", "resnet34", 1, 2, CE, SGD)
    yield image("resnet50", "resnet50", 3, 5, FOCAL, SGD)
    yield image("densenet121", "densenet121", 3, 2, BINARY, SGD, 2)
    yield case("unet-instance", unet, [2, 1, 16, 20], DICE_CE, SGD)
    yield case("unet-batch", unet | {"norm": "batch"}, [4, 1, 16, 16], DICE, SGD)
    yield case("unet-group", unet | {"norm": "group", "groups": 2, "in_channels": 2, "out_channels": 2}, [2, 2, 16, 16], FOCAL, SGD)
    yield case("unet-plain", unet | {"residual_units": 0, "strides": [2, 1]}, [2, 1, 16, 16], DICE_CE, SGD)
    yield case("unet-plain-batch", unet | {"residual_units": 0, "norm": "batch"}, [2, 1, 16, 16], CE, SGD)
    yield case("unet-3d", unet3, [2, 1, 8, 12, 8], DICE_CE, SGD)
    yield case("unet-3d-plain", unet3 | {"residual_units": 0, "norm": "batch"}, [2, 1, 8, 8, 8], DICE, SGD)


def deviation(first, second):
    """The largest relative difference of gradients and of parameters between two results."""
    worst = {}
    for part in ("gradient", "after"):
        whole = math.sqrt(sum(entry[part][0] ** 2 for entry in second["state"] if part in entry))
        for a, b in zip(first["state"], second["state"]):
            if part not in b or b[part][0] < 1e-5 * whole:
                continue  # zero but for rounding, such as the gradient of a bias before a normalisation
            scale = b[part][0] / math.sqrt(math.prod(b["shape"]))
            for x, y in zip(a[part][1:], b[part][1:]):
                worst[part] = max(worst.get(part, 0), abs(x - y) / max(abs(y), scale))
    return worst


def main():
    torch.set_num_threads(1)
    folder = pathlib.Path(__file__).parent
    for case in cases():
        result = compute(case)
        if "--double" in sys.argv:
            print(case["case"], result["losses"], deviation(result, compute(case, torch.float64)), flush=True)
            continue
        result["torch"] = torch.__version__
        text = json.dumps(result, separators=(",", ":")).replace('{"name"', '\n{"name"')
        (folder / f"{case['case']}.json").write_text(text + "\n")


main()
