// The pages: address, the word for it in the navigation, the permission without which it is not offered, its
// code.

import type { Component } from 'svelte'
import { COLLECTS } from './lib/lab'
import { WORKS } from './lib/tasks'
import { TAKES_PART } from './lib/restrictions'

export interface Page {
  path: string
  /** Key of the page's title in the dictionaries. */
  title: string
  /** Which entry of the navigation is lit. */
  section: string
  needs: string
  load: () => Promise<{ default: Component<any> }>
}

/** Whoever organises tests, runs them, or watches. */
const TESTING = 'lab.read|lab.work|lab.manage'

function page(path: string, word: string, needs: string, load: Page['load']): Page {
  return { path, title: `shell.nav.${word}`, section: `/${path.split('/')[1]}`, needs, load }
}

/** Orders and permits share one entry of the navigation. */
function order(path: string, load: Page['load']): Page {
  return { ...page(path, 'orders', 'control.read', load), section: '/control/measures' }
}

export const PAGES: Page[] = [
  page('/', 'situation', 'situation.read', () => import('./pages/situation/Situation.svelte')),
  page('/events', 'events', 'situation.read', () => import('./pages/events/List.svelte')),
  page('/events/:id', 'events', 'situation.read', () => import('./pages/events/Workspace.svelte')),
  page('/signals', 'signals', 'signals.read', () => import('./pages/signals/Signals.svelte')),
  page('/signals/:id', 'signals', 'signals.read', () => import('./pages/signals/One.svelte')),
  page('/series', 'series', 'signals.read', () => import('./pages/series/Explorer.svelte')),
  page('/sites', 'sites', 'signals.read', () => import('./pages/sites/Sites.svelte')),
  page('/sites/:id', 'sites', 'signals.read', () => import('./pages/sites/One.svelte')),
  // Outside the console's frame (see App): its entry here gives it a place in the navigation.
  page('/field/report', 'report', 'reports.write', () => import('./pages/field/Field.svelte')),
  page('/field/tasks', 'my_tasks', WORKS, () => import('./pages/field/tasks/Tasks.svelte')),
  page('/field/followup', 'round', 'followup.write', () => import('./pages/field/followup/Round.svelte')),
  page('/field/lab', 'sampling', COLLECTS, () => import('./pages/field/lab/Lab.svelte')),
  page('/cases', 'cases', 'cases.read', () => import('./pages/cases/List.svelte')),
  page('/cases/:id', 'cases', 'cases.read', () => import('./pages/cases/One.svelte')),
  page('/contacts', 'contacts', 'contacts.read', () => import('./pages/contacts/List.svelte')),
  page('/interviews', 'interviews', 'contacts.read', () => import('./pages/interviews/List.svelte')),
  page('/interviews/:id', 'interviews', 'contacts.write', () => import('./pages/interviews/One.svelte')),
  page('/contact-lists', 'contact_lists', 'contacts.read', () => import('./pages/lists/Lists.svelte')),
  page('/contact-lists/:id', 'contact_lists', 'contacts.read', () => import('./pages/lists/One.svelte')),
  page('/places', 'places', 'contacts.read|fence.publish|fence.open', () => import('./pages/fence/Fence.svelte')),
  page('/places/:id', 'places', 'contacts.read|fence.publish|fence.open', () => import('./pages/fence/One.svelte')),
  page('/followup', 'followup', 'followup.read', () => import('./pages/followup/Followed.svelte')),
  page('/followup/editions', 'followup', 'followup.read', () => import('./pages/followup/Editions.svelte')),
  page('/followup/sheet', 'followup', 'followup.read', () => import('./pages/followup/Sheet.svelte')),
  page('/followup/:id', 'followup', 'followup.read', () => import('./pages/followup/One.svelte')),
  page('/testing', 'testing', TESTING, () => import('./pages/testing/Campaigns.svelte')),
  page('/testing/campaigns/:id', 'testing', 'lab.read', () => import('./pages/testing/Campaign.svelte')),
  page('/testing/rounds/:id', 'testing', 'lab.read', () => import('./pages/testing/Round.svelte')),
  page('/testing/rounds/:id/books', 'testing', 'lab.read', () => import('./pages/testing/BooksPage.svelte')),
  page('/testing/bench', 'testing', 'lab.work', () => import('./pages/testing/Bench.svelte')),
  page('/testing/plate', 'testing', 'lab.work', () => import('./pages/testing/Plate.svelte')),
  page('/testing/runs', 'testing', 'lab.read', () => import('./pages/testing/Runs.svelte')),
  page('/testing/runs/:id', 'testing', 'lab.read', () => import('./pages/testing/Run.svelte')),
  page('/testing/holds', 'testing', 'lab.read', () => import('./pages/testing/Holds.svelte')),
  page('/testing/tubes/:id', 'testing', 'lab.read', () => import('./pages/testing/Tube.svelte')),
  page('/testing/look-back', 'testing', 'lab.read', () => import('./pages/testing/LookBack.svelte')),
  page('/testing/messages', 'testing', 'lab.read', () => import('./pages/testing/Messages.svelte')),
  page('/testing/outside', 'testing', 'cases.read', () => import('./pages/testing/Outside.svelte')),
  page('/testing/boxes', 'testing', `lab.read|${COLLECTS}`, () => import('./pages/testing/Boxes.svelte')),
  page('/testing/labels', 'testing', `${TESTING}|${COLLECTS}`, () => import('./pages/testing/Labels.svelte')),
  page('/testing/paper', 'testing', COLLECTS, () => import('./pages/testing/paper/Paper.svelte')),
  page('/testing/laboratories', 'testing', 'lab.read', () => import('./pages/testing/Laboratories.svelte')),
  page('/rosters', 'rosters', 'entry.roster', () => import('./pages/rosters/Rosters.svelte')),
  page('/tasks', 'tasks', 'tasks.read', () => import('./pages/tasks/List.svelte')),
  page('/tasks/delivered', 'tasks', 'tasks.read', () => import('./pages/tasks/Delivered.svelte')),
  page('/tasks/teams', 'tasks', 'tasks.read', () => import('./pages/tasks/Teams.svelte')),
  page('/tasks/way', 'tasks', 'tasks.read', () => import('./pages/tasks/Way.svelte')),
  page('/tasks/:id', 'tasks', 'tasks.read|tasks.work', () => import('./pages/tasks/One.svelte')),
  page('/restrictions', 'restrictions', TAKES_PART, () => import('./pages/restrictions/Restrictions.svelte')),
  page('/restrictions/audit', 'restrictions', 'restrict.audit', () => import('./pages/restrictions/Audit.svelte')),
  page('/restrictions/:id', 'restrictions', TAKES_PART, () => import('./pages/restrictions/One.svelte')),
  page('/control', 'control', 'control.read', () => import('./pages/control/Zones.svelte')),
  order('/control/measures', () => import('./pages/control/Measures.svelte')),
  order('/control/measures/:id', () => import('./pages/control/Measure.svelte')),
  order('/control/measures/:id/notice', () => import('./pages/control/NoticePage.svelte')),
  order('/control/permits', () => import('./pages/control/Permits.svelte')),
  order('/control/permits/:id', () => import('./pages/control/Permit.svelte')),
  page('/control/:id', 'control', 'control.read', () => import('./pages/control/One.svelte')),
  page('/chains', 'chains', 'cases.read', () => import('./pages/chains/Chains.svelte')),
  page('/people', 'people', 'people.link|identity.open', () => import('./pages/people/People.svelte')),
  page('/imports', 'imports', 'imports.run', () => import('./pages/imports/List.svelte')),
  page('/imports/:id', 'imports', 'imports.run', () => import('./pages/imports/Wizard.svelte')),
  page('/bulletins', 'bulletins', 'bulletin.publish', () => import('./pages/briefing/Bulletins.svelte')),
  page(
    '/second-person',
    'second_person',
    'identity.approve|identity.open|identity.export|people.erase',
    () => import('./pages/access/SecondPerson.svelte'),
  ),
  page('/account', 'account', '', () => import('./pages/access/MyAccount.svelte')),
  page('/privacy', 'privacy', 'privacy.oversee|identity.export|data.export', () => import('./pages/privacy/Privacy.svelte')),
  page(
    '/privacy/:tab',
    'privacy',
    'privacy.oversee|identity.export|data.export',
    () => import('./pages/privacy/Privacy.svelte'),
  ),
  page('/reach', 'reach', '', () => import('./pages/access/Reach.svelte')),
  page('/admin', 'admin', '', () => import('./pages/admin/Admin.svelte')),
  page('/admin/:tab', 'admin', '', () => import('./pages/admin/Admin.svelte')),
]

/** What the left navigation offers, in the order of a working day. */
export const NAVIGATION = [
  '/',
  '/signals',
  '/series',
  '/sites',
  '/events',
  '/cases',
  '/interviews',
  '/contacts',
  '/contact-lists',
  '/places',
  '/followup',
  '/testing',
  '/tasks',
  '/rosters',
  '/restrictions',
  '/control',
  '/control/measures',
  '/chains',
  '/people',
  '/imports',
  '/field/report',
  '/field/tasks',
  '/field/followup',
  '/field/lab',
  '/bulletins',
  '/second-person',
  '/privacy',
  '/reach',
  '/admin',
]
