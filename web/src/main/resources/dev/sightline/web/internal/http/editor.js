// A text area over a mirror of its text, in which places can be lit.

import { element } from './dom.js';

export class Editor {
  constructor(area) {
    this.area = area;
    this.mirror = area.parentElement.querySelector('.mirror');
    this.places = [];
    area.addEventListener('scroll', () => this.scroll());
    area.addEventListener('input', () => this.light([]));
    this.light([]);
  }

  get text() {
    return this.area.value;
  }

  set text(value) {
    if (this.area.value !== value) {
      this.area.value = value;
    }
    this.light([]);
  }

  /** Lights places [{start, end}] of the text; wrong ones are underlined. */
  light(places, wrong = false) {
    const text = this.text;
    const sorted = [...places].sort((a, b) => a.start - b.start);
    this.mirror.replaceChildren();
    let at = 0;
    for (const { start, end } of sorted) {
      if (start < at || end <= start) {
        continue;
      }
      this.mirror.append(text.slice(at, start));
      this.mirror.append(element('mark', text.slice(start, end) || ' ', wrong ? 'wrong' : ''));
      at = end;
    }
    this.mirror.append(text.slice(at) + '\n');
    this.scroll();
  }

  scroll() {
    this.mirror.scrollTop = this.area.scrollTop;
  }
}
