package dev.sightline.bench.comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The machine that the numbers are from. */
final class MachineFacts {
  private MachineFacts() {}

  /** Facts by name, in the order in which to print them. */
  static Map<String, String> read() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("cpu", cpu());
    facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put("vector_bits", String.valueOf(FmaProbe.vectorBits()));
    facts.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    facts.put("jdk", Runtime.version() + " " + System.getProperty("java.vendor"));
    return facts;
  }

  /** The model name, from the file that Linux has. */
  static String cpu() {
    try {
      return Files.readString(Path.of("/proc/cpuinfo"))
          .lines()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown"; // there is no such file outside Linux
    }
  }
}
