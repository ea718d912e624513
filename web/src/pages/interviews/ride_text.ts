// One run of a vehicle in words.

import type { Run } from '../../lib/trace'
import { t } from '../../lib/words.svelte'

export const rideText = ({ kind, number, day }: Run) => `${t(`interviews.ride_${kind}`)} ${number} ${day}`
