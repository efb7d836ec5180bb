/** A ZIP archive of files as they are, uncompressed (APPNOTE 6.3.9, sections 4.3.7, 4.3.12, 4.3.16). Pure. */

export interface Member {
  name: string;
  data: Uint8Array;
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
/** Names are UTF-8. */
const FLAGS = 0x0800;
/** 1 January 1980: when the files were made is not what they say. */
const DATE = 0x0021;

export function zip(members: readonly Member[]): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const table: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const { name, data } of members) {
    const written = new TextEncoder().encode(name);
    const sum = crc32(data);
    const head = local(written, data.length, sum);
    table.push(central(written, data.length, sum, at));
    parts.push(head, new Uint8Array(data));
    at += head.length + data.length;
  }
  const size = table.reduce((all, one) => all + one.length, 0);
  return new Blob([...parts, ...table, end(members.length, size, at)], { type: "application/zip" });
}

function local(name: Uint8Array, size: number, sum: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(30 + name.length));
  view.setUint32(0, LOCAL, true);
  common(view, 4, size, sum, name.length);
  return filled(view, 30, name);
}

function central(name: Uint8Array, size: number, sum: number, at: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(46 + name.length));
  view.setUint32(0, CENTRAL, true);
  view.setUint16(4, 20, true);
  common(view, 6, size, sum, name.length);
  view.setUint32(42, at, true);
  return filled(view, 46, name);
}

function common(view: DataView, from: number, size: number, sum: number, name: number): void {
  view.setUint16(from, 20, true);
  view.setUint16(from + 2, FLAGS, true);
  view.setUint16(from + 8, DATE, true);
  view.setUint32(from + 10, sum, true);
  view.setUint32(from + 14, size, true);
  view.setUint32(from + 18, size, true);
  view.setUint16(from + 22, name, true);
}

function end(count: number, size: number, at: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(22));
  view.setUint32(0, END, true);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, size, true);
  view.setUint32(16, at, true);
  return new Uint8Array(view.buffer);
}

function filled(view: DataView<ArrayBuffer>, at: number, name: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(view.buffer);
  bytes.set(name, at);
  return bytes;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

export function crc32(data: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of data) c = (c >>> 8) ^ (TABLE[(c ^ byte) & 0xff] as number);
  return (c ^ 0xffffffff) >>> 0;
}
