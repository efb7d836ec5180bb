/** HTTP of CONTRACT section 4, from the page's own server only. */
import type { Me } from "./contract";
import type { Said } from "./refusal";

/** What an RFC 9457 problem document said. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** Members beyond those of RFC 9457, such as `errors`. */
    readonly more: Record<string, unknown> = {},
  ) {
    super(detail || title);
  }

  /** Why, for people: by its code where it has one. */
  get said(): Said {
    return { error: this.message || String(this.status), code: this.more["code"], values: this.more["values"] };
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

  post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
    return this.ask<T>("POST", path, body, signal);
  }

  /** The picture with this id, of an incident. */
  photo(id: string): Promise<Blob> {
    return this.file(`/api/photos/${encodeURIComponent(id)}`).then(({ blob }) => blob);
  }

  /** Posts a picture or an archive as it is. */
  send<T>(path: string, body: Blob, signal?: AbortSignal): Promise<T> {
    const headers = { ...this.headers(), "content-type": body.type };
    return this.answered<T>(fetch(path, { method: "POST", headers, body, signal: signal ?? null }));
  }

  /** A file, with the name that the server gives it. */
  async file(path: string): Promise<{ name: string; blob: Blob }> {
    const answer = await fetch(path, { headers: this.headers() });
    if (!answer.ok) throw problem(answer.status, await answer.text());
    const name = /filename="?([^";]+)/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "download";
    return { name, blob: await answer.blob() };
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.ask<T>("PUT", path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.ask<T>("DELETE", path);
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

  private ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const headers = this.headers();
    if (body !== undefined) headers["content-type"] = "application/json";
    const said = body === undefined ? null : JSON.stringify(body);
    return this.answered<T>(fetch(path, { method, headers, body: said, signal: signal ?? null }));
  }

  private headers(): Record<string, string> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (this.token !== null) headers["authorization"] = `Bearer ${this.token}`;
    return headers;
  }

  private async answered<T>(asked: Promise<Response>): Promise<T> {
    const answer = await asked;
    const text = await answer.text();
    if (!answer.ok) throw problem(answer.status, text);
    return (text ? JSON.parse(text) : null) as T;
  }
}

function problem(status: number, text: string): Problem {
  try {
    const { title, detail, type: _type, status: _status, ...more } = JSON.parse(text) as Record<string, unknown>;
    return new Problem(status, typeof title === "string" ? title : "", typeof detail === "string" ? detail : "", more);
  } catch {
    return new Problem(status, "", "");
  }
}
