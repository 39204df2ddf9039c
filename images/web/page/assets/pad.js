// The 8 by 8 drawing pad. A stroke is drawn on a bitmap of 32 by 32; a pixel counts the inked points
// of its 4 by 4 block, 0 to 16. That is how the digits that the model learned from were made.

import { element } from "./dom.js";

const SIZE = 8;
const BLOCK = 4;
const POINTS = SIZE * BLOCK;
const FULL = BLOCK * BLOCK;
const BRUSH = 2.2; // radius in points: a stroke a little more than one pixel wide

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Pad {
  #ink = new Uint8Array(POINTS * POINTS);
  #pixels = new Array(SIZE * SIZE).fill(0);
  #cells = [];
  #grid;
  #last = null;

  constructor(grid) {
    this.#grid = grid;
    for (let row = 0; row < SIZE; row += 1) {
      const cells = Array.from({ length: SIZE }, () =>
        element("div", { role: "gridcell", className: "pixel", tabIndex: -1 }));
      this.#cells.push(...cells);
      grid.append(element("div", { role: "row", className: "pixel-row" }, ...cells));
    }
    this.#cells[0].tabIndex = 0;
    this.#show();
    grid.addEventListener("pointerdown", (event) => this.#start(event));
    grid.addEventListener("pointermove", (event) => this.#draw(event));
    for (const end of ["pointerup", "pointercancel"]) {
      grid.addEventListener(end, () => { this.#last = null; });
    }
    grid.addEventListener("keydown", (event) => this.#key(event));
  }

  get pixels() { return [...this.#pixels]; }

  get empty() { return this.#pixels.every((value) => value === 0); }

  clear() { this.load(new Array(SIZE * SIZE).fill(0)); }

  load(pixels) {
    pixels.forEach((value, index) => this.#fill(index, value));
    this.#show();
  }

  #fill(index, value) {
    const top = Math.floor(index / SIZE) * BLOCK;
    const left = (index % SIZE) * BLOCK;
    for (let point = 0; point < FULL; point += 1) {
      const at = (top + Math.floor(point / BLOCK)) * POINTS + left + (point % BLOCK);
      this.#ink[at] = point < value ? 1 : 0;
    }
    this.#pixels[index] = value;
  }

  #start(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#grid.setPointerCapture(event.pointerId);
    this.#last = this.#point(event);
    this.#stamp(this.#last);
    this.#show();
  }

  #draw(event) {
    if (!this.#last) return;
    for (const moved of event.getCoalescedEvents?.() ?? [event]) {
      const from = this.#last;
      const to = this.#point(moved);
      const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y)));
      for (let step = 1; step <= steps; step += 1) {
        const part = step / steps;
        this.#stamp({ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part });
      }
      this.#last = to;
    }
    this.#show();
  }

  #point(event) {
    const box = this.#grid.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * POINTS,
      y: ((event.clientY - box.top) / box.height) * POINTS,
    };
  }

  #stamp({ x, y }) {
    for (let row = 0; row < POINTS; row += 1) {
      for (let column = 0; column < POINTS; column += 1) {
        if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= BRUSH) this.#ink[row * POINTS + column] = 1;
      }
    }
    this.#pixels = this.#pixels.map((_, index) => this.#count(index));
  }

  #count(index) {
    const top = Math.floor(index / SIZE) * BLOCK;
    const left = (index % SIZE) * BLOCK;
    let inked = 0;
    for (let point = 0; point < FULL; point += 1) {
      inked += this.#ink[(top + Math.floor(point / BLOCK)) * POINTS + left + (point % BLOCK)];
    }
    return inked;
  }

  #key(event) {
    const index = this.#cells.indexOf(event.target);
    if (index < 0) return;
    if (event.key in MOVES) {
      const [down, right] = MOVES[event.key];
      const row = Math.floor(index / SIZE) + down;
      const column = (index % SIZE) + right;
      if (row >= 0 && row < SIZE && column >= 0 && column < SIZE) this.#focus(row * SIZE + column);
    } else if (event.key === " ") {
      this.#fill(index, this.#pixels[index] === 0 ? FULL : 0);
      this.#show();
    } else {
      return;
    }
    event.preventDefault();
  }

  #focus(index) {
    for (const cell of this.#cells) cell.tabIndex = -1;
    this.#cells[index].tabIndex = 0;
    this.#cells[index].focus();
  }

  #show() {
    this.#cells.forEach((cell, index) => {
      const value = this.#pixels[index];
      cell.style.setProperty("--ink", value / FULL);
      const place = `Row ${Math.floor(index / SIZE) + 1}, column ${(index % SIZE) + 1}`;
      cell.setAttribute("aria-label", `${place}, ${value ? `ink ${value} of ${FULL}` : "empty"}`);
    });
  }
}

// A small picture of 64 pixels, beside words that say what it shows.
export function thumbnail(pixels) {
  const cells = pixels.map((value) => {
    const cell = element("span", { className: "pixel" });
    cell.style.setProperty("--ink", value / FULL);
    return cell;
  });
  return element("span", { className: "thumbnail", ariaHidden: "true" }, ...cells);
}
