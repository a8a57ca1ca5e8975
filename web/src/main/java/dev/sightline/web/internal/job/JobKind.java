package dev.sightline.web.internal.job;

import java.util.List;

/** What a job does with a model. */
enum JobKind {
  AUDIT("audit", "Audit"),
  MASK_OF("mask-of", "Mask of"),
  REPAIR("repair", "Repair"),
  HEADS("heads", "Heads");

  private final String id;
  private final String title;

  JobKind(String id, String title) {
    this.id = id;
    this.title = title;
  }

  String id() {
    return id;
  }

  String title() {
    return title;
  }

  /**
   * The words after {@code sightline}.
   *
   * @param model the model, as the working folder of the process finds it
   * @param data the data file of {@link #HEADS}; otherwise empty
   * @param out the job's folder, absolute
   */
  List<String> words(String model, String data, String out) {
    return switch (this) {
      case AUDIT -> List.of("audit", model, "--out", out);
      case MASK_OF -> List.of("mask", "of", model, "-o", out + "/masks.txt");
      case REPAIR ->
          List.of("repair", model, "-o", out + "/" + repaired(model), "--out", out + "/report");
      case HEADS -> List.of("heads", model, "--data", data, "--out", out);
    };
  }

  /** As in model-repaired.onnx. */
  private static String repaired(String model) {
    String name = model.substring(model.lastIndexOf('/') + 1);
    String stem = DataFolder.isModel(name) ? name.substring(0, name.length() - 5) : name;
    return stem + "-repaired.onnx";
  }
}
