// A part of the page as a document of its own: its styles and pictures are inside.

async function dataURL(src: string): Promise<string> {
  const blob = await (await fetch(src, { credentials: 'same-origin' })).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error(src));
    reader.readAsDataURL(blob);
  });
}

/** A copy of an element with its pictures inside, and without what only works in the page. */
async function whole(element: Element): Promise<Element> {
  const copy = element.cloneNode(true) as Element;
  copy.querySelectorAll('details').forEach((d) => (d.open = true));
  copy.querySelectorAll('[popover], [hidden], [data-page-only]').forEach((e) => e.remove());
  copy.querySelectorAll('a').forEach((a) => a.removeAttribute('href'));
  copy.querySelectorAll('button').forEach((b) => {
    const text = document.createElement('span');
    text.append(...b.childNodes);
    b.replaceWith(text);
  });
  const inside = new Map<string, Promise<string>>();
  await Promise.all(
    [...copy.querySelectorAll('img')].map(async (img) => {
      img.removeAttribute('srcset');
      img.removeAttribute('loading');
      img.style.opacity = '1';
      if (img.src.startsWith('data:')) return;
      const found = inside.get(img.src) ?? dataURL(img.src);
      inside.set(img.src, found);
      try {
        img.src = await found;
      } catch {
        img.removeAttribute('src'); // a picture without a file
      }
    }),
  );
  return copy;
}

function styles(): string {
  return [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => !(rule instanceof CSSFontFaceRule)) // whose files are not inside
    .map((rule) => rule.cssText)
    .join('\n');
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

export async function asHTML(title: string, about: string, element: Element): Promise<Blob> {
  const body = await whole(element);
  const text = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${styles().replaceAll('</', '<\\/')}
body { max-width: 80rem; margin: 0 auto; padding: 2.5rem 1.5rem; }</style>
<h1>${escaped(title)}</h1>
<p class="lead">${escaped(about)}</p>
${body.outerHTML}
</html>
`;
  return new Blob([text], { type: 'text/html' });
}

/** A picture of an element, twice as large as it is on the screen, and no larger than browsers can draw. */
export async function asPNG(element: HTMLElement): Promise<Blob> {
  const { width, height } = element.getBoundingClientRect();
  const edge = 24;
  const wide = Math.ceil(Math.max(width, element.scrollWidth)) + 2 * edge;
  const body = await whole(element);
  const frame = document.createElement('div');
  frame.style.cssText = `width: ${wide}px; padding: ${edge}px; background: var(--paper); color: var(--ink); font: 400 var(--t14) var(--sans)`;
  frame.append(body);
  // As tall as it is with everything unfolded: measured in the page, and out of sight.
  frame.style.position = 'absolute';
  frame.style.insetInlineStart = '-99999px';
  document.body.append(frame);
  const tall = Math.ceil(Math.max(height, frame.getBoundingClientRect().height));
  frame.remove();
  frame.style.position = '';
  frame.style.insetInlineStart = '';
  frame.setAttribute('xmlns', 'http://www.w3.org/1999/xhtml');
  const theme = document.documentElement.dataset.theme;
  const scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  const html = new XMLSerializer().serializeToString(frame);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${wide}" height="${tall}" data-theme="${theme ?? scheme}"><style>${escaped(styles())}</style><foreignObject width="100%" height="100%">${html}</foreignObject></svg>`;
  const img = new Image();
  img.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await img.decode();
  const scale = Math.min(2, 16_000 / tall, 16_000 / wide);
  const canvas = new OffscreenCanvas(Math.round(wide * scale), Math.round(tall * scale));
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  context.drawImage(img, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}
