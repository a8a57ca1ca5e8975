// The mask in the forms of other systems, as text to copy.

import { ask, newest } from './api.js';
import { copy, element, of } from './dom.js';

let current = '';
let forms = [];
let asked = {};
let onChosen = () => {};

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
  const button = element('button', form.title);
  button.type = 'button';
  button.role = 'tab';
  button.id = `form-${form.id}`;
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

const askForText = newest(
  '/api/mask/form',
  ({ text, note }) => fill(text, note, true),
  (problem) => fill('', problem.message, false),
);

function fill(text, note, canBeCopied) {
  of('form-text').textContent = text;
  of('form-note').textContent = note;
  of('copy-form').disabled = !canBeCopied;
}

async function showForm() {
  for (const form of forms) {
    const button = of(`form-${form.id}`);
    const isChosen = form.id === current;
    button.setAttribute('aria-selected', isChosen);
    button.tabIndex = isChosen ? 0 : -1;
  }
  const chosen = forms.find((form) => form.id === current);
  of('form-panel').setAttribute('aria-labelledby', `form-${current}`);
  of('form-polarity').textContent = chosen.polarity;
  await askForText({ ...asked, form: current });
}

of('copy-form').addEventListener('click', (event) => copy(of('form-text').textContent, event.target, 'Press Ctrl+C in the text'));
