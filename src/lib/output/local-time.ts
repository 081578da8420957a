const two = (part: number) => String(Math.trunc(part)).padStart(2, '0')

/**
 * A moment as the clocks here show it (`TZ` honoured), in the parts of RFC 3339: `{day: '2026-11-21', time: '20:00:00', zone:
 * '+08:00'}`; the zone of UTC is `Z`.
 */
export function localTime(date: Date): {readonly day: string; readonly time: string; readonly zone: string} {
  const ahead = -date.getTimezoneOffset()
  const local = new Date(date.getTime() + ahead * 60_000).toISOString()
  const zone = `${ahead < 0 ? '-' : '+'}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`
  const [day = '', time = ''] = local.split('T')
  return {day, time: time.slice(0, 8), zone: ahead === 0 ? 'Z' : zone}
}
