(function () {
  function p(value) {
    return value === null ? "not tested" : value < 0.0001 ? "below 0.0001" : maps.number(value);
  }

  /* A cell's numbers by name; those of DifferenceData in their order. */
  function read(cell) {
    return {
      verdict: cell[0], samplesA: cell[1], samplesB: cell[2], a: cell[3], b: cell[4],
      difference: cell[5], low: cell[6], high: cell[7], effect: cell[8], adjusted: cell[9],
      reason: data.reasons[cell[10]]
    };
  }

  function effect(c) {
    return c.effect === null ? "not defined" : maps.signed(c.effect);
  }

  data.metrics.forEach(function (metric, m) {
    maps.enliven(m, function (i) {
      const place = maps.places[i];
      const name = "Layer " + place.layer + ", head " + place.head + ": ";
      const c = read(metric.cells[i]);
      if (c.difference === null) {
        return name + "no data: " + c.reason;
      }
      return (
        name + c.verdict + ". B - A = " + maps.signed(c.difference) + maps.unit(metric) +
        " (95 % interval " + maps.interval(c.low, c.high) + "), effect " + effect(c) +
        ", adjusted p " + p(c.adjusted) + "; A " + maps.number(c.a) + " over " +
        maps.count(c.samplesA, "sample") + ", B " + maps.number(c.b) + " over " +
        maps.count(c.samplesB, "sample")
      );
    });
    maps.table(
      m,
      ["Verdict", "B - A", "95 % interval", "Effect", "Adjusted p", "Mean of A", "Mean of B",
        "Samples of A", "Samples of B"],
      function (i) {
        const c = read(metric.cells[i]);
        return c.difference === null
          ? ["no data: " + c.reason]
          : [c.verdict, maps.signed(c.difference), maps.interval(c.low, c.high), effect(c),
              p(c.adjusted), maps.number(c.a), maps.number(c.b),
              c.samplesA.toLocaleString("en"), c.samplesB.toLocaleString("en")];
      });
  });
})();
