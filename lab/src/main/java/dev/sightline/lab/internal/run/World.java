package dev.sightline.lab.internal.run;

import dev.sightline.lab.internal.policy.GrootTask;
import dev.sightline.lab.internal.policy.Language;
import dev.sightline.lab.internal.policy.Pi05Task;
import dev.sightline.lab.result.LabRun;
import dev.sightline.onnx.inventory.ModelException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tasks of the lab, the same for every run; made once for each count of instructions. */
public final class World implements AutoCloseable {
  /** The seed of all tasks, so that runs of other seeds are about the same tasks. */
  private static final long SEED = 1;

  /** Instructions that no policy is trained on. */
  private static final int HELD = 128;

  private final LanguageSource languages;
  private final Map<Integer, GrootTask> groot = new HashMap<>();
  private final Map<Integer, Pi05Task> pi05 = new HashMap<>();
  private @Nullable Language language;

  /** Opens the frozen language encoder. */
  @FunctionalInterface
  public interface LanguageSource {
    /** {@return an encoder, to be closed} */
    Language open() throws ModelException;
  }

  /** Makes the tasks with this encoder, which is opened when it is needed. */
  public World(LanguageSource languages) {
    this.languages = languages;
  }

  /** {@return a fresh policy} */
  public Arm arm(LabRun run) throws ModelException {
    return switch (run.policy()) {
      case GROOT -> new GrootArm(grootTask(run.texts()), run, Sizes.USUAL);
      case PI05 ->
          new Pi05Arm(
              pi05.computeIfAbsent(run.texts(), texts -> new Pi05Task(SEED, texts, HELD)),
              run,
              Sizes.USUAL);
    };
  }

  private GrootTask grootTask(int texts) throws ModelException {
    GrootTask task = groot.get(texts);
    if (task == null) {
      Language opened = language == null ? languages.open() : language;
      language = opened;
      task = new GrootTask(opened, SEED, texts, HELD);
      groot.put(texts, task);
    }
    return task;
  }

  @Override
  public void close() {
    if (language != null) {
      language.close();
    }
  }
}
