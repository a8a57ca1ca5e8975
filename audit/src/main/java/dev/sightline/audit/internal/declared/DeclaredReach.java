package dev.sightline.audit.internal.declared;

import dev.sightline.data.internal.batch.JointTokens;
import dev.sightline.data.internal.batch.TokenAxis;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which input tokens a token may depend on if every attention has its declared mask: a boolean
 * product of the masks in order of execution, with the identity added to each, since the residual
 * stream carries every token past it. All heads count, as the output projection mixes them. An
 * attention of which nothing is declared lets everything through.
 */
final class DeclaredReach {
  private final BitSet[] reached;

  /** For one batch row. */
  DeclaredReach(JointTokens joint, List<DeclaredAttention> attentions, int sample) {
    reached = new BitSet[joint.size()];
    for (int token = 0; token < reached.length; token++) {
      reached[token] = new BitSet();
      reached[token].set(token);
    }
    for (DeclaredAttention attention : attentions) {
      TokenAxis.Pair axes = attention.axes();
      if (axes == null) {
        throw new IllegalStateException("the tokens are not known of " + attention.site());
      }
      pass(attention, axes.queries().tokens(joint), axes.keys().tokens(joint), sample);
    }
  }

  private void pass(DeclaredAttention attention, int[] queries, int[] keys, int sample) {
    // Keys are read before any query changes: all of an attention happens at once.
    BitSet[] before = new BitSet[keys.length];
    for (int k = 0; k < keys.length; k++) {
      before[k] = (BitSet) reached[keys[k]].clone();
    }
    boolean @Nullable [] cells = anyHead(attention, sample);
    for (int q = 0; q < queries.length; q++) {
      for (int k = 0; k < keys.length; k++) {
        if (cells == null || cells[q * keys.length + k]) {
          reached[queries[q]].or(before[k]);
        }
      }
    }
  }

  private static boolean @Nullable [] anyHead(DeclaredAttention attention, int sample) {
    if (attention.mask() == null) {
      return null;
    }
    boolean[] any = DeclaredAttention.cells(attention.mask(), sample, 0);
    for (int h = 1; h < attention.mask().mask().heads(); h++) {
      boolean[] cells = DeclaredAttention.cells(attention.mask(), sample, h);
      for (int i = 0; i < any.length; i++) {
        any[i] |= cells[i];
      }
    }
    return any;
  }

  /** Whether a token may depend on the content of an input token. */
  boolean reaches(int token, int input) {
    return reached[token].get(input);
  }
}
