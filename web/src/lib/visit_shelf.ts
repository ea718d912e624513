// Where this phone keeps the day's round, what was seen on it, and keys.

import { sealedHouse } from './sealed_house'

export const house = sealedHouse('quell.visits')

/** How much that was seen would be lost with the account's key. */
export const unsentVisits = house.unsent
