package dev.sightline.report.internal.page;

import dev.sightline.tensor.internal.Sha256;
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
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Renders a page. Three measures keep a hostile name from acting on the page: the template escapes
 * every value for HTML, control characters are escaped before that ({@link ControlCharacters}), and
 * the content security policy of the page allows only the script and the style sheet whose hashes
 * it names.
 *
 * @param main the file name of the main template
 * @param parts the file names of the templates that it includes
 * @param styles the file names of the style sheets after page.css, in their order
 * @param scripts the file names of the scripts, in their order; the page has one script element
 */
public record PageTemplate(
    String main, List<String> parts, List<String> styles, List<String> scripts) {
  private static final List<String> OF_EVERY_PAGE =
      List.of("shell.ftlh", "macros.ftlh", "icons.ftlh");

  /**
   * Returns the page as HTML.
   *
   * @param page the value of {@code page} in the template
   * @param data JSON for the script, safe inside a script element; empty if there is none
   */
  public String render(Object page, String data) {
    String css = resource("page.css") + joined(styles);
    String js = joined(scripts);
    try {
      Map<String, Object> model =
          Map.of(
              "page", page,
              "css", HTMLOutputFormat.INSTANCE.fromMarkup(css),
              "js", HTMLOutputFormat.INSTANCE.fromMarkup(js),
              "cssHash", sha256(css),
              "jsHash", sha256(js),
              "data", HTMLOutputFormat.INSTANCE.fromMarkup(data));
      StringWriter out = new StringWriter(1 << 16);
      template().process(model, out);
      return out.toString();
    } catch (TemplateException e) {
      throw new IllegalStateException("the page's template is wrong: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the main template's HTML, for a page that has a frame of its own.
   *
   * @param page the value of {@code page} in the template
   */
  public String fragment(Object page) {
    try {
      StringWriter out = new StringWriter(1 << 16);
      template().process(Map.of("page", page), out);
      return out.toString();
    } catch (TemplateException e) {
      throw new IllegalStateException("the fragment's template is wrong: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Template template() throws IOException {
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
    // FreeMarker's own loader cannot read the resources of another module.
    StringTemplateLoader loader = new StringTemplateLoader();
    OF_EVERY_PAGE.forEach(name -> loader.putTemplate(name, resource(name)));
    parts.forEach(name -> loader.putTemplate(name, resource(name)));
    loader.putTemplate(main, resource(main));
    configuration.setTemplateLoader(loader);
    configuration.setLocalizedLookup(false);
    configuration.setDefaultEncoding(StandardCharsets.UTF_8.name());
    return configuration.getTemplate(main);
  }

  private static String joined(List<String> names) {
    return names.stream().map(PageTemplate::resource).collect(Collectors.joining());
  }

  /** Reads a resource with line breaks as the HTML parser has them, since the hash covers them. */
  public static String resource(String name) {
    try (InputStream in = PageTemplate.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("'" + name + "' is missing beside PageTemplate");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(String text) {
    return Base64.getEncoder().encodeToString(Sha256.bytesOf(text));
  }

  /** Escapes control characters in every string that a template prints. */
  private static final class VisibleStrings extends DefaultObjectWrapper {
    VisibleStrings() {
      super(Configuration.VERSION_2_3_34);
    }

    @Override
    public @Nullable TemplateModel wrap(@Nullable Object value) throws TemplateModelException {
      return value instanceof String text
          ? new SimpleScalar(ControlCharacters.shown(text))
          : super.wrap(value);
    }
  }
}
