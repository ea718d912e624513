// The pages: address, the word for it in the navigation, the permission without which it is not offered, its code.

import type { Component } from 'svelte'

export interface Page {
  path: string
  /** Key of the page's title in the dictionaries. */
  title: string
  /** Which entry of the navigation is lit. */
  section: string
  needs: string
  load: () => Promise<{ default: Component<any> }>
}

/* prettier-ignore */
export const PAGES: Page[] = [
  { path: '/', title: 'shell.nav.situation', section: '/', needs: 'situation.read', load: () => import('./pages/situation/Situation.svelte') },
  { path: '/events', title: 'shell.nav.events', section: '/events', needs: 'situation.read', load: () => import('./pages/events/List.svelte') },
  { path: '/events/:id', title: 'shell.nav.events', section: '/events', needs: 'situation.read', load: () => import('./pages/events/Workspace.svelte') },
  { path: '/cases', title: 'shell.nav.cases', section: '/cases', needs: 'cases.read', load: () => import('./pages/cases/List.svelte') },
  { path: '/cases/:id', title: 'shell.nav.cases', section: '/cases', needs: 'cases.read', load: () => import('./pages/cases/One.svelte') },
  { path: '/contacts', title: 'shell.nav.contacts', section: '/contacts', needs: 'contacts.read', load: () => import('./pages/contacts/List.svelte') },
  { path: '/chains', title: 'shell.nav.chains', section: '/chains', needs: 'cases.read', load: () => import('./pages/chains/Chains.svelte') },
  { path: '/imports', title: 'shell.nav.imports', section: '/imports', needs: 'imports.run', load: () => import('./pages/imports/List.svelte') },
  { path: '/imports/:id', title: 'shell.nav.imports', section: '/imports', needs: 'imports.run', load: () => import('./pages/imports/Wizard.svelte') },
  { path: '/admin', title: 'shell.nav.admin', section: '/admin', needs: '', load: () => import('./pages/admin/Admin.svelte') },
  { path: '/admin/:tab', title: 'shell.nav.admin', section: '/admin', needs: '', load: () => import('./pages/admin/Admin.svelte') },
]

/** What the left navigation offers, in the order of a working day. */
export const NAVIGATION = ['/', '/events', '/cases', '/contacts', '/chains', '/imports', '/admin']
