import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { drawn, hits, visit, waitForHits } from './browser.ts';
import { onPage } from './shared.ts';
import { answer, flags, freePort } from './server.ts';

type Found = { hits: { name: string; score: number; grade: string }[] };
const named = (found: Found) => found.hits.map((h) => h.name);

onPage('a name is typed, and what looks like it is found with scores and what they mean', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await page.getByRole('combobox', { name: 'Picture name' }).fill('chAd');
  await page.getByRole('option', { name: 'Chad' }).waitFor();
  await page.keyboard.press('Enter');
  await waitForHits(page, 'Romania');
  const found = answer<Found>('search', 'Chad', '--top', '40');
  assert.deepEqual(await hits(page), named(found));
  const first = page.locator('.results .grid > li').filter({ has: page.getByRole('link', { name: /^1\. / }) });
  assert.match(await first.innerText(), new RegExp(`${found.hits[0]!.score.toFixed(3)}\\s+near`));
  assert.match((await first.locator('.measure').getAttribute('title')) ?? '', /1 random pair in [\d,]+ is as close/);
  assert.match(page.url(), /#\/flags\/search\?q=Chad$/);
  await drawn(page, '.results img');
});

onPage('a click searches on from there, and back comes back', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  await page.getByRole('link', { name: /^1\. Romania/ }).click();
  await waitForHits(page, 'Chad');
  assert.match(page.url(), /q=Romania$/);
  await page.goBack();
  await waitForHits(page, 'Romania');
  assert.match(page.url(), /q=Chad$/);
  await page.goForward();
  await waitForHits(page, 'Chad');
});

onPage('pictures are added, weighed and subtracted as on the command line', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await page.getByRole('combobox', { name: 'Picture name' }).fill('Chad + 0.5:Mali - France');
  await page.getByRole('option', { name: 'France' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove France from the query' }).waitFor();
  const mixed = named(answer<Found>('search', 'Chad', '+', '0.5:Mali', '-', 'France', '--top', '40'));
  await waitForHits(page, mixed[0]!);
  assert.deepEqual(await hits(page), mixed);

  await page.getByRole('button', { name: 'Add France instead of subtracting it' }).click();
  const added = named(answer<Found>('search', 'Chad', '+', '0.5:Mali', '+', 'France', '--top', '40'));
  await page.waitForURL(/q=Chad&q=0\.5:Mali&q=France/);
  await waitForHits(page, added[0]!);
  await page.getByRole('spinbutton', { name: 'Weight of Mali' }).fill('2');
  await page.keyboard.press('Tab');
  const weighed = named(answer<Found>('search', 'Chad', '+', '2:Mali', '+', 'France', '--top', '40'));
  await page.waitForURL(/q=2:Mali/);
  await waitForHits(page, weighed[0]!);
  assert.deepEqual(await hits(page), weighed);
});

onPage('a link holds everything: model, region, cut, filter', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&cut=near');
  await waitForHits(page, 'Romania');
  const { hits: all } = answer<Found>('search', 'Chad', '--top', '40');
  const near = all.filter((h) => h.grade === 'same' || h.grade === 'near');
  assert.ok(near.length > 0 && near.length < all.length);
  assert.deepEqual(await hits(page), named({ hits: near }));
  assert.ok(await page.getByRole('radio', { name: 'Near' }).isChecked());

  await visit(page, server, '#/flags/search?q=Chad&names=*stan*');
  const stans = named(answer<Found>('search', 'Chad', '--name', '*stan*', '--top', '40'));
  await waitForHits(page, stans[0]!);
  assert.deepEqual(await hits(page), stans);
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Names' }).inputValue(), '*stan*');
  await page.getByRole('button', { name: 'Remove the filter Names: *stan*' }).click();
  await waitForHits(page, 'Romania');

  await visit(page, server, '#/flags/search?q=Japan&cut=near');
  await page.getByRole('heading', { name: 'No good match' }).waitFor();
  await page.getByRole('button', { name: 'Show all hits' }).click();
  await waitForHits(page, named(answer<Found>('search', 'Japan', '--top', '1'))[0]!);
});

onPage('a region of the query is searched with', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Australia');
  await page.getByRole('button', { name: 'Search with a region of Australia' }).click();
  await page.getByLabel('Left').fill('0');
  await page.getByLabel('Top', { exact: false }).first().fill('0');
  await page.getByLabel('Width').fill('50');
  await page.getByLabel('Height').fill('50');
  await page.keyboard.press('Tab');
  await page.getByRole('button', { name: 'Search with region' }).click();
  await page.waitForURL(/crop=0@0,0,0\.5,0\.5/);
  const found = named(answer<Found>('search', 'Australia', '--crop', '0%,0%,50%,50%', '--top', '40'));
  await waitForHits(page, found[0]!);
  assert.deepEqual(await hits(page), found);

  // By hand: a drag draws a region, the arrows move it.
  await page.getByRole('button', { name: 'Change the region of Australia' }).click();
  await page.locator('dialog .stage.here').waitFor();
  const stage = await page.locator('dialog .stage').boundingBox();
  assert.ok(stage);
  await page.mouse.move(stage.x + stage.width * 0.6, stage.y + stage.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(stage.x + stage.width * 0.9, stage.y + stage.height * 0.7, { steps: 4 });
  await page.mouse.up();
  assert.ok(Math.abs(Number(await page.getByLabel('Left').inputValue()) - 60) <= 1);
  assert.ok(Math.abs(Number(await page.getByLabel('Width').inputValue()) - 30) <= 1);
  await page.getByRole('group', { name: 'Region' }).focus();
  await page.keyboard.press('ArrowLeft');
  assert.ok(Math.abs(Number(await page.getByLabel('Left').inputValue()) - 58) <= 1);
  await page.getByRole('button', { name: 'Use whole picture' }).click();
  await page.waitForURL((url) => !url.hash.includes('crop'));
});

onPage('the words of hits are the server’s, and luck comes first where it explains them all', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  assert.equal(await page.getByText('No good match').count(), 0);
  const word = (name: string) => page.getByRole('link', { name: new RegExp(` ${name} `) }).locator('.measure');
  await page.route('**/search', async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { hits: object[]; no_good_match?: boolean };
    body.hits = body.hits.map((h, i) => ({ ...h, grade: 'weak', by_luck: 15.2 + i }));
    await route.fulfill({ json: { ...body, no_good_match: true } });
  });
  await visit(page, server, '#/flags/search?q=Chad');
  await waitForHits(page, 'Romania');
  const line = page.locator('.results [role=status]');
  assert.match(await line.innerText(), /^No good match: 15 pictures are this close by luck\. Closest hits by /);
  const [first, hit] = [await line.boundingBox(), await page.locator('.results .grid > li').first().boundingBox()];
  assert.ok(first!.y + first!.height <= hit!.y, 'before the hits');
  assert.match(await word('Romania').innerText(), /weak$/);
  assert.match(
    (await word('Romania').getAttribute('title')) ?? '',
    /^luck explains it; 15 pictures are this close by luck; /,
  );
  await page.getByRole('radio', { name: 'Related' }).click();
  await page.getByRole('heading', { name: 'No good match' }).waitFor();

  await page.unroute('**/search');
  await page.route('**/search', async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { hits: object[] };
    body.hits = body.hits.map((h, i) => ({ ...h, grade: i ? 'near' : 'same', by_luck: 0, same_pixels: i === 0 }));
    await route.fulfill({ json: body });
  });
  await visit(page, server, '#/flags/search?q=Chad&cut=near');
  await waitForHits(page, 'Romania');
  assert.match(await word('Romania').innerText(), /same$/);
  assert.match(
    (await word('Romania').getAttribute('title')) ?? '',
    /the pixels agree, apart from size and compression; fewer than 0\.001 pictures/,
  );
});

const chad = readFileSync(join(flags, 'Chad.png'));

onPage('a file is chosen', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await page.locator('input[type=file]').setInputFiles(join(flags, 'Chad.png'));
  await waitForHits(page, 'Chad');
  assert.match(await page.locator('.results .grid > li').first().innerText(), /1\.000\s+same/);
  assert.match(page.url(), /q=upload:/);
});

onPage('a picture is dropped, and another is dropped to join it', async (page, server) => {
  await visit(page, server, '#/flags/search');
  const transfer = (bytes: number[], name: string) =>
    page.evaluateHandle(
      ([data, called]) => {
        const t = new DataTransfer();
        t.items.add(new File([new Uint8Array(data)], called, { type: 'image/png' }));
        return t;
      },
      [bytes, name] as const,
    );
  const one = await transfer([...chad], 'one.png');
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: one });
  await page.getByText('Search with this picture').waitFor();
  await page.dispatchEvent('.zone', 'drop', { dataTransfer: one });
  await waitForHits(page, 'Chad');
  const two = await transfer([...readFileSync(join(flags, 'Mali.png'))], 'two.png');
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: two });
  await page.getByText('Add to the query').waitFor();
  await page.dispatchEvent('.zone:nth-child(2)', 'drop', { dataTransfer: two });
  await page.waitForURL(/q=upload:\w+&q=upload:\w+/);
  await page.getByRole('spinbutton').nth(1).waitFor();
});

onPage(
  'a picture is pasted, and so is an address',
  async (page, server) => {
    await visit(page, server, '#/flags/search');
    await page.evaluate(
      (data) => {
        const t = new DataTransfer();
        t.items.add(new File([new Uint8Array(data)], 'pasted.png', { type: 'image/png' }));
        document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: t, bubbles: true, cancelable: true }));
      },
      [...chad],
    );
    await waitForHits(page, 'Chad');

    // The server refuses addresses of its own network, and the page says so in the server's words.
    const port = await freePort();
    await page.evaluate((url) => {
      const t = new DataTransfer();
      t.setData('text/plain', url);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: t, bubbles: true, cancelable: true }));
    }, `http://127.0.0.1:${port}/chad.png`);
    const said = await page.getByRole('alert').innerText();
    assert.match(said, new RegExp(`127\\.0\\.0\\.1`));
  },
  { expects: [/403 .*flags\/search/] },
);

onPage('a camera takes a picture', async (page, server) => {
  await visit(page, server, '#/flags/search');
  await page.getByRole('button', { name: 'Take a picture' }).click();
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await page.waitForURL(/q=upload:/);
  await page.locator('.results .grid > li').first().waitFor();
});

onPage('a picture is looked at closely and tagged, and the tag filters', async (page, server) => {
  await visit(page, server, '#/flags/search?q=Chad&look=Romania');
  const dialog = page.getByRole('dialog', { name: 'Romania' });
  await dialog.getByText('250 × ').waitFor();
  await dialog.getByLabel('Add tag').fill('tricolour');
  await page.keyboard.press('Enter');
  await dialog.getByText('tricolour', { exact: true }).waitFor();
  await visit(page, server, '#/flags/search?q=Chad&tag=tricolour');
  await waitForHits(page, 'Romania');
  assert.deepEqual(await hits(page), ['Romania']);
  await visit(page, server, '#/flags/search?look=Romania');
  await page.getByRole('button', { name: 'Remove tag tricolour' }).click();
  await page.getByText('tricolour', { exact: true }).waitFor({ state: 'detached' });
});

// An address that the server may fetch: it wants a server of its own.
export function servePicture(port: number): Promise<() => void> {
  return new Promise((ready) => {
    const s = createServer((_, response) => response.end(chad)).listen(port, '127.0.0.1', () => ready(() => s.close()));
  });
}
