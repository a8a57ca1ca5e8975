package dev.sightline.audit.zoo;

import ai.onnxruntime.OrtException;
import java.util.EnumMap;
import java.util.Map;

/** Real outputs that move though nothing that they may depend on has changed, by what changed. */
public enum Symptom {
  NOT_FINITE,
  /** The ids at padding on the right. */
  PADDING_AFTER,
  /** The ids at padding on the left. */
  PADDING_BEFORE,
  /** More padding on the right. */
  WIDTH,
  /** Padding on the left in place of the right, positions given along. */
  SIDE,
  /** A later token. */
  FUTURE,
  /** Another text of the batch. */
  NEIGHBOUR;

  /** How far outputs move by each; what a model does not promise is not among them. */
  static Map<Symptom, Double> measure(ZooModel model) throws OrtException {
    Architecture architecture = model.architecture();
    Map<Symptom, Double> moves = new EnumMap<>(Symptom.class);
    try (ZooSession session = ZooSession.open(model)) {
      TextBatch right = TextBatch.of(10, false);
      TextBatch left = TextBatch.of(10, true);
      Map<String, float[]> plain = session.run(right);
      double largest = ZooSession.difference(plain, plain);
      moves.put(PADDING_AFTER, ZooSession.difference(plain, session.run(right.withOtherPadding())));
      moves.put(WIDTH, ZooSession.difference(plain, session.run(TextBatch.of(13, false))));
      Map<String, float[]> neighbour = session.run(right.withOtherText(1));
      neighbour.keySet().removeIf(name -> name.contains("[1, "));
      moves.put(NEIGHBOUR, ZooSession.difference(neighbour, plain));
      if (architecture.ignoresPaddingBefore()) {
        Map<String, float[]> before = session.run(left);
        largest = Math.max(largest, ZooSession.difference(before, before));
        moves.put(
            PADDING_BEFORE, ZooSession.difference(before, session.run(left.withOtherPadding())));
      }
      if (architecture.leftPadding()) {
        moves.put(SIDE, ZooSession.difference(plain, session.run(left)));
      }
      moves.put(NOT_FINITE, largest);
      if (architecture.causal()) {
        moves.put(FUTURE, future(session, architecture, right, plain));
      }
    }
    return moves;
  }

  private static double future(
      ZooSession session, Architecture architecture, TextBatch batch, Map<String, float[]> plain)
      throws OrtException {
    double largest = 0;
    // A later token of the prefix, which ends at token 2, may be seen.
    for (int token = 2; token < 4; token++) {
      int replaced = token;
      Map<String, float[]> changed;
      if (architecture == Architecture.ENCODER_DECODER) {
        session.replaceDecoderId(token);
        changed = session.run(batch);
        session.replaceDecoderId(-1);
      } else {
        changed = session.run(batch.withToken(1, token, 55));
      }
      changed.keySet().removeIf(name -> name.startsWith("sent") || tokenOf(name) >= replaced);
      largest = Math.max(largest, ZooSession.difference(changed, plain));
    }
    return largest;
  }

  private static int tokenOf(String name) {
    return Integer.parseInt(name.substring(name.indexOf(' ') + 1, name.length() - 1));
  }
}
