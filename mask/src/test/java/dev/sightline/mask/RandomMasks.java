package dev.sightline.mask;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;

/** Random expressions that fit given sizes: every kind, every combinator. */
final class RandomMasks {
  private final Random random;
  private final MaskShape shape;

  RandomMasks(long seed, MaskShape shape) {
    this.random = new Random(seed);
    this.shape = shape;
  }

  Mask next(int depth) {
    int kind = random.nextInt(depth == 0 ? 1 : 8);
    return switch (kind) {
      case 1, 2 -> next(depth - 1).and(next(depth - 1));
      case 3 -> next(depth - 1).or(next(depth - 1));
      case 4 -> next(depth - 1).not();
      case 5 -> next(depth - 1).minus(next(depth - 1));
      case 6 -> {
        boolean heads = random.nextBoolean();
        Mask[] each = new Mask[heads ? shape.heads() : shape.batch()];
        for (int k = 0; k < each.length; k++) {
          each[k] = next(depth - 1);
        }
        yield heads ? Mask.perHead(each) : Mask.perBatch(each);
      }
      default ->
          shape.queries() == shape.keys() && random.nextInt(3) > 0 ? ofTokens() : ofPositions();
    };
  }

  private Mask ofPositions() {
    int lq = shape.queries();
    int lk = shape.keys();
    return switch (random.nextInt(15)) {
      case 0 -> Mask.full();
      case 1 -> Mask.none();
      case 2, 3 -> Mask.causal(alignment());
      case 4, 5 -> Mask.window(distance(), distance(), alignment());
      case 6 -> Mask.chunk(1 + random.nextInt(lk + 2));
      case 7 -> Mask.prefix(alignment(), rows(() -> random.nextInt(lk + 1)));
      case 8 -> Mask.dilated(1 + random.nextInt(5));
      case 9 -> Mask.global(random.nextInt(Math.max(lq, lk)), random.nextInt(Math.max(lq, lk)));
      case 10 ->
          Mask.keyPadding(
              random.nextBoolean() ? Side.LEFT : Side.RIGHT, rows(() -> random.nextInt(lk + 1)));
      case 11 -> Mask.queryPadding(rows(lq));
      case 12 -> lq <= lk ? Mask.step(over(lk)) : Mask.causal(alignment());
      case 13 -> lq < lk ? Mask.cached(List.of(rows(lk - lq)), over(lq)) : Mask.none();
      default -> {
        boolean[][] cells = new boolean[lq][lk];
        for (boolean[] row : cells) {
          for (int j = 0; j < lk; j++) {
            row[j] = random.nextBoolean();
          }
        }
        yield Mask.dense(cells);
      }
    };
  }

  private Mask over(int length) {
    MaskShape square = new MaskShape(shape.batch(), shape.heads(), length, length);
    return new RandomMasks(random.nextLong(), square).next(1);
  }

  private Mask ofTokens() {
    int n = shape.keys();
    return switch (random.nextInt(11)) {
      case 0 -> Mask.padding(rows(() -> random.nextInt(n + 1)));
      case 1 -> Mask.padding(rows(n));
      case 2 -> Mask.documents(lengths(n));
      case 3 -> Mask.documentIds(ids(n, -1));
      case 4 -> Mask.islands(ids(n, 0));
      case 5 -> Mask.blockCausal(rows(n));
      case 6 -> Mask.rowCausal(rows(n));
      case 7 -> Mask.chunk(1 + random.nextInt(n), rows(() -> random.nextInt(n + 1)));
      case 8 -> {
        int prefix = random.nextInt(n);
        yield Mask.sharedPrefix(prefix, lengths(n - prefix));
      }
      case 9 -> {
        int[] parents = new int[n];
        for (int k = 0; k < n; k++) {
          parents[k] = random.nextInt(3) == 0 ? random.nextInt(k + 1) - 1 : k - 1;
        }
        yield Mask.tree(parents);
      }
      default -> groups(n);
    };
  }

  private Mask groups(int n) {
    Groups groups = Groups.of();
    int left = n;
    List<String> names = new ArrayList<>();
    while (left > 0) {
      int size = Math.min(left, random.nextInt(5));
      String name = "g" + names.size();
      names.add(name);
      groups = random.nextBoolean() ? groups.segment(name, size) : groups.causal(name, size);
      left -= size;
    }
    for (String name : names) {
      String seen = String.join(" ", names.stream().filter(x -> random.nextBoolean()).toList());
      groups = seen.isEmpty() ? groups : groups.sees(name, seen);
    }
    return Mask.groups(groups);
  }

  private Alignment alignment() {
    return switch (random.nextInt(4)) {
      case 0 -> Alignment.bottomRight();
      case 1 -> Alignment.offset(rows(() -> random.nextInt(9) - 4));
      default -> shape.queries() == shape.keys() ? Alignment.unstated() : Alignment.topLeft();
    };
  }

  private int distance() {
    return random.nextInt(6) == 0 ? Mask.UNBOUNDED : random.nextInt(shape.keys() + 2);
  }

  private int[] rows(IntSupplier each) {
    int[] rows = new int[random.nextBoolean() ? 1 : shape.batch()];
    for (int b = 0; b < rows.length; b++) {
      rows[b] = each.getAsInt();
    }
    return rows;
  }

  private String[] rows(int bits) {
    String[] rows = new String[random.nextBoolean() ? 1 : shape.batch()];
    int odds = 1 + random.nextInt(4);
    for (int b = 0; b < rows.length; b++) {
      StringBuilder row = new StringBuilder();
      for (int k = 0; k < bits; k++) {
        row.append(random.nextInt(odds + 1) == 0 ? '0' : '1');
      }
      rows[b] = row.toString();
    }
    return rows;
  }

  private int[] lengths(int n) {
    List<Integer> lengths = new ArrayList<>();
    int left = n;
    do {
      int length = Math.min(left, random.nextInt(6));
      lengths.add(length);
      left -= length;
    } while (left > 0 && random.nextInt(8) > 0);
    return lengths.stream().mapToInt(Integer::intValue).toArray();
  }

  private int[] ids(int n, int least) {
    int[] ids = new int[n];
    for (int k = 0; k < n; k++) {
      ids[k] = k > 0 && random.nextBoolean() ? ids[k - 1] : least + random.nextInt(4);
    }
    return ids;
  }
}
