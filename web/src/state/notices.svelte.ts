export type Notice = { id: number; text: string; bad: boolean };

/** Short messages at the edge of the page, read out by screen readers. */
class Notices {
  list = $state.raw<Notice[]>([]);
  #next = 1;

  say(text: string, bad = false) {
    const id = this.#next++;
    this.list = [...this.list, { id, text, bad }];
    setTimeout(() => this.drop(id), bad ? 9000 : 4000);
  }

  drop(id: number) {
    this.list = this.list.filter((n) => n.id !== id);
  }
}

export const notices = new Notices();
