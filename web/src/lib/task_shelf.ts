// Where this phone keeps the day's tasks, what was done with them, and keys.

import { sealedHouse } from './sealed_house'

/** `unsent`: how much that was done would be lost with the account's key. */
export const { rows, keys, unsent: unsentDeeds } = sealedHouse('quell.tasks')
