/** A line round pictures, to choose them. */
export class Lasso {
  ready = $state(false); // the next drag draws it
  line = $state.raw<[number, number][]>([]); // on the screen

  get active(): boolean {
    return this.ready || this.line.length > 0;
  }

  drop() {
    this.line = [];
    this.ready = false;
  }
}
