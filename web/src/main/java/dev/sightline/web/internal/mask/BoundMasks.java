package dev.sightline.web.internal.mask;

import dev.sightline.mask.BoundMask;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The masks of the last questions, so that zooming and hovering do not read them again. */
final class BoundMasks {
  private static final int MOST = 16;

  private final Map<MaskQuestion, List<BoundMask>> known =
      new LinkedHashMap<>(MOST, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<MaskQuestion, List<BoundMask>> eldest) {
          return size() > MOST;
        }
      };

  /** The masks of a question, and which of them it is about. */
  BoundMask of(MaskQuestion question) {
    return all(question).get(question.isAboutOther() ? 1 : 0);
  }

  List<BoundMask> all(MaskQuestion question) {
    MaskQuestion key =
        new MaskQuestion(question.text(), question.other(), question.sizes(), 0, 0, "");
    synchronized (known) {
      List<BoundMask> masks = known.get(key);
      if (masks != null) {
        return masks;
      }
    }
    List<BoundMask> masks = question.bound();
    synchronized (known) {
      known.put(key, masks);
    }
    return masks;
  }
}
