package dev.sightline.data;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Hands out texts one at a time, so that an audit of any number of them needs no list. */
@FunctionalInterface
public interface TextSource {
  /** The next text, null after the last. */
  @Nullable String next() throws IOException;
}
