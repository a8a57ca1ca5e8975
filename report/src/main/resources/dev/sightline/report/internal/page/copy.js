"use strict";
/* A button that copies the command, where the browser lets a page do so. */
(function () {
  const command = document.getElementById("command");
  const button = document.getElementById("copy");
  if (!command || !button || !navigator.clipboard) {
    return;
  }
  button.hidden = false;
  button.addEventListener("click", function () {
    navigator.clipboard.writeText(command.textContent).then(function () {
      button.textContent = "Copied";
    }, function () {
      button.textContent = "Copying is not allowed here";
    });
  });
})();
