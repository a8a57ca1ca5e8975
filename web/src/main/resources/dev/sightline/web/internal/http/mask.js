// The mask page: type, and the picture follows.

import { ask, picture, Problem } from './api.js';
import * as address from './address.js';
import { MaskCanvas } from './canvas.js';
import { Editor } from './editor.js';
import { showForms } from './forms.js';
import { showGallery } from './gallery.js';

const FACTS_DELAY_MILLIS = 250;
const of = (id) => document.getElementById(id);

const expression = new Editor(of('expression'));
const other = new Editor(of('other'));
const canvases = {
  a: new MaskCanvas(of('picture-a'), { onCell: (q, k, how) => point('a', q, k, how), onView: look }),
  b: new MaskCanvas(of('picture-b'), { onCell: (q, k, how) => point('b', q, k, how), onView: look }),
};

let state = address.read();
let shape;
let drawing = false;
let waiting;
let factsTimer;
let cellRequest = 0;
let cellBusy = false;
let cellNext;

function question(which) {
  return {
    mask: state.mask,
    other: state.other,
    q: state.q,
    k: state.k,
    batch: state.batch ?? 0,
    head: state.head ?? 0,
    which,
  };
}

function fill() {
  expression.text = state.mask;
  other.text = state.other;
  of('labels').value = state.labels;
  for (const [id, name] of [['queries', 'q'], ['keys', 'k'], ['batch', 'batch'], ['head', 'head']]) {
    of(id).value = state[name] ?? '';
  }
}

/** Something was typed: the picture follows at once, facts after a pause. */
function change(typedAt, isStep = true) {
  state.cell = undefined;
  clearCell();
  address.write(state, isStep);
  draw(typedAt);
}

function draw(typedAt = performance.now()) {
  if (drawing) {
    waiting = typedAt; // the newest state alone is asked for
    return;
  }
  drawing = true;
  clearTimeout(factsTimer);
  drawNow(typedAt).finally(() => {
    drawing = false;
    if (waiting !== undefined) {
      const next = waiting;
      waiting = undefined;
      draw(next);
    } else {
      factsTimer = setTimeout(tellFacts, FACTS_DELAY_MILLIS);
    }
  });
}

async function drawNow(typedAt) {
  const asked = state;
  const hasOther = state.other.trim() !== '';
  of('picture-b').parentElement.hidden = !hasOther;
  document.querySelector('.name-a').hidden = !hasOther;
  try {
    const shown = hasOther ? ['a', 'b'] : ['a'];
    const pictures = await Promise.all(shown.map((which) => picture({ ...question(which), ...region(), ...canvases[which].grid() })));
    if (asked !== state) {
      return; // another page of the history
    }
    problem();
    pictures.forEach((found, i) => showPicture(shown[i], found));
    requestAnimationFrame(() => {
      // After the frame with the picture has been handed to the screen.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => performance.measure('keystroke-to-paint', { start: typedAt });
      channel.port2.postMessage(0);
    });
  } catch (failure) {
    problem(failure);
  }
}

function region() {
  if (!state.view) {
    return {};
  }
  const [firstQuery, firstKey, queries, keys] = state.view;
  return { firstQuery, firstKey, queries, keys };
}

function showPicture(which, found) {
  shape = found.shape;
  const given = state.labels.split(',').map((name) => name.trim());
  canvases[which].show(found, state.labels.trim() ? given : found.labels);
  if (which === 'a') {
    of('queries').placeholder = shape[2];
    of('keys').placeholder = shape[3];
    show(of('batch-field'), shape[0] > 1);
    show(of('head-field'), shape[1] > 1);
    of('batch').max = shape[0] - 1;
    of('head').max = shape[1] - 1;
    const [firstQuery, firstKey, queries, keys] = found.view;
    const isWhole = queries === shape[2] && keys === shape[3];
    of('place').textContent = isWhole
      ? `${count(queries)} queries down, ${count(keys)} keys across${found.isExample ? ' (an example size)' : ''}`
      : `queries ${count(firstQuery)} to ${count(firstQuery + queries - 1)}, keys ${count(firstKey)} to ${count(firstKey + keys - 1)} of ${count(shape[2])} x ${count(shape[3])}`;
    of('whole').disabled = isWhole;
    const [rows, columns] = found.grid;
    show(document.querySelector('.legend .some'), rows < queries || columns < keys);
  }
}

function show(element, isShown) {
  element.hidden = !isShown;
}

function count(number) {
  return number.toLocaleString('en');
}

/** Says what is wrong, and underlines the place; without a problem nothing. */
function problem(failure) {
  show(of('problem'), failure !== undefined);
  if (failure === undefined) {
    return;
  }
  if (!(failure instanceof Problem)) {
    throw failure;
  }
  // The place is underlined in the text: the lines that draw it for a terminal are left out.
  of('problem').textContent = failure.message.split('\n')[0];
  if (failure.offset !== undefined) {
    const end = Math.max(failure.offset + 1, wordEnd(state.mask, failure.offset));
    expression.light([{ start: Math.min(failure.offset, state.mask.length), end }], true);
  }
  of('facts').replaceChildren();
}

function wordEnd(text, start) {
  const word = /^[\w.-]+/.exec(text.slice(start));
  return start + (word ? word[0].length : 1);
}

/** Shows another part of the mask, in both pictures. */
function look(view) {
  const isWhole = shape && view[2] === shape[2] && view[3] === shape[3];
  state = { ...state, view: isWhole ? undefined : view };
  address.write(state, false);
  draw();
}

function point(which, query, key, how) {
  if (how === 'hover' && state.cell) {
    const [q, k] = state.cell;
    if (q === query && k === key) {
      return;
    }
  }
  state = { ...state, cell: [query, key] };
  canvases.a.point(state.cell);
  canvases.b.point(state.cell);
  if (how !== 'hover') {
    address.write(state, false);
  }
  explain(which);
}

/** One question at a time: a fast pointer passes many pairs. */
async function explain(which) {
  if (cellBusy) {
    cellNext = which;
    return;
  }
  cellBusy = true;
  const request = ++cellRequest;
  const [query, key] = state.cell;
  try {
    const answer = await ask('/api/mask/cell', { ...question(which), query, key });
    if (request === cellRequest && state.cell) {
      tell(which, answer);
    }
  } catch (failure) {
    if (failure instanceof Problem) {
      of('cell').replaceChildren(line('quiet', failure.message));
    } else {
      throw failure;
    }
  } finally {
    cellBusy = false;
    if (cellNext) {
      const next = cellNext;
      cellNext = undefined;
      if (state.cell) {
        explain(next);
      }
    }
  }
}

function tell(which, { query, key, allowed, clauses }) {
  const names = canvases[which].labels;
  const name = (token) => (names[token] ? `${token} (${names[token]})` : `${token}`);
  const answer = line('answer', `Query ${name(query)} ${allowed ? 'may' : 'may not'} attend to key ${name(key)}${state.other.trim() ? ` in mask ${which.toUpperCase()}` : ''}`);
  answer.classList.add(allowed ? 'yes' : 'no');
  const reasons = clauses.map(({ part, words }) => {
    const reason = line('', '');
    const code = document.createElement('code');
    code.textContent = part;
    reason.append(code, `: ${words}`);
    return reason;
  });
  of('cell').replaceChildren(answer, ...reasons);
  (which === 'b' ? other : expression).light(clauses);
  (which === 'b' ? expression : other).light([]);
}

function line(style, text) {
  const p = document.createElement('p');
  if (style) {
    p.className = style;
  }
  p.textContent = text;
  return p;
}

function clearCell() {
  cellRequest++;
  canvases.a.point(undefined);
  canvases.b.point(undefined);
  of('cell').replaceChildren(line('quiet', 'Point at a square, or focus the picture and use the arrow keys.'));
}

async function tellFacts() {
  const asked = state;
  showForms(question('a'), state.form, (form) => {
    state = { ...state, form };
    address.write(state, false);
  });
  const facts = of('facts');
  try {
    const found = await ask('/api/mask/facts', question('a'));
    if (asked.mask !== state.mask) {
      return;
    }
    const share = found.cells ? (100 * found.allowed) / found.cells : 0;
    facts.replaceChildren(
      ...fact('Allowed', `${count(found.allowed)} of ${count(found.cells)} pairs (${share.toLocaleString('en', { maximumSignificantDigits: 3 })} %)`),
      ...fact('Fingerprint', found.fingerprint.slice(0, 12)),
      ...found.findings.flatMap((finding) => fact('Check', finding.text, 'finding')),
      ...(found.moreFindings ? fact('', `and ${found.moreFindings} more`) : []),
    );
  } catch (failure) {
    if (!(failure instanceof Problem)) {
      throw failure;
    }
    facts.replaceChildren(...fact('Facts', failure.message.split('\n')[0]));
  }
  await compare();
}

function fact(name, value, style) {
  const term = document.createElement('dt');
  term.textContent = name;
  const text = document.createElement('dd');
  text.textContent = value;
  text.className = style ?? '';
  return [term, text];
}

const RELATIONS = {
  equal: 'A and B are equal: they allow the same pairs.',
  wider: 'A is wider: it allows all that B allows, and more.',
  narrower: 'A is narrower: B allows all that A allows, and more.',
  different: 'A and B differ: each allows pairs that the other does not.',
};

async function compare() {
  const box = of('comparison');
  show(box, state.other.trim() !== '');
  if (box.hidden) {
    return;
  }
  try {
    const found = await ask('/api/mask/compare', question('a'));
    box.className = `comparison ${found.relation}`;
    box.replaceChildren(line('', RELATIONS[found.relation]), ...example('A', found.onlyA, found.firstOnlyA), ...example('B', found.onlyB, found.firstOnlyB));
  } catch (failure) {
    if (!(failure instanceof Problem)) {
      throw failure;
    }
    box.className = 'comparison failed';
    box.replaceChildren(line('', failure.message.split('\n')[0]));
  }
}

/** A pair that only one of the masks allows, and a button that goes there. */
function example(name, number, cell) {
  if (!cell) {
    return [];
  }
  const text = line('', `Only ${name} allows ${count(number)} ${number === 1 ? 'pair' : 'pairs'}, such as `);
  const go = document.createElement('button');
  go.type = 'button';
  go.className = 'link';
  go.textContent = `query ${count(cell.query)}, key ${count(cell.key)}`;
  go.addEventListener('click', () => {
    state = { ...state, batch: cell.batch, head: cell.head };
    fill();
    if (canvases.a.view) {
      canvases.a.follow([cell.query, cell.key]);
    }
    point(name === 'A' ? 'a' : 'b', cell.query, cell.key, 'press');
  });
  text.append(go);
  return [text];
}

function number(input) {
  const value = Number.parseInt(input.value, 10);
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function typed(id, update) {
  of(id).addEventListener('input', (event) => {
    state = { ...state, ...update(event.target) };
    change(event.timeStamp);
  });
}

typed('expression', (area) => ({ mask: area.value, view: undefined }));
typed('other', (area) => ({ other: area.value, view: undefined }));
typed('labels', (input) => ({ labels: input.value }));
typed('queries', (input) => ({ q: number(input), view: undefined }));
typed('keys', (input) => ({ k: number(input), view: undefined }));
typed('batch', (input) => ({ batch: number(input) }));
typed('head', (input) => ({ head: number(input) }));

of('zoom-in').addEventListener('click', () => canvases.a.zoomAt(undefined, 0.5));
of('zoom-out').addEventListener('click', () => canvases.a.zoomAt(undefined, 2));
of('whole').addEventListener('click', () => canvases.a.whole());
of('copy-link').addEventListener('click', (event) => copy(location.href, event.target));

export async function copy(text, button) {
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Press Ctrl+C in the address';
  }
  setTimeout(() => (button.textContent = said), 1500);
}

function restore() {
  state = address.read();
  fill();
  clearCell();
  const { cell } = address.read();
  draw();
  if (cell) {
    point('a', cell[0], cell[1], 'restored');
  }
}

addEventListener('popstate', restore);
let resizing;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => draw(), 60);
});

showGallery((chosen) => {
  state = { ...address.read(), other: '', labels: '', view: undefined, cell: undefined, batch: undefined, head: undefined, q: undefined, k: undefined, ...chosen };
  fill();
  history.pushState(null, '', address.toQuery(state));
  restore();
  scrollTo({ top: 0 });
  of('expression').focus({ preventScroll: true });
});
restore();
