// One picture, looked at closely: how large it is, what it says, and the way back.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { drawn, visit, waitForHits, type Page } from './browser.ts';
import { onPage } from './shared.ts';
import { akin, answer } from './server.ts';

type Found = { hits: { name: string; rank: number; score: number; grade: string }[] };
const dialog = (page: Page) => page.getByRole('dialog');

async function look(page: Page, rank: number) {
  await page
    .locator('.results a.pic')
    .nth(rank - 1)
    .focus();
  await page.keyboard.press('Space');
  await dialog(page).locator('dl').waitFor();
}

async function shut(page: Page) {
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
}

onPage(
  'looking at a picture, leafing and leaving ask no search again and leave no step behind',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    const asked: string[] = [];
    page.on('request', (r) => {
      if (/\/search$/.test(r.url()) && r.postData()?.includes('Chad')) asked.push('the search');
      if (/\/pictures\?/.test(r.url())) asked.push('the list');
    });
    const before = await page.evaluate(() => history.length);
    await look(page, 1);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const { hits } = answer<Found>('search', 'Chad', '--top', '40');
    await page.waitForURL(new RegExp(`look=${hits[2]!.name}`));
    await shut(page);
    assert.deepEqual(asked, []);
    assert.ok(
      await page.evaluate(() => document.activeElement?.closest('.results') !== null),
      'the focus is among the hits again',
    );
    // What was pushed to look was taken back: the next step back leaves the search.
    await page.goto(`${server.url}/#/flags/search?q=Mali`);
    await page.waitForURL(/q=Mali/);
    await page.goBack();
    await waitForHits(page, 'Romania');
    assert.ok(!page.url().includes('look='));
    assert.ok((await page.evaluate(() => history.length)) <= before + 2);
  },
);

onPage('a picture fills the window, is zoomed as far as its pixels and moved', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&look=Romania');
  await drawn(page, 'dialog .whole');
  const picture = page.locator('dialog .picture');
  const fit = (await picture.boundingBox())!;
  assert.ok(fit.width > 800, `250 pixels are shown ${fit.width} wide`);
  await page.mouse.move(fit.x + 10, fit.y + 10);
  await page.mouse.wheel(0, -400);
  await page.waitForFunction(
    (w) => document.querySelector('dialog .picture')!.getBoundingClientRect().width > w * 1.5,
    fit.width,
  );
  const zoomed = (await picture.boundingBox())!;
  assert.ok(Math.abs(zoomed.x - fit.x) < 40, 'what is under the pointer stays there');
  await page.mouse.down();
  await page.mouse.move(fit.x - 190, fit.y + 10, { steps: 3 });
  await page.mouse.up();
  assert.ok((await picture.boundingBox())!.x < zoomed.x - 150, 'it is moved');
  await page.keyboard.press('0');
  assert.ok(Math.abs((await picture.boundingBox())!.width - fit.width) < 2);
  await page.getByRole('button', { name: /pixel by pixel/ }).click();
  assert.ok((await picture.boundingBox())!.width > fit.width);
});

onPage(
  'it says how like the query it is, and where each model ranks it',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad&look=Romania');
    const hit = answer<Found>('search', 'Chad', '--top', '40').hits.find((h) => h.name === 'Romania')!;
    await dialog(page).getByRole('heading', { name: 'Against the query' }).waitFor();
    assert.match(
      await dialog(page).locator('.score').innerText(),
      new RegExp(`${hit.score.toFixed(3)}\\s+${hit.grade}`),
    );
    for (const model of ['clip', 'vit']) {
      const { hits } = answer<Found>('search', 'Chad', '--model', model, '--top', '100');
      const there = hits.find((h) => h.name === 'Romania');
      const row = dialog(page).getByRole('row', { name: model, exact: false }).filter({ hasText: model }).first();
      assert.match(
        await row.innerText(),
        there ? new RegExp(`\\b${there.rank}\\s+${there.score.toFixed(3)}`) : /beyond 100/,
      );
    }
    const near = answer<Found>('search', 'Romania', '--top', '6').hits.map((h) => `Look at ${h.name}`);
    const shown = dialog(page).getByRole('list', { name: 'Most similar' }).getByRole('button');
    await shown.nth(5).waitFor();
    assert.deepEqual(await shown.evaluateAll((all) => all.map((b) => b.getAttribute('aria-label'))), near);
    await shown.nth(1).click();
    await page.waitForURL(new RegExp(`look=${near[1]!.slice('Look at '.length)}`));
  },
  { needsSix: true },
);

onPage('the picture that is asked for has no place among its own answers', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&look=Romania');
  const places = dialog(page).getByRole('heading', { name: 'Against the query' });
  await places.waitFor();
  await visit(page, server, '#/flags/search?q=Chad&look=Chad');
  await dialog(page).getByRole('list', { name: 'Most similar' }).getByRole('button').nth(5).waitFor();
  await page.waitForLoadState('networkidle');
  assert.equal(await places.count(), 0);
});

onPage('tags are links, and the field knows those that there are', async (page, server) => {
  akin('-c', 'flags', '-q', 'tag', 'add', 'stripes of three', 'France', 'Mali');
  await visit(page, server, '#/flags/search?look=Mali');
  await dialog(page).getByLabel('Add tag').focus();
  await page.locator('dialog option[value="stripes of three"]').waitFor({ state: 'detached' });
  await visit(page, server, '#/flags/search?look=Chad');
  await dialog(page).getByLabel('Add tag').focus();
  await page.locator('dialog option[value="stripes of three"]').waitFor({ state: 'attached' });
  await dialog(page).getByLabel('Add tag').fill('stripes of three');
  await page.keyboard.press('Enter');
  await dialog(page).getByRole('link', { name: 'stripes of three' }).click();
  await page.waitForURL(/tag=stripes\+of\+three/);
  await dialog(page).waitFor({ state: 'detached' });
  await page.locator('.grid > li').nth(2).waitFor();
  assert.equal(await page.locator('.grid > li').count(), 3);
  akin('-c', 'flags', '-q', 'tag', 'delete', 'stripes of three');
});

onPage(
  'on a phone a swipe turns to the next picture, and two fingers zoom',
  async (page, server) => {
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    await look(page, 1);
    const touch = await page.context().newCDPSession(page);
    const at = (type: string, ...points: [number, number][]) =>
      touch.send('Input.dispatchTouchEvent', {
        type: type as 'touchStart',
        touchPoints: points.map(([x, y], id) => ({ x, y, id })),
      });
    await at('touchStart', [300, 250]);
    for (const x of [250, 180, 100]) await at('touchMove', [x, 252]);
    await at('touchEnd');
    const second = answer<Found>('search', 'Chad', '--top', '2').hits[1]!.name;
    await page.waitForURL(new RegExp(`look=${second}`));
    const picture = page.locator('dialog .picture');
    const { width } = (await picture.boundingBox())!;
    await at('touchStart', [180, 250], [210, 250]);
    for (const d of [30, 60, 90]) await at('touchMove', [180 - d, 250], [210 + d, 250]);
    await at('touchEnd');
    assert.ok((await picture.boundingBox())!.width > 2 * width, 'it is zoomed');
    for (const b of await dialog(page).getByRole('button').all()) {
      const box = await b.boundingBox();
      if (box) assert.ok(box.height >= 44, `${await b.innerText()} is ${box.height} high`);
    }
  },
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
);

onPage('a picture tells what its camera and people wrote into it', async (page, server) => {
  const files = fileURLToPath(new URL('../../internal/picture/testdata/metadata', import.meta.url));
  akin('-c', 'told', '-q', 'index', `${files}/exif.jpg`, `${files}/xmp.webp`, `${files}/plain.jpg`);
  const rows = async (name: string) => {
    await visit(page, server, `#/told/search?q=plain&look=${name}`);
    await dialog(page).locator('dd.path', { hasText: name }).waitFor();
    return (await dialog(page).locator('dt').allTextContents()).map((s) => s.trim());
  };
  assert.ok((await rows('exif')).join().includes('Camera,Position,Caption'));
  await dialog(page).getByText('-33.85680, 151.21530').waitFor();
  assert.ok((await rows('xmp')).join().includes('Camera,Lens,Rating,Label,Caption,Keywords'));
  await dialog(page).getByText('side, a, <b> & c', { exact: true }).waitFor(); // of the sidecar and the file, as text
  assert.ok(!(await rows('plain')).includes('Camera'));
});

/** Notes the pictures that grow into the one that is looked at: how long each takes, as the browser has it. */
function noteFlights() {
  const w = window as unknown as { flights: number[] };
  w.flights = [];
  const begin = Document.prototype.startViewTransition;
  Document.prototype.startViewTransition = function (update) {
    const flight = begin.call(this, update);
    void flight.ready.then(() => {
      for (const { effect } of document.getAnimations())
        if ((effect as KeyframeEffect).pseudoElement === '::view-transition-group(picture)')
          w.flights.push(Number(effect!.getTiming().duration));
    });
    return flight;
  };
}
const flights = (page: Page) => page.evaluate(() => (window as unknown as { flights: number[] }).flights);

onPage(
  'a picture of the grid grows into the one that is looked at',
  async (page, server) => {
    await page.addInitScript(noteFlights);
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    await drawn(page, '.results img');
    await look(page, 1);
    await page.waitForFunction(() => (window as unknown as { flights: number[] }).flights.length > 0);
    assert.deepEqual(await flights(page), [400]);
    // Another one of the same dialog does not fly in from the view behind it.
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/look=(?!Romania)/);
    await shut(page);
    assert.deepEqual(await flights(page), [400]);
    assert.equal(await page.locator('.results img[style*="view-transition"]').count(), 0, 'nothing is left marked');
  },
  { reducedMotion: 'no-preference' },
);

onPage(
  'nothing flies where less motion is asked for',
  async (page, server) => {
    await page.addInitScript(noteFlights);
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    await drawn(page, '.results img');
    await look(page, 1);
    await drawn(page, 'dialog .picture img');
    assert.deepEqual(await flights(page), []);
    // It is asked at each picture, not once.
    await shut(page);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    await look(page, 1);
    await page.waitForFunction(() => (window as unknown as { flights: number[] }).flights.length > 0);
  },
  { reducedMotion: 'reduce' },
);

onPage(
  'a browser without view transitions shows the picture at once',
  async (page, server) => {
    await page.addInitScript(() => Reflect.deleteProperty(Document.prototype, 'startViewTransition'));
    await visit(page, server, '#/flags/search?q=Chad');
    await waitForHits(page, 'Romania');
    await drawn(page, '.results img');
    await look(page, 1);
    await drawn(page, 'dialog .picture img');
  },
  { reducedMotion: 'no-preference' },
);

onPage(
  'the path of a picture is copied, or selected where the browser copies nothing',
  async (page, server) => {
    const { source } = answer<{ hits: { source: string }[] }>('search', 'Chad', '--top', '1').hits[0]!;
    await visit(page, server, '#/flags/search?q=Chad&look=Romania');
    await dialog(page).getByRole('button', { name: 'Copy path' }).click();
    await page.getByText('Path copied.').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), source);
    // Over plain HTTP from another machine a page has no clipboard.
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined }));
    await page.reload();
    await dialog(page).getByRole('button', { name: 'Copy path' }).click();
    await page.getByText('The path is selected.').waitFor();
    assert.equal(await page.evaluate(() => getSelection()!.toString()), source);
  },
  { permissions: ['clipboard-read', 'clipboard-write'] },
);
