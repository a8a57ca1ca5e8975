package dev.sightline.lab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.condition.EnabledIf;

/** A test that computes with LibTorch, whose native code comes with -Dlibtorch=PLATFORM alone. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
    value = "dev.sightline.lab.NeedsLibTorch$Natives#areHere",
    disabledReason = "LibTorch's native code is not on the class path: -Dlibtorch=linux-x86_64")
public @interface NeedsLibTorch {
  /** Whether the native code is there. */
  final class Natives {
    private Natives() {}

    static boolean areHere() {
      String folder = "org/bytedeco/pytorch/" + Loader.Detector.getPlatform() + "/";
      String library = System.mapLibraryName("jnitorch");
      return NeedsLibTorch.class.getClassLoader().getResource(folder + library) != null;
    }
  }
}
