import assert from 'node:assert/strict';
import { drawn, visit, type Page } from './browser.ts';
import { manyPlaces } from './many.ts';
import { onPage } from './shared.ts';
import { answer } from './server.ts';

type Comparison = { rows: { model: string; hits: { name: string }[] }[]; overlap: number[][] };

onPage(
  'compare has a row a model and a fused one, and says who found what alone',
  async (page, server) => {
    await visit(page, server, '#/flags/compare?q=India');
    await page.getByRole('region', { name: 'fused' }).waitFor();
    const said = answer<Comparison>('compare', 'India', '--top', '10');
    for (const row of said.rows) {
      const shown = page.getByRole('region', { name: row.model, exact: true }).locator('.hits li .name');
      assert.deepEqual(
        await shown.evaluateAll((all) => all.map((e) => e.getAttribute('title'))),
        row.hits.map((h) => h.name),
        row.model,
      );
    }
    // CLIP knows the countries: Pakistan is its second, and the visual models do not have it among their ten.
    await page
      .getByRole('link', { name: /^2 Pakistan/ })
      .first()
      .waitFor();
    const models = said.rows.filter((r) => r.model !== 'fused');
    for (const row of models) {
      const alone = row.hits.filter((h) => models.filter((o) => o.hits.some((x) => x.name === h.name)).length === 1);
      const marked = page.getByRole('region', { name: row.model, exact: true }).getByText('only this model');
      assert.equal(await marked.count(), alone.length, row.model);
    }
    let sum = 0;
    let pairs = 0;
    said.rows.forEach((a, i) =>
      said.rows.forEach((b, j) => {
        if (j > i && a.model !== 'fused' && b.model !== 'fused') {
          sum += said.overlap[i]![j]!;
          pairs++;
        }
      }),
    );
    assert.match(await page.locator('.agree').innerText(), new RegExp(`^${Math.round((100 * sum) / pairs)} %`));
  },
  { needsSix: true },
);

onPage(
  'hovering a hit shows where it stands in the other rows',
  async (page, server) => {
    await visit(page, server, '#/flags/compare?q=India');
    const clip = page.getByRole('region', { name: 'clip', exact: true });
    await clip.getByRole('link', { name: /Pakistan/ }).hover();
    await clip.getByText('rank 2', { exact: true }).waitFor();
    const said = answer<Comparison>('compare', 'India', '--top', '10');
    for (const row of said.rows) {
      const rank = row.hits.findIndex((h) => h.name === 'Pakistan') + 1;
      const here = page.getByRole('region', { name: row.model, exact: true }).locator('p.here');
      assert.equal(await here.innerText(), rank ? `rank ${rank}` : 'not in this row', row.model);
    }
    // Weights and methods of fusion are in the link.
    await page.getByRole('slider', { name: 'Weight of clip in the fused row' }).fill('3');
    await page.waitForURL(/w=clip:3/);
    await page.getByRole('radio', { name: 'Fuse scores' }).click();
    await page.waitForURL(/fusion=scores/);
  },
  { needsSix: true },
);

onPage('explain shows two pictures with their heat, and a slider', async (page, server) => {
  await visit(page, server, '#/flags/explain?a=Mexico&b=Italy&model=mobilenetv2-gem');
  await drawn(page, '.layers .over');
  const said = answer<{ score: number } | { score: number }[]>('explain', 'Mexico', 'Italy', '-m', 'mobilenetv2-gem');
  const score = (Array.isArray(said) ? said[0]! : said).score;
  assert.equal(await page.locator('.score strong').first().innerText(), score.toFixed(4));
  const opacity = () =>
    page
      .locator('.over')
      .first()
      .evaluate((e) => Number(getComputedStyle(e).opacity));
  await page.getByRole('slider', { name: 'Heat map opacity' }).fill('20');
  assert.equal(await opacity(), 0.2);
  await page.locator('.layers').first().hover();
  await page.locator('.scale .small', { hasText: /of the score/ }).waitFor();
  await page.getByRole('button', { name: 'Swap' }).click();
  await page.waitForURL(/a=Italy&b=Mexico/);
  await page.getByRole('combobox', { name: 'Second picture' }).fill('fran');
  await page.getByRole('option', { name: 'France' }).click();
  await page.waitForURL(/b=France/);
  await drawn(page, '.layers .over');
});

const rested = (page: Page) => page.waitForTimeout(700);

onPage('the map lays all pictures out, with small pictures, clusters and a lasso', async (page, server) => {
  let layouts = 0; // that the server was asked for
  page.on('request', (r) => (layouts += Number(r.method() === 'POST' && r.url().endsWith('/jobs'))));
  await visit(page, server, '#/flags/map?model=mobilenetv2-gem');
  await page.getByRole('heading', { name: /\d+ clusters/ }).waitFor();
  await page.waitForFunction(() =>
    /Map of 195 pictures/.test(
      document.querySelector('.ground')?.ariaLabel ??
        document.querySelector('.ground')?.getAttribute('aria-label') ??
        '',
    ),
  );
  await rested(page);
  const shot = await page.locator('.ground').screenshot();
  assert.ok(shot.length > 15_000, `${shot.length} bytes: a map is not empty`);

  // The lasso chooses what it goes round: around everything, everything.
  const box = (await page.locator('.ground').boundingBox())!;
  await page.getByRole('button', { name: 'Lasso' }).click();
  const corners = [
    [3, 90],
    [box.width - 3, 90],
    [box.width - 3, box.height - 3],
    [3, box.height - 3],
    [3, 92],
  ];
  await page.mouse.move(box.x + corners[0]![0]!, box.y + corners[0]![1]!);
  await page.mouse.down();
  for (const [x, y] of corners.slice(1)) await page.mouse.move(box.x + x!, box.y + y!, { steps: 3 });
  await page.mouse.up();
  const chosen = await page.getByRole('complementary').getByRole('heading').innerText();
  assert.ok(Number.parseInt(chosen) >= 185, chosen);
  await page.getByRole('button', { name: 'Clear selection' }).click();

  // Near by, pictures fill the map.
  await page.locator('.ground').focus();
  await page.keyboard.press('n');
  await page
    .getByRole('complementary')
    .getByRole('heading', { name: /^\d+ pictures/ })
    .waitFor();
  await rested(page);
  assert.ok((await page.locator('.ground').screenshot()).length > shot.length * 0.5);
  await page.waitForURL(/at=/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('searchbox', { name: 'Find on the map' }).fill('cote');
  await page.getByLabel('Colour by').selectOption('folder');
  await page.waitForURL(/by=folder/);
  assert.ok(layouts <= 1, 'the link changed, and what is laid out did not');
});

onPage(
  'the map moves from one model to another, and colours by a third',
  async (page, server) => {
    await visit(page, server, '#/flags/map?model=clip');
    await page.getByRole('heading', { name: /clusters/ }).waitFor();
    await rested(page);
    const before = await page.locator('.ground').screenshot();
    await page.getByLabel('Model').selectOption('vgg16');
    await page.waitForURL(/model=vgg16/);
    await page.waitForFunction(() => document.querySelector('.ground')?.getAttribute('aria-label')?.includes('vgg16'));
    await page.waitForTimeout(400); // half way
    const between = await page.locator('.ground').screenshot();
    await page.waitForTimeout(1600);
    const then = await page.locator('.ground').screenshot();
    assert.ok(!before.equals(between) && !between.equals(then) && !before.equals(then));
    // Its result may come long after the event of its end.
    const result = /\/api\/v1\/jobs\/[^/]+$/;
    let answer = () => {};
    const held = new Promise<void>((done) => (answer = done));
    await page.route(result, (r) => held.then(() => r.continue()));
    const asked = page.waitForRequest(result);
    await page.getByLabel('Colour by').selectOption('model:vit');
    await page.waitForURL(/by=model:vit/);
    await asked;
    await page.waitForTimeout(500);
    const waiting = await page.locator('.ground').screenshot();
    answer();
    await page.waitForResponse(result);
    await page.waitForTimeout(500);
    assert.ok(!waiting.equals(await page.locator('.ground').screenshot()));
  },
  { needsSix: true, reducedMotion: 'no-preference' },
);

onPage(
  'a map of 100 000 pictures is drawn while it is dragged',
  async (page, server, t) => {
    await manyPlaces(page, 100_000);
    await visit(page, server, '#/flags/map?model=mobilenetv2-gem');
    await page.getByText('40 clusters').waitFor({ timeout: 30_000 });
    await rested(page);
    const box = (await page.locator('.ground').boundingBox())!;
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' }); // not what other programs take
    const metrics = async () =>
      Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
    await page.evaluate(() => {
      const w = window as unknown as { frames: number[]; points: number };
      w.frames = [];
      w.points = 0; // that the card was given
      const real = WebGL2RenderingContext.prototype.drawArrays;
      WebGL2RenderingContext.prototype.drawArrays = function (mode, first, n) {
        if (mode === this.POINTS) w.points += n;
        real.call(this, mode, first, n);
      };
      const tick = (now: number) => (w.frames.push(now), requestAnimationFrame(tick));
      requestAnimationFrame(tick);
    });
    await page.mouse.move(box.x + 400, box.y + 400);
    await page.mouse.down();
    const start = await metrics();
    for (let i = 0; i < 20; i++)
      await page.mouse.move(box.x + 400 + Math.sin(i / 5) * 120, box.y + 400 + Math.cos(i / 5) * 120);
    const end = await metrics();
    const points = await page.evaluate(() => (window as unknown as { points: number }).points);
    await page.mouse.up();
    const frames = await page.evaluate(() => (window as unknown as { frames: number[] }).frames);
    const seconds = (frames.at(-1)! - frames[0]!) / 1000;
    const script = ((end.ScriptDuration! - start.ScriptDuration!) * 1000) / Math.max(1, frames.length);
    t.diagnostic(
      `100 000 points: ${script.toFixed(2)} ms of script a frame, not counting what others took; ${(frames.length / seconds).toFixed(0)} frames a second with software rendering`,
    );
    // A frame at 60 a second has 16.7 ms; the script must leave nearly all of it to the graphics card.
    assert.ok(script < 8, `${script} ms of script a frame`);
    // Without a card a point costs a microsecond: what moves is a picture of them.
    assert.ok(points / frames.length < 20_000, `${points / frames.length} points a frame`);
    assert.ok((await page.locator('.ground').screenshot()).length > 20_000);
  },
  { expects: [/404 .*thumbnail\?name=p\d/] },
);

onPage(
  'compare names what it may have meant, as the search does',
  async (page, server) => {
    await visit(page, server, '#/flags/compare?q=Frnace');
    await page.getByRole('heading', { name: 'No picture is called “Frnace”' }).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0);
    await page.getByRole('button', { name: 'France' }).click();
    await page.waitForURL(/compare\?q=France/);
    await page.locator('.hits li').first().waitFor();
  },
  { expects: [/404 /] },
);
