// What a page shows, in its address: a link is the share button.

const NUMBERS = ['q', 'k', 'batch', 'head'];
const IDLE_MILLIS = 1200;
let lastChange = 0;

export function read() {
  const given = new URLSearchParams(location.search);
  const state = {
    mask: given.get('mask') ?? 'causal & window(3,0)',
    other: given.get('other') ?? '',
    labels: given.get('labels') ?? '',
    form: given.get('form') ?? '',
    view: numbers(given.get('view'), 4),
    cell: numbers(given.get('cell'), 2),
  };
  for (const name of NUMBERS) {
    const value = Number.parseInt(given.get(name) ?? '', 10);
    state[name] = Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  }
  return state;
}

function numbers(text, count) {
  const all = (text ?? '').split(',').map(Number);
  return text && all.length === count && all.every((n) => Number.isSafeInteger(n) && n >= 0)
    ? all
    : undefined;
}

export function toQuery(state) {
  const query = new URLSearchParams();
  query.set('mask', state.mask);
  for (const name of ['other', 'labels', 'form']) {
    if (state[name]) {
      query.set(name, state[name]);
    }
  }
  for (const name of NUMBERS) {
    if (state[name] !== undefined && !(state[name] === 0 && (name === 'batch' || name === 'head'))) {
      query.set(name, state[name]);
    }
  }
  for (const name of ['view', 'cell']) {
    if (state[name]) {
      query.set(name, state[name].join(','));
    }
  }
  return '?' + query.toString().replaceAll('%2C', ',').replaceAll('%28', '(').replaceAll('%29', ')');
}

/**
 * Writes the state into the address. A change after a pause is a step of its own, which Back
 * undoes; what follows within the pause belongs to it.
 */
export function write(state, isStep) {
  const query = toQuery(state);
  if (query === location.search) {
    return;
  }
  const now = Date.now();
  if (isStep && now - lastChange > IDLE_MILLIS) {
    history.pushState(null, '', query);
  } else {
    history.replaceState(null, '', query);
  }
  if (isStep) {
    lastChange = now;
  }
}
