// The mask in the forms of other systems, as text to copy.

import { ask, Problem } from './api.js';

const of = (id) => document.getElementById(id);
let current = '';
let forms = [];
let asked = {};
let onChosen = () => {};
let round = 0;

/** Shows the form that was chosen, of the mask of a question. */
export async function showForms(question, chosen, whenChosen) {
  asked = question;
  onChosen = whenChosen;
  if (!forms.length) {
    forms = (await ask('/api/mask/forms', {})).forms;
    of('forms').replaceChildren(...forms.map(tab));
  }
  current = forms.some((form) => form.id === chosen) ? chosen : current || forms[0].id;
  await showForm();
}

function tab(form) {
  const button = document.createElement('button');
  button.type = 'button';
  button.role = 'tab';
  button.id = `form-${form.id}`;
  button.textContent = form.title;
  button.setAttribute('aria-controls', 'form-panel');
  button.addEventListener('click', () => choose(form.id));
  button.addEventListener('keydown', (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move) {
      event.preventDefault();
      const at = forms.findIndex((each) => each.id === current);
      const next = forms[(at + move + forms.length) % forms.length];
      choose(next.id);
      of(`form-${next.id}`).focus();
    }
  });
  return button;
}

function choose(id) {
  current = id;
  onChosen(id);
  showForm();
}

async function showForm() {
  const mine = ++round;
  for (const form of forms) {
    const button = of(`form-${form.id}`);
    const isChosen = form.id === current;
    button.setAttribute('aria-selected', isChosen);
    button.tabIndex = isChosen ? 0 : -1;
  }
  const chosen = forms.find((form) => form.id === current);
  of('form-panel').setAttribute('aria-labelledby', `form-${current}`);
  of('form-polarity').textContent = chosen.polarity;
  try {
    const { text, note } = await ask('/api/mask/form', { ...asked, form: current });
    if (mine === round) {
      of('form-text').textContent = text;
      of('form-note').textContent = note;
      of('copy-form').disabled = false;
    }
  } catch (failure) {
    if (!(failure instanceof Problem)) {
      throw failure;
    }
    if (mine === round) {
      of('form-text').textContent = '';
      of('form-note').textContent = failure.message;
      of('copy-form').disabled = true;
    }
  }
}

of('copy-form').addEventListener('click', async (event) => {
  await navigator.clipboard.writeText(of('form-text').textContent);
  event.target.textContent = 'Copied';
  setTimeout(() => (event.target.textContent = 'Copy'), 1500);
});
