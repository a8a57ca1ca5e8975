package dev.sightline.lab.internal.train;

import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.tensor.internal.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;

/**
 * All that a training needs to go on as if it had not been stopped: parameters, the optimiser's
 * moments, and the losses so far. A file of LibTorch's own archive form.
 */
final class Checkpoint {
  private static final String LOSSES = "losses";

  private Checkpoint() {}

  static void write(Path file, Parameters parameters, AdamW optimiser, float[] losses)
      throws IOException {
    Path unsafe = Files.createTempFile(file.toAbsolutePath().getParent(), ".checkpoint", ".pt");
    try (PointerScope _ = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      OutputArchive moments = new OutputArchive();
      int number = 0;
      for (Tensor tensor : parameters.tensors().values()) {
        archive.write(name(number++), tensor.detach());
      }
      archive.write(LOSSES, Tensor.create(losses, losses.length));
      optimiser.save(moments);
      archive.write("optimiser", moments);
      archive.save_to(unsafe.toString());
      AtomicFile.write(file, out -> Files.copy(unsafe, out));
    } finally {
      Files.deleteIfExists(unsafe);
    }
  }

  /** {@return the losses so far} */
  static List<Float> read(Path file, Parameters parameters, AdamW optimiser) throws IOException {
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      InputArchive archive = new InputArchive();
      archive.load_from(new BytePointer(file.toString()));
      int number = 0;
      for (Tensor tensor : parameters.tensors().values()) {
        Tensor kept = new Tensor();
        archive.read(name(number++), kept);
        tensor.copy_(kept);
      }
      Tensor kept = new Tensor();
      archive.read(LOSSES, kept);
      InputArchive moments = new InputArchive();
      archive.read("optimiser", moments);
      optimiser.load(moments);
      List<Float> losses = new ArrayList<>();
      for (float loss : Torch.floats(kept)) {
        losses.add(loss);
      }
      return losses;
    } catch (RuntimeException e) {
      // JavaCPP throws a C++ exception as a RuntimeException.
      throw new IOException("'" + file + "' is no checkpoint of this policy: " + e.getMessage(), e);
    }
  }

  private static String name(int number) {
    return "parameter" + number;
  }
}
