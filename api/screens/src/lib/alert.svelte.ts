/** Sound of a page: what should be heard, whether the browser lets it, whether a person switched it off. */
import { Siren, type Permission, type Tone } from "./siren";

const KEPT = "firegrid.sound";

export class Alert {
  permission = $state<Permission>("blocked");
  muted = $state(localStorage.getItem(KEPT) === "off");
  private wanted: Tone | null = null;
  private readonly siren = new Siren((permission) => {
    this.permission = permission;
    this.apply();
  });

  /** Sounds at once where the browser allows it; else the first click or key on the page makes it so. */
  start(): () => void {
    void this.siren.enable();
    const ask = () => void (this.permission === "blocked" && this.siren.enable());
    window.addEventListener("pointerdown", ask);
    window.addEventListener("keydown", ask);
    return () => {
      window.removeEventListener("pointerdown", ask);
      window.removeEventListener("keydown", ask);
      this.siren.play(null);
    };
  }

  enable(): void {
    this.mute(false);
    void this.siren.enable();
  }

  mute(muted: boolean): void {
    this.muted = muted;
    localStorage.setItem(KEPT, muted ? "off" : "on");
    this.apply();
  }

  want(tone: Tone | null): void {
    this.wanted = tone;
    this.apply();
  }

  /** Whether anything may be heard. */
  get audible(): boolean {
    return !this.muted && this.permission === "allowed";
  }

  duck(on: boolean): void {
    this.siren.duck(on);
  }

  private apply(): void {
    this.siren.play(this.audible ? this.wanted : null);
  }
}
