import type { Places } from './places';
import type { Size, View } from './projection';

// Two programs, a call each: all points, then the small pictures that are near enough to see.

const pointVertex = `#version 300 es
in vec2 from, to;
in vec3 colour;
in float state;
uniform vec2 middle, scale;
uniform float moved, dot_;
out vec4 tint;
void main() {
  gl_Position = vec4((mix(from, to, moved) - middle) * scale, 0, 1);
  gl_PointSize = state > 1.5 ? dot_ * 1.5 + 2.0 : dot_;
  tint = vec4(colour, state > 0.5 && state < 1.5 ? 0.13 : 0.88);
}`;

const pointFragment = `#version 300 es
precision mediump float;
in vec4 tint;
out vec4 colour;
void main() {
  float d = length(gl_PointCoord - 0.5) * 2.0;
  float a = tint.a * (1.0 - smoothstep(0.72, 1.0, d));
  colour = vec4(tint.rgb * a, a);
}`;

const tileVertex = `#version 300 es
in vec2 corner;
in vec2 from, to, size, tile;
in vec3 colour;
in float state;
uniform vec2 middle, scale, pixel;
uniform float moved, side, edge;
out vec2 at, inner;
out vec2 texel;
out vec4 tint;
void main() {
  vec2 p = (mix(from, to, moved) - middle) * scale;
  vec2 whole = size + edge * 2.0;
  gl_Position = vec4(p + (corner - 0.5) * whole * pixel * vec2(1, -1), 0, 1);
  at = corner * whole - edge;
  inner = size;
  texel = tile;
  tint = vec4(colour, state > 0.5 && state < 1.5 ? 0.25 : 1.0);
}`;

const tileFragment = `#version 300 es
precision mediump float;
in vec2 at, inner, texel;
in vec4 tint;
uniform sampler2D atlas;
uniform vec2 cell;
out vec4 colour;
void main() {
  bool outside = at.x < 0.0 || at.y < 0.0 || at.x > inner.x || at.y > inner.y;
  vec2 fill = inner / max(inner.x, inner.y);
  vec2 uv = texel + clamp(at / inner, 0.02, 0.98) * fill * cell;
  vec3 rgb = outside ? tint.rgb : texture(atlas, uv).rgb;
  colour = vec4(rgb * tint.a, tint.a);
}`;

export type Tile = { picture: number; slot: number; width: number; height: number }; // pixels on the screen
export type Colour = [number, number, number];

export const atlasSide = 2048;
export const slotSide = 64;
export const slots = (atlasSide / slotSide) ** 2;

/** Draws a map on a canvas. Only what changed is copied to the graphics card. */
export class Scene {
  readonly #gl: WebGL2RenderingContext;
  #points!: WebGLProgram;
  #tiles!: WebGLProgram;
  #pointArray!: WebGLVertexArrayObject;
  #tileArray!: WebGLVertexArrayObject;
  #buffers!: { from: WebGLBuffer; to: WebGLBuffer; colour: WebGLBuffer; state: WebGLBuffer; tile: WebGLBuffer };
  #atlas!: WebGLTexture;
  #places = new Map<WebGLProgram, Map<string, WebGLUniformLocation | null>>();
  #n = 0;
  #from: Places = new Float32Array();
  #to: Places = new Float32Array();
  #colour: Uint8Array = new Uint8Array();
  #state: Uint8Array = new Uint8Array();
  #tileCount = 0;
  #dense = 1;
  #stale = false; // the atlas's smaller levels

  /** null where the browser has no WebGL 2. */
  static on(canvas: HTMLCanvasElement): Scene | null {
    const gl = canvas.getContext('webgl2', { antialias: false, alpha: true, powerPreference: 'high-performance' });
    return gl ? new Scene(gl) : null;
  }

  private constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.restore();
  }

  /** Makes everything anew, at first and after the card was lost. */
  restore() {
    const gl = this.#gl;
    this.#places.clear();
    this.#points = program(gl, pointVertex, pointFragment);
    this.#tiles = program(gl, tileVertex, tileFragment);
    const buffer = () => gl.createBuffer()!;
    this.#buffers = { from: buffer(), to: buffer(), colour: buffer(), state: buffer(), tile: buffer() };
    this.#pointArray = gl.createVertexArray()!;
    gl.bindVertexArray(this.#pointArray);
    attribute(gl, this.#points, 'from', this.#buffers.from, 2, gl.FLOAT);
    attribute(gl, this.#points, 'to', this.#buffers.to, 2, gl.FLOAT);
    attribute(gl, this.#points, 'colour', this.#buffers.colour, 3, gl.UNSIGNED_BYTE, 0, 0, 0, true);
    attribute(gl, this.#points, 'state', this.#buffers.state, 1, gl.UNSIGNED_BYTE);

    this.#tileArray = gl.createVertexArray()!;
    gl.bindVertexArray(this.#tileArray);
    const corners = buffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, corners);
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, 0, 1, 0, 0, 1, 1, 1]), gl.STATIC_DRAW);
    attribute(gl, this.#tiles, 'corner', corners, 2, gl.FLOAT);
    const stride = 12 * 4;
    attribute(gl, this.#tiles, 'from', this.#buffers.tile, 2, gl.FLOAT, stride, 0, 1);
    attribute(gl, this.#tiles, 'to', this.#buffers.tile, 2, gl.FLOAT, stride, 8, 1);
    attribute(gl, this.#tiles, 'size', this.#buffers.tile, 2, gl.FLOAT, stride, 16, 1);
    attribute(gl, this.#tiles, 'tile', this.#buffers.tile, 2, gl.FLOAT, stride, 24, 1);
    attribute(gl, this.#tiles, 'colour', this.#buffers.tile, 3, gl.FLOAT, stride, 32, 1);
    attribute(gl, this.#tiles, 'state', this.#buffers.tile, 1, gl.FLOAT, stride, 44, 1);
    gl.bindVertexArray(null);

    this.#atlas = gl.createTexture()!;
    gl.bindTexture(gl.TEXTURE_2D, this.#atlas);
    gl.texStorage2D(gl.TEXTURE_2D, 3, gl.RGBA8, atlasSide, atlasSide);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR_MIPMAP_LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAX_LEVEL, 2);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    if (this.#n) this.#sendAll();
    this.#tileCount = 0;
  }

  setPlaces(from: Places, to: Places) {
    this.#from = from;
    this.#to = to;
    this.#n = to.length / 2;
    this.#send(this.#buffers.from, from);
    this.#send(this.#buffers.to, to);
    if (this.#state.length !== this.#n) this.setStates(new Uint8Array(this.#n));
    if (this.#colour.length !== 3 * this.#n) this.setColours(new Uint8Array(3 * this.#n));
  }

  /** Each picture's red, green and blue. */
  setColours(colours: Uint8Array) {
    this.#colour = colours;
    this.#send(this.#buffers.colour, colours);
  }

  /** Each picture's state: 0 as it is, 1 faint, 2 selected. */
  setStates(states: Uint8Array) {
    this.#state = states;
    this.#send(this.#buffers.state, states);
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
          this.#state[i] ?? 0,
        ],
        k * 12,
      );
    });
    this.#tileCount = tiles.length;
    this.#send(this.#buffers.tile, data);
  }

  /** Puts a picture into the atlas; its longer side fills the slot, from the upper left. */
  putPicture(slot: number, picture: TexImageSource) {
    const gl = this.#gl;
    const across = atlasSide / slotSide;
    gl.bindTexture(gl.TEXTURE_2D, this.#atlas);
    gl.texSubImage2D(
      gl.TEXTURE_2D,
      0,
      (slot % across) * slotSide,
      Math.floor(slot / across) * slotSide,
      gl.RGBA,
      gl.UNSIGNED_BYTE,
      picture,
    );
    this.#stale = true;
  }

  draw(view: View, size: Size, moved: number, dot: number) {
    const gl = this.#gl;
    const dense = (this.#dense = Math.min(devicePixelRatio || 1, 2));
    const [w, h] = [Math.round(size.width * dense), Math.round(size.height * dense)];
    if (gl.canvas.width !== w || gl.canvas.height !== h) {
      gl.canvas.width = w;
      gl.canvas.height = h;
    }
    gl.viewport(0, 0, w, h);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    if (!this.#n) return;
    const shared = (p: WebGLProgram) => {
      gl.useProgram(p);
      gl.uniform2f(this.#uniform(p, 'middle'), view.x, view.y);
      gl.uniform2f(this.#uniform(p, 'scale'), (2 * view.scale) / size.width, (-2 * view.scale) / size.height);
      gl.uniform1f(this.#uniform(p, 'moved'), moved);
    };
    shared(this.#points);
    gl.uniform1f(this.#uniform(this.#points, 'dot_'), dot * dense);
    gl.bindVertexArray(this.#pointArray);
    gl.drawArrays(gl.POINTS, 0, this.#n);
    if (this.#tileCount) {
      shared(this.#tiles);
      gl.uniform2f(this.#uniform(this.#tiles, 'pixel'), 2 / w, 2 / h);
      gl.uniform1f(this.#uniform(this.#tiles, 'edge'), 1.5 * dense);
      gl.uniform2f(this.#uniform(this.#tiles, 'cell'), slotSide / atlasSide, slotSide / atlasSide);
      gl.bindTexture(gl.TEXTURE_2D, this.#atlas);
      if (this.#stale) gl.generateMipmap(gl.TEXTURE_2D);
      this.#stale = false;
      gl.bindVertexArray(this.#tileArray);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.#tileCount);
    }
    gl.bindVertexArray(null);
  }

  close() {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }

  #sendAll() {
    this.#send(this.#buffers.from, this.#from);
    this.#send(this.#buffers.to, this.#to);
    this.#send(this.#buffers.colour, this.#colour);
    this.#send(this.#buffers.state, this.#state);
  }

  #send(buffer: WebGLBuffer, data: Float32Array | Uint8Array) {
    this.#gl.bindBuffer(this.#gl.ARRAY_BUFFER, buffer);
    this.#gl.bufferData(this.#gl.ARRAY_BUFFER, data, this.#gl.DYNAMIC_DRAW);
  }

  #uniform(p: WebGLProgram, name: string): WebGLUniformLocation | null {
    let known = this.#places.get(p);
    if (!known) this.#places.set(p, (known = new Map()));
    if (!known.has(name)) known.set(name, this.#gl.getUniformLocation(p, name));
    return known.get(name) ?? null;
  }
}

function program(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const p = gl.createProgram()!;
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(p, shader);
  }
  gl.linkProgram(p);
  if (!gl.getProgramParameter(p, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(`the map's shaders: ${gl.getProgramInfoLog(p)}`);
  }
  return p;
}

function attribute(
  gl: WebGL2RenderingContext,
  p: WebGLProgram,
  name: string,
  buffer: WebGLBuffer,
  parts: number,
  type: number,
  stride = 0,
  offset = 0,
  each = 0, // instances
  share = false, // of the largest value: 0 to 1
) {
  const place = gl.getAttribLocation(p, name);
  if (place < 0) return;
  gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
  gl.enableVertexAttribArray(place);
  gl.vertexAttribPointer(place, parts, type, share, stride, offset);
  if (each) gl.vertexAttribDivisor(place, each);
}
