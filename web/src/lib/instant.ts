// A moment counted in milliseconds, as a person reads it.

import { formatMoment } from './day'

export const instant = (ms: number): string => formatMoment(new Date(ms).toISOString())
