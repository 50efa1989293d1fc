"""A bare loop of federated averaging in PyTorch over the pictures of `programs.py`: no program around it, one process.

    pytorch_rounds.py FOLDER ROUNDS
"""

import copy
import csv
import json
import pathlib
import sys
import time

import numpy
import torch

from pytorch_steps import SmallCNN


def main():
    folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(2)
    torch.manual_seed(1)
    pictures = numpy.load(folder / "pictures.npz")["pictures"]
    inputs = torch.from_numpy(pictures).permute(0, 3, 1, 2).float().div(255).contiguous()
    sites = {}
    for row in csv.DictReader(open(folder / "table.csv")):
        if row["part"] == "training":
            sites.setdefault(row["site"], []).append((int(row["index"]), int(row["label"])))
    data = []
    for rows in sites.values():
        indices, labels = (torch.tensor(column) for column in zip(*rows))
        data.append((inputs[indices], labels))
    model = SmallCNN(3, [16, 32, 64], 7).train()
    loss_function = torch.nn.CrossEntropyLoss()
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        start = copy.deepcopy(model.state_dict())
        total = {name: torch.zeros_like(value) for name, value in start.items() if value.is_floating_point()}
        for images, labels in data:
            model.load_state_dict(start)
            optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
            for batch in torch.randperm(len(images)).split(32):
                loss = loss_function(model(images[batch]), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            for name, value in model.state_dict().items():
                if name in total:
                    total[name] += value / len(data)
        model.load_state_dict(start | total)
        seconds.append(time.perf_counter() - begin)
    status = pathlib.Path("/proc/self/status").read_text()
    peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps({"seconds": seconds, "peak": peak}))


main()
