// The walkthrough of a sentence under a mask.

import { newest } from './api.js';
import { of } from './dom.js';

const DEFAULTS = { text: 'The cat sat on the mat', mask: '', padding: '0' };
const FIELDS = Object.keys(DEFAULTS);
const DELAY_MILLIS = 150;
let timer;

function read() {
  const given = new URLSearchParams(location.search);
  for (const name of FIELDS) {
    of(name).value = given.get(name) ?? DEFAULTS[name];
  }
}

function write() {
  const query = new URLSearchParams();
  for (const name of FIELDS) {
    if (of(name).value !== DEFAULTS[name]) {
      query.set(name, of(name).value);
    }
  }
  history.replaceState(null, '', query.size ? `?${query}` : location.pathname);
}

const askForSteps = newest(
  '/api/walkthrough',
  ({ html }) => {
    of('problem').hidden = true;
    // Written by the report's template, which escapes every token.
    of('steps').innerHTML = html;
  },
  (problem) => {
    of('problem').hidden = false;
    of('problem').textContent = problem.line;
  },
);

function show() {
  askForSteps({
    text: of('text').value,
    mask: of('mask').value,
    padding: Number.parseInt(of('padding').value, 10) || 0,
  });
}

for (const name of FIELDS) {
  of(name).addEventListener('input', () => {
    write();
    clearTimeout(timer);
    timer = setTimeout(show, DELAY_MILLIS);
  });
}
addEventListener('popstate', () => {
  read();
  show();
});
read();
show();
