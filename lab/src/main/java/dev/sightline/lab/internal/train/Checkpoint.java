package dev.sightline.lab.internal.train;

import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;

/**
 * All that a training needs to go on as if it had not been stopped: parameters, the optimiser's
 * moments, and the losses so far. A file of LibTorch's own archive form.
 */
final class Checkpoint {
  private static final String LOSSES = "losses";
  private static final String HELD = "held";

  private Checkpoint() {}

  /**
   * What was measured so far.
   *
   * @param losses of each step
   * @param held the losses of held tasks, at the steps that are due
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Curves(float[] losses, float[] held) {}

  static void write(Path file, Parameters parameters, AdamW optimiser, Curves curves)
      throws IOException {
    requireRoom(file, parameters, curves);
    Path unsafe = Files.createTempFile(file.toAbsolutePath().getParent(), ".checkpoint", ".pt");
    try {
      Torch.scoped(() -> {
        archive(parameters, optimiser, curves).save_to(unsafe.toString());
        return curves;
      });
      AtomicFile.write(file, out -> Files.copy(unsafe, out));
    } catch (RuntimeException e) {
      // JavaCPP throws a C++ exception as a RuntimeException.
      throw new IOException("'" + file + "' cannot be written: " + e.getMessage(), e);
    } finally {
      Files.deleteIfExists(unsafe);
    }
  }

  /** LibTorch ends the process if the disk is full, so that is found before it writes. */
  private static void requireRoom(Path file, Parameters parameters, Curves curves)
      throws IOException {
    // Parameters and two moments of each, the curves, and what the archive adds.
    long size =
        12 * parameters.count() + 4L * (curves.losses.length + curves.held.length) + 500_000;
    long needed = 2 * size; // one file is written beside the other
    long room = Files.getFileStore(file.toAbsolutePath().getParent()).getUsableSpace();
    if (room < needed) {
      throw new IOException(
          "'%s' cannot be written: it needs %,d kB of room, and %,d kB are free"
              .formatted(file, needed / 1000, room / 1000));
    }
  }

  private static OutputArchive archive(Parameters parameters, AdamW optimiser, Curves curves) {
    OutputArchive archive = new OutputArchive();
    OutputArchive moments = new OutputArchive();
    int number = 0;
    for (Tensor tensor : parameters.tensors().values()) {
      archive.write(name(number++), tensor.detach());
    }
    archive.write(LOSSES, Tensor.create(curves.losses, curves.losses.length));
    // A tensor of no number cannot be written: the first one is a filler.
    archive.write(HELD, Tensor.create(padded(curves.held), curves.held.length + 1));
    optimiser.save(moments);
    archive.write("optimiser", moments);
    return archive;
  }

  private static float[] padded(float[] held) {
    float[] padded = new float[held.length + 1];
    System.arraycopy(held, 0, padded, 1, held.length);
    return padded;
  }

  /** {@return what was measured so far} */
  static Curves read(Path file, Parameters parameters, AdamW optimiser) throws IOException {
    try {
      return Torch.withoutGradients(() -> fill(file, parameters, optimiser));
    } catch (RuntimeException e) {
      throw new IOException("'" + file + "' is no checkpoint of this policy: " + e.getMessage(), e);
    }
  }

  private static Curves fill(Path file, Parameters parameters, AdamW optimiser) {
    InputArchive archive = new InputArchive();
    archive.load_from(new BytePointer(file.toString()));
    int number = 0;
    for (Tensor tensor : parameters.tensors().values()) {
      Tensor kept = new Tensor();
      archive.read(name(number++), kept);
      tensor.copy_(kept);
    }
    float[] losses = floats(archive, LOSSES);
    float[] held = floats(archive, HELD);
    InputArchive moments = new InputArchive();
    archive.read("optimiser", moments);
    optimiser.load(moments);
    return new Curves(losses, Arrays.copyOfRange(held, 1, held.length));
  }

  private static float[] floats(InputArchive archive, String name) {
    Tensor kept = new Tensor();
    archive.read(name, kept);
    return Torch.floats(kept);
  }

  private static String name(int number) {
    return "parameter" + number;
  }
}
