#!/usr/bin/env python3
"""What Spark costs beside one process: start-up, throughput, memory by rows.

    python3 spark/measure.py [--rows N] [--million N]

Each run is `./sightline heads tiny-gpt` over N made-up texts, and over a hundred of them for the start-up; the rate
is that of the rows beyond the hundred. One core and two are given with taskset, to both sides alike. The cluster is a
master and one or two workers on the loopback interface, a core each, from the jars that Maven fetches. Figures of a
machine that does something else meanwhile say nothing.
"""

import argparse
import os
import random
import re
import resource
import socket
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


POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>measure</groupId><artifactId>measure</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.spark</groupId><artifactId>spark-sql_2.13</artifactId><version>%s</version>
  </dependency></dependencies>
</project>
"""


def fetch(home):
    """Puts Spark's jars into a folder as an installation has them."""
    os.mkdir(home)
    with open(os.path.join(ROOT, "pom.xml")) as pom:
        version = re.search(r"<spark.version>(.*)</spark.version>", pom.read()).group(1)
    with open(os.path.join(home, "pom.xml"), "w") as pom:
        pom.write(POM % version)
    copy = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies"
    options = ["-DoutputDirectory=jars", "-DincludeScope=runtime", "-Dstyle.color=never"]
    subprocess.run(["mvn", "-q", "-B", copy] + options, cwd=home, stdout=subprocess.DEVNULL, check=True)


class Cluster:
    """A standalone master, and a worker on each of the given cores."""

    def __init__(self, folder, cores):
        self.home = os.path.join(folder, "spark")
        self.java = java()
        self.processes = []
        if not os.path.isdir(self.home):
            fetch(self.home)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.master = "spark://127.0.0.1:%d" % port
        self.start("0,1", "master.Master", ["--port", str(port)])
        self.await_port(port)
        for core in cores:
            self.start(core, "worker.Worker", ["--cores", "1", "--memory", "1g", self.master])

    def start(self, cores, program, options):
        jars = os.path.join(self.home, "jars")
        environment = dict(os.environ, SPARK_HOME=self.home, SPARK_SCALA_VERSION="2.13", SPARK_LOCAL_IP="127.0.0.1")
        program = "org.apache.spark.deploy." + program
        command = ["taskset", "-c", cores, self.java, "-Xmx256m", "-cp", jars + "/*", program, "--host", "127.0.0.1"]
        self.processes.append(
            subprocess.Popen(
                command + ["--webui-port", "0"] + options,
                cwd=self.home,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def await_port(self, port):
        end = time.time() + 60
        while time.time() < end and self.processes[0].poll() is None:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        sys.exit("the master did not start")

    def close(self):
        for process in self.processes:
            process.terminate()
            process.wait()


def java():
    """The Java that the launcher chose says where it is."""
    told = subprocess.run(
        [os.path.join(ROOT, "sightline"), "doctor"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    return os.path.join(re.search(r"JDK .*, (/.+)", told).group(1), "bin", "java")


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=20_000)
    asked.add_argument("--million", type=int, default=1_000_000, help="0 leaves the long run out")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few = os.path.join(folder, "few.jsonl")
        all_rows = os.path.join(folder, "rows.jsonl")
        texts(few, FEW)
        texts(all_rows, options.rows)

        def measure(name, cores, given):
            start, _ = run(cores, few, given)
            whole, peak = run(cores, all_rows, given)
            rate = (options.rows - FEW) / (whole - start)
            print("%-28s %10.1f %10.1f %10d" % (name, start, rate, peak), flush=True)

        run("0,1", few, ["--spark", "local[2]"])  # builds and fetches what is missing
        print("%-28s %10s %10s %10s" % ("", "start, s", "rows/s", "peak, MB"))
        for cores in ("0", "0,1"):
            count = len(cores.split(","))
            measure("one process, %d threads" % count, cores, ["--threads", str(count)])
            measure("Spark local[%d]" % count, cores, ["--spark", "local[%d]" % count])
            cluster = Cluster(folder, cores.split(","))
            try:
                measure("Spark, %d executors" % count, cores, ["--spark", cluster.master])
            finally:
                cluster.close()
        for rows in (options.million // 10, options.million):
            if rows:
                texts(all_rows, rows)
                seconds, peak = run("0,1", all_rows, ["--spark", "local[2]"])
                name = "{:,} rows, local[2]".format(rows)
                print("%-28s %10.1f %10.1f %10d" % (name, seconds, rows / seconds, peak), flush=True)


if __name__ == "__main__":
    main()
