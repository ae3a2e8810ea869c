import { mount } from 'svelte';
import App from './App.svelte';
import './style/base.css';
import './style/shell.css';

const page = document.getElementById('page')!;
page.replaceChildren();
mount(App, { target: page });
