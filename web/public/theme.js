// Before the first paint, so that a chosen theme never flashes.
try {
  document.documentElement.dataset.theme = localStorage.getItem('akin-theme') || 'auto';
} catch {
  /* storage is off: the system's theme it is */
}
