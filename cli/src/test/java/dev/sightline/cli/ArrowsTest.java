package dev.sightline.cli;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Holds the arrows between the rooms: a room may know only those named here. */
class ArrowsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.sightline");

  @Test
  void rooms_knowOnlyTheRoomsBelowThem() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("tensor")
        .definedBy("dev.sightline.tensor..")
        .layer("mask")
        .definedBy("dev.sightline.mask..")
        .layer("attention")
        .definedBy("dev.sightline.attention..")
        .layer("onnx")
        .definedBy("dev.sightline.onnx..")
        .layer("heads")
        .definedBy("dev.sightline.heads..")
        .layer("audit")
        .definedBy("dev.sightline.audit..")
        .layer("report")
        .definedBy("dev.sightline.report..")
        .layer("cli")
        .definedBy("dev.sightline.cli..")
        .whereLayer("tensor")
        .mayNotAccessAnyLayer()
        .whereLayer("mask")
        .mayNotAccessAnyLayer()
        .whereLayer("attention")
        .mayOnlyAccessLayers("tensor", "mask")
        .whereLayer("onnx")
        .mayOnlyAccessLayers("tensor", "mask")
        .whereLayer("heads")
        .mayOnlyAccessLayers("onnx", "mask", "tensor")
        .whereLayer("audit")
        .mayOnlyAccessLayers("onnx", "mask", "tensor")
        .whereLayer("report")
        .mayOnlyAccessLayers("audit", "heads", "mask", "onnx", "tensor")
        .check(CLASSES);
  }

  @Test
  void rooms_formNoCycle() {
    slices().matching("dev.sightline.(*)..").should().beFreeOfCycles().check(CLASSES);
  }
}
