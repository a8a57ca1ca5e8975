package dev.sightline.maven;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultCacheTest {
  private static final Outcome FAILED =
      new Outcome(Outcome.FAILED, List.of("FAIL  model.onnx: …", "cause"));

  @TempDir private Path folder;
  private final Properties request = new Properties();
  private Path model = Path.of("");
  private Path reports = Path.of("");

  @BeforeEach
  void keep() throws IOException {
    model = Files.createDirectories(folder.resolve("models/onnx")).resolve("model.onnx");
    reports = Files.createDirectories(folder.resolve("reports"));
    Files.writeString(model, "graph");
    Files.writeString(model.resolveSibling("weights.bin"), "weights");
    Files.writeString(folder.resolve("models/tokenizer.json"), "{}");
    request.setProperty("failOn", "fail");
    Files.createDirectories(folder.resolve("cache"));
    Files.writeString(
        folder.resolve("cache").resolve(ResultCache.FILES),
        model + "\n" + model.resolveSibling("weights.bin"));
    cache("1.0").keep(FAILED);
  }

  private ResultCache cache(String version) {
    return new ResultCache(folder.resolve("cache"), version, request, List.of(model));
  }

  @Test
  void aResultIsKept_withItsLines() throws IOException {
    assertThat(cache("1.0").find(reports)).isEqualTo(FAILED);
  }

  @Test
  void itHoldsNoMore_ifAnythingItDependsOnChanges() throws IOException {
    assertThat(cache("1.1").find(reports)).isNull();
    assertThat(cache("1.0").find(folder.resolve("gone"))).isNull();
    request.setProperty("failOn", "fail,rounding");
    assertThat(cache("1.0").find(reports)).isNull();
    request.setProperty("failOn", "fail");
    for (String name :
        List.of("models/onnx/model.onnx", "models/onnx/weights.bin", "models/tokenizer.json")) {
      Path file = folder.resolve(name);
      String before = Files.readString(file);
      Files.writeString(file, before + " ");
      assertThat(cache("1.0").find(reports)).as(name).isNull();
      Files.delete(file);
      assertThat(cache("1.0").find(reports)).as(name).isNull();
      Files.writeString(file, before);
      assertThat(cache("1.0").find(reports)).as(name).isEqualTo(FAILED);
    }
    Files.writeString(folder.resolve("models/special_tokens_map.json"), "{}");
    assertThat(cache("1.0").find(reports)).isNull();
  }

  @Test
  void aDamagedResult_isNone() throws IOException {
    Path file = folder.resolve("cache/result.properties");
    String whole = Files.readString(file);
    for (String damaged : List.of("", "a=\\u12", whole.replace("code=3", "code=1"))) {
      Files.writeString(file, damaged);
      assertThat(cache("1.0").find(reports)).as(damaged).isNull();
    }
  }
}
