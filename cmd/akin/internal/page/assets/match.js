'use strict';
for (const tools of document.querySelectorAll('.fade')) {
  const slider = tools.querySelector('input');
  const over = tools.nextElementSibling.querySelector('.over');
  const set = () => (over.style.opacity = slider.value / 100);
  slider.addEventListener('input', set);
  tools.hidden = false;
  set();
}
