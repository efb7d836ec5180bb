/** A file from the server that needs the page's token: fetched, then handed to the browser to keep. */
import { Problem } from "./api";

/** Raises Problem. */
export async function save(token: string, path: string, name: string): Promise<void> {
  const answer = await fetch(path, { headers: { authorization: `Bearer ${token}`, accept: "text/csv" } });
  if (!answer.ok) throw new Problem(answer.status, answer.statusText, "");
  give(await answer.text(), name);
}

/** Hands the sheet to the browser to keep. */
export function give(sheet: string, name: string): void {
  // spreadsheets of the region take a sheet for GBK unless it says that it is UTF-8
  const blob = new Blob(["\ufeff", sheet], { type: "text/csv;charset=utf-8" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
