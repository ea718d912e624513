// Hands the reader a file made in the page.

export function saveText(name: string, text: string, type: string) {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Firefox reads the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}

/** What a drawing takes from the page's style sheet, to be written into the file that leaves the page. */
const KEPT = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
  'opacity',
]

export function saveSvg(name: string, drawing: SVGSVGElement, ground: string) {
  const copy = drawing.cloneNode(true) as SVGSVGElement
  const [from, into] = [drawing.querySelectorAll('*'), copy.querySelectorAll('*')]
  for (const [index, element] of from.entries()) {
    const style = getComputedStyle(element)
    const target = into[index]!
    for (const property of KEPT) target.setAttribute(property, style.getPropertyValue(property))
    target.removeAttribute('class')
    target.removeAttribute('tabindex')
  }
  const box = drawing.viewBox.baseVal
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', String(box.width))
  copy.setAttribute('height', String(box.height))
  copy.removeAttribute('class')
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [key, value] of Object.entries({ width: '100%', height: '100%', fill: ground }))
    paper.setAttribute(key, value)
  copy.prepend(paper)
  saveText(name, new XMLSerializer().serializeToString(copy), 'image/svg+xml')
}
