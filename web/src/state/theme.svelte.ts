import { remember } from './stored';

export type Theme = 'auto' | 'light' | 'dark';

const papers = { light: '#fbfaf7', dark: '#101010' }; // as in index.html; tokens.css has them as --paper

class ThemeChoice {
  value = $state<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'auto');

  constructor() {
    this.#colour();
    addEventListener('storage', ({ key, newValue }) => {
      if (key === 'akin-theme' && newValue) this.#show(newValue as Theme); // another tab's choice
    });
  }

  set(theme: Theme) {
    this.#show(theme);
    remember('akin-theme', theme);
  }

  #show(theme: Theme) {
    this.value = theme;
    document.documentElement.dataset.theme = theme;
    this.#colour();
  }

  /** Of the window of the installed page. */
  #colour() {
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]')) {
      const system = meta.media.includes('dark') ? 'dark' : 'light';
      meta.content = papers[this.value === 'auto' ? system : this.value];
    }
  }

  get dark(): boolean {
    return this.value === 'dark' || (this.value === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  }
}

export const theme = new ThemeChoice();
