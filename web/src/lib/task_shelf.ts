// Where this phone keeps the day's tasks, what was done with them, and keys.

import { sealedHouse } from './sealed_house'

export const house = sealedHouse('quell.tasks')

/** How much that was done would be lost with the account's key. */
export const unsentDeeds = house.unsent
