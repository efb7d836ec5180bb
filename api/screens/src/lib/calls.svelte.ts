/** That a new order has come: whatever this page was asking somebody steps back for it. */

class Calls {
  /** How many times it has happened on this page. */
  count = $state(0);

  came(): void {
    this.count++;
  }
}

export const calls = new Calls();
