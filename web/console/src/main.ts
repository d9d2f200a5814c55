// Where the page begins: styles, theme, and the application put into the page.
import { mount } from 'svelte';
import App from './App.svelte';
import { locale, t } from './lib/lang';
import { showTheme } from './lib/prefs.svelte';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';

showTheme();
document.documentElement.lang = locale;
document.title = t.product;
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
