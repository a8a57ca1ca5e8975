package dev.sightline.tensor.internal;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Follows symbolic links to a file that is to be written. A link that another user put in place, as
 * anyone can in a shared folder, would choose which of the user's files is replaced.
 */
final class OwnLinks {
  private static final int MOST = 40;
  private static final String OWNER = "unix:uid";

  private OwnLinks() {}

  /**
   * Returns the file that a link leads to, over further links.
   *
   * @throws IOException if a link is neither the user's nor the system's, or leads to no file
   */
  static Path target(Path link) throws IOException {
    Path at = link.toAbsolutePath();
    for (int links = 0; Files.isSymbolicLink(at); links++) {
      if (links == MOST) {
        throw new FileSystemException(link.toString(), null, "it is a link to a link without end");
      }
      require(at);
      at = at.resolveSibling(Files.readSymbolicLink(at));
    }
    if (!Files.isRegularFile(at)) {
      throw new FileSystemException(
          link.toString(), null, "it is a link to '" + at + "', which is no file");
    }
    return at;
  }

  /**
   * Refuses a link of another user. Nothing else is refused, and no link where there are no users.
   */
  static void require(Path path) throws IOException {
    if (!Files.isSymbolicLink(path)
        || !Files.getFileStore(path.toAbsolutePath().getParent())
            .supportsFileAttributeView("unix")) {
      return;
    }
    Object owner = Files.getAttribute(path, OWNER, LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(0) && !owner.equals(user())) {
      throw new FileSystemException(path.toString(), null, "it is a link of another user");
    }
  }

  /** The user of this process, who need not have a name. */
  private static Object user() throws IOException {
    Path own = Files.createTempFile("sightline", null);
    try {
      return Files.getAttribute(own, OWNER);
    } finally {
      Files.delete(own);
    }
  }
}
