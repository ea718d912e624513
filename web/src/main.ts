import { mount } from 'svelte'
import App from './App.svelte'
import { paint } from './lib/theme.svelte'
import { language, setLanguage } from './lib/words.svelte'
import './styles/tokens.css'
import './styles/base.css'
import './styles/print.css'

paint()
setLanguage(language())
mount(App, { target: document.getElementById('quell')! })
