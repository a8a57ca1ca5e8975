/** The workbench: masks and models in a browser, served from this machine. */
@org.jspecify.annotations.NullMarked
module dev.sightline.web {
  requires static transitive org.jspecify;
  requires dev.sightline.attention;
  requires dev.sightline.mask;
  requires dev.sightline.report;
  requires io.javalin;
  requires static java.net.http; // of the tests, which are compiled as a part of the module
  requires jakarta.servlet;
  requires org.eclipse.jetty.server;
  requires org.eclipse.jetty.util;
  requires tools.jackson.databind;

  exports dev.sightline.web;
}
