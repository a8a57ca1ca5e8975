// The walkthrough of a sentence under a mask.

import { ask, Problem } from './api.js';

const of = (id) => document.getElementById(id);
const FIELDS = ['text', 'mask', 'padding'];
const DEFAULTS = { text: 'The cat sat on the mat', mask: '', padding: '0' };
const DELAY_MILLIS = 150;
let timer;
let round = 0;

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

async function show() {
  const mine = ++round;
  try {
    const { html } = await ask('/api/walkthrough', {
      text: of('text').value,
      mask: of('mask').value,
      padding: Number.parseInt(of('padding').value, 10) || 0,
    });
    if (mine === round) {
      of('problem').hidden = true;
      // Written by the report's template, which escapes every token.
      of('steps').innerHTML = html;
    }
  } catch (failure) {
    if (!(failure instanceof Problem)) {
      throw failure;
    }
    if (mine === round) {
      of('problem').hidden = false;
      of('problem').textContent = failure.message.split('\n')[0];
    }
  }
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
