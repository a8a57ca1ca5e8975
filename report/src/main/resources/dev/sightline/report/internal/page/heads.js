(function () {
  const LEAST = 11;
  const panel = document.getElementById("panel");
  const choices = document.getElementById("choices");
  let weighting = "macro";
  let scale = "own";
  let shown = null;

  /* A cell's numbers by name; those of HeadsData in their order. */
  function read(cell) {
    if (cell.length === 3) {
      return { samples: 0, reason: data.reasons[cell[0]], notFinite: cell[1], absent: cell[2] };
    }
    const estimate = function (from) {
      return { mean: cell[from], deviation: cell[from + 1], low: cell[from + 2], high: cell[from + 3] };
    };
    return {
      samples: cell[0], notFinite: cell[1], absent: cell[2], macro: estimate(3), micro: estimate(7),
      quantiles: cell.slice(LEAST)
    };
  }

  function coverage(c) {
    return (
      maps.count(c.samples, "sample") +
      (c.absent > 0 ? ", " + c.absent.toLocaleString("en") + " absent" : "") +
      (c.notFinite > 0 ? ", " + c.notFinite.toLocaleString("en") + " not finite" : "")
    );
  }

  function describe(metric, i) {
    const place = maps.places[i];
    const name = "Layer " + place.layer + ", head " + place.head + ": ";
    const c = read(metric.cells[i]);
    if (c.samples === 0) {
      return name + "no data: " + c.reason + (c.absent + c.notFinite > 0 ? " (" + coverage(c) + ")" : "");
    }
    const e = c[weighting];
    return (
      name + weighting + " mean " + maps.number(e.mean) + maps.unit(metric) +
      " (95 % interval " + maps.interval(e.low, e.high) + "), deviation " +
      maps.number(e.deviation) + ", least " + maps.number(c.quantiles[0]) + ", largest " +
      maps.number(c.quantiles[c.quantiles.length - 1]) + ", " + coverage(c)
    );
  }

  function colour(place) {
    const last = data.anchors.length - 1;
    const x = Math.max(0, Math.min(1, place)) * last;
    const below = Math.min(Math.floor(x), last - 1);
    const part = x - below;
    const channel = function (anchor, c) {
      return parseInt(data.anchors[anchor].slice(1 + 2 * c, 3 + 2 * c), 16);
    };
    return "rgb(" + [0, 1, 2].map(function (c) {
      return Math.round(channel(below, c) + part * (channel(below + 1, c) - channel(below, c)));
    }).join(",") + ")";
  }

  function paint(view) {
    const ends = view.metric.scales[scale][weighting];
    if (!ends) {
      return;
    }
    const flat = !(ends[1] > ends[0]);
    view.metric.cells.forEach(function (cell, i) {
      const c = read(cell);
      if (c.samples > 0) {
        view.squares[i].setAttribute(
          "fill", colour(flat ? 0 : (c[weighting].mean - ends[0]) / (ends[1] - ends[0])));
      }
    });
    const key = view.section.querySelector(".scale");
    key.querySelector(".low").textContent = maps.number(ends[0]);
    key.querySelector(".high").textContent = maps.number(ends[1]);
    key.querySelector(".high").hidden = flat;
    key.querySelector("svg").toggleAttribute("hidden", flat);
  }

  const views = data.metrics.map(function (metric, m) {
    const view = maps.enliven(
      m,
      function (i) { return describe(metric, i); },
      function (i) { open(m, i); });
    view.metric = metric;
    maps.table(
      m,
      ["Mean, macro", "95 % interval", "Deviation", "Mean, micro", "95 % interval", "Deviation",
        "Least", "5 %", "Median", "95 %", "Largest", "Samples", "Absent", "Not finite"],
      function (i) {
        const c = read(metric.cells[i]);
        if (c.samples === 0) {
          return ["no data: " + c.reason];
        }
        return ["macro", "micro"].flatMap(function (w) {
          return [
            maps.number(c[w].mean), maps.interval(c[w].low, c[w].high), maps.number(c[w].deviation)];
        }).concat(
          [0, 1, 10, 19, 20].map(function (q) { return maps.number(c.quantiles[q]); }),
          [c.samples, c.absent, c.notFinite].map(function (n) { return n.toLocaleString("en"); }));
      });
    return view;
  });

  function close() {
    if (shown) {
      const square = views[shown.m].squares[shown.i];
      square.classList.remove("shown");
      square.focus();
    }
    shown = null;
    panel.hidden = true;
  }

  function open(m, i) {
    if (shown) {
      views[shown.m].squares[shown.i].classList.remove("shown");
    }
    shown = { m: m, i: i };
    const metric = data.metrics[m];
    const place = maps.places[i];
    const c = read(metric.cells[i]);
    views[m].squares[i].classList.add("shown");
    const top = maps.element("div", "panel-top");
    const button = maps.element("button", "", "Close");
    button.type = "button";
    button.addEventListener("click", close);
    top.append(
      maps.element("h3", "", metric.name + ": layer " + place.layer + ", head " + place.head), button);
    panel.replaceChildren(top);
    if (c.samples === 0) {
      panel.append(maps.element("p", "", "No data: " + c.reason + "."));
    } else {
      panel.append(
        maps.element("p", "note", "Share of the samples at or below a value" +
          (maps.unit(metric) ? " (in" + maps.unit(metric) + ")" : "") +
          ", each sample once. Line: the " + weighting + " mean; band: its 95 % interval."),
        curve(c),
        facts(metric, c));
    }
    const through = maps.element("button", "", "This head in all metrics");
    through.type = "button";
    through.addEventListener("click", function () {
      followHead(i);
      follow.scrollIntoView({ block: "nearest" });
    });
    panel.append(through);
    const readout = document.getElementById("r" + m);
    readout.after(panel);
    panel.hidden = false;
    panel.scrollIntoView({ block: "nearest" });
  }

  function facts(metric, c) {
    const list = maps.element("dl", "facts");
    const q = c.quantiles;
    const estimate = function (w) {
      return maps.number(c[w].mean) + maps.unit(metric) + ", 95 % interval " +
        maps.interval(c[w].low, c[w].high) + ", deviation " + maps.number(c[w].deviation);
    };
    [
      ["Mean, macro", estimate("macro")],
      ["Mean, micro", estimate("micro")],
      ["Least, largest", maps.number(q[0]) + ", " + maps.number(q[20])],
      ["5 %, median, 95 %", [q[1], q[10], q[19]].map(maps.number).join(", ")],
      ["Samples", coverage(c)]
    ].forEach(function (fact) {
      const row = maps.element("div", "");
      row.append(maps.element("dt", "", fact[0]), maps.element("dd", "", fact[1]));
      list.append(row);
    });
    return list;
  }

  function drawn(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.keys(attributes).forEach(function (key) {
      made.setAttribute(key, attributes[key]);
    });
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  /* The inverse of the quantiles: steep where many samples are. */
  function curve(c) {
    const q = c.quantiles;
    const e = c[weighting];
    const box = { left: 44, right: 496, top: 12, bottom: 168 };
    const least = q[0];
    const largest = q[q.length - 1];
    const room = largest > least ? (largest - least) * 0.03 : Math.abs(least) * 0.1 || 1;
    const from = Math.min(least, e.low === null ? least : e.low) - room;
    const to = Math.max(largest, e.high === null ? largest : e.high) + room;
    const x = function (value) {
      return (box.left + (value - from) / (to - from) * (box.right - box.left)).toFixed(1);
    };
    const y = function (share) {
      return (box.bottom - share * (box.bottom - box.top)).toFixed(1);
    };
    const svg = drawn("svg", {
      viewBox: "0 0 520 204", role: "img",
      "aria-label": "Share of the samples at or below each value; the numbers are below"
    });
    [0, 0.25, 0.5, 0.75, 1].forEach(function (share) {
      svg.append(
        drawn("path", { class: "rule", d: "M" + box.left + " " + y(share) + "H" + box.right }),
        drawn("text", { class: "end", x: box.left - 8, y: y(share) }, 100 * share + " %"));
    });
    if (e.low !== null) {
      svg.append(drawn("rect", {
        class: "interval", x: x(e.low), y: box.top, height: box.bottom - box.top,
        width: Math.max(0, x(e.high) - x(e.low)).toFixed(1)
      }));
    }
    let path = "M" + box.left + " " + y(0) + "H" + x(least);
    q.forEach(function (value, at) {
      path += "L" + x(value) + " " + y(at / (q.length - 1));
    });
    svg.append(
      drawn("path", { class: "curve", d: path + "H" + box.right }),
      drawn("path", { class: "mean", d: "M" + x(e.mean) + " " + box.top + "V" + box.bottom }));
    ticks(from, to).forEach(function (tick) {
      svg.append(
        drawn("path", { class: "rule", d: "M" + x(tick) + " " + box.bottom + "v5" }),
        drawn("text", { class: "middle", x: x(tick), y: box.bottom + 18 },
          tick === 0 ? "0" : maps.number(tick)));
    });
    return svg;
  }

  function ticks(from, to) {
    const rough = (to - from) / 5;
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = power * [1, 2, 5, 10].find(function (s) { return s * power >= rough; });
    const all = [];
    for (let n = Math.ceil(from / step); n * step <= to && all.length < 12; n++) {
      all.push(n * step);
    }
    return all;
  }

  /* One head followed through all metrics: its mean, and its place among the heads with data. */
  const follow = document.getElementById("follow");
  let followed = null;

  function table(i) {
    const list = maps.element("table", "numbers");
    const head = list.createTHead().insertRow();
    ["Metric", "Mean, " + weighting, "95 % interval", "Place"].forEach(function (title) {
      const cell = maps.element("th", "", title);
      cell.scope = "col";
      head.append(cell);
    });
    const body = list.createTBody();
    data.metrics.forEach(function (metric) {
      const row = body.insertRow();
      const name = maps.element("th", "", metric.name);
      name.scope = "row";
      row.append(name);
      const c = read(metric.cells[i]);
      if (c.samples === 0) {
        const none = maps.element("td", "words", "no data: " + c.reason);
        none.colSpan = 3;
        row.append(none);
        return;
      }
      const e = c[weighting];
      const means = metric.cells.map(read).filter(function (other) { return other.samples > 0; })
        .map(function (other) { return other[weighting].mean; });
      const above = means.filter(function (mean) { return mean > e.mean; }).length;
      row.append(
        maps.element("td", "", maps.number(e.mean) + maps.unit(metric)),
        maps.element("td", "", maps.interval(e.low, e.high)),
        maps.element("td", "", (above + 1) + " of " + means.length));
    });
    return list;
  }

  function followHead(i) {
    followed = i;
    const place = maps.places[i];
    const top = maps.element("div", "panel-top");
    const close = maps.element("button", "", "Close");
    close.type = "button";
    close.addEventListener("click", function () {
      followed = null;
      follow.hidden = true;
    });
    top.append(
      maps.element("h3", "", "Layer " + place.layer + ", head " + place.head + " in all metrics"), close);
    const scroll = maps.element("div", "scroll");
    scroll.append(table(i));
    follow.replaceChildren(top, scroll);
    follow.hidden = false;
  }

  document.querySelectorAll("button.follow").forEach(function (button) {
    button.addEventListener("click", function () {
      followHead(maps.places.findIndex(function (place) {
        return place.layer === Number(button.dataset.layer) && place.head === Number(button.dataset.head);
      }));
      follow.scrollIntoView({ block: "nearest" });
    });
  });

  choices.hidden = false;
  choices.addEventListener("change", function () {
    scale = choices.elements.scale.value;
    weighting = choices.elements.weighting.value;
    views.forEach(function (view) {
      paint(view);
      view.say();
    });
    if (shown) {
      open(shown.m, shown.i);
    }
    if (followed !== null) {
      followHead(followed);
    }
  });
  /* A browser may bring back an earlier choice with the page. */
  choices.reset();
  addEventListener("keydown", function (event) {
    if (event.key === "Escape" && shown) {
      close();
    }
  });
})();
