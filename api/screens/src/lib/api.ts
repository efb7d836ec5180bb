/** HTTP of CONTRACT section 4, from the page's own server only. */
import type { Me } from "./contract";

/** What an RFC 9457 problem document said. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail || title);
  }
}

export interface Login {
  token: string;
  role: string;
  recipient: string | null;
  expires_at: string;
}

export class Api {
  constructor(private readonly token: string | null) {}

  get<T>(path: string): Promise<T> {
    return this.ask<T>("GET", path);
  }

  post<T>(path: string, body: unknown): Promise<T> {
    return this.ask<T>("POST", path, body);
  }

  /** The picture with this id, of an incident. */
  async photo(id: string): Promise<Blob> {
    const answer = await fetch(`/api/photos/${encodeURIComponent(id)}`, { headers: this.bearer() });
    if (!answer.ok) throw problem(answer.status, await answer.text());
    return answer.blob();
  }

  /** Sends a picture as it is. */
  async send<T>(path: string, picture: Blob): Promise<T> {
    const headers = { ...this.bearer(), "content-type": picture.type };
    const answer = await fetch(path, { method: "POST", headers, body: picture });
    const text = await answer.text();
    if (!answer.ok) throw problem(answer.status, text);
    return JSON.parse(text) as T;
  }

  me(): Promise<Me> {
    return this.get<Me>("/api/me");
  }

  login(user: string, password: string): Promise<Login> {
    return this.post<Login>("/api/login", { user, password });
  }

  /** Every item of a list, following its pages to the end or to `most` items. */
  async all<T>(path: string, most = 5_000): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const url: string = cursor === null ? path : `${path}${path.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(cursor)}`;
      const page: { items: T[]; next: string | null } = await this.get(url);
      items.push(...page.items);
      cursor = page.next;
    } while (cursor !== null && items.length < most);
    return items;
  }

  private bearer(): Record<string, string> {
    return this.token === null ? {} : { authorization: `Bearer ${this.token}` };
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = { accept: "application/json", ...this.bearer() };
    if (body !== undefined) headers["content-type"] = "application/json";
    const answer = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw problem(answer.status, text);
    return (text ? JSON.parse(text) : null) as T;
  }
}

function problem(status: number, text: string): Problem {
  try {
    const { title, detail } = JSON.parse(text) as { title?: unknown; detail?: unknown };
    return new Problem(status, typeof title === "string" ? title : "", typeof detail === "string" ? detail : "");
  } catch {
    return new Problem(status, "", "");
  }
}
