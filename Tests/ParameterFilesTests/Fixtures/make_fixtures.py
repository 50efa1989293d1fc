"""Writes the safetensors files of this folder with the reference library: pip install safetensors numpy ml_dtypes; python make_fixtures.py

Every tensor holds 0.5 * i - 3 for i = 0, 1, ..., counted through the whole file, which all float formats hold exactly.
Prints the digest that ParameterDigest documents, computed here on its own.
"""

import hashlib

import numpy as np
from ml_dtypes import bfloat16
from safetensors.numpy import save_file

SHAPES = {
    "conv.weight": (2, 1, 3),
    "conv.bias": (2,),
    "bn.running_mean": (2,),
    "scale": (),
}


def tensors(dtype):
    start, result = 0, {}
    for name, shape in SHAPES.items():
        count = int(np.prod(shape))
        result[name] = (0.5 * np.arange(start, start + count) - 3).reshape(shape).astype(dtype)
        start += count
    return result


FORMATS = [("single", np.float32), ("half", np.float16), ("double", np.float64), ("brain", bfloat16)]
for name, dtype in FORMATS:
    values = tensors(dtype)
    values["bn.num_batches_tracked"] = np.array(7, dtype=np.int64)
    save_file(values, f"{name}.safetensors", metadata={"format": "pt"})

save_file({"mask": np.zeros(3, dtype=np.uint8)}, "bytes.safetensors")

header = "consilium-parameters-1\n"
for name, shape in SHAPES.items():
    role = "buffer" if "running" in name else "trainable"
    header += f"model {role} {'x'.join(map(str, shape)) or '-'} {name}\n"
data = b"".join(v.astype("<f4").tobytes() for v in tensors(np.float32).values())
print(hashlib.sha256(header.encode() + data).hexdigest())
