// Regions as same-size tiles near where they are (a tile cartogram): a small urban district is as easy to see
// and to press as a large mountain county, and no boundary file is needed, only centroids.
//
// The grid is as fine as it must be for every region to get a cell; which region takes which cell is the
// assignment with the least sum of squared distances (Kuhn 1955, in the shortest-augmenting-path form of
// Jonker and Volgenant 1987). The same regions give the same picture on every machine: nothing here is drawn
// by chance.

export interface Point {
  id: string
  x: number
  y: number
}

export interface Tile {
  id: string
  column: number
  row: number
}

type Ring = [number, number][]

/** Above this many regions the assignment (which grows with the cube) would be felt; the nearest free cell is
 * taken. */
const MOST_EXACT = 400

/** Tiles for `points`; inside `outline` (rings in the same plane) when one is given, so that the picture
 * keeps the shape of the land. Rows grow downwards, `y` grows upwards. */
export function layTiles(points: Point[], outline: Ring[] = []): Tile[] {
  if (points.length === 0) return []
  const sorted = [...points].sort((a, b) => (a.id < b.id ? -1 : 1))
  const { cells, size, left, top } = gridFor(sorted, outline)
  const cost = (point: Point, cell: Tile) =>
    ((point.x - left) / size - cell.column - 0.5) ** 2 + ((top - point.y) / size - cell.row - 0.5) ** 2
  const taken = sorted.length <= MOST_EXACT ? assign(sorted, cells, cost) : nearestFree(sorted, cells, cost)
  return sorted.map((point, index) => ({ ...cells[taken[index]!]!, id: point.id }))
}

/** The coarsest grid that has a cell for everyone. */
function gridFor(points: Point[], outline: Ring[]) {
  const corners = outline.length ? outline.flat().map(([x, y]) => ({ x, y })) : points
  const left = Math.min(...corners.map((p) => p.x))
  const right = Math.max(...corners.map((p) => p.x))
  const top = Math.max(...corners.map((p) => p.y))
  const bottom = Math.min(...corners.map((p) => p.y))
  const across = Math.max(right - left, top - bottom) || 1
  for (let size = across / Math.max(1, Math.sqrt(points.length) / 2); ; size *= 0.98) {
    const columns = Math.ceil((right - left) / size) || 1
    const rows = Math.ceil((top - bottom) / size) || 1
    const cells: Tile[] = []
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const [x, y] = [left + (column + 0.5) * size, top - (row + 0.5) * size]
        if (outline.length ? inside(outline, x, y) : near(points, x, y, size))
          cells.push({ id: '', column, row })
      }
    }
    if (cells.length >= points.length) return { cells, size, left, top }
  }
}

/** Without an outline a cell belongs to the land when somebody's centroid is within two cells of it. */
function near(points: Point[], x: number, y: number, size: number): boolean {
  return points.some((point) => Math.abs(point.x - x) <= 2 * size && Math.abs(point.y - y) <= 2 * size)
}

/** Even-odd rule. Rings of neighbours may share edges: a point inside any one ring is on land. */
export function inside(rings: Ring[], x: number, y: number): boolean {
  return rings.some((ring) => {
    let within = false
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [xi, yi] = ring[i]!
      const [xj, yj] = ring[j]!
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within
    }
    return within
  })
}

function nearestFree(points: Point[], cells: Tile[], cost: (point: Point, cell: Tile) => number): number[] {
  const free = new Set(cells.keys())
  return points.map((point) => {
    let best = -1
    let least = Infinity
    for (const cell of free) {
      const distance = cost(point, cells[cell]!)
      if (distance < least) [best, least] = [cell, distance]
    }
    free.delete(best)
    return best
  })
}

/** The cell of each point so that the whole sum is least. Rows are points, columns are cells; 1-based as in
 * the literature, with column 0 as the unmatched start. */
function assign(points: Point[], cells: Tile[], cost: (point: Point, cell: Tile) => number): number[] {
  const rowPrice = new Float64Array(points.length + 1)
  const cellPrice = new Float64Array(cells.length + 1)
  const holder = new Int32Array(cells.length + 1)
  const way = new Int32Array(cells.length + 1)
  for (let row = 1; row <= points.length; row++) {
    holder[0] = row
    const slack = new Float64Array(cells.length + 1).fill(Infinity)
    const seen = new Uint8Array(cells.length + 1)
    let at = 0
    while (holder[at] !== 0) {
      seen[at] = 1
      at = cheapestStep(at)
    }
    while (at !== 0) {
      holder[at] = holder[way[at]!]!
      at = way[at]!
    }

    function cheapestStep(from: number): number {
      const point = holder[from]!
      let next = 0
      let least = Infinity
      for (let cell = 1; cell <= cells.length; cell++) {
        if (seen[cell]) continue
        const reduced = cost(points[point - 1]!, cells[cell - 1]!) - rowPrice[point]! - cellPrice[cell]!
        if (reduced < slack[cell]!) {
          slack[cell] = reduced
          way[cell] = from
        }
        if (slack[cell]! < least) [least, next] = [slack[cell]!, cell]
      }
      for (let cell = 0; cell <= cells.length; cell++) {
        if (seen[cell]) {
          rowPrice[holder[cell]!]! += least
          cellPrice[cell]! -= least
        } else slack[cell]! -= least
      }
      return next
    }
  }
  const taken = new Array<number>(points.length)
  for (let cell = 1; cell <= cells.length; cell++) if (holder[cell]) taken[holder[cell]! - 1] = cell - 1
  return taken
}
