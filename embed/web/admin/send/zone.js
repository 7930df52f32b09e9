// Wall clocks in time zones: what <input type="datetime-local"> holds, and the moment it means.

export const home = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

// zones are the names of all time zones that this browser knows, the person's own and UTC first.
export const zones = [...new Set([home, "UTC", ...(Intl.supportedValuesOf?.("timeZone") || [])])];

// local is a moment as "2026-11-22T18:00" on a clock of the zone.
export function local(date, zone) {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }).formatToParts(date);
  const part = (type) => parts.find((one) => one.type === type).value;
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

// instant is the moment when a clock of the zone shows that, null when the text is no time. Where the clock is put
// back it is the first of the two moments; a time that is left out is the same span after the change.
export function instant(text, zone) {
  const wall = Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) return null;
  const offset = (at) => Date.parse(`${local(new Date(at), zone)}Z`) - Math.floor(at / 60000) * 60000;
  const day = 86400000;
  const tries = [wall - offset(wall - day), wall - offset(wall + day)];
  const fits = tries.filter((at) => local(new Date(at), zone) === text.slice(0, 16));
  return new Date(fits.length ? Math.min(...fits) : tries[0]);
}

// soon is the next full hour that is at least half an hour away.
export function soon(zone) {
  const hour = 3600000;
  return local(new Date(Math.ceil((Date.now() + hour / 2) / hour) * hour), zone);
}
