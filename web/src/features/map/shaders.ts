// What the map is drawn with. Places are in the map's unit; `middle` and `scale` bring them to the screen.

export const pointVertex = `#version 300 es
in vec2 from, to;
in vec3 colour;
uniform vec2 middle, scale;
uniform float moved, dot_;
out vec3 tint;
void main() {
  gl_Position = vec4((mix(from, to, moved) - middle) * scale, 0, 1);
  gl_PointSize = dot_;
  tint = colour;
}`;

// Opacities add up where points lie on one another, so that dense parts are darker on paper and lighter on black.
export const pointFragment = `#version 300 es
precision highp float;
in vec3 tint;
uniform float opacity, dot_;
out vec4 colour;
void main() {
  float away = length(gl_PointCoord - 0.5) * dot_;
  float a = opacity * clamp(dot_ * 0.5 - away + 0.25, 0.0, 1.0);
  colour = vec4(tint * a, a);
}`;

export const contourVertex = `#version 300 es
in vec2 corner;
uniform vec2 middle, scale;
uniform float reach;
out vec2 at;
void main() {
  gl_Position = vec4(((corner * 2.0 - 1.0) * reach - middle) * scale, 0, 1);
  at = corner;
}`;

// The height is in levels: a line lies at each whole number, and each level above is tinted once more.
export const contourFragment = `#version 300 es
precision highp float;
in vec2 at;
uniform sampler2D field;
uniform float strength, shade;
out vec4 colour;
void main() {
  vec4 here = texture(field, at);
  float height = here.a;
  float edge = max(fwidth(height), 1e-4);
  if (height < -edge) discard;
  float level = floor(height + 0.5);
  float line = level < 0.0 ? 0.0 : 1.0 - smoothstep(0.5, 1.3, abs(height - level) / edge);
  float above = floor(height) + smoothstep(0.0, 1.0, fract(height) / edge);
  float fill = 1.0 - pow(0.93, max(0.0, above));
  vec3 ink = mix(here.rgb, vec3(shade), 0.2);
  float a = strength * max(fill, line * 0.42);
  colour = vec4(mix(here.rgb, ink, line) * a, a);
}`;

export const tileVertex = `#version 300 es
in vec2 corner;
in vec2 from, to, size, tile;
in vec3 colour;
in float faint;
uniform vec2 middle, scale, pixel;
uniform float moved, edge;
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
  tint = vec4(colour, faint > 0.5 ? 0.25 : 1.0);
}`;

export const tileFragment = `#version 300 es
precision highp float;
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
