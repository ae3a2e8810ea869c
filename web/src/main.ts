import { mount } from 'svelte';
import App from './App.svelte';
import { install } from './state/app';
import { signedIn } from './state/signin';
import './style/tokens.css';
import './style/base.css';
import './style/cards.css';
import './style/shell.css';

function begin() {
  const page = document.getElementById('page')!;
  page.replaceChildren();
  mount(App, { target: page });
}

if (signedIn) void signedIn.then(begin);
else begin();
if (document.readyState === 'complete') install();
else addEventListener('load', install);
