package dev.sightline.data;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Hands out samples one at a time, so that an audit of any number of them needs no list. */
@FunctionalInterface
public interface SampleSource {
  /** The next sample, null after the last; it is not asked again after that. */
  @Nullable Sample next() throws IOException;
}
