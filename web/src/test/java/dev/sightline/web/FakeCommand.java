package dev.sightline.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Stands in for the command line: a program that takes its words, tells its progress and writes
 * files, so that the tests of this module run no model. The first bytes of the model say how it
 * ends: ok, slow, fails, dies, or chatty.
 */
final class FakeCommand {
  private FakeCommand() {}

  static ProcessBuilder process(List<String> words) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                classes(),
                FakeCommand.class.getName()));
    command.addAll(words);
    return new ProcessBuilder(command);
  }

  /** The folder of this class: it needs no other. */
  private static String classes() {
    return Path.of(FakeCommand.class.getProtectionDomain().getCodeSource().getLocation().getPath())
        .toString();
  }

  public static void main(String[] words) throws IOException, InterruptedException {
    List<String> all = List.of(words);
    String model = all.get(all.get(0).equals("mask") ? 2 : 1);
    String how = Files.exists(Path.of(model)) ? Files.readString(Path.of(model)) : "ok";
    Path out = Path.of(all.get(all.size() - 1)).toAbsolutePath();
    System.err.println("progress 1 of 4 texts");
    switch (how.strip()) {
      case "slow" -> Thread.sleep(60_000);
      case "fails" -> {
        System.err.println("sightline: '" + model + "' is not an ONNX model");
        System.exit(2);
      }
      case "dies" -> Runtime.getRuntime().halt(139);
      case "chatty" -> {
        for (int i = 0; i < 20_000; i++) {
          System.out.println("line " + i + " of much");
          System.err.println("note " + i);
        }
      }
      default -> {}
    }
    System.err.println("progress 4 of 4 texts");
    System.out.println("answer of " + String.join(" ", all.subList(0, 2)));
    System.out.println("  report: " + out + "/report.html");
    switch (all.get(0)) {
      case "mask" -> {
        System.out.println("layers 0-1: causal & padding(4)");
        Files.writeString(out, "causal\n");
      }
      case "repair" -> {
        Files.createDirectories(out.resolve("after"));
        Files.writeString(out.resolve("after/report.html"), page("after"));
        Files.writeString(Path.of(all.get(3)), "repaired model");
      }
      default -> Files.writeString(out.resolve("report.html"), page("audit"));
    }
  }

  private static String page(String name) {
    return "<!DOCTYPE html><title>"
        + name
        + "</title><h1>Report of "
        + name
        + "</h1><p>"
        + "as long as a report ".repeat(1000)
        + "</p><script>try { parent.document.title = 'stolen'; } catch (e) {}</script>";
  }
}
