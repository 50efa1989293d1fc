"""Times PyTorch's training steps on demand, as `training-steps` does for Consilium's: each input line is the number of steps to take.

    pytorch_steps.py training.json CASE THREADS fp32|bf16 contiguous|channels-last plain|fused
"""

import contextlib
import json
import sys
import time

import torch
from torch import nn


class SmallCNN(nn.Module):
    """Consilium's small CNN."""

    def __init__(self, in_channels, channels, classes):
        super().__init__()
        layers = []
        for level, width in enumerate(channels):
            layers += [nn.MaxPool2d(2)] if level else []
            layers += [nn.Conv2d(in_channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            in_channels = width
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * in_channels, classes))

    def forward(self, x):
        return self.layers(x)


def torchvision_models():
    """Returns torchvision.models. Declares the compiled operators if they are missing; these models do not use them."""
    try:
        from torchvision import models
    except RuntimeError:
        for operator in ("nms", "qnms"):
            torch.library.define(f"torchvision::{operator}", "(Tensor a, Tensor b, float c) -> Tensor")
        from torchvision import models

    return models


def build(case):
    model, inputs, outputs = case["model"], case["inputs"], case["outputs"]
    if model["architecture"] == "cnn":
        return SmallCNN(inputs, model["channels"], outputs)
    if model["architecture"] == "unet":
        from monai.networks.nets import UNet

        return UNet(
            len(case["size"]), inputs, outputs, model["channels"], model["strides"],
            num_res_units=model["residual-units"], norm=model["norm"])
    return getattr(torchvision_models(), model["architecture"])(num_classes=outputs)


def loss_of(case):
    if case["model"]["architecture"] != "unet":
        return nn.CrossEntropyLoss()
    from monai.losses import DiceCELoss

    loss = DiceCELoss(softmax=True, to_onehot_y=True)
    return lambda output, target: loss(output, target[:, None])


def main():
    file, name, threads, precision, layout, optimizer_kind = sys.argv[1:]
    case = next(case for case in json.load(open(file)) if case["name"] == name)
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    last = torch.channels_last if len(case["size"]) == 2 else torch.channels_last_3d
    layout = last if layout == "channels-last" else torch.contiguous_format
    model = build(case).to(memory_format=layout).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, **({"fused": True} if optimizer_kind == "fused" else {}))
    loss_function = loss_of(case)
    inputs = torch.randn(case["batch"], case["inputs"], *case["size"])
    places = case["size"] if case["model"]["architecture"] == "unet" else []
    target = torch.randint(0, case["outputs"], (case["batch"], *places))
    bf16 = precision == "bf16"

    def step():
        batch = inputs.to(memory_format=layout)
        with torch.autocast("cpu", torch.bfloat16) if bf16 else contextlib.nullcontext():
            output = model(batch)
        loss = loss_function(output.float(), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    for line in sys.stdin:
        seconds, loss = [], 0.0
        for _ in range(int(line)):
            start = time.perf_counter()
            loss = step()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds, "loss": loss}), flush=True)


if __name__ == "__main__":
    main()
