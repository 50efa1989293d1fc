"""Makes the reference values of TorchTests with PyTorch, MONAI and statsmodels.

    pip install torch==2.13.0 monai==1.6.1 statsmodels==0.15.0
    python make_references.py

Writes layers.json, losses.json and optimizers.json beside this file.
"""

import json
import pathlib

import numpy
import torch
from monai.losses import DiceCELoss, DiceLoss, FocalLoss
from statsmodels.duration.hazard_regression import PHReg
from torch import nn

here = pathlib.Path(__file__).parent
torch.set_num_threads(1)


def packed(tensor):
    values = tensor.detach().double().flatten().tolist()
    return {"shape": list(tensor.shape), "values": [float(f"{v:.9g}") for v in values]}


def write(name, cases):
    with open(here / name, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


def state(module):
    return {k: packed(v) for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}


# Layers: seed 11 makes the parameters, seed 5 the dropout; the loss is sum(output * upstream).
LAYERS = {
    "linear": (lambda: nn.Linear(4, 3), (2, 4)),
    "conv2d": (lambda: nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), (2, 4, 5, 6)),
    "conv2d-dilated": (lambda: nn.Conv2d(2, 3, 3, dilation=2, bias=False), (1, 2, 7, 7)),
    "conv3d": (lambda: nn.Conv3d(2, 3, 3, padding=1), (1, 2, 4, 3, 3)),
    "conv-transpose2d": (lambda: nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1), (2, 3, 3, 4)),
    "conv-transpose3d": (lambda: nn.ConvTranspose3d(2, 3, 3, stride=2, padding=1, output_padding=1), (1, 2, 2, 2, 3)),
    "batch-norm1d": (lambda: nn.BatchNorm1d(3), (5, 3)),
    "batch-norm2d": (lambda: nn.BatchNorm2d(3), (4, 3, 3, 2)),
    "batch-norm3d": (lambda: nn.BatchNorm3d(2), (2, 2, 2, 3, 2)),
    "group-norm": (lambda: nn.GroupNorm(2, 4), (2, 4, 3, 3)),
    "instance-norm2d": (lambda: nn.InstanceNorm2d(3), (2, 3, 4, 3)),
    "instance-norm3d-affine": (lambda: nn.InstanceNorm3d(2, affine=True), (2, 2, 2, 3, 3)),
    "prelu": (lambda: nn.PReLU(), (2, 3, 2)),
    "prelu-channels": (lambda: nn.PReLU(3), (2, 3, 2, 2)),
    "max-pool2d": (lambda: nn.MaxPool2d(3, stride=2, padding=1), (1, 2, 5, 6)),
    "max-pool3d": (lambda: nn.MaxPool3d(2), (1, 2, 4, 4, 4)),
    "average-pool2d": (lambda: nn.AvgPool2d(2), (1, 2, 4, 6)),
    "average-pool3d": (lambda: nn.AvgPool3d(3, stride=1, padding=1), (1, 1, 3, 3, 4)),
    "adaptive-pool2d": (lambda: nn.AdaptiveAvgPool2d(2), (1, 2, 5, 7)),
    "adaptive-pool3d": (lambda: nn.AdaptiveAvgPool3d(1), (2, 2, 3, 2, 2)),
    "dropout": (lambda: nn.Dropout(0.3), (6, 7)),
    "sequential": (
        lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(36, 2)),
        (2, 1, 5, 5),
    ),
}


def layer_case(name):
    make, shape = LAYERS[name]
    torch.manual_seed(11)
    layer = make()
    case = {"name": name, "seed": 11, "dropoutSeed": 5, "state": state(layer)}
    torch.manual_seed(100)
    x = torch.randn(shape, requires_grad=True)
    torch.manual_seed(5)
    y = layer(x)
    upstream = torch.linspace(-1, 1, y.numel()).reshape(y.shape)
    (y * upstream).sum().backward()
    case |= {"input": packed(x), "output": packed(y), "upstream": packed(upstream), "inputGradient": packed(x.grad)}
    case["gradients"] = {k: packed(p.grad) for k, p in layer.named_parameters()}
    case["stateAfter"] = state(layer)
    case["evaluation"] = packed(layer.eval()(x))
    return case


def loss_case(name, loss, output, target, expected_target=None):
    output = output.clone().requires_grad_()
    value = loss(output, target if expected_target is None else expected_target)
    value.backward()
    target_values = packed(target)
    return {
        "name": name,
        "output": packed(output),
        "target": target_values,
        "loss": float(f"{value.item():.9g}"),
        "gradient": packed(output.grad),
    }


def cox_case(name, ties, risk, times, events):
    """statsmodels' log-likelihood with one covariate per example, whose coefficient is the example's log hazard."""
    model = PHReg(times, numpy.eye(len(times)), status=events, ties=ties)
    value, gradient = -model.loglike(risk), -model.score(risk)
    count = events.sum()
    return {
        "name": name,
        "output": packed(torch.tensor(risk)),
        "target": packed(torch.tensor(numpy.stack([times, events], 1))),
        "loss": float(f"{value / count:.9g}"),
        "gradient": packed(torch.tensor(gradient / count)),
    }


def losses():
    torch.manual_seed(3)
    flat, labels = torch.randn(5, 4), torch.randint(0, 4, (5,))
    weights = torch.tensor([0.5, 1.0, 2.0, 4.0])
    image, mask = torch.randn(2, 3, 4, 5), torch.randint(0, 3, (2, 4, 5))
    volume, voxels = torch.randn(2, 3, 2, 3, 4), torch.randint(0, 3, (2, 2, 3, 4))
    single, lesion = torch.randn(2, 1, 4, 4), torch.randint(0, 2, (2, 1, 4, 4)).float()
    empty = torch.zeros(2, 1, 4, 4)
    soft = dict(softmax=True, to_onehot_y=True)
    three = weights[:3]
    one = mask[:, None]
    rng = numpy.random.default_rng(0)
    risk, events = rng.normal(size=12), (rng.random(12) < 0.7).astype(float)
    times, tied = rng.permutation(12).astype(float) + 1, rng.integers(1, 5, 12).astype(float)
    return [
        loss_case("cross-entropy", nn.CrossEntropyLoss(), flat, labels),
        loss_case("cross-entropy-weighted", nn.CrossEntropyLoss(weights), flat, labels),
        loss_case("cross-entropy-image", nn.CrossEntropyLoss(), image, mask),
        loss_case("binary", nn.BCEWithLogitsLoss(), single, lesion),
        loss_case("binary-weighted", nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0])), single, lesion),
        loss_case("dice-softmax", DiceLoss(**soft), image, mask, one),
        loss_case("dice-softmax-3d", DiceLoss(**soft), volume, voxels, voxels[:, None]),
        loss_case("dice-no-background", DiceLoss(include_background=False, **soft), image, mask, one),
        loss_case("dice-batch", DiceLoss(batch=True, **soft), image, mask, one),
        loss_case("dice-weighted", DiceLoss(weight=three, **soft), image, mask, one),
        loss_case("dice-sigmoid", DiceLoss(sigmoid=True), single, lesion),
        loss_case("dice-sigmoid-empty", DiceLoss(sigmoid=True), single, empty),
        loss_case("dice-ce", DiceCELoss(**soft), image, mask, one),
        loss_case("dice-ce-3d-no-background", DiceCELoss(include_background=False, **soft), volume, voxels, voxels[:, None]),
        loss_case("dice-ce-weighted", DiceCELoss(weight=three, lambda_dice=0.7, lambda_ce=1.3, **soft), image, mask, one),
        loss_case("dice-ce-sigmoid", DiceCELoss(sigmoid=True), single, lesion),
        loss_case("focal-sigmoid", FocalLoss(), single, lesion),
        loss_case("focal-sigmoid-alpha", FocalLoss(alpha=0.25, gamma=1.5), single, lesion),
        loss_case("focal-softmax", FocalLoss(use_softmax=True, to_onehot_y=True), image, mask, one),
        loss_case("focal-softmax-alpha", FocalLoss(use_softmax=True, to_onehot_y=True, alpha=0.75), image, mask, one),
        loss_case("focal-classes", FocalLoss(use_softmax=True, to_onehot_y=True), flat, labels, labels[:, None]),
        cox_case("cox-breslow", "breslow", risk, times, events),
        cox_case("cox-breslow-tied", "breslow", risk, tied, events),
        cox_case("cox-efron", "efron", risk, times, events),
        cox_case("cox-efron-tied", "efron", risk, tied, events),
        cox_case("cox-efron-large", "efron", risk * 40, tied, events),
    ]


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd-weight-decay": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.05),
    "sgd-momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "sgd-nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1),
    "adam-weight-decay": lambda p: torch.optim.Adam(p, lr=0.1, weight_decay=0.1, betas=(0.8, 0.95), eps=1e-6),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.2),
}


def optimizer_case(name):
    """Five steps with falling learning rate, plain loops instead of fused kernels, clipped at a norm of 2."""
    torch.manual_seed(7)
    start = [torch.randn(3, 2), torch.randn(4)]
    parameters = [p.clone().requires_grad_() for p in start]
    optimizer = OPTIMIZERS[name](parameters)
    optimizer.defaults["foreach"] = optimizer.defaults["fused"] = False
    rates, gradients, norms = [0.1, 0.09, 0.08, 0.05, 0.01], [], []
    for rate in rates:
        step = [torch.randn_like(p) for p in parameters]
        gradients.append([packed(g) for g in step])
        for group in optimizer.param_groups:
            group["lr"], group["foreach"], group["fused"] = rate, False, False
        optimizer.zero_grad()
        sum((p * g).sum() for p, g in zip(parameters, step)).backward()
        norms.append(float(nn.utils.clip_grad_norm_(parameters, 2.0)))
        optimizer.step()
    return {
        "name": name,
        "start": [packed(p) for p in start],
        "rates": rates,
        "clipNorm": 2.0,
        "gradients": gradients,
        "norms": norms,
        "end": [packed(p) for p in parameters],
    }


write("layers.json", [layer_case(name) for name in LAYERS])
write("losses.json", losses())
write("optimizers.json", [optimizer_case(name) for name in OPTIMIZERS])
