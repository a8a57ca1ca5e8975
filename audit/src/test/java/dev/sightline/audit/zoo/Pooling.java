package dev.sightline.audit.zoo;

/** How one vector is made of a text's tokens {@code [B, S, D]}; the first four are right. */
public enum Pooling {
  NONE,
  MEAN,
  FIRST_REAL,
  LAST_REAL,
  LAST_POSITION,
  SUM_MINUS_ONE,
  FIRST_POSITION,
  MEAN_ALL_POSITIONS,
  DIVIDED_BY_L;

  /** {@code [B, D]}. */
  String apply(ZooGraph g, String x, String mask) {
    return switch (this) {
      case NONE -> throw new IllegalStateException("nothing to pool");
      case MEAN -> g.node("Div", sum(g, x, mask), g.cast(count(g, mask), g.floatType()));
      case DIVIDED_BY_L -> g.node("Div", sum(g, x, mask), g.cast(g.size(x, 1), g.floatType()));
      case MEAN_ALL_POSITIONS -> g.op("ReduceMean", x, g.longs(1)).with("keepdims", 0).out();
      case FIRST_POSITION -> g.op("Gather", x, g.longScalar(0)).with("axis", 1).out();
      case LAST_POSITION -> g.op("Gather", x, g.longScalar(-1)).with("axis", 1).out();
      case SUM_MINUS_ONE -> at(g, x, g.node("Sub", count(g, mask), g.longs(1)));
      case FIRST_REAL -> at(g, x, g.op("ArgMax", mask).with("axis", 1).out());
      case LAST_REAL ->
          at(g, x, g.node("ReduceMax", g.node("Mul", mask, g.range(g.size(mask, 1))), g.longs(1)));
    };
  }

  private static String sum(ZooGraph g, String x, String mask) {
    String weights = g.cast(g.node("Unsqueeze", mask, g.longs(2)), g.floatType());
    return g.op("ReduceSum", g.node("Mul", x, weights), g.longs(1)).with("keepdims", 0).out();
  }

  /** Real tokens of each text {@code [B, 1]}. */
  private static String count(ZooGraph g, String mask) {
    return g.node("ReduceSum", mask, g.longs(1));
  }

  /** The positions {@code [B, 1]} of each text. */
  private static String at(ZooGraph g, String x, String positions) {
    return g.op("GatherND", x, positions).with("batch_dims", 1).out();
  }
}
