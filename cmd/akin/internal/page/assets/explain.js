'use strict';
const slider = document.getElementById('strength');
const set = () => document.documentElement.style.setProperty('--heat', slider.value / 100);
slider.addEventListener('input', set);
document.getElementById('tools').hidden = false;
set();
