import type { Field } from './contours';
import { Frame, Shot } from './frames';
import { Program, type Uniforms } from './gl';
import type { Grid } from './grid';
import type { Places } from './places';
import { toMap, toScreen, type Size, type View } from './projection';
import * as shaders from './shaders';
import type { Style } from './style';

export type Tile = { picture: number; slot: number; width: number; height: number }; // pixels on the screen
export type Colour = [number, number, number];

export const atlasSide = 2048;
export const slotSide = 64;
export const slots = (atlasSide / slotSide) ** 2;

type GL = WebGL2RenderingContext;

const slowly = 45; // milliseconds between frames: then less is drawn in each
const swiftly = 28;
const least = 4000; // points in a frame, however slow
const mostFew = 8000; // points that stand for all
const longestStride = 31; // points: a card takes strides of up to 255 bytes
const around = 1.4; // a picture that is moved, by the window

/** A picture in the making: what is drawn next. */
type Task = { shot: Shot; spans: number[]; next: number; lit: number };

/**
 * Draws a map on a canvas. Only what changed is copied to the graphics card. Where all points are too much for a frame,
 * as without a graphics card, they are drawn over several into a picture larger than the window; while that is in the
 * making, the canvas is moved and scaled as it is, by the browser, which costs next to nothing.
 */
export class Scene {
  readonly #gl: WebGL2RenderingContext;
  readonly #style: (view: View) => Style;
  #points!: Program;
  #contours!: Program;
  #tiles!: Program;
  #pointArray!: WebGLVertexArrayObject;
  #fewArray!: WebGLVertexArrayObject;
  #contourArray!: WebGLVertexArrayObject;
  #tileArray!: WebGLVertexArrayObject;
  #buffers!: { from: WebGLBuffer; to: WebGLBuffer; colour: WebGLBuffer; lit: WebGLBuffer; tile: WebGLBuffer };
  #atlas!: WebGLTexture;
  #heights!: WebGLTexture;
  #n = 0;
  #grid: Grid | null = null;
  #from: Places = new Float32Array();
  #to: Places = new Float32Array();
  #colour: Uint8Array = new Uint8Array();
  #field: Field | null = null;
  #lit: number[] | null = null; // those that stand out among the others, which are faint
  #faint: Uint8Array = new Uint8Array();
  #tileCount = 0;
  #dense = 1;
  #epoch = 0; // of what frames show
  #shown: Shot | null = null; // what the canvas has
  #frame!: Frame;
  #task: Task | null = null;
  #most: number; // points drawn in a frame
  readonly #finest: number; // pixels of the card, at most, for one of the page
  #drawn = 0; // points in the last frame
  #every = 1; // the few that are drawn while pictures go to new places

  /** null where the browser has no WebGL 2. The style is that of a view. */
  static on(canvas: HTMLCanvasElement, style: (view: View) => Style): Scene | null {
    const options = { antialias: false, alpha: true, powerPreference: 'high-performance' } as const;
    const fast = canvas.getContext('webgl2', { ...options, failIfMajorPerformanceCaveat: true }) as GL | null;
    const gl = fast ?? (canvas.getContext('webgl2', options) as GL | null);
    return gl ? new Scene(gl, style, !fast || isSoftware(gl)) : null;
  }

  private constructor(gl: WebGL2RenderingContext, style: (view: View) => Style, slow: boolean) {
    this.#gl = gl;
    this.#style = style;
    this.#finest = slow ? 1 : 2;
    this.#most = slow ? 15_000 : 1e6;
    this.restore();
  }

  /** Makes everything anew, at first and after the card was lost. */
  restore() {
    const gl = this.#gl;
    this.#points = new Program(gl, shaders.pointVertex, shaders.pointFragment);
    this.#contours = new Program(gl, shaders.contourVertex, shaders.contourFragment);
    this.#tiles = new Program(gl, shaders.tileVertex, shaders.tileFragment);
    const buffer = () => gl.createBuffer()!;
    this.#buffers = { from: buffer(), to: buffer(), colour: buffer(), lit: buffer(), tile: buffer() };
    this.#pointArray = gl.createVertexArray()!;
    this.#fewArray = gl.createVertexArray()!;
    this.#feedPoints(this.#pointArray, 1);
    this.#every = 1;

    const corners = buffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    const square = (program: Program) => {
      const array = gl.createVertexArray()!;
      gl.bindVertexArray(array);
      gl.bindBuffer(gl.ARRAY_BUFFER, corners);
      program.feed('corner', 2);
      return array;
    };
    this.#contourArray = square(this.#contours);
    this.#tileArray = square(this.#tiles);
    const stride = 12 * 4;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.tile);
    for (const [name, parts, offset] of [
      ['from', 2, 0],
      ['to', 2, 8],
      ['size', 2, 16],
      ['tile', 2, 24],
      ['colour', 3, 32],
      ['faint', 1, 44],
    ] as const)
      this.#tiles.feed(name, parts, { stride, offset, each: 1 });
    gl.bindVertexArray(null);

    this.#atlas = gl.createTexture()!;
    gl.bindTexture(gl.TEXTURE_2D, this.#atlas);
    gl.texStorage2D(gl.TEXTURE_2D, 3, gl.RGBA8, atlasSide, atlasSide);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAX_LEVEL, 2);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    this.#heights = gl.createTexture()!;
    gl.bindTexture(gl.TEXTURE_2D, this.#heights);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.clearColor(0, 0, 0, 0);
    this.#frame = new Frame(gl);
    this.#shown = this.#task = null;
    this.#tileCount = 0;
    if (!this.#n) return;
    this.setPlaces(this.#from, this.#to, this.#grid!);
    this.setColours(this.#colour);
    this.setContours(this.#field);
    this.setLit(this.#lit);
  }

  setPlaces(from: Places, to: Places, grid: Grid) {
    this.#from = from;
    this.#to = to;
    this.#n = to.length / 2;
    this.#grid = grid;
    const { order } = grid;
    const sorted = (places: Places) => {
      const all = new Float32Array(places.length);
      order.forEach((i, k) => {
        all[2 * k] = places[2 * i]!;
        all[2 * k + 1] = places[2 * i + 1]!;
      });
      return all;
    };
    this.#send(this.#buffers.from, sorted(from));
    this.#send(this.#buffers.to, sorted(to));
    if (this.#colour.length !== 3 * this.#n) this.setColours(new Uint8Array(3 * this.#n));
    this.setLit(null);
  }

  /** Each picture's red, green and blue. */
  setColours(colours: Uint8Array) {
    this.#colour = colours;
    this.#epoch++;
    if (colours.length !== 3 * this.#n || !this.#grid) return;
    const sorted = new Uint8Array(4 * this.#n); // cards want four bytes
    this.#grid.order.forEach((i, k) => {
      for (let p = 0; p < 3; p++) sorted[4 * k + p] = colours[3 * i + p]!;
    });
    this.#send(this.#buffers.colour, sorted);
  }

  setContours(field: Field | null) {
    this.#field = field;
    this.#epoch++;
    if (!field) return;
    const gl = this.#gl;
    gl.bindTexture(gl.TEXTURE_2D, this.#heights);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, field.side, field.side, 0, gl.RGBA, gl.FLOAT, field.cells);
  }

  /** Sets which pictures stand out, none if null. */
  setLit(lit: number[] | null) {
    this.#lit = lit;
    this.#faint = new Uint8Array(this.#n);
    this.#epoch++;
    if (!lit || !this.#grid) return;
    this.#faint.fill(1);
    for (const i of lit) this.#faint[i] = 0;
    const at = new Uint32Array(lit.length);
    let k = 0;
    this.#grid.order.forEach((i, place) => {
      if (!this.#faint[i]) at[k++] = place;
    });
    this.#gl.bindVertexArray(this.#pointArray);
    this.#gl.bindBuffer(this.#gl.ELEMENT_ARRAY_BUFFER, this.#buffers.lit);
    this.#gl.bufferData(this.#gl.ELEMENT_ARRAY_BUFFER, at, this.#gl.DYNAMIC_DRAW);
    this.#gl.bindVertexArray(null);
  }

  setTiles(tiles: Tile[]) {
    const data = new Float32Array(tiles.length * 12);
    const across = atlasSide / slotSide;
    tiles.forEach((t, k) => {
      const i = t.picture;
      data.set(
        [
          this.#from[2 * i]!,
          this.#from[2 * i + 1]!,
          this.#to[2 * i]!,
          this.#to[2 * i + 1]!,
          t.width * this.#dense,
          t.height * this.#dense,
          (t.slot % across) / across,
          Math.floor(t.slot / across) / across,
          (this.#colour[3 * i] ?? 0) / 255,
          (this.#colour[3 * i + 1] ?? 0) / 255,
          (this.#colour[3 * i + 2] ?? 0) / 255,
          this.#faint[i] ?? 0,
        ],
        k * 12,
      );
    });
    this.#tileCount = tiles.length;
    this.#send(this.#buffers.tile, data);
  }

  /** Puts a picture into the atlas, whole, half and a quarter as large; its longer side fills the slot, from the upper left. */
  putPicture(slot: number, sizes: TexImageSource[]) {
    const gl = this.#gl;
    const across = atlasSide / slotSide;
    gl.bindTexture(gl.TEXTURE_2D, this.#atlas);
    sizes.forEach((picture, level) => {
      const side = slotSide >> level;
      const [x, y] = [(slot % across) * side, Math.floor(slot / across) * side];
      gl.texSubImage2D(gl.TEXTURE_2D, level, x, y, gl.RGBA, gl.UNSIGNED_BYTE, picture);
    });
  }

  /** Told the time between two frames: draws less in one where they come slowly, more where there is time left. */
  pace(milliseconds: number) {
    if (milliseconds > slowly && this.#drawn > least)
      this.#most = Math.max(least, Math.min(this.#most, this.#drawn) * 0.75);
    else if (milliseconds < swiftly && this.#drawn > this.#most / 2) this.#most = Math.min(1e6, this.#most * 1.1);
  }

  /** Draws a frame; returns whether another one is needed, for what this one had no time for. */
  draw(view: View, size: Size, moved: number, still: boolean, dark: boolean): boolean {
    this.#dense = Math.min(devicePixelRatio || 1, this.#finest);
    if (!this.#grid || !this.#n) {
      this.#begin(view, size);
      this.#place(view, size);
      return false;
    }
    const spans = this.#spansOf(view, size);
    this.#drawn = sum(spans);
    let more = false;
    if (this.#drawn <= this.#most || moved < 1) {
      this.#task = null;
      this.#begin(view, size);
      if (this.#drawn <= this.#most) this.#paint(view, size, moved, spans, dark);
      else this.#paintFew(view, size, moved);
      this.#paintTiles(view, size, moved);
    } else {
      this.#drawn = 0;
      more = this.#work(view, size, still, dark);
    }
    this.#place(view, size);
    this.#gl.bindVertexArray(null);
    return more;
  }

  /** Empties the canvas, for a picture of this size. */
  #begin(view: View, size: Size, epoch = this.#epoch) {
    const gl = this.#gl;
    const [w, h] = this.#pixels(size);
    if (gl.canvas.width !== w || gl.canvas.height !== h) {
      gl.canvas.width = w;
      gl.canvas.height = h;
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, w, h);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.#shown = new Shot(view, size, this.#dense, epoch);
  }

  #pixels(size: Size): [number, number] {
    return [Math.round(size.width * this.#dense), Math.round(size.height * this.#dense)];
  }

  /** Puts the canvas where what it shows belongs. */
  #place(view: View, size: Size) {
    const { style } = this.#gl.canvas as HTMLCanvasElement;
    const shown = this.#shown!;
    const [x, y] = toScreen(view, size, ...toMap(shown.view, shown.size, 0, 0));
    const near = (v: number) => Math.round(v * 1000) / 1000; // sums are not exact, and a pixel's part blurs
    const ratio = view.scale / shown.view.scale;
    style.width = `${shown.size.width}px`;
    style.height = `${shown.size.height}px`;
    style.transform = `translate(${near(x)}px, ${near(y)}px)${Math.abs(ratio - 1) < 1e-6 ? '' : ` scale(${ratio})`}`;
  }

  #spansOf(view: View, size: Size): number[] {
    const beyond = 8; // pixels: half a point
    return this.#grid!.spans(
      ...toMap(view, size, -beyond, -beyond),
      ...toMap(view, size, size.width + beyond, size.height + beyond),
    );
  }

  #camera(view: View, size: Size, moved = 1): Uniforms {
    const scale = [(2 * view.scale) / size.width, (-2 * view.scale) / size.height] as const;
    return { middle: [view.x, view.y], scale, moved };
  }

  #paint(view: View, size: Size, moved: number, spans: number[], dark: boolean) {
    this.#paintContours(view, size, moved, dark);
    this.#paintPoints(view, size, moved, spans);
    this.#paintLit(view, size, moved, 0, Infinity);
  }

  #paintContours(view: View, size: Size, moved: number, dark: boolean) {
    const strength = this.#style(view).contours * Math.max(0, 3 * moved - 2) * (this.#lit ? 0.45 : 1);
    if (!this.#field || strength <= 0) return;
    const gl = this.#gl;
    this.#contours.use({ ...this.#camera(view, size), reach: this.#field.reach, strength, shade: dark ? 1 : 0 });
    gl.bindTexture(gl.TEXTURE_2D, this.#heights);
    gl.bindVertexArray(this.#contourArray);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #usePoints(view: View, size: Size, moved: number, larger: number, opacity: number) {
    const { dot } = this.#style(view);
    this.#points.use({ ...this.#camera(view, size, moved), dot_: dot * larger * this.#dense, opacity });
  }

  #paintPoints(view: View, size: Size, moved: number, spans: number[]) {
    const gl = this.#gl;
    const { opacity } = this.#style(view);
    this.#usePoints(view, size, moved, 1, this.#lit ? 0.14 * opacity : opacity);
    gl.bindVertexArray(this.#pointArray);
    for (let k = 0; k < spans.length; k += 2) gl.drawArrays(gl.POINTS, spans[k]!, spans[k + 1]! - spans[k]!);
  }

  #paintLit(view: View, size: Size, moved: number, from: number, most: number) {
    const n = Math.min(most, (this.#lit?.length ?? 0) - from);
    if (n <= 0) return;
    const gl = this.#gl;
    const { dot, opacity } = this.#style(view);
    this.#usePoints(view, size, moved, 1.4 + 1.6 / dot, Math.max(opacity, 0.8));
    gl.bindVertexArray(this.#pointArray);
    gl.drawElements(gl.POINTS, n, gl.UNSIGNED_INT, 4 * from);
  }

  /** Some of the points, evenly from everywhere. */
  #paintFew(view: View, size: Size, moved: number) {
    const gl = this.#gl;
    const every = Math.min(longestStride, Math.ceil(this.#n / Math.min(this.#most, mostFew)));
    if (every !== this.#every) this.#feedPoints(this.#fewArray, every);
    this.#every = every;
    this.#usePoints(view, size, moved, 1.3, 0.8);
    gl.bindVertexArray(this.#fewArray);
    gl.drawArrays(gl.POINTS, 0, Math.floor(this.#n / every));
  }

  /** Continues with the picture that the view needs; until it is there, what the canvas has is moved. */
  #work(view: View, size: Size, still: boolean, dark: boolean): boolean {
    const wide = { width: Math.round(around * size.width), height: Math.round(around * size.height) };
    const fits = (s: Shot | null) =>
      s !== null &&
      s.epoch === this.#epoch &&
      s.dense === this.#dense &&
      (still ? s.equals(view, size) : s.covers(view, size));
    const task = this.#task;
    if (task && (task.shot.epoch !== this.#epoch || (still && !fits(task.shot)))) this.#task = null;
    if (!this.#task && !fits(this.#shown)) {
      this.#task = {
        shot: new Shot(view, wide, this.#dense, this.#epoch),
        spans: this.#spansOf(view, wide),
        next: 0,
        lit: 0,
      };
      this.#frame.begin(this.#pixels(wide));
      this.#paintContours(view, wide, 1, dark);
    }
    if (this.#task && this.#step(this.#task)) {
      const { view, size } = this.#task.shot;
      this.#task = null;
      this.#begin(view, size);
      this.#frame.show();
      this.#paintTiles(view, size, 1);
    }
    if (!this.#shown?.covers(view, size)) {
      this.#begin(view, wide, -1);
      this.#paintFew(view, wide, 1);
    }
    return this.#task !== null;
  }

  /** Draws some more of a picture; returns whether it has all. */
  #step(task: Task): boolean {
    const { view, size } = task.shot;
    this.#frame.bind();
    let left = Math.round(this.#most);
    const now: number[] = [];
    while (left > 0 && task.next < task.spans.length) {
      const from = task.spans[task.next]!;
      const to = Math.min(task.spans[task.next + 1]!, from + left);
      now.push(from, to);
      left -= to - from;
      if (to === task.spans[task.next + 1]) task.next += 2;
      else task.spans[task.next] = to;
    }
    this.#drawn = this.#most - left;
    if (now.length) this.#paintPoints(view, size, 1, now);
    if (left > 0) {
      this.#paintLit(view, size, 1, task.lit, left);
      task.lit += left;
    }
    return task.next >= task.spans.length && task.lit >= (this.#lit?.length ?? 0);
  }

  #paintTiles(view: View, size: Size, moved: number) {
    if (!this.#tileCount) return;
    const gl = this.#gl;
    this.#tiles.use({
      ...this.#camera(view, size, moved),
      pixel: [2 / gl.canvas.width, 2 / gl.canvas.height],
      edge: 1.5 * this.#dense,
      cell: [slotSide / atlasSide, slotSide / atlasSide],
    });
    gl.bindTexture(gl.TEXTURE_2D, this.#atlas);
    gl.bindVertexArray(this.#tileArray);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.#tileCount);
  }

  close() {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  /** Feeds every k-th point of the buffers. */
  #feedPoints(array: WebGLVertexArrayObject, every: number) {
    const gl = this.#gl;
    gl.bindVertexArray(array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.from);
    this.#points.feed('from', 2, { stride: 8 * every });
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.to);
    this.#points.feed('to', 2, { stride: 8 * every });
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffers.colour);
    this.#points.feed('colour', 3, { type: gl.UNSIGNED_BYTE, stride: 4 * every, shares: true });
    gl.bindVertexArray(null);
  }

  #send(buffer: WebGLBuffer, data: Float32Array | Uint8Array) {
    this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, buffer);
    this.#gl.bufferData(this.#gl.ARRAY_BUFFER, data, this.#gl.DYNAMIC_DRAW);
  }
}

/** Whether the processor draws, where the browser does not count that as a caveat. */
function isSoftware(gl: GL): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

function sum(spans: number[]): number {
  let n = 0;
  for (let k = 0; k < spans.length; k += 2) n += spans[k + 1]! - spans[k]!;
  return n;
}
