package dev.sightline.bench.comparison;

import dev.sightline.mask.Tiles;
import org.jspecify.annotations.Nullable;

/** Compiles a mask to the tiles of 128 x 128 that a kernel has to visit. */
final class SightlineMaskCompilation implements TimedTask {
  private final Workload workload;
  @Nullable Tiles tiles;

  SightlineMaskCompilation(Workload workload) {
    this.workload = workload;
  }

  @Override
  public void run() {
    tiles = workload.bound().tiles(0, 0, 128, 128);
  }

  @Override
  public float[] output() {
    return new float[0];
  }

  @Override
  public void close() {}
}
