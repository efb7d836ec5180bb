/** The app's icon, drawn by the build: a flame on a dark square, as SVG and as PNG of any size. */
import { deflateSync } from "node:zlib";

// the flame of lib/drawings.ts, in its 24 x 24
const FLAME = "M12.5 1.5c.6 4.2 6 6.6 6 12.3a6.5 6.5 0 0 1-13 0c0-2.7 1.3-4.5 2.800-6 .2 2 .9 3 1.9 3.3C11.4 8.6 10.8 5 12.5 1.5z";
const GROUND = [0x10, 0x18, 0x20] as const;
const TONE = [0xff, 0xb2, 0x24] as const;
/** How much of the square the drawing takes. */
const FILLED = 0.72;
const CORNER = 0.22;
/** Lines that a pixel is sampled in. */
const FINE = 4;

type Point = readonly [number, number];

export function svg(): string {
  const shift = (24 * (1 / FILLED - 1)) / 2;
  const size = 24 / FILLED;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}">` +
    `<rect width="${size}" height="${size}" rx="${size * CORNER}" fill="#101820"/>` +
    `<path transform="translate(${shift} ${shift})" fill="#ffb224" d="${FLAME}"/></svg>`
  );
}

/** `inset`: the share of each side kept clear around the drawing besides; `whole`: with the corners filled. */
export function png(size: number, inset: number, whole: boolean): Uint8Array {
  const scale = (size * FILLED * (1 - 2 * inset)) / 24;
  const shift = (size - 24 * scale) / 2;
  const fire = cover(size, flame().map(([x, y]): Point => [x * scale + shift, y * scale + shift]));
  const square = cover(size, rounded(size, whole ? 0 : size * CORNER));
  const rows = new Uint8Array(size * (1 + 4 * size));
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * (1 + 4 * size) + 1 + 4 * x;
      const lit = fire[y * size + x] as number;
      for (let i = 0; i < 3; i++) rows[at + i] = Math.round((GROUND[i] as number) * (1 - lit) + (TONE[i] as number) * lit);
      rows[at + 3] = Math.round(255 * (square[y * size + x] as number));
    }
  }
  return encode(size, rows);
}

/** How much of each pixel lies within the outline, line by line: FINE lines a pixel, exact along each. */
function cover(size: number, outline: readonly Point[]): Float32Array {
  const found = new Float32Array(size * size);
  for (let line = 0; line < size * FINE; line++) {
    const y = (line + 0.5) / FINE;
    const crossings: number[] = [];
    for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
      const [xi, yi] = outline[i] as Point;
      const [xj, yj] = outline[j] as Point;
      if (yi > y !== yj > y) crossings.push(((xj - xi) * (y - yi)) / (yj - yi) + xi);
    }
    crossings.sort((a, b) => a - b);
    const row = Math.floor(line / FINE) * size;
    for (let i = 0; i + 1 < crossings.length; i += 2) fill(found, row, size, crossings[i] as number, crossings[i + 1] as number);
  }
  return found;
}

function fill(found: Float32Array, row: number, size: number, from: number, to: number): void {
  for (let x = Math.max(0, Math.floor(from)); x < Math.min(size, Math.ceil(to)); x++) {
    found[row + x] = (found[row + x] as number) + Math.max(0, Math.min(to, x + 1) - Math.max(from, x)) / FINE;
  }
}

function rounded(size: number, r: number): Point[] {
  const corner = (cx: number, cy: number, start: number): Point[] =>
    Array.from({ length: 17 }, (_, i): Point => {
      const angle = start + (Math.PI / 2) * (i / 16);
      return [cx + r * Math.cos(angle), cy + r * Math.sin(angle)];
    });
  return [
    ...corner(size - r, size - r, 0),
    ...corner(r, size - r, Math.PI / 2),
    ...corner(r, r, Math.PI),
    ...corner(size - r, r, 1.5 * Math.PI),
  ];
}

/** The path above as points: its curves are cut fine, its one arc is the lower half of a circle around (12, 13.8). */
function flame(): Point[] {
  const cubic = (from: Point, a: Point, b: Point, to: Point): Point[] =>
    Array.from({ length: 16 }, (_, i) => {
      const t = (i + 1) / 16;
      const u = 1 - t;
      const at = (k: 0 | 1) => u ** 3 * from[k] + 3 * u ** 2 * t * a[k] + 3 * u * t ** 2 * b[k] + t ** 3 * to[k];
      return [at(0), at(1)] as const;
    });
  const arc = Array.from({ length: 33 }, (_, i): Point => {
    const angle = (Math.PI * i) / 32;
    return [12 + 6.5 * Math.cos(angle), 13.8 + 6.5 * Math.sin(angle)];
  });
  return [
    [12.5, 1.5],
    ...cubic([12.5, 1.5], [13.1, 5.7], [18.5, 8.1], [18.5, 13.8]),
    ...arc,
    ...cubic([5.5, 13.8], [5.5, 11.1], [6.8, 9.3], [8.3, 7.8]),
    ...cubic([8.3, 7.8], [8.5, 9.8], [9.2, 10.8], [10.2, 11.1]),
    ...cubic([10.2, 11.1], [11.4, 8.6], [10.8, 5], [12.5, 1.5]),
  ];
}

function encode(size: number, rows: Uint8Array): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, size);
  view.setUint32(4, size);
  header.set([8, 6, 0, 0, 0], 8); // 8 bits a channel, RGBA
  const signature = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", new Uint8Array())]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  return value;
});

function crc(data: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of data) value = (CRC[(value ^ byte) & 0xff] as number) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
