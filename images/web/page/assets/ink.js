// Ink on a bitmap of 32 by 32 points. A pixel of the observation counts the inked points of its 4 by 4
// block, 0 to 16. The model's training images were created in the same way.

export const SIZE = 8; // pixels in a row
export const FULL = 16; // points in a pixel
const BLOCK = 4;
const POINTS = SIZE * BLOCK;
const BRUSH = 2.8; // radius in points, for strokes as wide as in the training images
const MOST_ENLARGED = 2; // so that a dot stays a dot

export class Ink {
  #points = new Uint8Array(POINTS * POINTS);

  // The 64 pixels, row by row.
  get pixels() {
    const pixels = new Array(SIZE * SIZE).fill(0);
    this.#points.forEach((inked, at) => {
      const row = Math.floor(at / POINTS / BLOCK);
      const column = Math.floor((at % POINTS) / BLOCK);
      pixels[row * SIZE + column] += inked;
    });
    return pixels;
  }

  set(pixel, value) {
    const top = Math.floor(pixel / SIZE) * BLOCK;
    const left = (pixel % SIZE) * BLOCK;
    for (let point = 0; point < FULL; point += 1) {
      const row = top + Math.floor(point / BLOCK);
      this.#points[row * POINTS + left + (point % BLOCK)] = point < value ? 1 : 0;
    }
  }

  // A stroke between two places. Coordinates are 0 to 1 of the width and height.
  stroke(from, to) {
    const steps = Math.max(1, Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) * POINTS));
    for (let step = 0; step <= steps; step += 1) {
      const part = step / steps;
      this.#stamp((from.x + (to.x - from.x) * part) * POINTS, (from.y + (to.y - from.y) * part) * POINTS);
    }
  }

  #stamp(x, y) {
    this.#points.forEach((_, at) => {
      if (Math.hypot((at % POINTS) + 0.5 - x, Math.floor(at / POINTS) + 0.5 - y) <= BRUSH) this.#points[at] = 1;
    });
  }

  // Centres the drawing and scales it to the full size, as in the training images.
  fit() {
    const { top, bottom, left, right } = this.#box();
    const [height, width] = [bottom - top + 1, right - left + 1];
    if (height <= 0) return;
    const scale = Math.min(POINTS / Math.max(height, width), MOST_ENLARGED);
    const middle = (POINTS - 1) / 2;
    const before = this.#points;
    this.#points = before.map((_, at) => {
      const row = Math.round((Math.floor(at / POINTS) - middle) / scale + (top + bottom) / 2);
      const column = Math.round(((at % POINTS) - middle) / scale + (left + right) / 2);
      const inside = row >= top && row <= bottom && column >= left && column <= right;
      return inside ? before[row * POINTS + column] : 0;
    });
  }

  #box() {
    const box = { top: POINTS, bottom: -1, left: POINTS, right: -1 };
    this.#points.forEach((inked, at) => {
      if (!inked) return;
      const [row, column] = [Math.floor(at / POINTS), at % POINTS];
      box.top = Math.min(box.top, row);
      box.bottom = Math.max(box.bottom, row);
      box.left = Math.min(box.left, column);
      box.right = Math.max(box.right, column);
    });
    return box;
  }
}
