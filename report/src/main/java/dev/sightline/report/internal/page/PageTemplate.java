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
 * Renders a page. Three walls stand between a hostile name and the reader: the template escapes
 * every value for HTML, every string is made visible first ({@link ControlCharacters}), and the
 * page's content security policy runs only the one script and the one style sheet whose hashes it
 * names.
 *
 * @param main the template that is the page
 * @param parts the templates it is made from
 * @param styles style sheets that follow the one of every page, in their order
 * @param scripts in their order; they are one script in the page
 */
public record PageTemplate(
    String main, List<String> parts, List<String> styles, List<String> scripts) {
  private static final List<String> OF_EVERY_PAGE =
      List.of("shell.ftlh", "macros.ftlh", "icons.ftlh");

  /**
   * The page as HTML.
   *
   * @param page what the template calls {@code page}
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
    // Not FreeMarker's own loader of resources, which a module does not let in.
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

  /** Line breaks as the HTML parser will see them, or the hash would not be the browser's. */
  private static String resource(String name) {
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

  /** One place that no string of the result can pass by. */
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
