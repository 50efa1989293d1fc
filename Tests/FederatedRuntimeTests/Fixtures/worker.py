"""An engine of a few lines that speaks the worker protocol, well or badly.

What goes wrong is in the session's name: "dies", "dies-once", "hangs", "garbage", "exits", "wrong-id" or "fails", and happens
when it is told to train. The first argument may be "old" (another protocol version), "mute" (no answer at all) or "killed=2=FILE"
(before the answer, until as many lines are in the file). Training
gives a change of every parameter by the learning rate.
"""

import json
import os
import signal
import socket
import struct
import sys
import time

LAYOUT = [{"name": "w", "shape": [3], "role": "trainable"}, {"name": "m", "shape": [1], "role": "buffer"}]
SUMMARY = {"exampleCount": os.getpid(), "stepCount": 2, "loss": 0.25, "seconds": 0.0}
link = socket.socket(fileno=0)
mode = sys.argv[1] if len(sys.argv) > 1 else ""
sessions = {}


def read(count):
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


def send(body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    link.sendall(struct.pack(">I", len(data)) + data)


def load(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    return [v for t in header.values() for v in struct.unpack("<%df" % ((t["data_offsets"][1] - t["data_offsets"][0]) // 4), data[slice(*t["data_offsets"])])]


def save(path, values):
    header = {"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}, "m": {"dtype": "F32", "shape": [1], "data_offsets": [12, 16]}}
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + struct.pack("<4f", *values))


def train(ask):
    name = ask["session"]
    marker = os.path.join(sessions[name]["dataRoot"], name + ".died")
    if name.startswith("dies-once") and not os.path.exists(marker):
        open(marker, "w").close()
        print("about to die", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "dies":
        print("about to die", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "exits":
        print("no more memory", file=sys.stderr, flush=True)
        os._exit(3)
    if name == "hangs":
        time.sleep(60)
    if name == "garbage":
        send(b"this is no JSON")
        return None
    if name == "wrong-id":
        # One message and no more: the link is closed on reading it, and a second would break the pipe and fill the log.
        send({"id": ask["id"] + 1, "reply": "trained", "value": SUMMARY})
        return None
    if name == "fails":
        return {"reply": "failed", "value": {"code": "invalidUpdate", "message": "the loss is not finite"}}
    for step in (1, 2):
        send({"id": ask["id"], "reply": "progress", "value": {"step": step, "stepCount": 2, "loss": 0.5, "examplesPerSecond": 1.0}})
    if name == "slow":
        time.sleep(0.2)
    values = [ask["learningRate"]] * 4
    if ask.get("gradientOffset"):
        values = [v + o for v, o in zip(values, load(ask["gradientOffset"]))]
    save(ask["output"], values)
    return {"reply": "trained", "value": SUMMARY}


def answer(ask):
    kind = ask["ask"]
    if kind == "hello":
        if mode.startswith("killed="):
            _, times, path = mode.split("=")
            with open(path, "a+") as file:
                file.seek(0)
                if len(file.readlines()) < int(times):
                    file.write("killed\n")
                    file.flush()
                    os.kill(os.getpid(), signal.SIGKILL)
        if mode == "mute":
            time.sleep(60)
        version = ask["version"] + (1 if mode == "old" else 0)
        return {"reply": "hello", "value": {"version": version, "engine": "python", "processID": os.getpid(), "threads": ask["threads"], "device": ask["device"], "cpuFeatures": []}}
    if kind == "open":
        sessions[ask["session"]] = ask
        parts = [{"part": "training", "patients": os.getpid(), "examples": len(sessions)}]
        return {"reply": "opened", "value": {"parts": parts, "findings": [], "precision": "fp32", "memoryFormat": "contiguous"}}
    if kind == "try-out":
        fault = {"severity": "error", "site": ask["session"], "records": 0, "message": "no step can be taken", "places": []}
        return {"reply": "tried-out", "value": [fault] if ask["session"] == "untrainable" else []}
    if kind == "initialise":
        save(ask["output"], [1, 2, 3, 4])
        return {"reply": "initialised", "value": LAYOUT}
    if kind == "train":
        return train(ask)
    if kind == "evaluate":
        value = {"patientCount": 5, "exampleCount": 5, "loss": sum(load(ask["model"])), "metrics": [], "calibration": []}
        return {"reply": "evaluated", "value": value}
    if kind == "close":
        del sessions[ask["session"]]
        return {"reply": "closed"}
    return {"reply": "failed", "value": {"code": "invalidInput", "message": "not asked here"}}


while True:
    (length,) = struct.unpack(">I", read(4))
    ask = json.loads(read(length))
    reply = answer(ask)
    if reply is not None:
        send({"id": ask["id"], **reply})
