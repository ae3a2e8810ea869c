import type { Colour } from './scene';

const none = { light: '#9a948a', dark: '#77726a' };
const light: Colour[] = [
  '#0a8f88',
  '#d95f02',
  '#6a5acd',
  '#d12f7f',
  '#4c9a2a',
  '#1f78b4',
  '#b8860b',
  '#b04a3a',
  '#7b3f9e',
  '#3f7f5f',
  '#c26a9a',
  '#5f7d95',
].map(rgb);
const dark: Colour[] = [
  '#3cc4ba',
  '#ff9a4d',
  '#9f92ff',
  '#ff6fae',
  '#85cf5f',
  '#5fb2ee',
  '#e6b93d',
  '#ef8577',
  '#c48be0',
  '#74bd97',
  '#eda3cb',
  '#9db9cf',
].map(rgb);

/** The map's colours: first that of pictures in no cluster. */
export function palette(onDark: boolean): Colour[] {
  return onDark ? [rgb(none.dark), ...dark] : [rgb(none.light), ...light];
}

/** The place in the palette of a cluster, counted from 1; 0 is none. */
export function hue(cluster: number): number {
  return cluster > 0 ? 1 + ((cluster - 1) % light.length) : 0;
}

function rgb(hex: string): Colour {
  const n = parseInt(hex.slice(1), 16);
  return [(n >> 16) / 255, ((n >> 8) & 255) / 255, (n & 255) / 255];
}
