package dev.sightline.data.internal.row;

/** A reason to pass over a row. */
final class BadRow extends Exception {
  private static final long serialVersionUID = 1L;
  private final String reason;
  private final String detail;

  /**
   * A reason.
   *
   * @param reason a sentence that many rows may share
   * @param detail the value that the row has, shortened; may be empty
   */
  BadRow(String reason, String detail) {
    super(reason, null, false, false);
    this.reason = reason;
    this.detail = detail;
  }

  String reason() {
    return reason;
  }

  String detail() {
    return detail;
  }
}
