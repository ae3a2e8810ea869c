import { toMap, type Size, type View } from './projection';

/** What a picture of the map shows. */
export class Shot {
  constructor(
    readonly view: View,
    readonly size: Size,
    readonly dense: number, // its pixels for one of the page
    readonly epoch: number, // of what was drawn
  ) {}

  /** Whether it has all of a view that something can be in, sharp enough for while it moves. */
  covers(view: View, size: Size): boolean {
    const ratio = view.scale / this.view.scale;
    if (ratio < 0.5 || ratio > 2) return false;
    const inside = (v: number) => Math.max(-1.02, Math.min(1.02, v)); // beyond, nothing lies
    const [l, t] = toMap(view, size, 0, 0).map(inside);
    const [r, b] = toMap(view, size, size.width, size.height).map(inside);
    const [left, top] = toMap(this.view, this.size, 0, 0);
    const [right, bottom] = toMap(this.view, this.size, this.size.width, this.size.height);
    return l! >= left && t! >= top && r! <= right && b! <= bottom;
  }

  /** Whether it shows a view pixel for pixel. */
  equals(view: View, size: Size): boolean {
    if (Math.abs(view.scale / this.view.scale - 1) > 1e-4) return false;
    const whole = (v: number) => Math.abs(v - Math.round(v)) < 0.03;
    return (
      whole((view.x - this.view.x) * view.scale * this.dense) &&
      whole((view.y - this.view.y) * view.scale * this.dense) &&
      this.covers(view, size)
    );
  }
}

/** A picture of the map on the card, in the making. */
export class Frame {
  readonly #target: WebGLFramebuffer;
  readonly #pixels: WebGLRenderbuffer;
  #side: [number, number] = [0, 0];

  constructor(readonly gl: WebGL2RenderingContext) {
    this.#pixels = gl.createRenderbuffer()!;
    this.#target = gl.createFramebuffer()!;
  }

  /** Begins anew with nothing, in this many pixels. */
  begin(side: [number, number]) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#target);
    if (side[0] !== this.#side[0] || side[1] !== this.#side[1]) {
      gl.bindRenderbuffer(gl.RENDERBUFFER, this.#pixels);
      gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA8, ...side);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, this.#pixels);
      this.#side = side;
    }
    gl.viewport(0, 0, ...side);
    gl.clear(gl.COLOR_BUFFER_BIT);
  }

  /** What is drawn next is drawn here. */
  bind() {
    this.gl.bindFramebuffer(this.gl.FRAMEBUFFER, this.#target);
    this.gl.viewport(0, 0, ...this.#side);
  }

  /** Copies it to the canvas, which has as many pixels. */
  show() {
    const { gl } = this;
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#target);
    gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    const [w, h] = this.#side;
    gl.blitFramebuffer(0, 0, w, h, 0, 0, w, h, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, w, h);
  }
}
