package dev.sightline.lab.internal.run;

import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.LabRun;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The files of one training: what is trained ({@code run.json}), where it is ({@code
 * checkpoint.pt}), its curve ({@code curve.csv}) and what it came to ({@code result.json}).
 */
public final class RunFolder {
  private static final String RUN = "run.json";
  private static final String RESULT = "result.json";
  private static final long LARGEST = 64 << 20;

  private final Path folder;

  /** Names a folder, which need not exist. */
  public RunFolder(Path folder) {
    this.folder = folder;
  }

  /** {@return whether a training was begun here} */
  public boolean isBegun() {
    return Files.isRegularFile(folder.resolve(RUN));
  }

  /** {@return whether a training came to its end here} */
  public boolean isDone() {
    return Files.isRegularFile(folder.resolve(RESULT));
  }

  Path checkpoint() {
    return folder.resolve("checkpoint.pt");
  }

  void begin(LabRun run) throws IOException {
    Files.createDirectories(folder);
    write(RUN, run);
  }

  /** {@return what is trained here} */
  public LabRun run() throws IOException {
    if (!isBegun()) {
      throw new IOException(
          "'" + folder + "' is no folder of 'sightline lab train': it has no " + RUN);
    }
    return read(RUN, LabRun.class);
  }

  void finish(LabResult result) throws IOException {
    write(RESULT, result);
  }

  /** {@return what the training came to} */
  public LabResult result() throws IOException {
    return read(RESULT, LabResult.class);
  }

  void writeCurve(List<Float> losses, List<Float> held, int heldEvery) throws IOException {
    AtomicFile.writeText(
        folder.resolve("curve.csv"),
        out -> {
          out.write("step,loss,held_loss\n");
          for (int i = 0; i < losses.size(); i++) {
            int step = i + 1;
            boolean isHeld = step % heldEvery == 0 && step / heldEvery <= held.size();
            out.write(
                step
                    + ","
                    + losses.get(i)
                    + ","
                    + (isHeld ? held.get(step / heldEvery - 1) : "")
                    + "\n");
          }
        });
  }

  private void write(String name, Object value) throws IOException {
    String json = JsonMapper.shared().writeValueAsString(value);
    AtomicFile.writeText(folder.resolve(name), out -> out.write(json + "\n"));
  }

  private <T> T read(String name, Class<T> type) throws IOException {
    Path file = folder.resolve(name);
    if (Files.size(file) > LARGEST) {
      throw new IOException("'" + file + "' is larger than such a file can be");
    }
    try {
      return JsonMapper.shared().readValue(Files.readAllBytes(file), type);
    } catch (JacksonException e) {
      throw new IOException("'" + file + "' cannot be read: " + e.getOriginalMessage(), e);
    }
  }
}
