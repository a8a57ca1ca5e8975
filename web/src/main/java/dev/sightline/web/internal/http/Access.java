package dev.sightline.web.internal.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may use the server.
 *
 * @param host the address that the server listens at
 * @param token what a browser must know to see a page; empty if the server listens at loopback only
 * @param pageToken what the pages of this start know, and pages of other servers do not
 */
public record Access(InetAddress host, String token, String pageToken) {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final SecureRandom RANDOM = new SecureRandom();

  /** Access with a page token of its own. */
  public static Access of(InetAddress host, String token) {
    return new Access(host, token, secret());
  }

  /** 128 random bits, as text. */
  public static String secret() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** Whether two secrets are equal, in a time that does not tell where they differ. */
  static boolean same(String expected, @Nullable String given) {
    return given != null
        && MessageDigest.isEqual(
            expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Whether a Host header names this server. A foreign name that resolves to this machine does not,
   * so a page of that name cannot read answers.
   */
  boolean isOwn(@Nullable String header, int port) {
    if (header == null) {
      return false;
    }
    String text = header.toLowerCase(Locale.ROOT);
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > text.lastIndexOf(']');
    String name = hasPort ? text.substring(0, colon) : text;
    String given = hasPort ? text.substring(colon + 1) : "80";
    if (!given.equals(Integer.toString(port))) {
      return false;
    }
    if (LOOPBACK.contains(name) || name.equals(text(host))) {
      return true;
    }
    // At every address of the machine: any address, but no name.
    return host.isAnyLocalAddress() && isAddress(name);
  }

  private static boolean isAddress(String name) {
    return name.matches("\\d{1,3}(\\.\\d{1,3}){3}") || name.matches("\\[[0-9a-f:.]+]");
  }

  /** The address as a URL has it. */
  public static String text(InetAddress host) {
    String address = host.getHostAddress();
    return host instanceof Inet6Address ? "[" + address + "]" : address;
  }
}
