package dev.sightline.cli;

import dev.sightline.attention.Walkthrough;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.report.WalkthroughPage;
import dev.sightline.report.text.WalkthroughText;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sightline walkthrough}: attention over a sentence, step by step, under several masks. */
@Command(
    name = "walkthrough",
    description =
        "Show self-attention over a few words step by step, with every number: without a mask,"
            + " causal, with padding, and under a mask of your own.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class WalkthroughCommand implements Callable<Integer> {
  private static final String TEXT = "The cat sat on the mat";
  private static final String PADDED_TEXT = "The horse ran quickly " + Walkthrough.PAD;

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "TEXT",
      description =
          "Words; [PAD] is padding. Default: 'The cat sat on the mat', then the masks of 'The horse"
              + " ran quickly [PAD]'.")
  private @Nullable String text;

  @Option(
      names = "--mask",
      paramLabel = "EXPR",
      description = "A mask to show beside the others: an expression, or a file that holds one.")
  private @Nullable String mask;

  @Option(
      names = "--pad",
      paramLabel = "N",
      description = "Append N tokens of padding, [PAD]. Default: 0.")
  private int padding;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "Show a head of this model, of the catalog or a .onnx file, instead of made-up numbers.")
  private @Nullable String model;

  @Option(names = "--layer", paramLabel = "L", description = "Layer of the model. Default: 0.")
  private @Nullable Integer layer;

  @Option(names = "--head", paramLabel = "H", description = "Head of the layer. Default: 0.")
  private @Nullable Integer head;

  @Mixin private ModelOptions options;

  @Option(names = "--step", description = "Wait for Enter after each step.")
  private boolean stepwise;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE.html",
      description = "Write a page instead of text.")
  private @Nullable Path out;

  @Mixin private RunLimits limits;

  @SuppressWarnings("NullAway.Init") // picocli sets the fields
  WalkthroughCommand() {}

  @Override
  public Integer call() throws IOException {
    if (stepwise && out != null) {
      throw new IllegalArgumentException(
          "--step is for the terminal; the page of --out has steps of its own");
    }
    if (model == null && (layer != null || head != null)) {
      throw new IllegalArgumentException(
          "--layer and --head are those of a model; name one with --model, such as minilm-int8");
    }
    OutputFiles.requireNoInput(OutputFiles.existing(mask, model, options.tokenizer()), out);
    List<Walkthrough> walkthroughs = walkthroughs();
    Walkthrough[] others = walkthroughs.subList(1, walkthroughs.size()).toArray(Walkthrough[]::new);
    if (out != null) {
      String html = WalkthroughPage.page(walkthroughs.getFirst(), others);
      AtomicFile.writeText(out, stream -> stream.write(html));
      println("The walkthrough is " + out);
    } else {
      List<String> steps = new ArrayList<>(WalkthroughText.steps(walkthroughs.getFirst()));
      for (Walkthrough other : others) {
        steps.addAll(WalkthroughText.maskSteps(other));
      }
      print(steps);
    }
    return Sightline.FINE;
  }

  private List<Walkthrough> walkthroughs() throws IOException {
    Mask[] own = mask == null ? new Mask[0] : new Mask[] {MaskSource.read(mask)};
    List<String> words = Walkthrough.words(text == null ? TEXT : text, padding);
    if (model != null) {
      return List.of(ofModel(model, words, own));
    }
    Walkthrough first = Walkthrough.of(words, own);
    return text == null && padding == 0
        ? List.of(first, Walkthrough.of(Walkthrough.words(PADDED_TEXT, 0)))
        : List.of(first);
  }

  private Walkthrough ofModel(String name, List<String> words, Mask... own) throws IOException {
    try (Watchdog _ = limits.watch("the run of the model");
        LoadedModel loaded =
            new ModelSource().load(name, options.tokenizer(), options.polarity())) {
      if (loaded.tokenizer() == null) {
        throw new IllegalArgumentException(
            "a walkthrough needs the tokenizer of "
                + loaded.model()
                + "; name it with --tokenizer");
      }
      ModelHead.Read read =
          ModelHead.read(
              loaded,
              words,
              options.padId(loaded),
              layer == null ? 0 : layer,
              head == null ? 0 : head);
      return Walkthrough.of(read.tokens(), read.head(), own);
    }
  }

  private void print(List<String> steps) throws IOException {
    PrintWriter people = spec.commandLine().getOut();
    // Not closed: it is the process's standard input.
    BufferedReader enter =
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));
    for (int step = 0; step < steps.size(); step++) {
      people.print(steps.get(step));
      if (step < steps.size() - 1) {
        people.println();
        if (stepwise) {
          people.print("(" + (step + 1) + " of " + steps.size() + ", Enter for the next)");
          people.flush();
          if (enter.readLine() == null) {
            people.println();
            break;
          }
          people.println();
        }
      }
      people.flush();
    }
  }

  private void println(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }
}
