import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const flags = join(root, '.deps', 'flags');
const reference = join(dirname(root), 'shared');
export const broken = join(reference, 'golden', 'broken');
const embeddings = join(reference, 'flags', 'embeddings');
const program = join(root, 'bin', 'akin');

export const home = mkdtempSync(join(tmpdir(), 'akin-page-'));
const env = { ...process.env, AKIN_HOME: home, AKIN_COLLECTION: '', NO_COLOR: '1' };

/** Models whose embeddings other programs made, by the names that the tests use; none where the files are absent. */
export const imported = Object.entries({
  dinov2: 'DINO-v2',
  blip2: 'blip',
  clip: 'clip',
  efficientnet: 'efficientnet',
  vgg16: 'vgg16',
  vit: 'vit',
})
  .map(([model, file]) => ({ model, file: join(embeddings, `national_flag_embeddings_${file}.csv`) }))
  .filter(({ file }) => existsSync(file));

export function akin(...args: string[]): string {
  return execFileSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** What the command line answers: the page must say the same. */
export function answer<T>(...args: string[]): T {
  return JSON.parse(akin('-c', 'flags', '--json', ...args)) as T;
}

export function indexFlags() {
  akin('-c', 'flags', '-q', 'index', flags);
  for (const { model, file } of imported) akin('-c', 'flags', '-q', 'import', '--model', model, file);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

export class Server {
  #process: ChildProcess | null = null;
  #said = '';
  url = '';
  /** What the command prints for a person to open. */
  printed = '';

  /** Without a token, unless the arguments say who is let in, or it is to have one of its own; the data is in `where`. */
  constructor(
    readonly port: number,
    readonly args: string[] = [],
    token: 'none' | 'own' = 'none',
    readonly where = home,
  ) {
    if (token === 'none' && !args.some((a) => ['--token', '--insecure'].includes(a)))
      this.args = [...args, '--no-token'];
  }

  async start(): Promise<this> {
    this.#said = '';
    this.#process = spawn(program, ['serve', '--listen', `127.0.0.1:${this.port}`, ...this.args], {
      env: { ...env, AKIN_HOME: this.where },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const gone = new Promise<never>((_, reject) =>
      this.#process!.once('exit', (code) => reject(new Error(`akin serve ended with ${code}: ${this.#said}`))),
    );
    gone.catch(() => {});
    this.printed = '';
    this.#process.stdout!.on('data', (d: Buffer) => (this.printed += d.toString()));
    this.#process.stderr!.on('data', (d: Buffer) => (this.#said += d.toString()));
    this.url = `http://127.0.0.1:${this.port}`;
    const ready = async () => {
      for (;;) {
        try {
          if ((await fetch(`${this.url}${this.#prefix}/healthz`)).ok) return;
        } catch {
          // not yet
        }
        await new Promise((done) => setTimeout(done, 50));
      }
    };
    await Promise.race([ready(), gone]);
    return this;
  }

  get #prefix(): string {
    const at = this.args.indexOf('--prefix');
    return at < 0 ? '' : this.args[at + 1]!;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') {
    const process = this.#process;
    if (!process || process.exitCode !== null) return;
    const exited = new Promise((done) => process.once('exit', done));
    process.kill(signal);
    await exited;
    this.#process = null;
  }
}

export function makeFolder(name: string): string {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

export function tidy() {
  rmSync(home, { recursive: true, force: true });
}
