/** What a notice offers to do, as to take back what it says. */
export type NoticeAct = { act: string; do: () => unknown };
export type Notice = { id: number; text: string; bad: boolean; act?: NoticeAct };

const seconds = { good: 4, bad: 9, acts: 12 };

/** Short messages at the edge of the page, read out by screen readers. */
class Notices {
  list = $state.raw<Notice[]>([]);
  #next = 1;

  /** Says something good, or bad, or something that can be acted on. */
  say(text: string, how: boolean | NoticeAct = false) {
    const id = this.#next++;
    const bad = how === true;
    const act = typeof how === 'object' ? how : undefined;
    this.list = [...this.list, { id, text, bad, ...(act && { act }) }];
    setTimeout(() => this.drop(id), 1000 * (act ? seconds.acts : bad ? seconds.bad : seconds.good));
  }

  drop(id: number) {
    this.list = this.list.filter((n) => n.id !== id);
  }

  async act({ id, act }: Notice) {
    this.drop(id);
    try {
      await act?.do();
    } catch (error) {
      this.say((error as Error).message, true);
    }
  }
}

export const notices = new Notices();
