package dev.sightline.lab;

import dev.sightline.lab.internal.policy.Padding;
import dev.sightline.lab.internal.policy.SentenceEncoder;
import dev.sightline.lab.internal.run.Arm;
import dev.sightline.lab.internal.run.RunFolder;
import dev.sightline.lab.internal.run.Training;
import dev.sightline.lab.internal.run.World;
import dev.sightline.lab.result.Comparison;
import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.LabRun;
import dev.sightline.lab.result.Rollout;
import dev.sightline.onnx.ArtifactSource;
import dev.sightline.onnx.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Trains small policies under right and wrong masks, and compares them. One seed gives one curve on
 * one machine: all is computed by one thread. Needs LibTorch on the class path.
 *
 * <pre>{@code
 * try (Lab lab = new Lab(artifacts)) {
 *   LabRun run = new LabRun(LabRun.Kind.GROOT, "off", 1000, 1, 512);
 *   LabResult result = lab.train(run, Path.of("runs/off-1"), (training, done, loss) -> {});
 * }
 * }</pre>
 *
 * <p>Not safe for use by several threads at once.
 */
public final class Lab implements AutoCloseable {
  private final World world;

  /**
   * Opens the lab. The tasks are made when they are needed.
   *
   * @param artifacts for the language encoder, if it is not on the class path
   */
  public Lab(ArtifactSource artifacts) {
    this.world =
        new World(() ->
            new SentenceEncoder(Catalog.load().find("minilm-int8").orElseThrow().load(artifacts)));
  }

  /** Hears of the steps of trainings. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A step is done.
     *
     * @param run which training
     * @param done its steps so far
     * @param loss of this step
     */
    void step(LabRun run, int done, float loss);
  }

  /**
   * Trains a policy, or goes on with a training that was stopped.
   *
   * @param run what is trained
   * @param folder for its files; one in which the same run was begun is gone on with
   * @param listener hears of each step
   * @return what it came to
   * @throws IOException if files cannot be read or written
   */
  public LabResult train(LabRun run, Path folder, Listener listener) throws IOException {
    return Training.train(
        world, run, new RunFolder(folder), (done, total, loss) -> listener.step(run, done, loss));
  }

  /**
   * Trains a policy under each mask with each seed, seed by seed, and compares them. What is done
   * already in the folder is not done again.
   *
   * @param runs one for each mask and seed; those of the first mask are what others are compared
   *     with
   * @param folder for their files, one folder for each
   * @param listener hears of each step
   * @return the comparison
   * @throws IOException if files cannot be read or written
   */
  public Comparison compare(List<LabRun> runs, Path folder, Listener listener) throws IOException {
    List<LabResult> results = new ArrayList<>();
    for (LabRun run : runs) {
      Path own = folder.resolve(run.folderName());
      RunFolder files = new RunFolder(own);
      boolean isDone = files.isDone() && files.run().equals(run);
      results.add(isDone ? files.result() : train(run, own, listener));
    }
    return new Comparison(
        runs.getFirst().policy(),
        runs.stream().map(LabRun::mask).distinct().toList(),
        runs.stream().map(LabRun::seed).distinct().toList(),
        results);
  }

  /**
   * Runs a trained policy on held tasks.
   *
   * @param folder of a training
   * @param padding what is at the padding of instructions: {@code as-trained}, {@code none}, {@code
   *     long} or {@code foreign}
   * @param mask under which it runs, by name or, of pi05, as an expression; null for the mask that
   *     it was trained under
   * @param tasks how many
   * @return what was done
   * @throws IOException if the folder cannot be read
   */
  public List<Rollout> rollouts(Path folder, String padding, @Nullable String mask, int tasks)
      throws IOException {
    Padding chosen =
        Arrays.stream(Padding.values())
            .filter(each -> each.id().equals(padding))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "'"
                        + padding
                        + "' is no padding; expected one of "
                        + String.join(
                            ", ", Arrays.stream(Padding.values()).map(Padding::id).toList())));
    LabRun run = new RunFolder(folder).run();
    String atInference = mask == null ? run.mask() : run.under(mask).mask();
    return trained(folder).rollouts(atInference, chosen, tasks);
  }

  /**
   * Returns a trained policy as an ONNX model.
   *
   * @param folder of a training
   * @param part {@code joint}: all tokens in one run; of pi05 also {@code prefix}, which gives the
   *     keys and values of image and instruction, and {@code step}, which runs the actions over
   *     them
   * @return the bytes of a .onnx file
   * @throws IOException if the folder cannot be read
   */
  public byte[] onnx(Path folder, String part) throws IOException {
    return trained(folder).onnx(part);
  }

  /**
   * Returns tasks that no policy was trained on as lines of JSON, with a value for each input of
   * the model that {@link #onnx} returns. The noise comes from the seed of the training.
   *
   * @param folder of a training
   * @param part as for {@link #onnx}
   * @param tasks how many
   * @return one line for each task
   * @throws IOException if the folder cannot be read
   */
  public List<String> rows(Path folder, String part, int tasks) throws IOException {
    return trained(folder).rows(part, tasks);
  }

  /**
   * Returns what is trained in a folder; needs no LibTorch.
   *
   * @param folder a folder
   * @return the run
   * @throws IOException if it is not, naming it
   */
  public static LabRun run(Path folder) throws IOException {
    return new RunFolder(folder).run();
  }

  @Override
  public void close() {
    world.close();
  }

  private Arm trained(Path folder) throws IOException {
    return Training.trained(world, new RunFolder(folder));
  }
}
