package browsertest

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
)

// SetWindowSize gives the page a viewport of this many CSS pixels. The page's
// area is sized, not the window, which cannot be as narrow as a phone.
func (f *Firefox) SetWindowSize(width, height int) {
	f.t.Helper()
	f.command("WebDriver:SetWindowRect", map[string]any{"width": width + 60, "height": height + 200}, nil)
	f.chrome(`const [width, height] = arguments, style = window.gBrowser.selectedBrowser.style;
		for (const [side, size] of [["width", width], ["height", height]])
			for (const p of [side, "min-" + side, "max-" + side]) style.setProperty(p, size + "px");`,
		nil, width, height)
	f.WaitFor("the viewport has its new size", `return innerWidth === arguments[0] && innerHeight === arguments[1]`,
		nil, width, height)
}

// SetDark makes the system's colour scheme, as pages see it, dark or light.
func (f *Firefox) SetDark(dark bool) {
	f.t.Helper()
	scheme := map[bool]int{true: 0, false: 1}[dark]
	f.SetPreference("layout.css.prefers-color-scheme.content-override", scheme)
	f.WaitFor("the colour scheme has changed",
		`return matchMedia("(prefers-color-scheme: dark)").matches === arguments[0]`, nil, dark)
}

// Screenshot writes what the viewport shows, or with full the whole page, as
// PNG.
func (f *Firefox) Screenshot(path string, full bool) {
	f.t.Helper()
	var v value[string]
	f.command("WebDriver:TakeScreenshot", map[string]any{"full": full}, &v)
	png, err := base64.StdEncoding.DecodeString(v.Value)
	if err == nil {
		err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, png, 0o644))
	}
	if err != nil {
		f.t.Fatalf("screenshot: %v", err)
	}
}

// Resize is [Tab]'s.
func (f *Firefox) Resize(width, height int, dark bool) {
	f.t.Helper()
	f.SetWindowSize(width, height)
	f.SetDark(dark)
}

// Picture is [Tab]'s.
func (f *Firefox) Picture(path string) {
	f.t.Helper()
	f.Screenshot(path, true)
}
