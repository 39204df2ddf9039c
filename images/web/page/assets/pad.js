// The drawing pad: 8 by 8 pixels, for mouse, finger and keyboard.

import { element } from "./dom.js";
import { FULL, Ink, SIZE } from "./ink.js";

const EMPTY = new Array(SIZE * SIZE).fill(0);
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Pad {
  #ink = new Ink();
  #drawnFreely = false;
  #grid;
  #cells = [];
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
    grid.addEventListener("pointerup", () => { this.#last = null; });
    grid.addEventListener("pointercancel", () => { this.#last = null; });
    grid.addEventListener("keydown", (event) => this.#key(event));
  }

  get pixels() { return this.#ink.pixels; }

  clear() { this.load(EMPTY); }

  load(pixels) {
    pixels.forEach((value, pixel) => this.#ink.set(pixel, value));
    this.#drawnFreely = false;
    this.#show();
  }

  // Returns the pixels to send. A free drawing is centred and scaled first, and shown like that.
  finish() {
    if (this.#drawnFreely) this.#ink.fit();
    this.#drawnFreely = false;
    this.#show();
    return this.pixels;
  }

  #start(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#grid.setPointerCapture(event.pointerId);
    this.#drawnFreely = true;
    this.#last = this.#place(event);
    this.#draw(event);
  }

  #draw(event) {
    if (!this.#last) return;
    const to = this.#place(event);
    this.#ink.stroke(this.#last, to);
    this.#last = to;
    this.#show();
  }

  #place(event) {
    const box = this.#grid.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  }

  #key(event) {
    const pixel = this.#cells.indexOf(event.target);
    if (pixel < 0) return;
    if (event.key in MOVES) {
      const [down, right] = MOVES[event.key];
      const row = Math.floor(pixel / SIZE) + down;
      const column = (pixel % SIZE) + right;
      if (row >= 0 && row < SIZE && column >= 0 && column < SIZE) this.#focus(row * SIZE + column);
    } else if (event.key === " ") {
      this.#ink.set(pixel, this.pixels[pixel] === 0 ? FULL : 0);
      this.#show();
    } else {
      return;
    }
    event.preventDefault();
  }

  #focus(pixel) {
    for (const cell of this.#cells) cell.tabIndex = -1;
    this.#cells[pixel].tabIndex = 0;
    this.#cells[pixel].focus();
  }

  #show() {
    this.pixels.forEach((value, pixel) => {
      const place = `Row ${Math.floor(pixel / SIZE) + 1}, column ${(pixel % SIZE) + 1}`;
      const cell = this.#cells[pixel];
      cell.style.setProperty("--ink", value / FULL);
      cell.setAttribute("aria-label", `${place}, ${value ? `ink ${value} of ${FULL}` : "empty"}`);
    });
  }
}

// A small picture of 64 pixels. Screen readers skip it, because text beside it says the same.
export function thumbnail(pixels) {
  const cells = pixels.map((value) => {
    const cell = element("span", { className: "pixel" });
    cell.style.setProperty("--ink", value / FULL);
    return cell;
  });
  return element("span", { className: "thumbnail", ariaHidden: "true" }, ...cells);
}
