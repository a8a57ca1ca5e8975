"use strict";
/* What all pages of maps need: numbers, the way around a map, tables. */
const data = JSON.parse(document.getElementById("data").textContent);

const maps = (function () {
  const places = [];
  const starts = [];
  data.heads.forEach(function (heads, layer) {
    starts.push(places.length);
    for (let head = 0; head < heads; head++) {
      places.push({ layer: layer, head: head });
    }
  });
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  function digits(value) {
    return String(Number(value.toPrecision(4)));
  }

  /* As the server writes them, or a map and its readout would not agree. */
  function number(value) {
    if (value === null) {
      return "none";
    }
    if (value === 0) {
      return "0 (exact)";
    }
    const rounded = Number(value.toPrecision(4));
    const size = Math.abs(rounded);
    if (size >= 0.001 && size < 10000) {
      return digits(value);
    }
    const parts = value.toExponential(3).split("e");
    const power = Array.from(String(Number(parts[1])), function (c) {
      return c === "-" ? "\u207B" : "\u2070\u00B9\u00B2\u00B3\u2074\u2075\u2076\u2077\u2078\u2079"[c];
    });
    return Number(parts[0]) + "\u00A0\u00D7\u00A010" + power.join("");
  }

  function signed(value) {
    return (value > 0 ? "+" : "") + number(value);
  }

  function unit(metric) {
    return metric.unit === "" || metric.unit === "1" ? "" : " " + metric.unit;
  }

  function count(n, noun) {
    return n.toLocaleString("en") + " " + noun + (n === 1 ? "" : "s");
  }

  function interval(low, high) {
    return low === null || low === undefined ? "none" : number(low) + " to " + number(high);
  }

  /* Up and down pass over layers that have no such head. */
  function neighbour(index, step) {
    const at = places[index];
    for (let l = at.layer + step[0]; l >= 0 && l < data.heads.length; l += step[0]) {
      const head = at.head + step[1];
      if (head >= 0 && head < data.heads[l]) {
        return starts[l] + head;
      }
      if (step[0] === 0) {
        break;
      }
    }
    return -1;
  }

  /*
   * Makes the squares of a map reachable. describe(i) says all about a head; open(i), if there is
   * one, shows more of it.
   */
  function enliven(index, describe, open) {
    const section = document.getElementById("m" + index);
    const svg = section.querySelector("svg.heads");
    const group = svg.querySelector(".squares");
    const squares = Array.from(group.children);
    const readout = document.getElementById("r" + index);
    svg.setAttribute("role", "group");
    readout.hidden = false;
    if (svg.width.baseVal.value > 560) {
      section.classList.add("wide");
    }
    let current = squares[0];

    function say() {
      squares.forEach(function (square, i) {
        const words = describe(i);
        square.setAttribute("aria-label", words);
        square.firstChild.textContent = words;
      });
    }
    function at(event) {
      const square = event.target.closest(".squares > rect");
      return square ? squares.indexOf(square) : -1;
    }
    function read(event) {
      const i = at(event);
      if (i >= 0) {
        readout.textContent = describe(i);
      }
    }
    function reach(square) {
      current.tabIndex = -1;
      current = square;
      current.tabIndex = 0;
    }

    squares.forEach(function (square) {
      square.setAttribute("tabindex", "-1");
      square.setAttribute("role", open ? "button" : "img");
    });
    current.setAttribute("tabindex", "0");
    group.addEventListener("pointerover", read);
    group.addEventListener("focusin", read);
    group.addEventListener("keydown", function (event) {
      const step = steps[event.key];
      const i = at(event);
      if (step) {
        event.preventDefault();
        const next = neighbour(i, step);
        if (next >= 0) {
          reach(squares[next]);
          current.focus();
        }
      } else if (open && (event.key === "Enter" || event.key === " ")) {
        event.preventDefault();
        open(i);
      }
    });
    if (open) {
      group.dataset.live = "";
      group.addEventListener("click", function (event) {
        const i = at(event);
        if (i >= 0) {
          reach(squares[i]);
          open(i);
        }
      });
    }
    say();
    return { section: section, squares: squares, say: say };
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    made.className = className;
    if (text !== undefined) {
      made.textContent = text;
    }
    return made;
  }

  /* Written when it is opened first: the page holds each number once. */
  function table(index, columns, row) {
    const details = document.getElementById("n" + index);
    details.hidden = false;
    details.addEventListener("toggle", function () {
      const box = details.querySelector(".scroll");
      if (!details.open || box.firstChild) {
        return;
      }
      const made = element("table", "numbers");
      const head = made.createTHead().insertRow();
      ["Layer", "Head"].concat(columns).forEach(function (column) {
        const cell = element("th", "", column);
        cell.scope = "col";
        head.append(cell);
      });
      const body = made.createTBody();
      places.forEach(function (place, i) {
        const line = body.insertRow();
        line.append(element("td", "", place.layer), element("td", "", place.head));
        const values = row(i);
        if (values.length === 1) {
          const reason = element("td", "words", values[0]);
          reason.colSpan = columns.length;
          line.append(reason);
        } else {
          values.forEach(function (value) {
            line.append(element("td", "", value));
          });
        }
      });
      box.append(made);
    });
  }

  return {
    places: places, number: number, signed: signed, unit: unit, count: count, interval: interval,
    enliven: enliven, element: element, table: table
  };
})();
