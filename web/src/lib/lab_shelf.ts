// Where this phone keeps tubes, boxes and keys.

import { sealedHouse } from './sealed_house'

/** `unsent`: how many tubes and boxes of an account would be lost with its key. */
export const { rows, keys, unsent: unsentSamples } = sealedHouse('quell.lab')
