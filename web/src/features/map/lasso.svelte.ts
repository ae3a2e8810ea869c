/** A line around pictures, to select them. */
export class Lasso {
  ready = $state(false); // the next drag draws
  line = $state.raw<[number, number][]>([]); // on the screen

  get active(): boolean {
    return this.ready || this.line.length > 0;
  }

  drop() {
    this.line = [];
    this.ready = false;
  }
}
