/** What the server says about an uploaded pack, made ready to be read. Pure. */

export interface Fault {
  file: string;
  line: number;
  reason: string;
}

export interface Change {
  added: number;
  changed: number;
  removed: number;
  codes: Partial<Record<"added" | "changed" | "removed", string[]>>;
}

export interface Report {
  faults: Fault[];
  total: number;
  notes: Fault[];
  changes: Record<string, Change>;
  roads?: { had: boolean; given: boolean };
  version: number | null;
  applied?: boolean;
}

/** How many faults each file has, the worst first: who made two hundred has one reason for most of them. */
export function byFile(faults: readonly Fault[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { file } of faults) counts.set(file, (counts.get(file) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}

/** Faults as a sheet to be sent to whoever made the pack. */
export function sheet(faults: readonly Fault[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return ["file,line,reason", ...faults.map(({ file, line, reason }) => `${quoted(file)},${line || ""},${quoted(reason)}`)].join("\r\n");
}

export function isEmpty(changes: Record<string, Change>): boolean {
  return Object.keys(changes).length === 0;
}

/** Whether so much goes that somebody should look twice. */
export function removesMuch(changes: Record<string, Change>): boolean {
  return Object.values(changes).some(({ removed, added, changed }) => removed >= 10 && removed > added + changed);
}
