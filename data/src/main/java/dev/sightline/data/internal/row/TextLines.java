package dev.sightline.data.internal.row;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a UTF-8 file with any content. They are read one at a time, and no more of each than
 * a limit, so that a file of any size takes the memory of one line. Owned by one thread.
 */
final class TextLines implements AutoCloseable {
  /** More than any model reads; a longer line is of a binary file, or an attack. */
  public static final int MAX_LINE_BYTES = 1 << 20;

  static final String TOO_LONG = tooLong(MAX_LINE_BYTES);
  static final String NOT_UTF8 = "it is not UTF-8";

  private final InputStream in;
  private final int most;
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int end;
  private long number;

  /** Reads lines of text from a stream, which is closed with this. */
  public TextLines(InputStream in) {
    this(in, MAX_LINE_BYTES);
  }

  /** Reads lines of {@code most} bytes from a stream, which is closed with this. */
  TextLines(InputStream in, int most) {
    this.in = in;
    this.most = most;
  }

  /** Returns the reason to pass over a longer line. */
  static String tooLong(int most) {
    return "it is longer than " + most + " bytes";
  }

  /** A line, or the reason why it cannot be used. */
  public sealed interface Line {
    /** Returns the number of the line, from 1. */
    long number();

    /** A line without its line feed; a carriage return before it is part of the text. */
    record Text(long number, String text) implements Line {}

    /** A line that cannot be used. */
    record Bad(long number, String reason) implements Line {}
  }

  /** Returns the number of the last line that was read, from 1; 0 before the first. */
  public long number() {
    return number;
  }

  /** Reads the next line; null at the end. */
  public @Nullable Line next() throws IOException {
    if (!fill()) {
      return null;
    }
    number++;
    ByteArrayOutputStream kept = new ByteArrayOutputStream();
    boolean ended = false;
    while (!ended && fill()) {
      int stop = at;
      while (stop < end && buffer[stop] != '\n') {
        stop++;
      }
      // One byte more than allowed shows that the line is too long; the rest is passed over.
      kept.write(buffer, at, Math.min(stop - at, most + 1 - kept.size()));
      ended = stop < end;
      at = ended ? stop + 1 : stop;
    }
    return line(number, kept.toByteArray(), most);
  }

  /** Returns the bytes of a line, without its line feed, as a line. */
  static Line line(long number, byte[] bytes, int most) {
    if (bytes.length > most) {
      return new Line.Bad(number, tooLong(most));
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      boolean marked = number == 1 && text.startsWith("\ufeff");
      return new Line.Text(number, marked ? text.substring(1) : text);
    } catch (CharacterCodingException e) {
      return new Line.Bad(number, NOT_UTF8);
    }
  }

  private boolean fill() throws IOException {
    if (at == end) {
      at = 0;
      end = Math.max(0, in.read(buffer));
    }
    return at < end;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
