/** Numbers, sizes and times as people read them. */

/** '25.0%', or a dash where there is none. */
export function formatShare(value: number | null, digits = 1): string {
  return value === null ? '–' : `${(100 * value).toFixed(digits)}%`
}

/** Three significant digits, thousands apart; a dash where there is none. */
export function formatNumber(value: number | null): string {
  if (value === null) return '–'
  if (Number.isInteger(value)) return formatCount(value)
  const size = Math.abs(value)
  if (size >= 1000) return formatCount(Math.round(value))
  return size !== 0 && size < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}

const counts = new Intl.NumberFormat('en-US')

/** '12,345'. */
export function formatCount(value: number): string {
  return counts.format(value)
}

/** '1.5 GB', in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = bytes
  let unit = 0
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${unit === 0 || size >= 99.5 ? Math.round(size) : Number(size.toPrecision(2))} ${units[unit]}`
}

/** '45 s', '3 min', '2 h 5 min'. */
export function formatDuration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A moment of the store in the time of this place: '2026-03-04 15:06'. */
export function formatMoment(utc: string): string {
  const moment = new Date(utc)
  if (Number.isNaN(moment.getTime())) return utc
  const two = (part: number) => String(part).padStart(2, '0')
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`
  return `${day} ${two(moment.getHours())}:${two(moment.getMinutes())}`
}
