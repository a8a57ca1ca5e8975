package dev.sightline.bench.comparison;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A process of contestants. In one process, a library's pool that spins after its turn takes the
 * cores from the next contestant, and C2 compiles code for the shapes of all; measured at 8 heads,
 * L 1920, D 64, two threads: 79 ms in one process where the same call alone takes 46.
 *
 * <p>The parent writes a line, {@code 0 slot 150}, and the child answers with a line, {@code =
 * 46012345.0}. Lines of other forms are what libraries print.
 */
final class ContestantProcess implements AutoCloseable {
  private static final String ANSWER = "= ";

  private final Process process;
  private final PrintStream orders;
  private final BufferedReader answers;

  private ContestantProcess(Process process) {
    this.process = process;
    this.orders = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Starts a process.
   *
   * @param workload one of {@link Workloads#all}
   */
  static List<Contestant> start(Workload workload, List<Entrant> entrants, int threads)
      throws IOException {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    words.add(ContestantProcess.class.getName());
    words.add(workload.name());
    words.add(String.valueOf(threads));
    entrants.forEach(entrant -> words.add(entrant.title()));
    ProcessBuilder builder = new ProcessBuilder(words);
    // Not on the command line: ONNX Runtime 1.29 overflows its stack on a long one.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    Thread.ofVirtual().start(() -> passOn(process.errorReader(StandardCharsets.UTF_8)));
    ContestantProcess started = new ContestantProcess(process);
    List<Contestant> contestants = new ArrayList<>();
    for (int i = 0; i < entrants.size(); i++) {
      contestants.add(new Remote(started, i, entrants.get(i), threads));
    }
    return contestants;
  }

  private record Remote(ContestantProcess process, int index, Entrant entrant, int threads)
      implements Contestant {
    @Override
    public Check check() {
      String answer;
      try {
        answer = process.ask(index + " check");
      } catch (IllegalStateException e) {
        return Check.failed("failed: " + e.getMessage());
      }
      int space = answer.indexOf(' ');
      return space < 0
          ? new Check(Double.parseDouble(answer), Optional.empty())
          : new Check(
              Double.parseDouble(answer.substring(0, space)),
              Optional.of(answer.substring(space + 1)));
    }

    @Override
    public void warmUp(long millis) {
      process.ask(index + " warm " + millis);
    }

    @Override
    public double slot(long millis) {
      return Double.parseDouble(process.ask(index + " slot " + millis));
    }

    @Override
    public void close() {
      process.close();
    }
  }

  /** All that it says but Java's announcement, against which Java has no option. */
  private static void passOn(BufferedReader said) {
    said.lines()
        .filter(line -> !line.equals("WARNING: Using incubator modules: jdk.incubator.vector"))
        .forEach(System.err::println);
  }

  private String ask(String order) {
    orders.println(order);
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        if (line.startsWith(ANSWER)) {
          return line.substring(ANSWER.length());
        }
      }
      throw new IllegalStateException("its process ended with exit code " + process.waitFor());
    } catch (IOException e) {
      throw new IllegalStateException("its process does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    }
  }

  @Override
  public void close() {
    orders.close();
    process.toHandle().destroy(); // its error stream stays open, and is read to its end
  }

  /** The child: its workload, threads and entrants, then orders until its input ends. */
  public static void main(String[] args) throws IOException {
    PrintStream out = System.out;
    System.setOut(System.err);
    Workload workload = Workloads.named(args[0]);
    int threads = Integer.parseInt(args[1]);
    List<Contestant> contestants = new ArrayList<>();
    for (int i = 2; i < args.length; i++) {
      contestants.add(new LocalContestant(Entrant.named(args[i]), workload, threads));
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String order = in.readLine(); order != null; order = in.readLine()) {
      String[] words = order.split(" ", -1);
      out.println(ANSWER + answer(contestants.get(Integer.parseInt(words[0])), words));
      out.flush();
    }
    contestants.forEach(Contestant::close);
  }

  private static String answer(Contestant contestant, String[] words) {
    return switch (words[1]) {
      case "check" -> {
        Check check = contestant.check();
        yield check.error() + check.problem().map(p -> " " + p).orElse("");
      }
      case "warm" -> {
        contestant.warmUp(Long.parseLong(words[2]));
        yield "warm";
      }
      case "slot" -> String.format(Locale.ROOT, "%.1f", contestant.slot(Long.parseLong(words[2])));
      default -> throw new IllegalArgumentException("no order: " + words[1]);
    };
  }
}
