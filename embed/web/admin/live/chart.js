// Deliveries a second over the last minute, stacked by outcome. uPlot draws it; the colours are the stylesheet's.
import { useEffect, useRef } from "../../vendor/preact-hooks.js";
import uPlot from "../../vendor/uplot.js";
import { compact, number, t } from "../../lang.js";
import { html } from "../../parts/html.js";

// drawn are the outcomes from the ground up.
export const drawn = ["sent", "retrying", "failed", "gone"];

const LEAST = 0.016; // of the height: what happened at all can be seen

const dark = matchMedia("(prefers-color-scheme: dark)");

function colors() {
  const root = getComputedStyle(document.documentElement);
  const of = (name) => root.getPropertyValue(name).trim();
  return { muted: of("--muted"), border: of("--border"), sans: of("--sans"), ...Object.fromEntries(drawn.map((one) => [one, of(`--${one}-solid`)])) };
}

// ceiling is the height of the scale: a little above the highest bar, three or four lines of 1, 2 or 5.
function ceiling(most) {
  if (most < 4) return { step: 1, top: Math.max(3, most) * 1.06 };
  const power = 10 ** Math.floor(Math.log10(most / 3));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => most / one <= 3.6);
  return { step, top: Math.max(most * 1.06, step * 3.2) };
}

// heap puts the outcomes on top of each other: uPlot draws the highest first, the others over it.
function heap(minute) {
  const total = minute.map((counts) => drawn.reduce((sum, one) => sum + (counts[one] || 0), 0));
  const { step, top } = ceiling(Math.max(0, ...total));
  const ground = minute.map(() => 0);
  const layers = drawn.map((one) => minute.map((counts, i) => {
    if (!counts[one]) return null; // nothing, rather than a bar as high as the next: its edge would shine through
    return (ground[i] += Math.max(counts[one], top * LEAST));
  }));
  return { step, top, data: [minute.map((_, i) => i), ...layers.reverse()] };
}

function draw(box) {
  let paint = colors();
  let scale = heap([]);
  const bars = uPlot.paths.bars({ size: [0.68, 100] });
  const plot = new uPlot({
    width: box.clientWidth, height: box.clientHeight, padding: [8, 0, 1, 0],
    legend: { show: false }, cursor: { show: false }, select: { show: false },
    scales: { x: { time: false, range: [-0.5, 59.5] }, y: { range: () => [0, scale.top] } },
    axes: [{ show: false }, {
      size: 40, gap: 8, font: `11px ${paint.sans}`, stroke: () => paint.muted, ticks: { show: false },
      grid: { stroke: () => paint.border, width: 1 },
      splits: () => Array.from({ length: Math.floor(scale.top / scale.step) + 1 }, (_, i) => i * scale.step),
      values: (_, values) => values.map((value) => (value ? (value < 10000 ? number : compact)(value) : "")),
    }],
    series: [{}, ...[...drawn].reverse().map((one) => ({ paths: bars, points: { show: false }, width: 0, fill: () => paint[one] }))],
  }, scale.data, box);
  return {
    show(minute) {
      scale = heap(minute);
      plot.setData(scale.data);
    },
    fit() { plot.setSize({ width: box.clientWidth, height: box.clientHeight }); },
    recolor() {
      paint = colors();
      plot.redraw(true, true);
    },
    end() { plot.destroy(); },
  };
}

const words = { sent: () => t("live.chart.sent"), retrying: () => t("live.chart.retrying"), failed: () => t("live.chart.failed"), gone: () => t("live.chart.gone") };

function sentence(minute) {
  const mean = (one) => Math.round(minute.reduce((sum, counts) => sum + (counts[one] || 0), 0) / minute.length * 10) / 10;
  const parts = drawn.filter((one) => mean(one) > 0);
  return parts.length ? parts.map((one) => `${number(mean(one))} ${words[one]()}`).join(", ") : t("live.chart.none");
}

export function Chart({ minute }) {
  const box = useRef(null);
  const chart = useRef(null);
  useEffect(() => {
    const made = (chart.current = draw(box.current));
    const size = new ResizeObserver(made.fit);
    const theme = new MutationObserver(made.recolor);
    size.observe(box.current);
    theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    dark.addEventListener("change", made.recolor);
    return () => {
      size.disconnect();
      theme.disconnect();
      dark.removeEventListener("change", made.recolor);
      made.end();
    };
  }, []);
  useEffect(() => chart.current.show(minute), [minute]);
  return html`<div class="plot" ref=${box} role="img" aria-label=${t("live.chart", { parts: sentence(minute) })}></div>`;
}
