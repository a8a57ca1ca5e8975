package dev.sightline.audit;

import dev.sightline.audit.BlackBox.Baseline;
import dev.sightline.audit.Difference.NumberedText;
import dev.sightline.audit.Difference.Row;
import dev.sightline.onnx.AttentionSite;
import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.OnnxSession;
import dev.sightline.onnx.TokenBatch;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The probes that look inside. First every attention's probabilities are read over one short text:
 * that is the picture, and it shows which attentions can be read at all. Then a second session sums
 * attention on padding inside the graph, batch by batch.
 */
final class WhiteBox implements AutoCloseable {
  /** Padding behind the text of the picture: enough to be seen. */
  private static final int PICTURE_PADDING = 4;

  private final Outputs outputs;
  private final List<AttentionSite> sites;
  private final List<PaddingMass.Layer> untapped;
  private final AttentionPicture picture;
  private final OnnxSession session;
  private final MassTally mass;

  /** Attention on padding when the mask is all ones: the proof that there is something to mask. */
  private final MassTally unmaskedMass;

  final Difference instrumented;

  private WhiteBox(
      Outputs outputs,
      List<AttentionSite> sites,
      List<PaddingMass.Layer> untapped,
      AttentionPicture picture,
      OnnxSession session) {
    this.outputs = outputs;
    this.sites = sites;
    this.untapped = untapped;
    this.picture = picture;
    this.session = session;
    this.mass = new MassTally(sites);
    this.unmaskedMass = new MassTally(sites);
    this.instrumented = new Difference(outputs);
  }

  /**
   * Opens the model with its attentions tapped.
   *
   * @param shown the text of the picture
   * @throws OnnxModelException if no attention can be read, with the reason
   */
  static WhiteBox open(OnnxModel model, Outputs outputs, NumberedText shown, long padId)
      throws OnnxModelException {
    List<AttentionSite> all = model.attention().found();
    if (all.isEmpty()) {
      throw new OnnxModelException("no attention was found in the graph");
    }
    int length = shown.tokens().length() + PICTURE_PADDING;
    TokenBatch batch = TokenBatch.rightPadded(List.of(shown.tokens()), length, padId);
    Map<String, FloatTensor> probabilities;
    try (OnnxSession looking = model.openWithProbabilities(all)) {
      probabilities = looking.run(batch, all.stream().map(AttentionSite::probabilities).toList());
    }
    List<AttentionSite> sites = new ArrayList<>();
    List<PaddingMass.Layer> untapped = new ArrayList<>();
    List<AttentionPicture.Layer> layers = new ArrayList<>();
    for (AttentionSite site : all) {
      FloatTensor tensor = Outputs.tensor(probabilities, site.probabilities());
      if (isOfHeads(tensor.shape(), length)) {
        sites.add(site);
        layers.add(new AttentionPicture.Layer(site.layer(), tensor));
      } else {
        String reason =
            "its probabilities have shape " + tensor.shape() + ", expected [B, H, Lq, Lk]";
        untapped.add(new PaddingMass.Layer(site.layer(), reason, List.of(), List.of()));
      }
    }
    if (sites.isEmpty()) {
      throw new OnnxModelException("no attention could be read: " + untapped.getFirst().reason());
    }
    return new WhiteBox(
        outputs, sites, untapped, picture(shown, batch, layers), model.openWithPaddingMass(sites));
  }

  private static boolean isOfHeads(Shape shape, int length) {
    return shape.rank() == 4
        && shape.dim(0) == 1
        && shape.dim(2) == length
        && shape.dim(3) == length;
  }

  private static AttentionPicture picture(
      NumberedText shown, TokenBatch batch, List<AttentionPicture.Layer> layers) {
    List<String> tokens = new ArrayList<>(shown.tokens().tokens());
    while (tokens.size() < batch.width()) {
      tokens.add("padding");
    }
    return new AttentionPicture(shown.text(), tokens, shown.tokens().length(), layers);
  }

  void probe(Baseline base, List<NumberedText> texts) throws OnnxModelException {
    int width = base.batch().width();
    List<String> masses = sites.stream().map(AttentionSite::paddingMass).toList();
    List<String> all = new ArrayList<>(outputs.names());
    all.addAll(masses);
    Map<String, FloatTensor> tapped = session.run(base.batch(), all);
    for (int b = 0; b < texts.size(); b++) {
      instrumented.compare(base.row(b), new Row(tapped, b, texts.size(), width), texts.get(b), -1);
    }
    mass.add(massesOf(tapped), texts, width);
    unmaskedMass.add(massesOf(session.run(base.batch().withMaskOfOnes(), masses)), texts, width);
  }

  private List<FloatTensor> massesOf(Map<String, FloatTensor> run) {
    return sites.stream().map(site -> Outputs.tensor(run, site.paddingMass())).toList();
  }

  PaddingMass mass() {
    return mass.result(untapped);
  }

  double unmaskedMass() {
    return unmaskedMass.largest();
  }

  AttentionPicture picture() {
    return picture;
  }

  @Override
  public void close() {
    session.close();
  }
}
