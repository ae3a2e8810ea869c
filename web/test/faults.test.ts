// That no fault passes unseen: a page with each, and the same page without it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { violations } from './axe.ts';
import { launch } from './browser.ts';
import { layoutFaults, type Fault } from './faults.ts';
import { paintFaults } from './photograph.ts';
import { tabFaults } from './tabs.ts';

let browser: Browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const red = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"><rect width="120" height="80" fill="red"/></svg>')}`;

type Look = (page: Page) => Promise<Fault[]>;
const layout: Look = (page) => layoutFaults(page, false);
const touch: Look = (page) => layoutFaults(page, true);
const access: Look = async (page) =>
  (await violations(page, 'color-contrast')).map((what) => ({ check: 'access', what }));
const paint: Look = (page) => paintFaults(page);
const tabs: Look = async (page) => tabFaults(page, await page.context().newCDPSession(page), new Set());

const planted: [what: string, look: Look, bad: string, good: string, told: RegExp][] = [
  [
    'text that is cut at its own edge',
    layout,
    '<p style="width: 60px; overflow: hidden; white-space: nowrap">A long line of text</p>',
    '<p style="width: 60px">A long line of text</p>',
    /^cut: p .*is clipped/,
  ],
  [
    'text that is cut by what is round it',
    layout,
    '<div style="height: 20px; overflow: hidden"><p>one</p><p>two</p></div>',
    '<div style="height: 20px; overflow: auto" tabindex="0"><p>one</p><p>two</p></div>',
    /^cut: p .*two/,
  ],
  [
    'an ellipsis without a title',
    layout,
    '<p style="width: 60px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis">A long line of text</p>',
    '<p title="A long line of text" style="width: 60px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis">A long line of text</p>',
    /^cut: .*has no title/,
  ],
  [
    'text off the window',
    layout,
    '<p style="position: absolute; left: -40px">Off to the left</p>',
    '<p style="position: absolute; left: 0">Off to the left</p>',
    /^cut: .*off the window/,
  ],
  [
    'a field too narrow for what stands in it',
    layout,
    '<input style="width: 60px" value="three green stars on white">',
    '<input style="width: 360px" value="three green stars on white">',
    /^cut: input .*needs/,
  ],
  [
    'text over text',
    layout,
    '<p>One line</p><p style="margin-top: -30px">Another</p>',
    '<p>One line</p><p>Another</p>',
    /^overlap: /,
  ],
  [
    'buttons over each other',
    layout,
    '<button>First</button><button style="margin-left: -20px">Second</button>',
    '<button>First</button><button>Second</button>',
    /^overlap: button .*First.* and button .*Second/,
  ],
  [
    'text below a picture',
    layout,
    `<p>Below</p><img src="${red}" style="position: absolute; top: 0; left: 0" alt="">`,
    `<p>Below</p><img src="${red}" alt="">`,
    /^covered: p .*Below.* by img/,
  ],
  [
    'a page wider than its window',
    layout,
    '<div style="width: 2000px; height: 4px"></div>',
    '<div style="width: 100px; height: 4px"></div>',
    /^overflow: \d+ px wider/,
  ],
  [
    'a target that a finger misses',
    touch,
    '<button style="width: 30px; height: 30px">+</button>',
    '<button style="width: 44px; height: 44px">+</button>',
    /^target: button .*is 30 × 30 px/,
  ],
  [
    'a target whose label is small as well',
    touch,
    '<label><input type="checkbox"> yes</label>',
    '<label style="display: inline-block; padding: 14px 20px"><input type="checkbox"> yes</label>',
    /^target: input/,
  ],
  [
    'a picture that fades in and stays away',
    paint,
    `<img src="${red}" style="opacity: 0" alt="">`,
    `<img src="${red}" alt="">`,
    /^painted: .*of opacity 0/,
  ],
  [
    'a picture that does not come',
    paint,
    '<img src="data:image/png;base64,AAAA" width="120" height="80" alt="">',
    `<img src="${red}" width="120" height="80" alt="">`,
    /^painted: .*not loaded/,
  ],
  [
    'a picture that is there and cannot be seen',
    paint,
    `<div style="filter: invert(1)"><img src="${red}" alt=""></div>`,
    `<div><img src="${red}" alt=""></div>`,
    /^painted: .*on the screen where its file has/,
  ],
  [
    'an empty canvas',
    paint,
    '<canvas width="200" height="100"></canvas>',
    '<canvas width="200" height="100" style="background: linear-gradient(red, blue)"></canvas>',
    /^painted: a canvas/,
  ],
  ['a view with nothing in it', paint, ' ', 'Something', /^blank: /],
  [
    'grey on grey',
    access,
    '<p style="color: #999; background: #bbb">Hardly</p>',
    '<p style="color: #111; background: #fff">Clearly</p>',
    /^access: color-contrast/,
  ],
  [
    'a focus that nobody sees',
    tabs,
    '<style>:focus { outline: none !important; }</style><button>One</button>',
    '<button>One</button>',
    /^focus: button “One” looks the same/,
  ],
  [
    'a focus out of sight',
    tabs,
    '<button>One</button><button style="position: fixed; left: -400px">Two</button>',
    '<button>One</button><button>Two</button>',
    /^focus: button “Two” .*not in view/,
  ],
  [
    'a focus that is caught',
    tabs,
    '<button>One</button><button onkeydown="event.preventDefault()" id="trap">Two</button><button>Three</button>',
    '<button>One</button><button id="trap">Two</button><button>Three</button>',
    /^focus: Tab does not reach button “Three”/,
  ],
];

for (const [what, look, bad, good, told] of planted) {
  test(`found: ${what}`, { timeout: 60_000 }, async () => {
    const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    await page.addInitScript('globalThis.__name = (f) => f');
    await page.goto('about:blank');
    const lookAt = async (html: string) => {
      await page.setContent(
        `<!doctype html><html lang="en"><title>planted</title><style>body { font: 16px sans-serif; margin: 0 } p { margin: 4px }</style><main style="min-height: 300px">${html}</main></html>`,
      );
      return (await look(page)).map((f) => `${f.check}: ${f.what}`);
    };
    const found = await lookAt(bad);
    assert.ok(
      found.some((f) => told.test(f)),
      found.join('\n') || 'nothing was found',
    );
    assert.deepEqual(await lookAt(good), [], 'without the fault');
    await page.close();
  });
}
