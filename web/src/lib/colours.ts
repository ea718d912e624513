// Colours that carry meaning. Categories are Okabe-Ito (Okabe & Ito 2008, "Color Universal Design": told
// apart with the common kinds of colour blindness); the values live in styles/tokens.css so that both themes
// can tune them.

/** How a case was found. */
export const FOUND_COLOUR: Record<string, string> = {
  under_care: 'var(--oi-sky)',
  community: 'var(--oi-vermilion)',
  unknown: 'var(--oi-grey)',
}

export const CLASSIFICATION_COLOUR: Record<string, string> = {
  suspected: 'var(--oi-yellow)',
  probable: 'var(--oi-orange)',
  confirmed: 'var(--oi-vermilion)',
  asymptomatic: 'var(--oi-blue)',
  discarded: 'var(--oi-grey)',
}

/** For clusters and other open lists, in the order Okabe and Ito give. */
export const CATEGORIES = [
  'var(--oi-orange)',
  'var(--oi-sky)',
  'var(--oi-green)',
  'var(--oi-yellow)',
  'var(--oi-blue)',
  'var(--oi-vermilion)',
  'var(--oi-purple)',
]

/** The computed value of a colour token, for canvas and exported files where CSS variables do not reach. */
export function colourValue(token: string, at: Element = document.documentElement): string {
  const name = /var\((--[\w-]+)\)/.exec(token)?.[1]
  return name ? getComputedStyle(at).getPropertyValue(name).trim() : token
}
