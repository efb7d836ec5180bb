/** What this browser keeps for this desk: the foot switch, whether sheets print themselves. */
import { isPedal, learn, parse, type Stroke } from "./pedal";

const PEDAL = "firegrid.pedal";
const PRINT = "firegrid.print";

class Settings {
  pedal = $state.raw<Stroke | null>(parse(localStorage.getItem(PEDAL)));
  /** A sheet is printed for every order to respond as it comes. */
  prints = $state(localStorage.getItem(PRINT) === "on");

  /** The key pressed is the foot switch from now on; false for one that cannot be. */
  learn(event: KeyboardEvent): boolean {
    const stroke = learn(event);
    if (stroke !== null) this.keep(stroke);
    return stroke !== null;
  }

  forgetPedal(): void {
    this.keep(null);
  }

  print(on: boolean): void {
    this.prints = on;
    localStorage.setItem(PRINT, on ? "on" : "off");
  }

  isPedal(event: KeyboardEvent): boolean {
    return isPedal(event, this.pedal);
  }

  private keep(stroke: Stroke | null): void {
    this.pedal = stroke;
    if (stroke === null) localStorage.removeItem(PEDAL);
    else localStorage.setItem(PEDAL, JSON.stringify(stroke));
  }
}

export const settings = new Settings();
