// Where this phone keeps the day's round, what was seen on it, and keys.

import { sealedHouse } from './sealed_house'

/** `unsent`: how much that was seen would be lost with the account's key. */
export const { rows, keys, unsent: unsentVisits } = sealedHouse('quell.visits')
