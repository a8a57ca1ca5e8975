package dev.sightline.report;

import dev.sightline.audit.AuditResult;
import freemarker.cache.StringTemplateLoader;
import freemarker.core.HTMLOutputFormat;
import freemarker.core.TemplateClassResolver;
import freemarker.template.Configuration;
import freemarker.template.DefaultObjectWrapper;
import freemarker.template.SimpleScalar;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import freemarker.template.TemplateModel;
import freemarker.template.TemplateModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Renders the page. Three walls stand between a hostile name and the reader: the template escapes
 * every value for HTML, every string is made visible first ({@link Unseen}), and the page's content
 * security policy runs only the one script and the one style sheet whose hashes it names.
 */
final class AuditPage {
  private static final String PAGE = "audit.ftlh";

  /** The page's sections, each in a file of its own. */
  private static final List<String> TEMPLATES =
      List.of(
          PAGE,
          "macros.ftlh",
          "icons.ftlh",
          "declared.ftlh",
          "probes.ftlh",
          "mass.ftlh",
          "squares.ftlh",
          "trial.ftlh",
          "inventory.ftlh");

  private AuditPage() {}

  static String of(AuditResult result, String command) {
    String css = resource("audit.css") + resource("sections.css");
    String js = resource("audit.js");
    HeadSquares squares = HeadSquares.of(result);
    try {
      Map<String, Object> model =
          Map.of(
              "page", AuditView.of(result, command, squares),
              "css", HTMLOutputFormat.INSTANCE.fromMarkup(css),
              "js", HTMLOutputFormat.INSTANCE.fromMarkup(js),
              "cssHash", sha256(css),
              "jsHash", sha256(js),
              "data", HTMLOutputFormat.INSTANCE.fromMarkup(squares == null ? "" : squares.data()));
      StringWriter out = new StringWriter(1 << 16);
      template().process(model, out);
      return out.toString();
    } catch (TemplateException e) {
      throw new IllegalStateException("the page's template is wrong: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Template template() throws IOException {
    Configuration configuration = new Configuration(Configuration.VERSION_2_3_34);
    configuration.setObjectWrapper(new VisibleStrings());
    configuration.setNewBuiltinClassResolver(TemplateClassResolver.ALLOWS_NOTHING_RESOLVER);
    configuration.setAPIBuiltinEnabled(false);
    configuration.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
    configuration.setLogTemplateExceptions(false);
    configuration.setWrapUncheckedExceptions(true);
    configuration.setFallbackOnNullLoopVariable(false);
    configuration.setLocale(Locale.ROOT);
    configuration.setNumberFormat("c");
    configuration.setBooleanFormat("c");
    // Not FreeMarker's own loader of resources, which a module does not let in.
    StringTemplateLoader loader = new StringTemplateLoader();
    TEMPLATES.forEach(name -> loader.putTemplate(name, resource(name)));
    configuration.setTemplateLoader(loader);
    configuration.setLocalizedLookup(false);
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    return configuration.getTemplate(PAGE);
  }

  /** Line breaks as the HTML parser will see them, or the hash would not be the browser's. */
  private static String resource(String name) {
    try (InputStream in = AuditPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("'" + name + "' is missing beside AuditPage");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** One place that no string of the result can pass by. */
  private static final class VisibleStrings extends DefaultObjectWrapper {
    VisibleStrings() {
      super(Configuration.VERSION_2_3_34);
    }

    @Override
    public @Nullable TemplateModel wrap(@Nullable Object value) throws TemplateModelException {
      return value instanceof String text
          ? new SimpleScalar(Unseen.shown(text))
          : super.wrap(value);
    }
  }
}
