// Before the first paint: the theme that was chosen, so that another one never flashes.
try {
  document.documentElement.dataset.theme = localStorage.getItem('akin-theme') || 'auto';
} catch {
  /* storage is off: the system's theme it is */
}

// After it: the page, which takes longer to read and to make than the frame that index.html has. It would also take
// the processor from who draws that. A page that is opened where nobody sees it is not painted, and would wait for ever.
addEventListener('DOMContentLoaded', () => {
  let begun = false;
  const begin = () => {
    if (!begun) document.querySelectorAll('link[data-begin]').forEach((link) => import(link.href));
    begun = true;
  };
  if (document.visibilityState === 'hidden') return begin();
  new PerformanceObserver(begin).observe({ type: 'paint', buffered: true });
  setTimeout(begin, 500);
});
