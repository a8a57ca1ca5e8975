package dev.sightline.spark;

import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Spark on two threads of this process. The tests share it: starting one takes seconds. */
final class LocalSpark {
  /** Texts with their names. */
  static final StructType TEXTS =
      new StructType().add("name", DataTypes.StringType).add("prompt", DataTypes.StringType);

  static final SparkSession SESSION =
      SparkSession.builder()
          .master("local[2]")
          .config("spark.ui.enabled", false)
          .config("spark.sql.shuffle.partitions", 2)
          // Compiling Java for each query costs more than it saves here.
          .config("spark.sql.codegen.wholeStage", false)
          .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
          .getOrCreate();

  private LocalSpark() {}

  static JavaSparkContext context() {
    return JavaSparkContext.fromSparkContext(SESSION.sparkContext());
  }

  /** A frame of named texts. */
  static Dataset<Row> frame(List<Row> rows, int partitions) {
    return SESSION.createDataFrame(context().parallelize(rows, partitions), TEXTS);
  }
}
