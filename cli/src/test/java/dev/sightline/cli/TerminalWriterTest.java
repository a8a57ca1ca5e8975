package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalWriterTest {
  private static String printed(boolean colours, String... parts) throws IOException {
    StringWriter printed = new StringWriter();
    try (TerminalWriter out = new TerminalWriter(printed, colours)) {
      for (String part : parts) {
        out.write(part);
      }
    }
    return printed.toString();
  }

  @Test
  void controlCharacters_areEscaped_asInJson() throws IOException {
    assertThat(printed(false, "a\tb\r\nc\n")).isEqualTo("a\tb\r\nc\n");
    assertThat(printed(false, "\u001b]0;x\u0007 \u009b2J \u202e \u2028 \r!"))
        .isEqualTo("\\u001b]0;x\\u0007 \\u009b2J \\u202e \\u2028 \\u000d!");
    assertThat(printed(false, "\u001b[1mbold\u001b[0m")).isEqualTo("\\u001b[1mbold\\u001b[0m");
    assertThat(printed(true, "\u001b[1mbold\u001b[0m \u001b[2J"))
        .isEqualTo("\u001b[1mbold\u001b[0m \\u001b[2J");
  }

  @Test
  void pairs_stayWhole_acrossWrites() throws IOException {
    String smile = "\ud83d\ude00";
    assertThat(printed(false, "a" + smile.charAt(0), smile.charAt(1) + "b"))
        .isEqualTo("a" + smile + "b");
    String tag = "\udb40\udc41"; // invisible, beyond 16 bits
    assertThat(printed(false, tag)).isEqualTo("\\udb40\\udc41");
    assertThat(printed(false, "\ud83d", "x")).isEqualTo("\\ud83dx");
  }

  @Test
  void failure_isKept() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("no room");
          }
        };
    TerminalWriter out =
        new TerminalWriter(new OutputStreamWriter(full, StandardCharsets.UTF_8), false);
    PrintWriter forgetful = new PrintWriter(out);
    forgetful.println("lost");
    forgetful.flush();

    assertThat(out.failure()).hasMessage("no room");
  }
}
