package dev.sightline.bench.comparison;

import dev.sightline.mask.Tiles;
import org.jspecify.annotations.Nullable;

/** From a mask to the tiles of 128 x 128 that a kernel has to visit. */
final class SightlineMaskCompilation implements TimedTask {
  private final Workload work;
  @Nullable Tiles tiles;

  SightlineMaskCompilation(Workload work) {
    this.work = work;
  }

  @Override
  public String name() {
    return SightlineBackend.NAME;
  }

  @Override
  public void run() {
    tiles = work.bound().tiles(0, 0, 128, 128);
  }

  @Override
  public float[] output() {
    return new float[0];
  }

  @Override
  public void close() {}
}
