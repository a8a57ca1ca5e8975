package dev.sightline.mask;

/** Masks as the contract writes them: rows of 0 and 1, separated by blanks. */
final class Pictures {
  private Pictures() {}

  static String of(Mask mask, int queries, int keys) {
    return of(mask.over(queries, keys), 0, 0);
  }

  static String of(Mask mask, int length) {
    return of(mask, length, length);
  }

  static String of(BoundMask mask, int batch, int head) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < mask.shape().queries(); i++) {
      text.append(i == 0 ? "" : " ");
      Runs row = mask.row(batch, head, i);
      for (int j = 0; j < mask.shape().keys(); j++) {
        text.append(row.contains(j) ? '1' : '0');
      }
    }
    return text.toString();
  }
}
