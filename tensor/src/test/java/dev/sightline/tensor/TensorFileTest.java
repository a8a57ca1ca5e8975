package dev.sightline.tensor;

import static dev.sightline.tensor.Bytes.hex;
import static dev.sightline.tensor.Bytes.npy;
import static dev.sightline.tensor.Bytes.safetensors;
import static dev.sightline.tensor.Bytes.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorFileTest {
  @TempDir Path folder;

  @Test
  void theContent_decidesWhatAFileIs() throws IOException {
    byte[] npy = npy("|u1", "(2,)", "01 02");
    String header = "{'t':{'dtype':'U8','shape':[2],'data_offsets':[0,2]}}";
    for (byte[] bytes : List.of(npy, zip("t.npy", npy), safetensors(header, "01 02"))) {
      assertThat(TensorFile.read(file(bytes), null).toLongs()).containsExactly(1, 2);
    }
  }

  @Test
  void aName_picksTheTensor() throws IOException {
    byte[] zip = zip("q.npy", npy("|u1", "()", "01"), "k.npy", npy("|u1", "()", "02"));
    assertThat(TensorFile.read(file(zip), "k").toLongs()).containsExactly(2);
    byte[] safetensors =
        safetensors(
            "{'q':{'dtype':'U8','shape':[],'data_offsets':[0,1]},"
                + "'k':{'dtype':'U8','shape':[],'data_offsets':[1,2]}}",
            "01 02");
    assertThat(TensorFile.read(file(safetensors), "k").toLongs()).containsExactly(2);
    assertThatThrownBy(() -> TensorFile.read(file(npy("|u1", "()", "01")), "k"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageEndingWith("whose one tensor has no name; expected no name, but 'k' was given");
  }

  @Test
  void severalTensorsWithoutAName_areListed_butNotAll() throws IOException {
    List<Object> entries = new ArrayList<>();
    for (int i = 0; i < 13; i++) {
      entries.add("layer" + i + (i == 0 ? "\u001b[2J\n" : "") + ".npy");
      entries.add(npy("|u1", "()", "01"));
    }
    Path file = file(zip(entries.toArray()));
    assertThatThrownBy(() -> TensorFile.read(file, null))
        .isInstanceOf(TensorFileException.class)
        .hasMessageStartingWith(
            "'"
                + file
                + "' holds 13 tensors; name one of them: 'layer0\\u001b[2J\\u000a', 'layer1', ")
        .hasMessageEndingWith("'layer9' and 3 more");
  }

  @Test
  void filesOfOtherKinds_areRefused() throws IOException {
    refused(new byte[0], "is neither a .npy nor a .npz nor a safetensors file");
    refused("a,b\n1,2\n3,4\n".getBytes(StandardCharsets.UTF_8), "is neither a .npy nor");
    refused(hex("80 04 95 10 00 00 00 00 00 00"), "is a Python pickle, which could run any code");
    refused(zip("data.pkl", new byte[3]), "holds no tensor");
    refused(safetensors("{}", ""), "holds no tensor");
    assertThatThrownBy(() -> TensorFile.read(folder.resolve("none"), null))
        .isInstanceOf(TensorFileException.class)
        .hasMessage("there is no tensor file '" + folder.resolve("none") + "'");
  }

  private void refused(byte[] bytes, String problem) throws IOException {
    Path file = file(bytes);
    assertThatThrownBy(() -> TensorFile.read(file, null))
        .isInstanceOf(TensorFileException.class)
        .hasMessageStartingWith("'" + file + "' ")
        .hasMessageContaining(problem);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("it.bin"), bytes);
  }
}
