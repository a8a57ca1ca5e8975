#!/usr/bin/env python3
"""What Spark costs beside one process: start-up, throughput, memory by rows.

    python3 spark/measure.py [--rows N] [--million N] [--master spark://HOST:PORT]

Each run is `./sightline heads tiny-gpt` over N made-up texts, and over a hundred of them for the start-up; the rate
is that of the rows beyond the hundred. One core and two are given with taskset, to both sides alike. Figures of a
machine that does something else meanwhile say nothing.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FEW = 100
WORDS = "the cat sat on a mat and saw seven small birds".split()


def texts(path, rows):
    draw = random.Random(7)
    with open(path, "w") as out:
        for row in range(rows):
            words = " ".join(draw.choices(WORDS, k=draw.randrange(40)))
            out.write('{"id": "%d", "text": "text %d %s"}\n' % (row, row, words))


def run(cores, data, options):
    """Returns seconds and the peak memory of the largest process, MB."""
    command = ["taskset", "-c", cores, os.path.join(ROOT, "sightline"), "heads", "tiny-gpt", "--data", data]
    start = time.time()
    child = os.fork()
    if child == 0:
        done = subprocess.run(command + options, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.stderr.write(done.stderr)
            os._exit(1)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        with open(data + ".peak", "w") as out:
            out.write(str(peak))
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("the run failed: " + " ".join(command + options))
    with open(data + ".peak") as peak:
        return time.time() - start, int(peak.read())


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=5_000)
    asked.add_argument("--million", type=int, default=1_000_000)
    asked.add_argument("--master", help="a cluster, measured besides with both cores")
    options = asked.parse_args()
    runs = [
        ("one process, 1 core", "0", ["--threads", "1"]),
        ("Spark local[1], 1 core", "0", ["--spark", "local[1]"]),
        ("one process, 2 cores", "0,1", ["--threads", "2"]),
        ("Spark local[2], 2 cores", "0,1", ["--spark", "local[2]"]),
    ]
    if options.master:
        runs.append(("Spark " + options.master, "0,1", ["--spark", options.master]))
    with tempfile.TemporaryDirectory() as folder:
        few = os.path.join(folder, "few.jsonl")
        all_rows = os.path.join(folder, "rows.jsonl")
        texts(few, FEW)
        texts(all_rows, options.rows)
        run("0,1", few, ["--spark", "local[2]"])  # builds and fetches what is missing
        print("%-28s %10s %10s %10s" % ("", "start, s", "rows/s", "peak, MB"))
        for name, cores, given in runs:
            start, _ = run(cores, few, given)
            whole, peak = run(cores, all_rows, given)
            rate = (options.rows - FEW) / (whole - start)
            print("%-28s %10.1f %10.1f %10d" % (name, start, rate, peak), flush=True)
        for rows in (options.million // 10, options.million):
            texts(all_rows, rows)
            seconds, peak = run("0,1", all_rows, ["--spark", "local[2]"])
            print("%-28s %10.1f %10.1f %10d" % ("{:,} rows, local[2]".format(rows), seconds, rows / seconds, peak), flush=True)


if __name__ == "__main__":
    main()
