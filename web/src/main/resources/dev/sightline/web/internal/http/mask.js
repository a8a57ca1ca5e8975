// The mask page: type, and the picture follows.

import { ask, picture, problemOf } from './api.js';
import * as address from './address.js';
import { MaskCanvas } from './canvas.js';
import { copy, element, of } from './dom.js';
import { Editor } from './editor.js';
import { showForms } from './forms.js';
import { showGallery } from './gallery.js';

const FACTS_DELAY_MILLIS = 250;

const expression = new Editor(of('expression'));
const other = new Editor(of('other'));
const canvases = {
  a: new MaskCanvas(of('picture-a'), { onCell: (q, k, how) => point('a', q, k, how), onView: look }),
  b: new MaskCanvas(of('picture-b'), { onCell: (q, k, how) => point('b', q, k, how), onView: look }),
};

let state = address.read();
let drawing = false;
let waiting;
let factsTimer;
let cellRequest = 0;
let cellBusy = false;
let cellNext;
let told;

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
  const hasOther = state.other.trim() !== '';
  of('picture-b').parentElement.hidden = !hasOther;
  document.querySelector('.name-a').hidden = !hasOther;
  try {
    const shown = hasOther ? ['a', 'b'] : ['a'];
    const pictures = await Promise.all(shown.map((which) => picture({ ...question(which), ...region(), ...canvases[which].grid() })));
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
  const { shape } = found;
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
    if (told && state.cell) {
      tell(told.which, told.answer); // now that the names are known
    }
  }
}

function show(part, isShown) {
  part.hidden = !isShown;
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
  const { line, offset } = problemOf(failure);
  of('problem').textContent = line;
  if (offset !== undefined) {
    const end = Math.max(offset + 1, wordEnd(state.mask, offset));
    expression.light([{ start: Math.min(offset, state.mask.length), end }], true);
  }
  of('facts').replaceChildren();
}

function wordEnd(text, start) {
  const word = /^[\w.-]+/.exec(text.slice(start));
  return start + (word ? word[0].length : 1);
}

/** Shows another part of the mask, in both pictures. */
function look(view) {
  const { shape } = canvases.a;
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
    of('cell').replaceChildren(element('p', problemOf(failure).message, 'quiet'));
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

function tell(which, answer) {
  told = { which, answer };
  const { query, key, allowed, clauses } = answer;
  const names = canvases[which].labels;
  const name = (token) => (names[token] ? `${token} (${names[token]})` : `${token}`);
  const verdict = element('p', `Query ${name(query)} ${allowed ? 'may' : 'may not'} attend to key ${name(key)}${state.other.trim() ? ` in mask ${which.toUpperCase()}` : ''}`, `answer ${allowed ? 'yes' : 'no'}`);
  const reasons = clauses.map(({ part, words }) => {
    const reason = element('p');
    reason.append(element('code', part), `: ${words}`);
    return reason;
  });
  of('cell').replaceChildren(verdict, ...reasons);
  (which === 'b' ? other : expression).light(clauses);
  (which === 'b' ? expression : other).light([]);
}

function clearCell() {
  cellRequest++;
  told = undefined;
  canvases.a.cursor = undefined; // a new picture is drawn in a moment
  canvases.b.cursor = undefined;
  of('cell').replaceChildren(element('p', 'Point at a square, or focus the picture and use the arrow keys.', 'quiet'));
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
      ...found.findings.flatMap((finding) => fact('Check', finding, 'finding')),
      ...(found.moreFindings ? fact('', `and ${found.moreFindings} more`) : []),
    );
  } catch (failure) {
    facts.replaceChildren(...fact('Facts', problemOf(failure).line));
  }
  await compare();
}

function fact(name, value, style) {
  return [element('dt', name), element('dd', value, style)];
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
    box.replaceChildren(element('p', RELATIONS[found.relation]), ...example('A', found.onlyA, found.firstOnlyA), ...example('B', found.onlyB, found.firstOnlyB));
  } catch (failure) {
    const { line } = problemOf(failure);
    box.className = 'comparison failed';
    box.replaceChildren(element('p', line));
  }
}

/** A pair that only one of the masks allows, and a button that goes there. */
function example(name, number, cell) {
  if (!cell) {
    return [];
  }
  const text = element('p', `Only ${name} allows ${count(number)} ${number === 1 ? 'pair' : 'pairs'}, such as `);
  const go = element('button', `query ${count(cell.query)}, key ${count(cell.key)}`, 'link');
  go.type = 'button';
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
of('copy-link').addEventListener('click', (event) => copy(location.href, event.target, 'Press Ctrl+C in the address'));

function restore() {
  state = address.read();
  fill();
  clearCell();
  draw();
  if (state.cell) {
    point('a', state.cell[0], state.cell[1], 'restored');
  }
}

addEventListener('popstate', restore);
let resizing;
addEventListener('resize', () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => draw(), 60);
});

showGallery((chosen) => {
  history.pushState(null, '', address.toQuery({ ...chosen, form: state.form }));
  restore();
  scrollTo({ top: 0 });
  of('expression').focus({ preventScroll: true });
});
restore();
