// The elements of a page.

export const of = (id) => document.getElementById(id);

export function element(name, text, style) {
  const made = document.createElement(name);
  made.textContent = text ?? '';
  if (style) {
    made.className = style;
  }
  return made;
}

/** Copies a text, and says on the button that it did, or what to do where the browser refuses. */
export async function copy(text, button, otherwise) {
  button.dataset.name ??= button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = otherwise;
  }
  setTimeout(() => (button.textContent = button.dataset.name), 1500);
}
