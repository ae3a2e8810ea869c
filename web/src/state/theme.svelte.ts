export type Theme = 'auto' | 'light' | 'dark';

class ThemeChoice {
  value = $state<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'auto');

  constructor() {
    addEventListener('storage', ({ key, newValue }) => {
      if (key === 'akin-theme' && newValue) this.#show(newValue as Theme); // another tab's choice
    });
  }

  set(theme: Theme) {
    this.#show(theme);
    try {
      localStorage.setItem('akin-theme', theme);
    } catch {
      // Storage is off: the theme lasts until the page is closed.
    }
  }

  #show(theme: Theme) {
    this.value = theme;
    document.documentElement.dataset.theme = theme;
  }

  get dark(): boolean {
    return this.value === 'dark' || (this.value === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  }
}

export const theme = new ThemeChoice();
