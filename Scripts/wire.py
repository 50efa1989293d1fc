#!/usr/bin/env python3
"""Simulates a slow and lossy wire between two hosts: two network devices and the packets between them.

Kernels often lack `tc netem`; this needs only /dev/net/tun. The devices may be moved to other network namespaces while it runs.
USR1 cuts the wire, so that packets vanish without an error; USR2 repairs it. Ends when either device is gone.
"""

import argparse
import fcntl
import heapq
import os
import random
import select
import signal
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000
# The queue of a slow wire, like a router's; packets beyond it are dropped.
QUEUE_BYTES = 64 << 10


class Wire:
    def __init__(self, options):
        self.ends = [open_device(name) for name in options.devices]
        self.delay = options.delay / 1000
        self.loss = options.loss / 100
        self.rate = options.rate
        self.random = random.Random(options.seed)
        self.is_cut = False
        # For each direction, the time at which the wire is free again.
        self.free = [0.0, 0.0]
        self.travelling = []
        self.count = 0

    def run(self):
        while True:
            now = time.monotonic()
            while self.travelling and self.travelling[0][0] <= now:
                _, _, target, packet = heapq.heappop(self.travelling)
                if not self.is_cut:
                    self.deliver(target, packet)
            timeout = self.travelling[0][0] - now if self.travelling else None
            for end in select.select(self.ends, [], [], timeout)[0]:
                self.take(self.ends.index(end), os.read(end, 65536))

    def take(self, source, packet):
        if self.is_cut or self.random.random() < self.loss:
            return
        now = time.monotonic()
        begin = max(now, self.free[source])
        if self.rate:
            if (begin - now) * self.rate > QUEUE_BYTES:
                return
            self.free[source] = begin + len(packet) / self.rate
        self.count += 1
        due = max(begin, self.free[source]) + self.delay
        heapq.heappush(self.travelling, (due, self.count, self.ends[1 - source], packet))

    @staticmethod
    def deliver(target, packet):
        try:
            os.write(target, packet)
        except OSError:
            # The device is down, or about to disappear with its namespace; reading tells which.
            pass


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("devices", nargs=2, help="the names of the two devices to create")
    parser.add_argument("--delay", type=float, default=0, help="milliseconds each way")
    parser.add_argument("--loss", type=float, default=0, help="the percentage of lost packets")
    parser.add_argument("--rate", type=float, default=0, help="bytes per second each way; 0 for no limit")
    parser.add_argument("--seed", type=int, default=1)
    wire = Wire(parser.parse_args())

    def set_cut(is_cut):
        wire.is_cut = is_cut

    signal.signal(signal.SIGUSR1, lambda *_: set_cut(True))
    signal.signal(signal.SIGUSR2, lambda *_: set_cut(False))
    print("ready", flush=True)
    try:
        wire.run()
    except OSError as error:
        sys.exit(f"wire: {error}")


if __name__ == "__main__":
    main()
