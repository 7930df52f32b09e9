// When a repeating notification comes, as people say it: "Mondays 08:00".
import { capital, clock, conjunction, dayOfYear, number, t } from "../lang.js";
import { read } from "./cron.js";

const weekdays = [
  () => t("rhythm.sundays"), () => t("rhythm.mondays"), () => t("rhythm.tuesdays"), () => t("rhythm.wednesdays"),
  () => t("rhythm.thursdays"), () => t("rhythm.fridays"), () => t("rhythm.saturdays"),
];

// The week begins on Monday, as in most of the world.
const inOrder = (days) => [...days].sort((a, b) => (a || 7) - (b || 7));

function dayWords({ weekdays: some, days, month }) {
  if (some) {
    const set = some.join();
    if (set === "1,2,3,4,5") return t("rhythm.workdays");
    return set === "0,6" ? t("rhythm.weekends") : conjunction(inOrder(some).map((day) => weekdays[day]()));
  }
  if (month) return t("rhythm.year", { date: dayOfYear(new Date(2000, month - 1, days[0])) });
  if (days) return days.length > 1 ? t("rhythm.months", { days: conjunction(days.map(String)) }) : t("rhythm.month", { day: days[0] });
  return "";
}

function timeWords({ minutes, hours, minute, times }) {
  if (minutes) return minutes === 1 ? t("rhythm.minute") : t("rhythm.minutes", { count: minutes });
  if (times) return conjunction(times.map(([h, m]) => clock(new Date(2000, 0, 1, h, m))));
  const past = String(minute).padStart(2, "0");
  return hours === 1 ? t("rhythm.hour", { past }) : t("rhythm.hours", { count: number(hours), past });
}

// rhythm says a cron expression, or answers it as it is when it has no usual form.
export function rhythm(expression) {
  const found = read(expression);
  if (!found) return expression;
  const day = dayWords(found);
  const time = timeWords(found);
  if (found.times && !found.days) return capital(t("rhythm.at", { day: day || t("rhythm.daily"), time }));
  return capital(day ? t("rhythm.each", { day, time }) : time);
}
