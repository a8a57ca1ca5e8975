// The models page: drop files, run jobs, read reports.

import { ask, Problem, problemOf, send } from './api.js';
import { element, of } from './dom.js';

const POLL_MILLIS = 400;
const IDLE_POLL_MILLIS = 4000;
const KNOWN = 'sightline-jobs';
let timer;
let uploadLimit = Infinity;
let shownReport = new URLSearchParams(location.search).get('job');
const panels = new Map();

function button(text, onClick, style) {
  const made = element('button', text, style);
  made.type = 'button';
  made.addEventListener('click', () => act(onClick));
  return made;
}

function select(label, names) {
  const made = element('select');
  made.setAttribute('aria-label', label);
  made.append(...names.map((name) => new Option(name, name)));
  return made;
}

async function act(action) {
  try {
    say();
    await action();
  } catch (failure) {
    say(problemOf(failure).message);
  }
}

function say(message) {
  of('problem').hidden = !message;
  of('problem').textContent = message ?? '';
}

function size(bytes) {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  let at = 0;
  let number = bytes;
  while (number >= 1000 && at < 3) {
    number /= 1000;
    at++;
  }
  return `${number.toLocaleString('en', { maximumFractionDigits: at ? 1 : 0 })} ${units[at]}`;
}

// Files

async function upload(files) {
  if (!files.length) {
    return;
  }
  if (![...files].some((file) => /\.onnx$/i.test(file.name))) {
    throw new Problem('None of these files ends in .onnx. Drop a model; a tokenizer comes with it.');
  }
  const whole = [...files].reduce((sum, file) => sum + file.size, 0);
  if (whole > uploadLimit) {
    throw new Problem(`These files have ${size(whole)}; the workbench takes ${size(uploadLimit)}. 'sightline serve --upload-limit' allows more.`);
  }
  const { id } = await ask('/api/files', {});
  const status = of('uploading');
  try {
    for (const file of files) {
      status.textContent = `Taking ${file.name} (${size(file.size)}) ...`;
      await send('PUT', `/api/files/${id}/${encodeURIComponent(file.name)}`, file);
    }
    status.textContent = `Took ${files.length === 1 ? files[0].name : `${files.length} files`}.`;
    await begin({ kind: 'audit', set: id });
  } catch (failure) {
    status.textContent = '';
    await send('DELETE', `/api/files/${id}`).catch(() => {});
    throw failure;
  }
}

const drop = of('drop');
for (const name of ['dragenter', 'dragover']) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
}
for (const name of ['dragleave', 'drop']) {
  drop.addEventListener(name, () => drop.classList.remove('over'));
}
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  const { files } = event.dataTransfer;
  act(() => upload(files));
});
// A file that misses the field must not replace the page.
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => event.preventDefault());
of('files').addEventListener('change', (event) => {
  const files = [...event.target.files];
  event.target.value = '';
  act(() => upload(files));
});

// Jobs

async function begin(job) {
  await ask('/api/jobs', job);
  await refresh();
}

/** What this browser has seen of the server's jobs, to say which a restart has lost. */
function remembered() {
  try {
    return JSON.parse(localStorage.getItem(KNOWN)) ?? { jobs: [] };
  } catch {
    return { jobs: [] };
  }
}

function remember({ start, jobs }) {
  const before = remembered();
  const lost =
    before.start === start
      ? (before.lost ?? [])
      : [...(before.lost ?? []), ...(before.jobs ?? []).map((job) => job.title)];
  const kept = { start, lost: lost.slice(-20), jobs: jobs.map(({ id, title }) => ({ id, title })) };
  localStorage.setItem(KNOWN, JSON.stringify(kept));
  return kept.lost;
}

function forget() {
  const before = remembered();
  localStorage.setItem(KNOWN, JSON.stringify({ ...before, lost: [] }));
  refresh();
}

async function refresh() {
  clearTimeout(timer);
  let isBusy = true;
  try {
    const list = await (await send('GET', '/api/jobs')).json();
    uploadLimit = list.uploadLimit;
    showModels(list);
    showJobs(list.jobs, remember(list));
    isBusy = list.jobs.some((job) => job.state === 'running' || job.state === 'queued');
    if (of('problem').dataset.from === 'poll') {
      say();
      delete of('problem').dataset.from;
    }
  } catch (failure) {
    say(problemOf(failure).message);
    of('problem').dataset.from = 'poll';
    isBusy = false;
  } finally {
    clearTimeout(timer);
    timer = setTimeout(refresh, isBusy ? POLL_MILLIS : IDLE_POLL_MILLIS);
  }
}

let modelsKey = '';

function showModels({ sets, catalog, folder }) {
  const key = JSON.stringify([sets, catalog, folder]);
  if (key === modelsKey) {
    return; // as it is, so that the focus and choices stay
  }
  modelsKey = key;
  const panelsOfSets = sets.map((set) => {
    const panel = element('div', '', 'panel');
    panel.append(element('h3', set.model || 'no model'));
    panel.append(element('p', set.files.map(({ name, bytes }) => `${name} (${size(bytes)})`).join(', '), 'quiet'));
    const row = actions(() => ({ set: set.id }), folder.data ?? []);
    row.append(button('Remove files', async () => {
      await send('DELETE', `/api/files/${set.id}`);
      await refresh();
    }));
    panel.append(row);
    return panel;
  });
  of('models').replaceChildren(...panelsOfSets, others(catalog, folder));
}

/** A choice of the models that are here without an upload. */
function others(catalog, folder) {
  const panel = element('div', '', 'panel');
  panel.append(element('h3', folder.name ? `Models of ${folder.name}, and built-in ones` : 'Built-in models'));
  const choice = select('Model', [...(folder.models ?? []), ...catalog]);
  const row = actions(() => ({ model: choice.value }), folder.data ?? []);
  row.prepend(choice);
  panel.append(row);
  return panel;
}

function actions(chosen, data) {
  const row = element('div', '', 'row');
  row.append(
    button('Audit', () => begin({ kind: 'audit', ...chosen() }), 'primary'),
    button('Mask of', () => begin({ kind: 'mask-of', ...chosen() })),
    button('Repair', () => begin({ kind: 'repair', ...chosen() })),
  );
  if (data.length) {
    const files = select('Data file', data);
    row.append(button('Heads over', () => begin({ kind: 'heads', ...chosen(), data: files.value })), files);
  }
  return row;
}

const STATES = { queued: 'waits', running: 'runs', done: 'done', failed: 'failed', cancelled: 'cancelled', lost: 'lost' };

function showJobs(jobs, lost) {
  of('no-jobs').hidden = jobs.length + lost.length > 0;
  const shown = [];
  for (const job of [...jobs].reverse()) {
    let panel = panels.get(job.id);
    if (!panel) {
      panel = element('article', '', 'panel');
      panels.set(job.id, panel);
    }
    const key = JSON.stringify({ ...job, seconds: Math.round(job.seconds) });
    if (panel.dataset.key !== key) {
      panel.dataset.key = key;
      fillJob(panel, job);
    }
    shown.push(panel);
  }
  if (lost.length) {
    const panel = element('article', '', 'panel');
    panel.append(element('p', `Lost, since the workbench was started again: ${lost.join(', ')}.`, 'state lost'), button('Forget these', forget));
    shown.push(panel);
  }
  replaceIfOther(of('jobs'), shown);
  const wanted = jobs.find((job) => job.id === shownReport);
  if (wanted && of('report').hidden && wanted.files.length) {
    openReport(wanted, reportOf(wanted));
  }
}

/** Leaves what is there as it is, so that the focus stays. */
function replaceIfOther(parent, children) {
  const now = [...parent.children];
  if (now.length !== children.length || now.some((child, i) => child !== children[i])) {
    parent.replaceChildren(...children);
  }
}

function reportOf(job) {
  return ['report/repair.html', 'report/after/report.html', 'report.html', 'heads.html', 'report/before/report.html'].find((name) => job.files.includes(name));
}

function fillJob(panel, job) {
  const head = element('div', '', 'job-head');
  const { state } = job;
  const seconds = job.seconds ? `, ${job.seconds < 10 ? job.seconds.toFixed(1) : Math.round(job.seconds)} s` : '';
  head.append(element('h3', job.title), element('span', STATES[state] + seconds, `state ${state}`));
  panel.replaceChildren(head);
  if (state === 'running') {
    const bar = element('progress');
    bar.setAttribute('aria-label', job.title);
    if (job.total > 0) {
      bar.max = job.total;
      bar.value = Math.min(job.done, job.total);
    }
    const words = job.total > 0 ? `${job.done} of ${job.total} ${job.unit}` : job.done > 0 ? `${job.done} ${job.unit}` : 'starting';
    panel.append(bar, element('p', words, 'quiet'));
  }
  if (job.message) {
    panel.append(element('p', job.message, 'problem'));
  }
  if (job.text.trim()) {
    panel.append(element('pre', job.text.trimEnd(), 'output'));
  }
  const row = element('div', '', 'row');
  if (state === 'running' || state === 'queued') {
    row.append(button('Cancel', async () => {
      await ask(`/api/jobs/${job.id}/cancel`, {});
      await refresh();
    }));
  } else {
    const report = reportOf(job);
    if (report) {
      row.append(button('Show the report', () => openReport(job, report, true), 'primary'));
    }
    for (const name of job.files.filter((each) => !each.endsWith('.html'))) {
      const link = element('a', `Save ${name.split('/').pop()}`, 'button');
      link.href = `/jobs/${job.id}/${name.split('/').map(encodeURIComponent).join('/')}`;
      link.download = name.split('/').pop();
      row.append(link);
    }
    if (job.kind === 'mask-of' && state === 'done') {
      row.append(...maskLinks(job.text));
    }
    row.append(button('Remove', async () => {
      if (shownReport === job.id) {
        closeReport();
      }
      await send('DELETE', `/api/jobs/${job.id}`);
      await refresh();
    }));
  }
  panel.append(row);
}

/** The masks that were read back, each a link to its picture. */
function maskLinks(text) {
  const masks = new Set();
  for (const found of text.matchAll(/^\s*(?:layers?|attentions?) [\d, -]+:? +(\S.*)$/gm)) {
    masks.add(found[1].trim());
  }
  return [...masks].slice(0, 4).map((mask) => {
    const link = element('a', `See ${mask.length > 30 ? `${mask.slice(0, 29)}…` : mask}`, 'button');
    link.href = `/?${new URLSearchParams(drawn(mask))}`;
    return link;
  });
}

/** Padding that a model reads from its mask input has no lengths: it is drawn with 36 of 48 tokens. */
function drawn(mask) {
  const withLengths = mask.replace(/\b((?:key-|query-)?padding)(?![-\w(])/g, '$1(36)');
  return { mask: withLengths, q: 48 };
}

function openReport(job, name, isAsked = false) {
  const address = `/jobs/${job.id}/${name}`;
  shownReport = job.id;
  of('report-heading').textContent = job.title;
  of('report-window').href = address;
  of('frame').src = address;
  of('report').hidden = false;
  if (isAsked) {
    history.replaceState(null, '', `/models?job=${job.id}`);
    of('report').scrollIntoView({ block: 'start' });
    of('frame').focus();
  }
}

function closeReport() {
  shownReport = undefined;
  of('report').hidden = true;
  of('frame').src = 'about:blank';
  history.replaceState(null, '', '/models');
}

refresh();
