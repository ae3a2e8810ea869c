import { accept } from '../api/formats';

/** A file of this device, with the folders that it was in: "Holidays/beach.jpg". */
export type Found = { path: string; file: File };

const endings = accept.split(',').filter((a) => a.startsWith('.'));

/** Pictures of this device that are to be added, from when they were dropped or chosen until they are sent. */
class Dropped {
  files = $state.raw<Found[]>([]);
  /** How many other files were with them. */
  others = $state(0);
  reading = $state(false);

  readonly bytes = $derived(this.files.reduce((sum, f) => sum + f.file.size, 0));
  /** What they are called together: their folder, or how many they are. */
  readonly title = $derived.by(() => {
    const folders = [...new Set(this.files.map((f) => (f.path.includes('/') ? f.path.split('/')[0]! : '')))];
    return folders.length === 1 && folders[0] ? folders[0] : '';
  });

  take(files: Iterable<Found>) {
    const pictures: Found[] = [];
    let others = 0;
    for (const f of files) {
      const names = f.path.split('/');
      if (names.some((n) => n.startsWith('.'))) continue; // hidden, as the server leaves them out too
      if (endings.some((e) => f.path.toLowerCase().endsWith(e)))
        pictures.push({ ...f, path: names.map(legal).join('/') });
      else others++;
    }
    this.files = pictures;
    this.others = others;
  }

  clear() {
    this.files = [];
    this.others = 0;
  }

  /** Takes the files of a drop, those in its folders too. It is called while the drop is handled. */
  async takeTransfer(transfer: DataTransfer) {
    const entries = [...transfer.items].flatMap((i) => i.webkitGetAsEntry() ?? []);
    this.reading = true;
    try {
      const found: Found[] = [];
      for (const entry of entries) for await (const f of filesOf(entry)) found.push(f);
      this.take(found);
    } finally {
      this.reading = false;
    }
  }

  /** Takes what a file field has: with webkitRelativePath where a folder was chosen. */
  takeList(files: Iterable<File>) {
    this.take([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
  }
}

/** A name as every system takes it. */
function legal(name: string): string {
  return name.replace(/[\\:*?"<>|\u0000-\u001f\u007f]/g, '_').replace(/[. ]+$/, '_');
}

/** Whether a folder is among what is dropped. */
export function hasFolder(transfer: DataTransfer): boolean {
  return [...transfer.items].some((i) => i.webkitGetAsEntry()?.isDirectory);
}

async function* filesOf(entry: FileSystemEntry): AsyncGenerator<Found> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    yield { path: entry.fullPath.replace(/^\//, ''), file };
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // The browser gives a hundred at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (!some.length) return;
    for (const inner of some) yield* filesOf(inner);
  }
}

export const dropped = new Dropped();
