"use strict";
/* One step at a time: buttons, arrow keys; the address remembers the step. */
(function () {
  const stepper = document.getElementById("stepper");
  const one = document.getElementById("one");
  const back = document.getElementById("back");
  const next = document.getElementById("next");
  const where = document.getElementById("where");
  const steps = Array.from(document.querySelectorAll(".step"));
  if (!stepper || steps.length === 0) {
    return;
  }
  let at = 0;

  function show() {
    steps.forEach(function (step, i) {
      step.hidden = one.checked && i !== at;
      const lesson = step.closest(".lesson");
      lesson.hidden = one.checked && !lesson.contains(steps[at]);
    });
    back.disabled = at === 0;
    next.disabled = at === steps.length - 1;
    back.hidden = next.hidden = !one.checked;
    where.textContent = one.checked ? "step " + (at + 1) + " of " + steps.length : "";
  }

  function go(to) {
    at = Math.max(0, Math.min(steps.length - 1, to));
    show();
    history.replaceState(null, "", "#" + steps[at].id);
    if (one.checked) {
      stepper.scrollIntoView({ block: "start" });
    }
  }

  function fromAddress() {
    const found = steps.findIndex(function (step) { return "#" + step.id === location.hash; });
    if (found >= 0) {
      at = found;
      show();
    }
  }

  one.addEventListener("change", show);
  back.addEventListener("click", function () { go(at - 1); });
  next.addEventListener("click", function () { go(at + 1); });
  addEventListener("hashchange", fromAddress);
  addEventListener("keydown", function (event) {
    const inTable = event.target.closest && event.target.closest(".scroll");
    if (!one.checked || inTable || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === "ArrowRight") {
      go(at + 1);
    } else if (event.key === "ArrowLeft") {
      go(at - 1);
    }
  });
  one.checked = false;
  stepper.hidden = false;
  fromAddress();
  show();
})();
