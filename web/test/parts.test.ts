import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { fieldOf } from '../src/features/map/contours.ts';
import { encloses, Grid } from '../src/features/map/grid.ts';
import { colourOf } from '../src/features/map/palette.ts';
import { pack } from '../src/features/map/packing.ts';
import { fitPlaces, turnTowards } from '../src/features/map/places.ts';
import { toMap, toScreen, zoomAt } from '../src/features/map/projection.ts';
import { beyond, layOut, ratioOf, rowAt } from '../src/features/search/rows.ts';
import { groundFor, type Ground } from '../src/parts/ground.ts';
import { indexed, skipped } from '../src/features/index/words.ts';
import type { JobResults } from '../src/api/types.ts';
import { groupsOf } from '../src/state/groups.ts';
import { groupsOf as captionsOf } from '../src/features/search/groups.ts';
import { measures } from '../src/state/measures.ts';
import { readLabels, readPairs, writePairs } from '../src/state/pairs.ts';
import {
  BadQuery,
  parseQuery,
  readTerms,
  splitQuery,
  writeTerm,
  writeTerms,
  type ParsedTerm,
} from '../src/state/grammar.ts';
import { facetsOf } from '../src/features/search/facets.ts';
import { readFilter } from '../src/state/filters.ts';
import { readPlace as placeOf, writePlace } from '../src/state/place.ts';
import { views } from '../src/views.ts';
import { bytes, chanceText, luckText } from '../src/state/words.ts';

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../api/testdata/${name}`, import.meta.url), 'utf8')) as unknown[];

test('queries are read as the command line and the HTTP API read them', () => {
  type Case = { why: string; input: string[]; terms?: ParsedTerm[]; error?: boolean };
  const cases = fixture('queries.json') as Case[];
  assert.ok(cases.length > 50);
  for (const { why, input, terms, error } of cases) {
    if (error) assert.throws(() => parseQuery(input), BadQuery, why);
    else assert.deepEqual(parseQuery(input), terms, why);
  }
});

test('what is typed is split into the words of a query', () => {
  const cases: [string, string[]][] = [
    ['', []],
    ['Chad', ['Chad']],
    [' three green  stars ', ['three green  stars']],
    ['Chad + 0.5:Mali - France', ['Chad', '+', '0.5:Mali', '-', 'France']],
    ['- 2: Mali', ['-', '2: Mali']],
    ['-France', ['-France']],
    ['Saint-Pierre', ['Saint-Pierre']],
    ['a+b', ['a+b']],
    ['Chad -', ['Chad -']],
  ];
  for (const [typed, words] of cases) assert.deepEqual(splitQuery(typed), words, typed);
});

test('every term comes back from its link', () => {
  const names = [
    'Chad',
    '-minus',
    '2:two',
    'text:t',
    'http://x/y',
    'name:n',
    'a&b=c#d%',
    'a/b c',
    '東京',
    'upload:1',
    '+',
    '-',
    ' a',
    '1e3:b',
  ];
  const terms = names.flatMap((picture) => [1, -1, 0.25, -2.5].map((weight) => ({ picture, weight })));
  const params = new URLSearchParams(writeTerms([...terms, { text: 'a - b', weight: -1 }]).toString());
  assert.deepEqual(readTerms(params), [...terms, { text: 'a - b', weight: -1 }]);
  assert.equal(writeTerm({ picture: 'Côte d’Ivoire', weight: 1 }), 'Côte d’Ivoire');
});

test('a region stays with its term, and a broken one is left out', () => {
  const crop = { x: 0.1, y: 0.25, width: 0.5, height: 0.4, relative: true };
  const params = writeTerms([
    { picture: 'a', weight: 1 },
    { picture: 'b', weight: -1, crop },
  ]);
  assert.equal(params.get('crop'), '1@0.1,0.25,0.5,0.4');
  assert.match(writePlace('', 'search', params), /crop=1@0\.1,0\.25,0\.5,0\.4$/);
  assert.deepEqual(readTerms(params)[1]?.crop, crop);
  for (const broken of ['1@0.1,0.2', '7@0,0,1,1', '1@0,0,0,1', 'x', '1@a,b,c,d']) {
    assert.ok(
      readTerms(
        new URLSearchParams([
          ['q', 'a'],
          ['q', 'b'],
          ['crop', broken],
        ]),
      ).every((t) => !t.crop),
      broken,
    );
  }
});

const readPlace = (hash: string) => placeOf(hash, views);

test('a place is read from any hash', () => {
  assert.deepEqual(
    { ...readPlace('#/flags/compare?q=Chad'), params: null },
    { collection: 'flags', view: 'compare', params: null },
  );
  assert.equal(readPlace('#/compare').collection, '');
  assert.equal(readPlace('#/compare').view, 'compare');
  assert.equal(readPlace('').view, 'search');
  assert.deepEqual(
    { ...readPlace('#/photos/nonsense'), params: null },
    { collection: 'photos', view: 'search', params: null },
  );
  assert.equal(readPlace('#/%E0%A4%A/search').collection, '%E0%A4%A');
  assert.equal(readPlace(writePlace('a b', 'map', new URLSearchParams({ q: 'x?y' }))).params.get('q'), 'x?y');
  assert.equal(
    writePlace('flags', 'search', new URLSearchParams({ q: 'text:a', under: '/b/c' })),
    '#/flags/search?q=text:a&under=/b/c',
  );
});

test('links from before a report had a view of its own lead to it', () => {
  assert.equal(readPlace('#/flags/bias?context=1').view, 'context');
  assert.equal(readPlace('#/flags/evaluate?advise=1').view, 'advice');
  assert.equal(readPlace('#/flags/compare?disagree=1').view, 'disagree');
  for (const stays of ['bias?bias=1', 'bias?bias=1&context=2', 'evaluate?eval=1', 'compare?q=Chad&disagree=1'])
    assert.equal(readPlace(`#/flags/${stays}`).view, stays.split('?')[0]);
});

test('views have names, titles and keys of their own', () => {
  for (const field of ['name', 'title', 'key'] as const)
    assert.equal(new Set(views.map((v) => v[field])).size, views.length, field);
  for (const { formerlyIn, job } of views) {
    if (formerlyIn) assert.ok(job && views.some((v) => v.name === formerlyIn), formerlyIn);
  }
});

test('a filter is read from the link', () => {
  const params = new URLSearchParams('under=/a&names=*.png,b*&tag=sea,sun&nottag=old&after=2020&top=5');
  assert.deepEqual(readFilter(params), {
    under: '/a',
    names: ['*.png', 'b*'],
    tags: ['sea', 'sun'],
    not_tags: ['old'],
    after: '2020',
  });
  const said = new URLSearchParams(
    'camera=Leica,+M3&camera=X&rating=4&near=48.85,+2.35,10&box=-10,170,10,-170&taken=2024',
  );
  assert.deepEqual(readFilter(said), {
    cameras: ['Leica, M3', 'X'], // the names of cameras and lenses have commas
    rating: 4,
    near: [48.85, 2.35, 10],
    box: [-10, 170, 10, -170],
    taken: '2024',
  });
});

test('facets are what there is to choose', () => {
  const none = { cameras: [], lenses: [], labels: [], keywords: [], ratings: [], years: [], located: 0, captioned: 0 };
  assert.deepEqual(facetsOf({ ...none, years: [{ value: '2024', pictures: 2 }] }), []); // one year is no choice
  const [years, ratings] = facetsOf({
    ...none,
    years: [
      { value: '2024', pictures: 2 },
      { value: '2023', pictures: 1 },
    ],
    ratings: [
      { value: '5', pictures: 1 },
      { value: '3', pictures: 7 },
      { value: '-1', pictures: 2 },
    ],
  });
  assert.equal(years!.key, 'taken');
  // Three stars or more are those with five too; four or more would be the same as five, and the rejected have none.
  assert.deepEqual(
    ratings!.choices.map((c) => [c.text, c.value, c.pictures]),
    [
      ['★★★★★', '5', 1],
      ['★★★', '3', 8],
    ],
  );
});

test('pairs are read as the command line reads them', () => {
  const { pairs, wrong } = readPairs('# remark\na,b\nChad,Romania\n\n"Venezuela, old", Ecuador,Colombia\n');
  assert.equal(wrong, '');
  assert.deepEqual(
    pairs.map((p) => `${p.a}|${p.b}`),
    ['Chad|Romania', 'Venezuela, old|Ecuador', 'Venezuela, old|Colombia', 'Ecuador|Colombia'],
  );
  assert.match(readPairs('Chad').wrong, /Line 1: .Chad. is alone/);
  assert.match(readPairs('').wrong, /No pairs yet/);
  assert.deepEqual(readLabels('Chad,stripes').labels, [{ name: 'Chad', group: 'stripes' }]);
  assert.match(readLabels('Chad,a,b').wrong, /Line 1/);
});

test('luck is put in the command line’s words', () => {
  const cases: [number | undefined, string][] = [
    [undefined, ''],
    [0, 'fewer than 0.001 pictures are this close by luck'],
    [0.001, '0.001 pictures are this close by luck'],
    [0.0702, '0.070 pictures are this close by luck'],
    [0.665, '0.67 pictures are this close by luck'],
    [1, '1 picture is this close by luck'],
    [1.24, '1.2 pictures are this close by luck'],
    [9.97, '10 pictures are this close by luck'],
    [15.2, '15 pictures are this close by luck'],
  ];
  for (const [n, words] of cases) assert.equal(luckText(n), words);
});

test('a chance is put in words', () => {
  assert.equal(chanceText(1 / 860), '1 random pair in 860 is as close');
  assert.equal(chanceText(0), 'no random pair is as close');
  assert.equal(chanceText(0.25), '25 % of random pairs are as close');
  assert.equal(chanceText(undefined), '');
});

test('an index job reports what it did, and the folders that it skipped', () => {
  const report = { added: 1200, changed: 0, removed: 2, unchanged: 7, failed: [{ source: 'a', error: 'b' }] };
  const job = { ...report, linked: ['/p/a', '/p/b', '/p/c', '/p/d'] } as JobResults['index'];
  assert.equal(indexed(job), 'Indexed: 1,200 added, 2 removed, 7 unchanged, 1 unreadable');
  assert.equal(
    skipped(job),
    'Skipped 4 symlinked folders: /p/a, /p/b, /p/c and others. Add a folder by its own path to index it.',
  );
  assert.equal(indexed({ failed: [] } as never), 'Indexed: no pictures');
  assert.equal(skipped({} as never), '');
});

test('sizes are in SI units', () => {
  const cases: [number, string][] = [
    [0, '0 B'],
    [999, '999 B'],
    [5120, '5.1 kB'],
    [14_000_000, '14.0 MB'],
    [4_400_000_000, '4.4 GB'],
  ];
  for (const [n, words] of cases) assert.equal(bytes(n), words);
});

test('zooming keeps what is below the pointer', () => {
  const size = { width: 800, height: 600 };
  const view = { x: 0.1, y: -0.2, scale: 300 };
  const [x, y] = toMap(view, size, 650, 120);
  const [px, py] = toScreen(zoomAt(view, size, 650, 120, 1.7), size, x, y);
  assert.ok(Math.abs(px - 650) < 1e-6 && Math.abs(py - 120) < 1e-6);
});

test('a map that was rotated, mirrored or both is aligned with the old one', () => {
  const old = fitPlaces([
    { x: 0, y: 0 },
    { x: 4, y: 0 },
    { x: 4, y: 1 },
    { x: 1, y: 3 },
  ]);
  const angle = 2.1;
  for (const mirror of [1, -1]) {
    const turned = new Float32Array(old.length);
    for (let i = 0; i < old.length; i += 2) {
      turned[i] = Math.cos(angle) * old[i]! - Math.sin(angle) * old[i + 1]!;
      turned[i + 1] = (Math.sin(angle) * old[i]! + Math.cos(angle) * old[i + 1]!) * mirror;
    }
    turnTowards(turned, old).forEach((v, i) => assert.ok(Math.abs(v - old[i]!) < 1e-5, `mirror ${mirror}, value ${i}`));
  }
});

test('the grid finds what a look at every picture finds', () => {
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const points = Array.from({ length: 3000 }, () => ({ x: random() * 5, y: random() ** 3 * 4 }));
  const places = fitPlaces(points);
  const grid = new Grid(places);
  const at = (i: number): [number, number] => [places[2 * i]!, places[2 * i + 1]!];
  const star: [number, number][] = [
    [-0.8, -0.9],
    [0.9, -0.7],
    [0.1, -0.4],
    [0.6, 0.5],
    [-0.5, -0.2],
  ];
  const all = points.map((_, i) => i);
  assert.deepEqual(
    grid.inside(star).sort((a, b) => a - b),
    all.filter((i) => encloses(star, ...at(i))),
  );
  for (let k = 0; k < 50; k++) {
    const [x, y] = [random() * 2 - 1, random() * 2 - 1];
    const distance = (i: number) => Math.hypot(at(i)[0] - x, at(i)[1] - y);
    const best = all.reduce((a, b) => (distance(b) < distance(a) ? b : a));
    assert.equal(grid.nearest(x, y, 0.5), distance(best) <= 0.5 ? best : -1);
  }
});

test('a U encloses its legs and not the space between them', () => {
  const u: [number, number][] = [
    [0, 0],
    [3, 0],
    [3, 3],
    [2, 3],
    [2, 1],
    [1, 1],
    [1, 3],
    [0, 3],
  ];
  assert.ok(encloses(u, 0.5, 2) && encloses(u, 2.5, 2) && encloses(u, 1.5, 0.5));
  assert.ok(!encloses(u, 1.5, 2) && !encloses(u, 4, 1));
});

test('pictures that have room do not lie over each other', () => {
  let seed = 3;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const places = fitPlaces(Array.from({ length: 400 }, () => ({ x: random(), y: random() })));
  const size = { width: 900, height: 700 };
  const seen = pack(new Grid(places), { x: 0, y: 0, scale: 300 }, size, new Float32Array(400));
  assert.ok(seen.length > 50, `${seen.length}`);
  for (const a of seen) {
    for (const b of seen) {
      if (a === b) continue;
      const apart = Math.abs(a.x - b.x) >= a.side * 0.49 || Math.abs(a.y - b.y) >= a.side * 0.26;
      assert.ok(apart, `${a.picture} over ${b.picture}`);
    }
  }
  const crowd = new Grid(fitPlaces(Array.from({ length: 50_000 }, () => ({ x: random(), y: random() }))));
  assert.deepEqual(pack(crowd, { x: 0, y: 0, scale: 300 }, size, new Float32Array(50_000)), []);
});

const dist = new URL('../dist/', import.meta.url);
const built = readdirSync(new URL('assets/', dist)).map((name) => ({
  name,
  data: readFileSync(new URL(`assets/${name}`, dist)),
}));

test('all script together is less than 250 kB compressed', () => {
  const scripts = built.filter((f) => f.name.endsWith('.js'));
  const bytes = scripts.reduce((sum, f) => sum + gzipSync(f.data).length, 0);
  assert.ok(scripts.length > 0 && bytes < 250_000, `${bytes} bytes`);
  console.log(`# ${scripts.length} scripts, ${(bytes / 1000).toFixed(1)} kB with gzip`);
});

test('the page names no address of another machine, and has no script or style in itself', () => {
  const known = /^https?:\/\/(www\.w3\.org\/|svelte\.dev\/e\/)/; // names, never asked for
  for (const { name, data } of [...built, { name: 'index.html', data: readFileSync(new URL('index.html', dist)) }]) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue;
    const text = data.toString();
    for (const [found] of text.matchAll(/https?:\/\/[\w.-]+\.[\w]+[^\s"'`)]*/g))
      assert.match(found, known, `${name}: ${found}`);
    if (name === 'index.html') {
      assert.doesNotMatch(text, /<script(?![^>]*\ssrc=)[^>]*>|<style|\sstyle=|\son\w+=/);
      assert.doesNotMatch(text, /(src|href)="\//, 'an address from the root breaks path prefixes');
    }
  }
});

test('no two of a hundred clusters have one colour, and neighbours differ in lightness', () => {
  for (const dark of [false, true]) {
    const all = Array.from({ length: 101 }, (_, i) => colourOf(i, dark).map((v) => Math.round(v * 255)));
    assert.equal(new Set(all.map(String)).size, all.length);
    const light = (c: number[]) => 0.2126 * c[0]! + 0.7152 * c[1]! + 0.0722 * c[2]!;
    for (let i = 2; i < all.length; i++) {
      const apart = Math.abs(light(all[i]!) - light(all[i - 1]!));
      assert.ok(apart > 12, `${i}: ${all[i - 1]} and ${all[i]} differ by ${apart} for who sees no hue`);
    }
  }
});

test('contours rise to where pictures are dense, in the colour of those that are there', () => {
  // A dense red group at the left, a sparse blue one at the right, by hand.
  const places = new Float32Array(2 * 400);
  const colours = new Uint8Array(3 * 400);
  for (let i = 0; i < 400; i++) {
    const dense = i < 300;
    const [a, r] = [i * 2.399963, Math.sqrt((i % 100) / 100) * (dense ? 0.12 : 0.25)];
    places.set([(dense ? -0.6 : 0.6) + r * Math.cos(a), r * Math.sin(a)], 2 * i);
    colours.set(dense ? [255, 0, 0] : [0, 0, 255], 3 * i);
  }
  const field = fieldOf(places, colours)!;
  const at = (x: number, y: number) => {
    const cell = (v: number) => Math.floor(((v + field.reach) / (2 * field.reach)) * field.side);
    const k = 4 * (cell(y) * field.side + cell(x));
    return [...field.cells.slice(k, k + 4)] as [number, number, number, number];
  };
  const [left, middle, right] = [at(-0.6, 0), at(0, 0), at(0.6, 0)];
  assert.ok(left[3] > 4 && right[3] > 0 && right[3] < left[3] - 1, `${left[3]}, ${right[3]}`);
  assert.ok(middle[3] < 0, `${middle[3]} between the groups`);
  assert.ok(left[0] > 0.99 && left[2] < 0.01 && right[2] > 0.99 && right[0] < 0.01);
  assert.equal(fieldOf(places.slice(0, 40), colours), null, 'the density of 20 is that of chance');
  assert.equal(fieldOf(new Float32Array(800), colours), null, 'all at one place');
});

test('what lies in a part of the map is drawn, and little else', () => {
  let seed = 3;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const places = Float32Array.from({ length: 20_000 }, () => random() * 2 - 1);
  const grid = new Grid(places);
  const boxes: [number, number, number, number][] = [
    [-1, -1, 1, 1],
    [-0.3, 0.1, 0.2, 0.15],
    [0.9, 0.9, 3, 3],
    [1.5, 0, 2, 1],
  ];
  for (const box of boxes) {
    const spans = grid.spans(...box);
    const drawn = new Set<number>();
    for (let k = 0; k < spans.length; k += 2) for (let p = spans[k]!; p < spans[k + 1]!; p++) drawn.add(grid.order[p]!);
    let inside = 0;
    grid.within(...box, (i) => {
      inside++;
      assert.ok(drawn.has(i), `${i} of ${box.join(', ')}`);
    });
    assert.ok(drawn.size <= inside * 1.8 + 200, `${drawn.size} drawn for ${inside}`);
  }
  assert.equal(new Set(grid.order).size, 10_000);
});

test('the five nearest on the map are found in their order', () => {
  const grid = new Grid(Float32Array.from([0, 0, 0.5, 0, 0.1, 0, 0, 0.2, -0.3, 0, 0, -0.4, 0.9, 0.9]));
  assert.deepEqual(grid.nearestOf(0, 5), [2, 3, 4, 5, 1]);
  assert.deepEqual(new Grid(Float32Array.from([0, 0, 1, 1])).nearestOf(0, 5), [1]);
});

test('rows of pictures end at the edge, in the pictures’ own shapes', () => {
  // By hand: three pictures of 3:2 fill 460 with gaps of 5 at (460 - 10) / 4.5 = 100.
  const shape = { width: 460, target: 100, gap: 5, between: 5, below: 20, head: 15 };
  const flags = layOut([1.5, 1.5, 1.5, 1.5], [], shape);
  assert.deepEqual(flags.rows, [
    { first: 0, end: 3, top: 0, height: 100 },
    { first: 3, end: 4, top: 125, height: 100 }, // too few to fill a row: not enlarged
  ]);
  assert.deepEqual([...flags.left], [0, 155, 310, 0]);
  assert.equal(flags.height, 245);

  // A group begins within a row, under its label; what is apart begins a row.
  const groups = [
    { first: 0, label: 'Near', apart: false },
    { first: 1, label: 'Related', apart: false },
    { first: 3, label: 'Chance', apart: true },
  ];
  const grouped = layOut([1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5], groups, shape);
  assert.deepEqual(grouped.heads, [
    { label: 'Near', top: 0, left: 0, width: 150 },
    { label: 'Related', top: 0, left: 155, width: 305 },
    { label: 'Chance', top: 140, left: 0, width: 460 },
  ]);
  assert.deepEqual(
    grouped.rows.map((r) => [r.first, r.top]),
    [
      [0, 15],
      [3, 155],
      [6, 280],
    ],
  );

  // The arrows go to what is nearest above or below, and stay at the ends.
  assert.equal(beyond(grouped, 4, -1), 1);
  assert.equal(beyond(grouped, 5, 1), 7);
  assert.equal(beyond(grouped, 7, 1), 7);
  assert.equal(rowAt(grouped, 200), 1);

  // Whatever the shapes: rows are full, none overlaps another, and every picture is somewhere.
  const ratios = Array.from({ length: 5000 }, (_, i) => ratioOf(((i * 7919) % 4000) + 1, ((i * 104729) % 3000) + 1));
  const many = layOut(ratios, [{ first: 1234, label: 'Chance', apart: true }], { ...shape, width: 1000 });
  let last = 0;
  for (const [i, row] of many.rows.entries()) {
    assert.equal(row.first, last);
    last = row.end;
    const right = many.left[row.end - 1]! + many.width[row.end - 1]!;
    assert.ok(right <= 1000.001, `${right}`);
    if (row.end !== 1234 && row.end !== 5000) assert.ok(right > 999.99, `row ${i} ends at ${right}`);
    if (i) assert.ok(row.top >= many.rows[i - 1]!.top + many.rows[i - 1]!.height + 25 - 1e-6);
  }
  assert.equal(last, 5000);
});

test('a transparent picture gets squares from which it stands out, an opaque one none', () => {
  const pixel = (r: number, g: number, b: number, a: number, n = 1) =>
    Array.from({ length: n }, () => [r, g, b, a]).flat();
  const clear = pixel(0, 255, 0, 0, 8);
  const cases: [string, number[], Ground][] = [
    ['a photo', [...pixel(0, 0, 0, 255, 4), ...pixel(255, 255, 255, 255, 4)], null],
    ['nothing is drawn', clear, 'theme'],
    ['a black logo', [...clear, ...pixel(10, 10, 10, 255, 4)], 'light'],
    ['a white logo', [...clear, ...pixel(250, 250, 250, 255, 4)], 'dark'],
    ['yellow with small black eyes', [...clear, ...pixel(255, 204, 60, 255, 9), ...pixel(0, 0, 0, 255, 1)], 'theme'],
    ['black letters beside a red sign', [...clear, ...pixel(0, 0, 0, 255, 6), ...pixel(220, 40, 30, 255, 5)], 'light'],
    ['a flag of white and red', [...clear, ...pixel(255, 255, 255, 255, 4), ...pixel(220, 40, 30, 255, 4)], 'theme'],
    [
      'a black shadow that is hardly there',
      [...clear, ...pixel(0, 0, 0, 20, 4), ...pixel(220, 40, 30, 255, 5)],
      'theme',
    ],
  ];
  for (const [what, pixels, wanted] of cases) assert.equal(groundFor(pixels), wanted, what);
});

test('pairs come back from the lines that are written of them', () => {
  const pairs = [
    { a: 'Chad', b: 'Romania' },
    { a: 'one, two', b: '#3' },
    { a: 'He said "no"', b: ' spaces ' },
    { a: '#first', b: 'ends in "' },
  ];
  const plain = pairs.map(({ a, b }) => ({ a: a.trim(), b: b.trim() })); // as the command line trims names
  assert.deepEqual(readPairs(writePairs(pairs)).pairs, plain);
});

test('a collection says by folder and tag what belongs together, where there are two groups of two', () => {
  const at = (name: string, source: string, ...tags: string[]) => ({ name, source, tags });
  const known = groupsOf([
    at('a', '/p/cats/a.png', 'black'),
    at('b', '/p/cats/b.png', 'white', 'black'),
    at('c', 'C:\\p\\dogs\\c.png', 'white'),
    at('d', 'C:\\p\\dogs\\d.png', 'white'),
    at('e', '/p/birds/e.png'),
  ]);
  assert.deepEqual(
    known.folders.map((l) => `${l.name} ${l.group}`),
    ['a /p/cats', 'b /p/cats', 'c C:\\p\\dogs', 'd C:\\p\\dogs'],
  );
  assert.deepEqual([known.tags, known.flags], [[], false], 'one tag has two pictures of its own');
  assert.ok(groupsOf([at('Chad', '/f/Chad.png'), at('Romania', '/f/Romania.png')]).flags);
});

test('each number is explained by the sentence that its definition in the documentation begins with', () => {
  const sections: Record<keyof typeof measures, string> = {
    hits: 'Hits',
    comparison: 'Comparison',
    pairs: 'Evaluation of pairs',
    groups: 'Evaluation of groups',
    advice: 'Advice',
    bias: 'Language bias',
    probe: 'Probe',
  };
  const doc = readFileSync(new URL('../../docs/reference/measures.md', import.meta.url), 'utf8');
  for (const [key, title] of Object.entries(sections)) {
    const section = doc.split(/^## /m).find((s) => s.startsWith(`${title}\n`)) ?? '';
    const rows = new Map(
      section
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .map((line) => line.split('|').map((cell) => cell.trim()))
        .map((cells) => [cells[1]!, cells.at(-2)!]),
    );
    for (const [name, says] of Object.entries(measures[key as keyof typeof measures]))
      assert.ok(rows.get(name)?.startsWith(says.replaceAll('’', "'")), `${title}: ${name} is “${rows.get(name)}”`);
  }
  for (const file of readdirSync(new URL('../src/', import.meta.url), { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.svelte')) continue;
    const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8');
    assert.ok(!/<Hint\s+says="/.test(text), `${file} explains a number by a sentence of its own`);
  }
});

test('the time left of a job is said where its rate is known', async () => {
  const { about, Pace } = await import('../src/state/pace.ts');
  /** What is said after these reports, one a second. */
  const left = (done: number[], total = 1000, later = 0): number | null => {
    const pace = new Pace();
    done.forEach((d, i) => pace.note({ step: 'pictures', done: d, total }, 1000 * i));
    return pace.left(1000 * (done.length - 1) + later);
  };
  const steady = Array.from({ length: 11 }, (_, i) => 10 * i);
  assert.equal(left(steady), 90_000, '900 at 10 a second');
  assert.equal(left(steady, 1000, 500), 89_500, 'time goes on between reports');
  assert.equal(left(steady.slice(0, 4)), null, 'not yet watched for long enough');
  assert.equal(left(steady, 0), null, 'how many there are is not known');
  assert.equal(left(steady, 1000, 6000), null, 'it stands still');
  assert.equal(left([0, 1, 2, 3, 4, 5, 25, 45, 65, 85, 105]), null, 'its rate changed');
  const other = new Pace();
  for (let i = 0; i < 11; i++) other.note({ step: i < 5 ? 'pictures' : 'pixels', done: 10 * i, total: 1000 }, 1000 * i);
  assert.equal(other.left(10_000), 90_000, 'only the last step counts');
  for (const [ms, words] of [
    [4000, 'a few seconds'],
    [42_000, 'about 40 s'],
    [170_000, 'about 3 min'],
    [1_300_000, 'about 20 min'],
    [5_000_000, 'about 1.5 h'],
  ] as const)
    assert.equal(about(ms), words);
});

test('the copy that someone chose stays, and what was compared with it goes', async () => {
  const { choose, moves, totals, without } = await import('../src/features/duplicates/choice.ts');
  type Group = Parameters<typeof choose>[0];
  const copy = (source: string, sha256: string, more: object = {}) =>
    ({ name: source, source, sha256, bytes: 10, kind: 'near', best: false, remove: true, ...more }) as unknown;
  const group = {
    id: 'g',
    kind: 'near',
    why: 'larger',
    copies: [
      copy('/a', '1', { best: true, remove: false }),
      copy('/a2', '1'),
      copy('/b', '2'),
      copy('/c', '3'),
      copy('/r', '1', { remove: false, reference: true }),
    ],
  } as Group;
  const goes = (g: Group) => g.copies.filter((c) => c.remove).map((c) => c.source);
  const chosen = choose(group, '/b');
  assert.equal(chosen.copies[0]!.source, '/b');
  assert.deepEqual(goes(chosen), ['/a', '/a2'], '/c was compared with /a alone');
  assert.deepEqual(goes(choose(group, '/a')), ['/a2', '/b', '/c']);
  assert.deepEqual(goes(choose(group, '/a2')), ['/a', '/b', '/c'], 'the same bytes as the best');
  const unsure = { ...group, unsure: true, copies: group.copies.map((c) => ({ ...c, remove: false })) };
  assert.deepEqual(goes(choose(unsure, '/b')), [], 'the two are not alike for sure');
  assert.deepEqual(moves([chosen]), [
    { source: '/a', kept: '/b' },
    { source: '/a2', kept: '/b' },
  ]);
  const all = totals({ pictures: 9, groups: [chosen], remove: 0, bytes: 0 } as unknown as Parameters<typeof totals>[0]);
  assert.deepEqual([all.remove, all.bytes], [2, 20]);
  const left = without(all, new Set(['/a', '/a2', '/c', '/r']));
  assert.deepEqual([left.pictures, left.groups.length, left.remove], [5, 0, 0]);
});

test('every file with tests of the page is one of page.test.ts', () => {
  const here = new URL('.', import.meta.url);
  const text = (file: string) => readFileSync(new URL(file, here), 'utf8');
  const files = readdirSync(here).filter((f) => f.endsWith('.ts') && /^(onPage|test)\(/m.test(text(f)));
  const alone = ['parts.test.ts', 'faults.test.ts', 'page.test.ts', 'sheet.test.ts'];
  const absent = files.filter((f) => !alone.includes(f) && !text('page.test.ts').includes(`import './${f}';`));
  assert.ok(files.length > 20);
  assert.deepEqual(absent, []);
});

test('captions of hits: what lies between two of a grade is one group with them, and chance stays apart', () => {
  const captions = (grades: string, whole = true) =>
    captionsOf(
      [...grades].map((g) => ({
        hit: { grade: { s: 'same', n: 'near', r: 'related', w: 'weak' }[g] },
      })) as never,
      whole,
    ).map((g) => `${g.first}: ${g.label}`);
  assert.deepEqual(captions('nnrww'), ['0: Near (2)', '2: Related (1)', '3: Nothing below is closer than chance']);
  assert.deepEqual(captions('nsnrw'), [
    '0: Same picture and near (3)',
    '3: Related (1)',
    '4: Nothing below is closer than chance',
  ]);
  assert.deepEqual(captions('snrnr'), ['0: Same picture (1)', '1: Near and related (4)']);
  assert.deepEqual(captions('nrs'), ['0: Same picture and near and related (3)']);
  assert.deepEqual(captions('wsw'), [
    '0: Nothing below is closer than chance',
    '1: Same picture (1)',
    '2: Nothing below is closer than chance',
  ]);
  assert.deepEqual(captions('nn', false), ['0: Near'], 'more may come');
  const months = [{ group: 'July' }, { group: 'July' }, { group: 'May' }] as never;
  assert.deepEqual(
    captionsOf(months, true).map((g) => g.label),
    ['July (2)', 'May (1)'],
  );
});
