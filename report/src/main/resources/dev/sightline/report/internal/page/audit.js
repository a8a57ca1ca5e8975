"use strict";
(function () {
  const block = document.getElementById("data");
  if (!block) {
    return;
  }
  const data = JSON.parse(block.textContent);
  const length = data.length;
  const cellsOfHead = length * length;
  const probabilities = decode(data.halves);
  const square = document.getElementById("square");
  const cells = Array.from(document.getElementById("cells").children);
  const title = document.getElementById("head-title");
  const caption = document.getElementById("head-caption");
  const readout = document.getElementById("readout");
  const hint = readout.textContent;
  const left = Number(square.dataset.left);
  const top = Number(square.dataset.top);
  const side = Number(square.dataset.side);

  let offset = 0;
  const layers = data.layers.map(function (layer) {
    const heads = layer.captions.map(function (words, head) {
      const view = {
        layer: layer.layer, head: head, caption: words, offences: layer.offences[head],
        from: offset, button: null
      };
      offset += cellsOfHead;
      return view;
    });
    return heads;
  });
  let shown = layers[data.shownLayer][data.shownHead];
  let cursor = null;

  /* Base64 of IEEE 754 halves, little endian. */
  function decode(base64) {
    const bytes = atob(base64);
    const values = new Float32Array(bytes.length / 2);
    for (let i = 0; i < values.length; i++) {
      const bits = bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8);
      const exponent = (bits >> 10) & 31;
      const fraction = bits & 1023;
      const size =
        exponent === 0
          ? fraction * Math.pow(2, -24)
          : exponent === 31
            ? NaN
            : Math.pow(2, exponent - 15) * (1 + fraction / 1024);
      values[i] = bits & 0x8000 ? -size : size;
    }
    return values;
  }

  function share(p) {
    if (p === 0) {
      return "0 (exact)";
    }
    if (!isFinite(p)) {
      return "not a finite number";
    }
    return p < 0.00001 ? "less than 0.001 %" : String(Number((100 * p).toPrecision(3))) + " %";
  }

  function depth(p) {
    return p > 0 ? Math.sqrt(Math.min(p, 1)) : 0;
  }

  function named(token) {
    return (
      (data.padding[token] ? "padding" : "\u201C" + data.tokens[token] + "\u201D") +
      " (token " + data.numbers[token] + ")"
    );
  }

  /* What a real token must not look at: padding, and in a causal model what comes after it. */
  function isForbidden(query, key) {
    return !data.padding[query] && (data.padding[key] || (data.causal && key > query));
  }

  function isOffending(view, i) {
    return probabilities[view.from + i] !== 0 && isForbidden(Math.floor(i / length), i % length);
  }

  /* The close-up keeps its squares; only their depth changes. */
  function show(view) {
    shown.button.setAttribute("aria-selected", "false");
    shown.button.tabIndex = -1;
    shown = view;
    shown.button.setAttribute("aria-selected", "true");
    shown.button.tabIndex = 0;
    title.textContent = "Layer " + view.layer + ", head " + view.head;
    caption.textContent = view.caption;
    for (let i = 0; i < cellsOfHead; i++) {
      cells[i].setAttribute("fill-opacity", depth(probabilities[view.from + i]).toFixed(3));
      if (isOffending(view, i)) {
        cells[i].setAttribute("class", "off");
      } else {
        cells[i].removeAttribute("class");
      }
    }
    if (cursor) {
      point(cursor.query, cursor.key);
    }
  }

  function point(query, key) {
    cursor = { query: query, key: key };
    document.getElementById("across").setAttribute("y", top + query * side);
    document.getElementById("down").setAttribute("x", left + key * side);
    const p = probabilities[shown.from + query * length + key];
    readout.textContent =
      named(query) + " gives " + share(p) + " of its attention to " + named(key) +
      (isForbidden(query, key) ? (p === 0 ? ", as it must." : ", which is forbidden.") : ".");
  }

  function leave() {
    cursor = null;
    document.getElementById("across").setAttribute("y", -99);
    document.getElementById("down").setAttribute("x", -99);
    readout.textContent = hint;
  }

  function clamped(value) {
    return Math.max(0, Math.min(length - 1, value));
  }

  function atPointer(event) {
    const box = square.getBoundingClientRect();
    const scale = square.viewBox.baseVal.width / box.width;
    const key = Math.floor(((event.clientX - box.left) * scale - left) / side);
    const query = Math.floor(((event.clientY - box.top) * scale - top) / side);
    if (key === clamped(key) && query === clamped(query)) {
      point(query, key);
    } else if (document.activeElement !== square) {
      leave();
    }
  }

  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  square.setAttribute("tabindex", "0");
  square.setAttribute("role", "application");
  square.setAttribute("aria-roledescription", "attention square");
  square.setAttribute("aria-describedby", "readout");
  square.addEventListener("pointermove", atPointer);
  square.addEventListener("pointerdown", atPointer);
  square.addEventListener("pointerleave", function () {
    if (document.activeElement !== square) {
      leave();
    }
  });
  square.addEventListener("focus", function () {
    if (!cursor) {
      point(0, 0);
    }
  });
  square.addEventListener("blur", leave);
  square.addEventListener("keydown", function (event) {
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      const at = cursor || { query: 0, key: 0 };
      point(clamped(at.query + step[0]), clamped(at.key + step[1]));
    }
  });
  readout.hidden = false;

  /* The overview: a small canvas for each head, drawn pixel by pixel. */
  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  const most = Math.max.apply(null, layers.map(function (heads) { return heads.length; }));
  const grid = element("div", "mini");
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-labelledby", "overview-title");
  grid.style.setProperty("--mini", most > 16 ? "18px" : most > 12 ? "26px" : "40px");

  const header = element("div", "mini-row");
  header.setAttribute("role", "row");
  const corner = element("span", "mini-label", "head");
  corner.setAttribute("role", "columnheader");
  header.append(corner);
  for (let h = 0; h < most; h++) {
    const column = element("span", "mini-head", String(h));
    column.setAttribute("role", "columnheader");
    header.append(column);
  }
  grid.append(header);

  layers.forEach(function (heads, index) {
    const row = element("div", "mini-row");
    row.setAttribute("role", "row");
    const label = element(
      "span", "mini-label", (index === 0 ? "layer " : "") + data.layers[index].layer);
    label.setAttribute("role", "rowheader");
    row.append(label);
    heads.forEach(function (view) {
      const button = element("button", "");
      button.type = "button";
      button.tabIndex = -1;
      button.setAttribute("role", "gridcell");
      button.setAttribute("aria-selected", "false");
      const name = "Layer " + view.layer + ", head " + view.head +
        (view.offences === 0 ? "" : ", " + view.offences + " forbidden and lit");
      button.setAttribute("aria-label", name);
      button.title = name;
      if (view.offences !== 0) {
        button.className = "leaking";
      }
      const canvas = element("canvas", "");
      canvas.width = length;
      canvas.height = length;
      button.append(canvas);
      button.addEventListener("click", function () {
        show(view);
      });
      button.addEventListener("keydown", function (event) {
        const step = steps[event.key];
        if (!step) {
          return;
        }
        event.preventDefault();
        const next = neighbour(index, view.head, step);
        if (next) {
          show(next);
          next.button.focus();
        }
      });
      view.button = button;
      row.append(button);
    });
    grid.append(row);
  });

  /* Up and down pass over layers that have no such head. */
  function neighbour(layer, head, step) {
    for (let l = layer + step[0]; l >= 0 && l < layers.length; l += step[0]) {
      const next = layers[l][head + step[1]];
      if (next || step[0] === 0) {
        return next;
      }
    }
    return undefined;
  }

  function paint() {
    const probe = element("span", "");
    document.body.append(probe);
    const accent = colour(probe, "--accent");
    const hatch = colour(probe, "--hatch");
    const fail = colour(probe, "--fail");
    probe.remove();
    layers.forEach(function (heads) {
      heads.forEach(function (view) {
        const context = view.button.firstChild.getContext("2d");
        const image = context.createImageData(length, length);
        for (let i = 0; i < cellsOfHead; i++) {
          const p = depth(probabilities[view.from + i]);
          const query = Math.floor(i / length);
          const key = i % length;
          if (isOffending(view, i)) {
            image.data.set([fail[0], fail[1], fail[2], 255 * (0.4 + 0.6 * p)], 4 * i);
            continue;
          }
          const padding = data.padding[query] || data.padding[key];
          const below = padding ? 0.4 : isForbidden(query, key) ? 0.2 : 0;
          const alpha = p + below * (1 - p);
          for (let c = 0; c < 3; c++) {
            image.data[4 * i + c] =
              alpha === 0 ? 0 : (accent[c] * p + hatch[c] * below * (1 - p)) / alpha;
          }
          image.data[4 * i + 3] = 255 * alpha;
        }
        context.putImageData(image, 0, 0);
      });
    });
  }

  function colour(probe, name) {
    probe.style.color = "var(" + name + ")";
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  }

  const overview = document.getElementById("overview");
  document.getElementById("overview-box").append(grid);
  overview.hidden = false;
  shown.button.setAttribute("aria-selected", "true");
  shown.button.tabIndex = 0;
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  addEventListener("beforeprint", paint);
  addEventListener("afterprint", paint);
})();
