import { t } from './words.svelte'

/** Seconds as somebody who waits counts them: minutes, once there are more than one and a half. */
export const waitWords = (seconds: number): string =>
  seconds <= 90 ? t('load.wait_seconds', { n: Math.ceil(seconds) }) : t('load.wait_minutes', { n: Math.ceil(seconds / 60) })
