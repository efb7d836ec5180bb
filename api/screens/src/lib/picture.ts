/** Pictures made small enough for a bad line. What the camera wrote into them (place, model) is left behind. */

export const LONGEST_PX = 1_600;
export const MOST_BYTES = 500_000;
/** Quality of JPEG, then what the longest side is taken times. */
const ATTEMPTS: readonly [quality: number, scale: number][] = [
  [0.82, 1],
  [0.7, 1],
  [0.6, 0.8],
  [0.5, 0.6],
  [0.4, 0.45],
];

/** Width and height that fit `longest`, in the same proportion; nothing grows. */
export function fitted(width: number, height: number, longest: number): { width: number; height: number } {
  const factor = Math.min(1, longest / Math.max(width, height, 1));
  return { width: Math.max(1, Math.round(width * factor)), height: Math.max(1, Math.round(height * factor)) };
}

/** The picture as JPEG of at most `LONGEST_PX` and `MOST_BYTES`; null for a file that is no picture. */
export async function shrink(file: Blob): Promise<Blob | null> {
  const drawn = await read(file);
  if (drawn === null) return null;
  let smallest: Blob | null = null;
  for (const [quality, scale] of ATTEMPTS) {
    smallest = await encode(drawn, fitted(drawn.width, drawn.height, LONGEST_PX * scale), quality);
    if (smallest !== null && smallest.size <= MOST_BYTES) break;
  }
  drawn.close();
  return smallest !== null && smallest.size <= MOST_BYTES ? smallest : null;
}

async function read(file: Blob): Promise<ImageBitmap | null> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
}

function encode(drawn: ImageBitmap, size: { width: number; height: number }, quality: number): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  const paper = canvas.getContext("2d");
  if (paper === null) return Promise.resolve(null);
  paper.fillStyle = "#fff";
  paper.fillRect(0, 0, size.width, size.height);
  paper.drawImage(drawn, 0, 0, size.width, size.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}
