/** Light or dark: as the page was made, unless somebody chose otherwise on it; each page keeps its own choice. */

export type Theme = "dark" | "light";

class Look {
  theme = $state<Theme>("dark");
  private kept = "";

  /** Takes over what `page` was left with. */
  begin(page: string): void {
    this.kept = `firegrid.theme.${page}`;
    const made = document.documentElement.dataset["theme"] === "light" ? "light" : "dark";
    const chosen = localStorage.getItem(this.kept);
    this.theme = chosen === "light" || chosen === "dark" ? chosen : made;
    this.show();
  }

  other(): void {
    this.theme = this.theme === "dark" ? "light" : "dark";
    if (this.kept) localStorage.setItem(this.kept, this.theme);
    this.show();
  }

  private show(): void {
    document.documentElement.dataset["theme"] = this.theme;
    const ground = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
    if (ground) document.querySelector('meta[name="theme-color"]')?.setAttribute("content", ground);
  }
}

export const look = new Look();
