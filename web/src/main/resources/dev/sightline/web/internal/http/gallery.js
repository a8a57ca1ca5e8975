// Masks of known models, each a picture, two sentences and a source.

import { ask, picture } from './api.js';
import { toQuery } from './address.js';
import { element, of } from './dom.js';

const SIDE = 96;

export async function showGallery(onChosen) {
  const { entries } = await ask('/api/mask/gallery', {});
  of('cards').append(...entries.map((entry) => card(entry, onChosen)));
}

function card(entry, onChosen) {
  const chosen = { mask: entry.mask, q: entry.q };
  const item = element('li');
  const canvas = element('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  const name = element('a', entry.name, 'open');
  name.href = '/' + toQuery(chosen);
  name.addEventListener('click', (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      onChosen(chosen);
    }
  });
  const title = element('h3');
  title.append(name);
  item.append(canvas, title, element('p', entry.text), element('p', entry.source, 'source'));
  new IntersectionObserver((seen, observer) => {
    if (seen.some((each) => each.isIntersecting)) {
      observer.disconnect();
      draw(canvas, chosen);
    }
  }).observe(canvas);
  return item;
}

async function draw(canvas, chosen) {
  const found = await picture({ ...chosen, rows: SIDE * 2, columns: SIDE * 2 });
  const [rows, columns] = found.grid;
  canvas.width = columns;
  canvas.height = rows;
  canvas.style.imageRendering = 'pixelated';
  if (columns !== rows) {
    canvas.style.width = `${Math.round(Math.min(2, columns / rows) * SIDE)}px`;
  }
  const context = canvas.getContext('2d');
  const style = getComputedStyle(document.documentElement);
  context.fillStyle = style.getPropertyValue('--cell-none');
  context.fillRect(0, 0, columns, rows);
  context.fillStyle = style.getPropertyValue('--cell-all');
  found.shades.forEach((shade, i) => {
    if (shade) {
      context.globalAlpha = shade / 255;
      context.fillRect(i % columns, Math.floor(i / columns), 1, 1);
    }
  });
}
