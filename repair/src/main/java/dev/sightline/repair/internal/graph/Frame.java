package dev.sightline.repair.internal.graph;

/**
 * Queries and keys by number, in the terms of one part of a mask: the part may be about all tokens
 * of a sequence while the attention has its last rows only, or about the tokens after a prefix.
 *
 * @param nodes where nodes are added
 * @param queries how many queries the part is about, a scalar
 * @param keys how many keys the part is about, a scalar
 * @param rows the number of each query of the attention in the part, {@code [Lq]}
 * @param columns the number of each key of the attention in the part, {@code [Lk]}
 * @param plainRows whether the rows are 0, 1, 2 and so on
 * @param plainColumns whether the columns are 0, 1, 2 and so on
 * @param square whether the part has as many queries as keys by the way it is made
 */
record Frame(
    Nodes nodes,
    String queries,
    String keys,
    String rows,
    String columns,
    boolean plainRows,
    boolean plainColumns,
    boolean square) {

  /** All queries and keys of an attention. */
  static Frame of(Nodes nodes, MaskTensors tensors) {
    String queries = tensors.queries();
    String keys = tensors.keys();
    return new Frame(
        nodes, queries, keys, nodes.range(queries), nodes.range(keys), true, true, false);
  }

  /** The same keys, and queries that are the last of them. */
  Frame joint() {
    if (square) {
      return this;
    }
    String first = nodes.op("Sub", keys, queries);
    return new Frame(
        nodes, keys, keys, nodes.op("Add", rows, first), columns, false, plainColumns, true);
  }

  /** The tokens after a prefix; a key of the prefix is the first of them. */
  Frame after(long prefix) {
    String shifted = nodes.op("Sub", columns, nodes.number(prefix));
    String first =
        nodes.op("Where", nodes.op("Less", shifted, nodes.number(0)), nodes.number(0), shifted);
    return new Frame(nodes, queries, queries, rows, first, plainRows, false, true);
  }

  /** The number of each query, {@code [1, 1, Lq, 1]}. */
  String i() {
    return nodes.reshape(rows, nodes.vector(1, 1, -1, 1));
  }

  /** The number of each key, {@code [1, 1, 1, Lk]}. */
  String j() {
    return nodes.reshape(columns, nodes.vector(1, 1, 1, -1));
  }

  /** Something about each query token, {@code [B, L]}, as {@code [B, 1, Lq, 1]}. */
  String atRows(String tokens) {
    String each = plainRows ? tokens : nodes.gather(tokens, rows, 1);
    return nodes.reshape(each, nodes.vector(0, 1, -1, 1));
  }

  /** Something about each key token, {@code [B, L]}, as {@code [B, 1, 1, Lk]}. */
  String atColumns(String tokens) {
    String each = plainColumns ? tokens : nodes.gather(tokens, columns, 1);
    return nodes.reshape(each, nodes.vector(0, 1, 1, -1));
  }

  /** Numbers of the tokens of a constant {@code [B, L]}; there must be L queries. */
  String constantAtRows(String constant, int length) {
    return atRows(nodes.exactly(constant, 1, length, queries, "tokens"));
  }

  /** Numbers of the tokens of a constant {@code [B, L]}; there must be L keys. */
  String constantAtColumns(String constant, int length) {
    return atColumns(nodes.exactly(constant, 1, length, keys, "tokens"));
  }

  /** A scalar as a vector. */
  String one(String scalar) {
    return nodes.op("Reshape", scalar, nodes.vector(1));
  }
}
