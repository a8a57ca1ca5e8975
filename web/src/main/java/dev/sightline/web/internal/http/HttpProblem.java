package dev.sightline.web.internal.http;

import java.util.OptionalInt;

/** A request that is answered with a status and a message for the person who made it. */
public final class HttpProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final int offset;

  public HttpProblem(int status, String message) {
    this(status, message, -1);
  }

  /**
   * A problem at a place of a text.
   *
   * @param offset the index of the character, or -1
   */
  public HttpProblem(int status, String message, int offset) {
    super(message);
    this.status = status;
    this.offset = offset;
  }

  public int status() {
    return status;
  }

  /** The index of the character in the text that the message is about. */
  public OptionalInt offset() {
    return offset < 0 ? OptionalInt.empty() : OptionalInt.of(offset);
  }
}
