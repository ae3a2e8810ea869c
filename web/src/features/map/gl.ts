export type Uniforms = Record<string, number | readonly [number, number]>;

/** A program of the graphics card, and its uniforms by name. */
export class Program {
  readonly #program: WebGLProgram;
  readonly #places = new Map<string, WebGLUniformLocation | null>();

  constructor(
    readonly gl: WebGL2RenderingContext,
    vertex: string,
    fragment: string,
  ) {
    const p = (this.#program = gl.createProgram()!);
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
    if (!gl.getProgramParameter(p, gl.LINK_STATUS) && !gl.isContextLost())
      throw new Error(`the map's shaders: ${gl.getProgramInfoLog(p)}`);
  }

  use(uniforms: Uniforms) {
    this.gl.useProgram(this.#program);
    for (const [name, value] of Object.entries(uniforms)) {
      if (!this.#places.has(name)) this.#places.set(name, this.gl.getUniformLocation(this.#program, name));
      const place = this.#places.get(name)!;
      if (typeof value === 'number') this.gl.uniform1f(place, value);
      else this.gl.uniform2f(place, value[0], value[1]);
    }
  }

  /** Feeds an attribute from the buffer that is bound. */
  feed(
    name: string,
    parts: number,
    { type = this.gl.FLOAT as number, stride = 0, offset = 0, shares = false, each = 0 } = {},
  ) {
    const place = this.gl.getAttribLocation(this.#program, name);
    if (place < 0) return;
    this.gl.enableVertexAttribArray(place);
    this.gl.vertexAttribPointer(place, parts, type, shares, stride, offset);
    if (each) this.gl.vertexAttribDivisor(place, each);
  }
}
