"use strict";
/* Zoom: buttons, keys, and the wheel with Control. The point under the pointer stays where it is. */
(function () {
  const box = document.getElementById("picture");
  const drawn = box && box.querySelector("svg, img");
  const bar = document.getElementById("zoom");
  if (!drawn || !bar) {
    return;
  }
  const width = Number(drawn.getAttribute("width"));
  const height = Number(drawn.getAttribute("height"));
  const least = 1 / 16;
  const most = 32;
  let factor = 1;

  function fitting() {
    return Math.max(least, Math.min(2, (box.clientWidth - 24) / width));
  }

  function zoom(to, x, y) {
    const next = Math.max(least, Math.min(most, to));
    const atX = x === undefined ? box.clientWidth / 2 : x;
    const atY = y === undefined ? box.clientHeight / 2 : y;
    const left = (box.scrollLeft + atX) / factor;
    const top = (box.scrollTop + atY) / factor;
    factor = next;
    drawn.setAttribute("width", Math.round(width * factor));
    drawn.setAttribute("height", Math.round(height * factor));
    box.scrollLeft = left * factor - atX;
    box.scrollTop = top * factor - atY;
    document.getElementById("factor").textContent = Math.round(100 * factor) + " %";
  }

  document.getElementById("in").addEventListener("click", function () { zoom(factor * 1.5); });
  document.getElementById("out").addEventListener("click", function () { zoom(factor / 1.5); });
  document.getElementById("fit").addEventListener("click", function () { zoom(fitting()); });
  box.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (event.key === "+" || event.key === "=") {
      zoom(factor * 1.5);
    } else if (event.key === "-") {
      zoom(factor / 1.5);
    } else if (event.key === "0") {
      zoom(fitting());
    }
  });
  box.addEventListener("wheel", function (event) {
    if (event.ctrlKey) {
      event.preventDefault();
      const place = box.getBoundingClientRect();
      zoom(factor * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event.clientX - place.left, event.clientY - place.top);
    }
  }, { passive: false });
  bar.hidden = false;
  zoom(fitting());
})();
