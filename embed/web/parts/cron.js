// Five-field cron expressions of the usual forms: what they mean, as data. Pure: it knows no words.
const fields = [
  { from: 0, to: 59 },
  { from: 0, to: 23 },
  { from: 1, to: 31 },
  { from: 1, to: 12, names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"] },
  { from: 0, to: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] },
];

const range = (from, to, step = 1) => Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);

// list answers the numbers that a field matches, in order, or null for what it does not know.
function list(text, { from, to, names = [] }) {
  const value = (word) => (names.includes(word) ? names.indexOf(word) + from : Number(word));
  const found = new Set();
  for (const element of text.split(",")) {
    const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(element);
    if (!match) return null;
    const [, star, first, last, step] = match;
    if (step && !star && !last) return null; // "5/15" has no one meaning
    const [low, high] = star ? [from, to] : [value(first), value(last ?? first)];
    if (!(low >= from && high <= to && low <= high) || step === "0") return null;
    range(low, high, Number(step || 1)).forEach((n) => found.add(n));
  }
  return [...found].sort((a, b) => a - b);
}

// every is the step of a field that matches evenly all round its span of n, such as */15 of 60; 0 for another.
function every(numbers, n) {
  const step = n / numbers.length;
  return numbers.length > 1 && Number.isInteger(step) && numbers.every((number, i) => number === i * step) ? step : 0;
}

const MANY = 4; // times of a day that can be named one by one

function clock(minutes, hours) {
  if (hours.length === 24) {
    const step = every(minutes, 60);
    if (step) return { minutes: step };
    return minutes.length === 1 ? { hours: 1, minute: minutes[0] } : null;
  }
  if (minutes.length > 1) return null;
  if (hours.length <= MANY) return { times: hours.map((hour) => [hour, minutes[0]]) };
  return every(hours, 24) ? { hours: every(hours, 24), minute: minutes[0] } : null;
}

function dates(days, months, weekdays, both) {
  const whole = { days: days.length === 31, months: months.length === 12, weekdays: weekdays.length === 7 };
  if (!both) return null; // a day that matches either: too rare for a sentence
  if (whole.days && whole.months) return whole.weekdays ? {} : { weekdays };
  if (!whole.weekdays || days.length > MANY) return null;
  if (whole.months) return { days };
  return months.length === 1 && days.length === 1 ? { days, month: months[0] } : null;
}

// read answers {minutes: 15}, {hours: 2, minute} or {times: [[hour, minute], …]}, with {weekdays: [0 = Sunday, …]},
// {days: [1, …]} or {days: [24], month: 12} when it is not every day; null for what has no short sentence.
export function read(expression) {
  const texts = expression.trim().toUpperCase().split(/\s+/);
  if (texts.length !== fields.length) return null;
  const numbers = texts.map((text, i) => list(text, fields[i]));
  if (numbers.includes(null)) return null;
  const [minutes, hours, days, months, sevens] = numbers;
  const weekdays = [...new Set(sevens.map((day) => day % 7))].sort((a, b) => a - b);
  // As the server has it: a date must match both, when one of them begins with a star.
  const time = clock(minutes, hours);
  const date = dates(days, months, weekdays, texts[2].startsWith("*") || texts[4].startsWith("*"));
  return time && date && { ...time, ...date };
}
