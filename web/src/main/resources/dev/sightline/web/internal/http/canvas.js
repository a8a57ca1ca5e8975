// Draws the picture of a mask on a canvas, and turns mouse, touch and keys into cells and views.

const LARGEST_GRID = 512;
const RULED = 7; // squares of so many pixels are separated by lines
const FONT = '12px system-ui, sans-serif';

export class MaskCanvas {
  /**
   * @param onCell is called with (query, key, how) when a pair is pointed at
   * @param onView is called with [firstQuery, firstKey, queries, keys] when the view moves
   */
  constructor(canvas, { onCell, onView }) {
    this.canvas = canvas;
    this.onCell = onCell;
    this.onView = onView;
    this.labels = [];
    this.source = document.createElement('canvas');
    this.colours();
    canvas.addEventListener('pointermove', (e) => this.move(e));
    canvas.addEventListener('pointerdown', (e) => this.press(e));
    canvas.addEventListener('pointerup', (e) => this.release(e));
    canvas.addEventListener('pointercancel', () => (this.drag = undefined));
    canvas.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
    canvas.addEventListener('dblclick', (e) => this.zoomAt(this.at(e), 0.5));
    canvas.addEventListener('keydown', (e) => this.key(e));
    let width = canvas.clientWidth;
    new ResizeObserver(() => {
      if (canvas.clientWidth !== width) {
        width = canvas.clientWidth;
        this.draw();
      }
    }).observe(canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.colours();
      this.paint();
      this.draw();
    });
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(name).trim();
    this.ink = { all: of('--cell-all'), none: of('--cell-none'), line: of('--cell-line'), cursor: of('--cursor'), text: of('--soft') };
    const all = rgb(this.ink.all);
    const none = rgb(this.ink.none);
    this.palette = new Uint32Array(256);
    for (let shade = 0; shade < 256; shade++) {
      // A square with a single allowed pair is seen: 12 % of the way at least.
      const share = shade === 0 ? 0 : 0.12 + (0.88 * shade) / 255;
      const [r, g, b] = none.map((c, i) => Math.round(c + share * (all[i] - c)));
      this.palette[shade] = (255 << 24) | (b << 16) | (g << 8) | r;
    }
  }

  /** How many squares a picture should have for this canvas. */
  grid() {
    this.size();
    const ratio = devicePixelRatio || 1;
    return {
      rows: Math.max(1, Math.min(LARGEST_GRID, Math.floor(this.height * ratio))),
      columns: Math.max(1, Math.min(LARGEST_GRID, Math.floor(this.width * ratio))),
    };
  }

  /** The margin for names, and the plot beside it. */
  size() {
    const whole = this.canvas.clientWidth || 300;
    const context = this.canvas.getContext('2d');
    context.font = FONT;
    const names = this.shownLabels();
    const longest = Math.max(0, ...names.map((name) => context.measureText(name).width));
    const digits = context.measureText(this.shape ? this.shape[2] : 1).width;
    this.left = Math.ceil(Math.min(whole / 3, digits + (longest ? longest + 8 : 0)) + 12);
    this.top = 20;
    this.width = Math.max(60, whole - this.left - 2);
    const [, , queries, keys] = this.view ?? [0, 0, 1, 1];
    const wanted = (this.width * queries) / keys;
    this.height = Math.max(60, Math.min(wanted, this.width, Math.max(320, innerHeight * 0.72)));
    if (wanted > this.height && queries >= keys) {
      this.width = Math.max(60, Math.min(this.width, (this.height * keys) / queries));
    }
  }

  shownLabels() {
    if (!this.labels.length || !this.view || this.view[2] > 64) {
      return [];
    }
    return this.labels.slice(this.view[0], this.view[0] + this.view[2]);
  }

  show(picture, labels) {
    this.shape = picture.shape;
    this.view = picture.view;
    this.picture = picture;
    this.labels = labels;
    this.paint();
    this.draw();
  }

  /** Turns shades into pixels, one for each square. */
  paint() {
    if (!this.picture) {
      return;
    }
    const [rows, columns] = this.picture.grid;
    this.source.width = columns;
    this.source.height = rows;
    const context = this.source.getContext('2d');
    const image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const { shades } = this.picture;
    for (let i = 0; i < shades.length; i++) {
      pixels[i] = this.palette[shades[i]];
    }
    context.putImageData(image, 0, 0);
  }

  draw() {
    if (!this.picture) {
      return;
    }
    this.size();
    const ratio = devicePixelRatio || 1;
    const { canvas } = this;
    const whole = canvas.clientWidth || 300;
    const tall = Math.ceil(this.top + this.height + 2);
    const pixelWidth = Math.round(whole * ratio);
    const pixelHeight = Math.round(tall * ratio);
    if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
      canvas.width = pixelWidth;
      canvas.height = pixelHeight;
      canvas.style.height = `${tall}px`;
    }
    const context = canvas.getContext('2d');
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, whole, tall);
    // Pairs have sharp edges; shares of many pairs have none.
    context.imageSmoothingEnabled = this.picture.grid[0] < this.view[2] || this.picture.grid[1] < this.view[3];
    context.drawImage(this.source, this.left, this.top, this.width, this.height);
    this.rule(context);
    this.name(context);
    this.mark(context);
  }

  rule(context) {
    const [, , queries, keys] = this.view;
    const across = this.width / keys;
    const down = this.height / queries;
    if (Math.min(across, down) < RULED) {
      return;
    }
    context.strokeStyle = this.ink.line;
    context.lineWidth = 1;
    context.beginPath();
    for (let k = 1; k < keys; k++) {
      context.moveTo(this.left + k * across, this.top);
      context.lineTo(this.left + k * across, this.top + this.height);
    }
    for (let q = 1; q < queries; q++) {
      context.moveTo(this.left, this.top + q * down);
      context.lineTo(this.left + this.width, this.top + q * down);
    }
    context.stroke();
  }

  name(context) {
    const [firstQuery, firstKey, queries, keys] = this.view;
    context.font = FONT;
    context.fillStyle = this.ink.text;
    context.textBaseline = 'middle';
    context.textAlign = 'center';
    const across = this.width / keys;
    const widest = String(firstKey + keys).length * 7.5 + 10;
    const keyStep = step(widest / across);
    for (let k = Math.ceil(firstKey / keyStep) * keyStep; k < firstKey + keys; k += keyStep) {
      const at = this.left + (k - firstKey + 0.5) * across;
      context.fillText(k, Math.max(this.left + 4, Math.min(at, this.left + this.width - widest / 3)), 10);
    }
    context.textAlign = 'right';
    const down = this.height / queries;
    const names = this.shownLabels();
    const queryStep = step(15 / down);
    for (let q = Math.ceil(firstQuery / queryStep) * queryStep; q < firstQuery + queries; q += queryStep) {
      const name = names.length ? ` ${names[q - firstQuery] ?? ''}` : '';
      const y = this.top + (q - firstQuery + 0.5) * down;
      context.fillText(cut(context, q + name, this.left - 8), this.left - 6, Math.min(y, this.top + this.height - 6));
    }
  }

  mark(context) {
    if (!this.cursor) {
      return;
    }
    const [firstQuery, firstKey, queries, keys] = this.view;
    const [query, key] = this.cursor;
    const across = this.width / keys;
    const down = this.height / queries;
    const x = this.left + (key - firstKey) * across;
    const y = this.top + (query - firstQuery) * down;
    const inside = query >= firstQuery && key >= firstKey && query < firstQuery + queries && key < firstKey + keys;
    if (!inside) {
      return;
    }
    const w = Math.max(5, across);
    const h = Math.max(5, down);
    context.strokeStyle = this.ink.cursor;
    context.globalAlpha = 0.5;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(this.left, y + down / 2);
    context.lineTo(x, y + down / 2);
    context.moveTo(x + across / 2, this.top);
    context.lineTo(x + across / 2, y);
    context.stroke();
    context.globalAlpha = 1;
    context.lineWidth = 2;
    context.strokeRect(x + (across - w) / 2, y + (down - h) / 2, w, h);
  }

  point(cell) {
    this.cursor = cell;
    this.draw();
  }

  /** The pair under the pointer, or nothing. */
  at(event) {
    if (!this.view) {
      return undefined;
    }
    const box = this.canvas.getBoundingClientRect();
    const x = (event.clientX - box.left - this.left) / this.width;
    const y = (event.clientY - box.top - this.top) / this.height;
    if (x < 0 || y < 0 || x >= 1 || y >= 1) {
      return undefined;
    }
    return [Math.floor(this.view[0] + y * this.view[2]), Math.floor(this.view[1] + x * this.view[3])];
  }

  press(event) {
    const cell = this.at(event);
    if (!cell) {
      return;
    }
    this.onCell(cell[0], cell[1], 'press');
    this.drag = { x: event.clientX, y: event.clientY, view: this.view };
    if (event.pointerType === 'mouse') {
      this.canvas.setPointerCapture(event.pointerId);
    }
  }

  release() {
    this.drag = undefined;
  }

  move(event) {
    if (this.drag && event.buttons === 1 && event.pointerType !== 'touch') {
      const [q, k, queries, keys] = this.drag.view;
      const down = Math.round(((this.drag.y - event.clientY) / this.height) * queries);
      const across = Math.round(((this.drag.x - event.clientX) / this.width) * keys);
      if (queries < this.shape[2] || keys < this.shape[3]) {
        this.moveTo([q + down, k + across, queries, keys]);
        return;
      }
    }
    const cell = this.at(event);
    if (cell && event.pointerType !== 'touch') {
      this.onCell(cell[0], cell[1], 'hover');
    }
  }

  wheel(event) {
    if (!this.at(event) || !(event.ctrlKey || document.activeElement === this.canvas)) {
      return; // the page scrolls, unless the picture has the focus
    }
    event.preventDefault();
    this.zoomAt(this.at(event), event.deltaY < 0 ? 0.7 : 1 / 0.7);
  }

  /** Shows factor times as many pairs around one. */
  zoomAt(cell, factor) {
    if (!this.view) {
      return;
    }
    const [q, k, queries, keys] = this.view;
    const [query, key] = cell ?? this.cursor ?? [q + queries / 2, k + keys / 2];
    const least = Math.min(4, this.shape[2], this.shape[3]);
    const few = Math.max(least, Math.round(queries * factor));
    const narrow = Math.max(least, Math.round(keys * factor));
    this.moveTo([
      Math.round(query - ((query - q) / queries) * few),
      Math.round(key - ((key - k) / keys) * narrow),
      few,
      narrow,
    ]);
  }

  moveTo([q, k, queries, keys]) {
    const [, , allQueries, allKeys] = this.shape;
    const few = Math.min(queries, allQueries);
    const narrow = Math.min(keys, allKeys);
    this.onView([clamp(q, 0, allQueries - few), clamp(k, 0, allKeys - narrow), few, narrow]);
  }

  whole() {
    if (this.shape) {
      this.onView([0, 0, this.shape[2], this.shape[3]]);
    }
  }

  key(event) {
    if (!this.view || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const [q, k, queries, keys] = this.view;
    const [query, key] = this.cursor ?? [q, k];
    const far = event.shiftKey ? 10 : 1;
    const to = {
      ArrowUp: [query - far, key],
      ArrowDown: [query + far, key],
      ArrowLeft: [query, key - far],
      ArrowRight: [query, key + far],
      Home: [query, 0],
      End: [query, this.shape[3] - 1],
      PageUp: [query - queries, key],
      PageDown: [query + queries, key],
    }[event.key];
    if (to) {
      event.preventDefault();
      const cell = this.cursor
        ? [clamp(to[0], 0, this.shape[2] - 1), clamp(to[1], 0, this.shape[3] - 1)]
        : [query, key];
      this.follow(cell);
      this.onCell(cell[0], cell[1], 'key');
    } else if (event.key === '+' || event.key === '=') {
      event.preventDefault();
      this.zoomAt(undefined, 0.5);
    } else if (event.key === '-') {
      event.preventDefault();
      this.zoomAt(undefined, 2);
    } else if (event.key === '0') {
      this.whole();
    }
  }

  /** Moves the view so that a pair is in it. */
  follow([query, key]) {
    const [q, k, queries, keys] = this.view;
    const up = query < q ? query : query >= q + queries ? query - queries + 1 : q;
    const left = key < k ? key : key >= k + keys ? key - keys + 1 : k;
    if (up !== q || left !== k) {
      this.moveTo([up, left, queries, keys]);
    }
  }
}

function clamp(value, least, most) {
  return Math.max(least, Math.min(most, value));
}

/** The smallest of 1, 2, 5, 10, 20, ... that is at least as large. */
function step(least) {
  let power = 1;
  while (power * 10 < least) {
    power *= 10;
  }
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= least) ?? power * 10;
}

function cut(context, text, width) {
  let shown = text;
  while (shown.length > 2 && context.measureText(shown).width > width) {
    shown = shown.slice(0, -2) + '…';
  }
  return shown;
}

function rgb(hex) {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
