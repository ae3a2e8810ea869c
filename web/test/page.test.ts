// All tests share one browser and one server on the real flags: indexed with the default model, and with the
// embeddings of six other models where the reference data is beside the checkout.
import { after, before } from 'node:test';
import { allClosed, launch } from './browser.ts';
import { shared } from './shared.ts';
import { freePort, indexFlags, Server, tidy } from './server.ts';
import './search.ts';
import './query.ts';
import './searches.ts';
import './lightbox.ts';
import './views.ts';
import './match.ts';
import './reports.ts';
import './people.ts';
import './shell.ts';
import './grid.ts';
import './browse.ts';
import './choose.ts';
import './pictures.ts';
import './alpha.ts';
import './guard.ts';
import './help.ts';
import './copies.ts';
import './jobs.ts';
import './collections.ts';
import './trouble.ts';
import './map.ts';
import './understand.ts';
import './tags.ts';
import './running.ts';
import './trays.ts';
import './app.ts';
import './print.ts';

before(async () => {
  indexFlags();
  shared.server = await new Server(await freePort()).start();
  shared.browser = await launch();
});

after(async () => {
  await shared.browser?.close();
  await shared.server?.end();
  tidy();
  allClosed();
});
