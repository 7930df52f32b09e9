// The frame of a person's page: header with the theme, footer with the language.
import { signal } from "../vendor/signals.js";
import { instance } from "../instance.js";
import { language, languages, speak, t } from "../lang.js";
import { html } from "./html.js";
import { Mark, ThemeIcon } from "./icon.js";

const themes = ["auto", "light", "dark"];
const theme = signal(window.recadoTheme.read());

export function nextTheme() {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length];
  window.recadoTheme.set(theme.value);
}

export function themeWord() {
  if (theme.value === "light") return t("theme.light");
  return theme.value === "dark" ? t("theme.dark") : t("theme.auto");
}

export function Top() {
  return html`<header class="top">
    <a class="brand" href="/"><${Mark} class="mark" /><span class="clip">${instance}</span></a>
    <span class="grow"></span>
    <${ThemeButton} />
  </header>`;
}

export function ThemeButton() {
  return html`<button class="btn quiet icon small" type="button" aria-label=${themeWord()} title=${themeWord()} onClick=${nextTheme}><${ThemeIcon} /></button>`;
}

export function Foot({ wide }) {
  return html`<footer class="narrow foot ${wide ? "wide" : ""}">
    <div class="person-foot small muted">
      <span>${t("foot.with", { name: instance })}</span>
      <span class="grow"></span>
      <div class="row" role="group" aria-label=${t("language")}>
        ${languages.map(({ code, name }) => html`<button class="link" type="button" key=${code} lang=${code}
          aria-pressed=${String(code === language.value.code)} onClick=${() => speak(code)}>${name}</button>`)}
      </div>
    </div>
  </footer>`;
}
