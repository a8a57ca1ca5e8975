package dev.sightline.mask;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The packages of the module use each other in one direction only. */
class PackagesTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.sightline.mask");

  @Test
  void packages_formNoCycle() {
    slices().matching("dev.sightline.mask.(**)").should().beFreeOfCycles().check(CLASSES);
  }
}
